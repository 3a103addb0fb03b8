"""Recurrent layers of a single step."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from xpgrad.errors import ArgumentError, SettingError, ShapeError
from xpgrad.functions.creation import empty
from xpgrad.nn import init
from xpgrad.nn.functional.recurrence import GRUStep, LSTMStep, ReluStep, State, Step, TanhStep, Weights
from xpgrad.nn.modules.module import Module
from xpgrad.nn.parameter import Parameter


class RNNCellBase(Module):
    """What recurrent cells have in common. Mirrors ``torch.nn.RNNCellBase``."""

    weight_ih: Parameter  # (gates * hidden_size, input_size), uniform in +-1/sqrt(hidden_size) as are the others
    weight_hh: Parameter  # (gates * hidden_size, hidden_size)
    bias_ih: Parameter | None  # (gates * hidden_size,)
    bias_hh: Parameter | None  # (gates * hidden_size,)

    _states: ClassVar[int] = 1

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool, num_chunks: int, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.bias = bias
        gates = num_chunks * hidden_size
        self.weight_ih = Parameter(empty(gates, input_size, device=device, dtype=dtype))
        self.weight_hh = Parameter(empty(gates, hidden_size, device=device, dtype=dtype))
        for name in ("bias_ih", "bias_hh"):
            self.register_parameter(name, Parameter(empty(gates, device=device, dtype=dtype)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the parameters anew."""
        bound = 1.0 / math.sqrt(self.hidden_size) if self.hidden_size else 0.0
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    def extra_repr(self) -> str:
        """The settings that are not the default."""
        return f"{self.input_size}, {self.hidden_size}" + ("" if self.bias else f", bias={self.bias}")

    def _step(self, kind: type[Step], input: Any, state: State | None) -> State:
        """The next state of (N, input_size), or of (input_size,).

        Raises:
            ArgumentError: Input or state have not 1 or 2 dimensions.
        """
        name = type(self).__name__
        if input.ndim not in (1, 2):
            raise ArgumentError(f"{name}: Expected input to be 1D or 2D, got {input.ndim}D instead")
        for i, part in enumerate(state or ()):
            if part.ndim not in (1, 2):
                label = "hidden" if self._states == 1 else f"hx[{i}]"
                raise ArgumentError(f"{name}: Expected {label} to be 1D or 2D, got {part.ndim}D instead")
        batched = input.ndim == 2
        if not batched:
            input = input.unsqueeze(0)
            state = None if state is None else tuple(part.unsqueeze(0) for part in state)
        if state is None:
            state = (input.new_zeros(input.shape[0], self.hidden_size),) * self._states
        self._check_shapes(input, state)
        step = kind(Weights(self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh))
        state = step(step.project(input), state)
        return state if batched else tuple(part.squeeze(0) for part in state)

    def _check_shapes(self, input: Any, state: State) -> None:
        if input.shape[1] != self.input_size:
            raise ShapeError(f"input has inconsistent input_size: got {input.shape[1]} expected {self.input_size}")
        for part in state:
            if part.shape[0] != input.shape[0]:
                raise ShapeError(f"Input batch size {input.shape[0]} doesn't match hidden batch size {part.shape[0]}")
            if part.shape[1] != self.hidden_size:
                raise ShapeError(
                    f"hidden has inconsistent hidden_size: got {part.shape[1]}, expected {self.hidden_size}"
                )


class RNNCell(RNNCellBase):
    """A step of `RNN`. Mirrors ``torch.nn.RNNCell``.

    Args:
        input_size: The features of the input.
        hidden_size: Those of the state.
        bias: Whether there are biases.
        nonlinearity: ``"tanh"`` or ``"relu"``.
        device: Where the parameters are.
        dtype: Their dtype.
    """

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, nonlinearity: str = "tanh", device: Any = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(input_size, hidden_size, bias, 1, device, dtype)
        self.nonlinearity = nonlinearity

    def forward(self, input: Any, hx: Any = None) -> Any:
        """The state after ``input`` (N, input_size), from ``hx`` (N, hidden_size) or zeros.

        Raises:
            SettingError: The nonlinearity is unknown.
        """
        steps: dict[str, type[Step]] = {"tanh": TanhStep, "relu": ReluStep}
        if self.nonlinearity not in steps:
            raise SettingError(f"Unknown nonlinearity: {self.nonlinearity}")
        return self._step(steps[self.nonlinearity], input, None if hx is None else (hx,))[0]

    def extra_repr(self) -> str:
        """The settings that are not the default."""
        return super().extra_repr() + ("" if self.nonlinearity == "tanh" else f", nonlinearity={self.nonlinearity}")


class LSTMCell(RNNCellBase):
    """A step of `LSTM`. Mirrors ``torch.nn.LSTMCell``.

    Args:
        input_size: The features of the input.
        hidden_size: Those of the state.
        bias: Whether there are biases.
        device: Where the parameters are.
        dtype: Their dtype.
    """

    _states = 2

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 4, device, dtype)

    def forward(self, input: Any, hx: Any = None) -> tuple[Any, Any]:
        """Output and cell after ``input`` (N, input_size), from ``hx``, two of (N, hidden_size), or zeros."""
        h, c = self._step(LSTMStep, input, None if hx is None else tuple(hx))
        return h, c


class GRUCell(RNNCellBase):
    """A step of `GRU`. Mirrors ``torch.nn.GRUCell``.

    Args:
        input_size: The features of the input.
        hidden_size: Those of the state.
        bias: Whether there are biases.
        device: Where the parameters are.
        dtype: Their dtype.
    """

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 3, device, dtype)

    def forward(self, input: Any, hx: Any = None) -> Any:
        """The state after ``input`` (N, input_size), from ``hx`` (N, hidden_size) or zeros."""
        return self._step(GRUStep, input, None if hx is None else (hx,))[0]
