"""Recurrent layers."""

from __future__ import annotations

import math
import warnings
from typing import Any

from xpgrad.errors import ArgumentError, ArgumentTypeError, ShapeError
from xpgrad.functions.creation import empty
from xpgrad.nn import init
from xpgrad.nn.functional.recurrence import GRUStep, LSTMStep, ReluStep, State, Step, TanhStep, Weights, run
from xpgrad.nn.modules.module import Module
from xpgrad.nn.packing import PackedSequence
from xpgrad.nn.parameter import Parameter


class RNNBase(Module):
    """What recurrent layers have in common. Mirrors ``torch.nn.RNNBase``.

    Args:
        mode: ``"RNN_TANH"``, ``"RNN_RELU"``, ``"LSTM"`` or ``"GRU"``.
        input_size: The features of the input.
        hidden_size: Those of the state.
        num_layers: How many layers there are, each reading the output of the one before.
        bias: Whether there are biases.
        batch_first: Whether the batch comes before the sequence; the states have it second in any case.
        dropout: The probability with which the output of a layer is dropped on the way to the next.
        bidirectional: Whether each layer also reads backwards.
        proj_size: The features of an output that is projected, 0 if it is not; for LSTM.
        device: Where the parameters are.
        dtype: Their dtype.

    Raises:
        ArgumentError: A size or probability is out of range.
    """

    # For each layer l: weight_ih_l (gates * hidden_size, inputs), weight_hh_l (gates * hidden_size, outputs), bias_ih_l
    # and bias_hh_l (gates * hidden_size,), weight_hr_l (proj_size, hidden_size), and the same with _reverse; all of
    # them uniform in +-1/sqrt(hidden_size).

    def __init__(
        self, mode: str, input_size: int, hidden_size: int, num_layers: int = 1, bias: bool = True,
        batch_first: bool = False, dropout: float = 0.0, bidirectional: bool = False, proj_size: int = 0,
        device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        if mode not in _MODES:
            raise ArgumentError(f"Unrecognized RNN mode: {mode}")
        _check_settings(input_size, hidden_size, num_layers, bias, batch_first, dropout, proj_size)
        if dropout > 0 and num_layers == 1:
            warnings.warn(
                "dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects "
                f"num_layers greater than 1, but got dropout={dropout} and num_layers={num_layers}",
                stacklevel=3,
            )
        self.mode = mode
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = float(dropout)
        self.bidirectional = bidirectional
        self.proj_size = proj_size
        gates, _ = _MODES[mode]
        outputs = proj_size or hidden_size
        self._all_weights: list[list[str]] = []
        for layer in range(num_layers):
            inputs = outputs * (1 + bidirectional) if layer else input_size
            shapes: dict[str, tuple[int, ...]] = {
                "weight_ih": (gates * hidden_size, inputs),
                "weight_hh": (gates * hidden_size, outputs),
            }
            if bias:
                shapes["bias_ih"] = shapes["bias_hh"] = (gates * hidden_size,)
            if proj_size:
                shapes["weight_hr"] = (proj_size, hidden_size)
            for suffix in self._suffixes(layer):
                for name, shape in shapes.items():
                    setattr(self, name + suffix, Parameter(empty(shape, device=device, dtype=dtype)))
                self._all_weights.append([name + suffix for name in shapes])
        self.reset_parameters()

    def _suffixes(self, layer: int) -> list[str]:
        return [f"_l{layer}", f"_l{layer}_reverse"][: 1 + self.bidirectional]

    @property
    def all_weights(self) -> list[list[Any]]:
        """The parameters of each layer and direction."""
        return [[getattr(self, name) for name in names] for names in self._all_weights]

    def reset_parameters(self) -> None:
        """Draw the parameters anew."""
        bound = 1.0 / math.sqrt(self.hidden_size)
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    def flatten_parameters(self) -> None:
        """Nothing: PyTorch lays the weights out anew for cuDNN here."""

    def extra_repr(self) -> str:
        """The settings that are not the default."""
        settings = {
            "proj_size": (self.proj_size, 0), "num_layers": (self.num_layers, 1), "bias": (self.bias, True),
            "batch_first": (self.batch_first, False), "dropout": (self.dropout, 0.0),
            "bidirectional": (self.bidirectional, False),
        }  # fmt: skip
        changed = [f"{name}={value}" for name, (value, default) in settings.items() if value != default]
        return ", ".join([f"{self.input_size}, {self.hidden_size}", *changed])

    def _states(self) -> list[int]:
        """The features of each part of the state."""
        return [self.proj_size or self.hidden_size]

    def _run(self, input: Any, states: State | None) -> tuple[Any, State]:
        """The output and the last states; `PackedSequence` for `PackedSequence`.

        Raises:
            ArgumentError: The input has not 2 or 3 dimensions, or another dtype than the weights.
            ShapeError: The shapes do not fit.
        """
        if isinstance(input, PackedSequence):
            return self._run_packed(input, states)
        if input.ndim not in (2, 3):
            raise ArgumentError(
                f"{type(self).__name__}: Expected input to be 2D or 3D, got {input.ndim}D tensor instead"
            )
        batched = input.ndim == 3
        for state in states or ():
            if state.ndim != input.ndim:
                raise ShapeError(
                    f"For {'batched 3-D' if batched else 'unbatched 2-D'} input, hx should also be {input.ndim}-D but "
                    f"got {state.ndim}-D tensor"
                )
        turned = batched and self.batch_first
        x = input.transpose(0, 1) if turned else input if batched else input.unsqueeze(1)
        if states is not None and not batched:
            states = tuple(s.unsqueeze(1) for s in states)
        steps, count = x.shape[:2]
        out, last = self._steps(x.reshape(steps * count, x.shape[2]), [count] * steps, states)
        out = out.reshape(steps, count, out.shape[1])
        if batched:
            return (out.transpose(0, 1) if turned else out), last
        return out.squeeze(1), tuple(s.squeeze(1) for s in last)

    def _run_packed(self, input: PackedSequence, states: State | None) -> tuple[Any, State]:
        if states is not None and input.sorted_indices is not None:
            states = tuple(s.index_select(1, input.sorted_indices) for s in states)
        out, last = self._steps(input.data, input.batch_sizes.tolist(), states)
        if input.unsorted_indices is not None:
            last = tuple(s.index_select(1, input.unsorted_indices) for s in last)
        return PackedSequence(out, *input[1:]), last

    def _steps(self, x: Any, sizes: list[int], states: State | None) -> tuple[Any, State]:
        weights = getattr(self, self._all_weights[0][0])
        if x.dtype is not weights.dtype:
            raise ArgumentError(
                f"RNN input dtype ({x.dtype}) does not match weight dtype ({weights.dtype}). Convert input: "
                f"input.to({weights.dtype}), or convert model: model.to({x.dtype})"
            )
        if x.shape[1] != self.input_size:
            raise ShapeError(
                f"input.size(-1) must be equal to input_size. Expected {self.input_size}, got {x.shape[1]}"
            )
        shapes = [(len(self._all_weights), sizes[0], features) for features in self._states()]
        if states is None:
            states = tuple(x.new_zeros(shape) for shape in shapes)
        for name, state, shape in zip(("hidden[0]", "hidden[1]"), states, shapes, strict=False):
            if tuple(state.shape) != shape:
                label = f"{name} " if len(shapes) > 1 else "hidden "
                raise ShapeError(f"Expected {label}size {shape}, got {list(state.shape)}")
        layers = [
            [
                Weights(*(getattr(self, name + suffix, None) for name in Weights._fields))
                for suffix in self._suffixes(layer)
            ]
            for layer in range(self.num_layers)
        ]
        return run(_MODES[self.mode][1], x, sizes, states, layers, self.dropout if self.training else 0.0)


_MODES: dict[str, tuple[int, type[Step]]] = {
    "RNN_TANH": (1, TanhStep),
    "RNN_RELU": (1, ReluStep),
    "LSTM": (4, LSTMStep),
    "GRU": (3, GRUStep),
}


def _check_settings(
    input_size: Any, hidden_size: Any, num_layers: int, bias: Any, batch_first: Any, dropout: Any, proj_size: int
) -> None:
    for name, value, kind in (
        ("bias", bias, bool), ("batch_first", batch_first, bool), ("input_size", input_size, int),
        ("hidden_size", hidden_size, int),
    ):  # fmt: skip
        if not isinstance(value, kind):
            raise ArgumentTypeError(f"{name} should be of type {kind.__name__}, got: {type(value).__name__}")
    if isinstance(dropout, bool) or not isinstance(dropout, (int, float)) or not 0 <= dropout <= 1:
        raise ArgumentError(
            "dropout should be a number in range [0, 1] representing the probability of an element being zeroed, got "
            f"{dropout}"
        )
    for name, size in (("input_size", input_size), ("hidden_size", hidden_size), ("num_layers", num_layers)):
        if size <= 0:
            raise ArgumentError(f"{name} must be greater than zero, got {size}")
    if proj_size < 0:
        raise ArgumentError(f"proj_size should be a positive integer or zero to disable projections, got {proj_size}")
    if proj_size >= hidden_size:
        raise ArgumentError(f"proj_size has to be smaller than hidden_size, got {proj_size} and {hidden_size}")


class _Simple(RNNBase):
    """A layer whose state is one tensor."""

    def forward(self, input: Any, hx: Any = None) -> tuple[Any, Any]:
        """The outputs (T, N, directions * hidden_size) and the last state (layers * directions, N, hidden_size).

        Args:
            input: (T, N, input_size), (N, T, input_size) with ``batch_first``, (T, input_size), or packed.
            hx: The first state, zeros by default.
        """
        out, (last,) = self._run(input, None if hx is None else (hx,))
        return out, last


class RNN(_Simple):
    """``h = tanh(weight_ih @ x + bias_ih + weight_hh @ h + bias_hh)`` (Elman 1990). Mirrors ``torch.nn.RNN``.

    Args:
        input_size: The features of the input.
        hidden_size: Those of the state.
        num_layers: How many layers there are.
        nonlinearity: ``"tanh"`` or ``"relu"``.
        bias: Whether there are biases.
        batch_first: Whether the batch comes before the sequence.
        dropout: The probability with which the output of a layer is dropped on the way to the next.
        bidirectional: Whether each layer also reads backwards.
        device: Where the parameters are.
        dtype: Their dtype.

    Raises:
        ArgumentError: A setting is out of range.
    """

    def __init__(
        self, input_size: int, hidden_size: int, num_layers: int = 1, nonlinearity: str = "tanh", bias: bool = True,
        batch_first: bool = False, dropout: float = 0.0, bidirectional: bool = False, device: Any = None,
        dtype: Any = None, **settings: Any,
    ) -> None:  # fmt: skip
        _refuse_projection(settings)
        modes = {"tanh": "RNN_TANH", "relu": "RNN_RELU"}
        if nonlinearity not in modes:
            raise ArgumentError(f"Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'.")
        super().__init__(
            modes[nonlinearity], input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional,
            device=device, dtype=dtype,
        )  # fmt: skip
        self.nonlinearity = nonlinearity


class GRU(_Simple):
    """Gated recurrent units (Cho et al. 2014). Mirrors ``torch.nn.GRU``.

    Args:
        input_size: The features of the input.
        hidden_size: Those of the state.
        num_layers: How many layers there are.
        bias: Whether there are biases.
        batch_first: Whether the batch comes before the sequence.
        dropout: The probability with which the output of a layer is dropped on the way to the next.
        bidirectional: Whether each layer also reads backwards.
        device: Where the parameters are.
        dtype: Their dtype.

    Raises:
        ArgumentError: A setting is out of range.
    """

    def __init__(
        self, input_size: int, hidden_size: int, num_layers: int = 1, bias: bool = True, batch_first: bool = False,
        dropout: float = 0.0, bidirectional: bool = False, device: Any = None, dtype: Any = None, **settings: Any,
    ) -> None:  # fmt: skip
        _refuse_projection(settings)
        super().__init__(
            "GRU", input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, device=device,
            dtype=dtype,
        )  # fmt: skip


def _refuse_projection(settings: dict[str, Any]) -> None:
    if "proj_size" in settings:
        raise ArgumentError("proj_size argument is only supported for LSTM, not RNN or GRU")
    if settings:
        raise ArgumentTypeError(f"unexpected keyword arguments: {', '.join(settings)}")


class LSTM(RNNBase):
    """Long short-term memory (Hochreiter and Schmidhuber 1997). Mirrors ``torch.nn.LSTM``.

    Args:
        input_size: The features of the input.
        hidden_size: Those of the state.
        num_layers: How many layers there are.
        bias: Whether there are biases.
        batch_first: Whether the batch comes before the sequence.
        dropout: The probability with which the output of a layer is dropped on the way to the next.
        bidirectional: Whether each layer also reads backwards.
        proj_size: The features of an output that is projected, 0 if it is not (Sak et al. 2014).
        device: Where the parameters are.
        dtype: Their dtype.

    Raises:
        ArgumentError: A setting is out of range.

    Example:
        >>> import xpgrad
        >>> lstm = xpgrad.nn.LSTM(input_size=3, hidden_size=5, batch_first=True)
        >>> out, (h, c) = lstm(xpgrad.randn(2, 7, 3))
        >>> out.shape, h.shape
        (torch.Size([2, 7, 5]), torch.Size([1, 2, 5]))
    """

    def __init__(
        self, input_size: int, hidden_size: int, num_layers: int = 1, bias: bool = True, batch_first: bool = False,
        dropout: float = 0.0, bidirectional: bool = False, proj_size: int = 0, device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(
            "LSTM", input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, proj_size, device,
            dtype,
        )  # fmt: skip

    def _states(self) -> list[int]:
        return [self.proj_size or self.hidden_size, self.hidden_size]

    def forward(self, input: Any, hx: Any = None) -> tuple[Any, tuple[Any, Any]]:
        """The outputs, and the last outputs and cells of all layers, (layers * directions, N, *) each.

        Args:
            input: (T, N, input_size), (N, T, input_size) with ``batch_first``, (T, input_size), or packed.
            hx: The first outputs and cells, zeros by default.
        """
        out, (h, c) = self._run(input, None if hx is None else tuple(hx))
        return out, (h, c)
