"""One step of recurrent networks, and many of them one after the other.

A state is a tuple of tensors (n, hidden), the first of which is what the network puts out.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias, final

from xpgrad.functions.cutting import split
from xpgrad.functions.joining import cat, stack
from xpgrad.functions.pointwise import relu, tanh
from xpgrad.nn.functional.dropout import dropout
from xpgrad.nn.functional.linear import linear
from xpgrad.ops.linalg import addmm
from xpgrad.ops.recurrent import gru_cell, gru_layer, lstm_cell, lstm_layer

State: TypeAlias = tuple[Any, ...]


class Weights(NamedTuple):
    """The parameters of a cell; each but the first two may be None."""

    weight_ih: Any  # (gates * hidden, inputs)
    weight_hh: Any  # (gates * hidden, outputs)
    bias_ih: Any = None  # (gates * hidden,)
    bias_hh: Any = None  # (gates * hidden,)
    weight_hr: Any = None  # (outputs, hidden)


class Step(ABC):
    """A step of a network with given weights."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        # Transposed once, not at each step.
        self.recurrent = weights.weight_hh.t()

    def project(self, x: Any) -> Any:
        """What becomes of all inputs ``x`` (total, inputs) before any state is known, (total, gates * hidden)."""
        w = self.weights
        return linear(x, w.weight_ih, None if w.bias_ih is None else w.bias_ih + w.bias_hh)

    @abstractmethod
    def __call__(self, projected: Any, state: State) -> State:
        """The next state, from the projected input of one step and the last state."""

    def walk(self, x: Any, sizes: Sequence[int], first: State, reverse: bool) -> tuple[Any, State]:
        """All steps in one direction: the outputs of ``x`` (total, inputs), and the last state."""
        return (_backward if reverse else _forward)(self, x, sizes, first)


@final
class TanhStep(Step):
    """A step of an Elman network."""

    def __call__(self, projected: Any, state: State) -> State:
        """The next state."""
        return (tanh(addmm.apply(projected, state[0], self.recurrent)),)


@final
class ReluStep(Step):
    """A step of an Elman network with rectifiers."""

    def __call__(self, projected: Any, state: State) -> State:
        """The next state."""
        return (relu(addmm.apply(projected, state[0], self.recurrent)),)


@final
class LSTMStep(Step):
    """A step of long short-term memory (Hochreiter and Schmidhuber 1997)."""

    def __call__(self, projected: Any, state: State) -> State:
        """The next output and memory."""
        h, c = lstm_cell.apply(addmm.apply(projected, state[0], self.recurrent), state[1])
        projection = self.weights.weight_hr
        return (h if projection is None else linear(h, projection)), c

    def walk(self, x: Any, sizes: Sequence[int], first: State, reverse: bool) -> tuple[Any, State]:
        """All steps in one, unless outputs are projected on their way to the next."""
        w = self.weights
        if w.weight_hr is not None:
            return super().walk(x, sizes, first, reverse)
        bias = None if w.bias_ih is None else w.bias_ih + w.bias_hh
        out, h, c, _ = lstm_layer(x, *first, w.weight_ih, w.weight_hh, bias, sizes=tuple(sizes), reverse=reverse)
        return out, (h, c)


@final
class GRUStep(Step):
    """A step of gated recurrent units (Cho et al. 2014), the reset after the product as in PyTorch."""

    def project(self, x: Any) -> Any:
        """What becomes of all inputs; the other bias is subject to the reset."""
        return linear(x, self.weights.weight_ih, self.weights.bias_ih)

    def __call__(self, projected: Any, state: State) -> State:
        """The next state."""
        (h,) = state
        return (gru_cell.apply(projected, linear(h, self.weights.weight_hh, self.weights.bias_hh), h),)

    def walk(self, x: Any, sizes: Sequence[int], first: State, reverse: bool) -> tuple[Any, State]:
        """All steps in one."""
        w = self.weights
        weights = (w.weight_ih, w.weight_hh, w.bias_ih, w.bias_hh)
        out, h, _ = gru_layer(x, *first, *weights, sizes=tuple(sizes), reverse=reverse)
        # As in PyTorch one may write to the outputs of a GRU, while those of an LSTM are needed for the gradients.
        return out.clone(), (h,)


def run(
    step: type[Step], x: Any, sizes: Sequence[int], states: State, layers: Sequence[Sequence[Weights]], p: float
) -> tuple[Any, State]:
    """All steps of all layers.

    Args:
        step: The kind of network.
        x: (total, inputs): the inputs of all sequences at the first step, then at the second, and so on.
        sizes: How many sequences go on at each step; they never become more.
        states: The first states of all layers and directions, (layers * directions, n, hidden) each.
        layers: The weights of each layer, for the one direction or both.
        p: The probability with which the output of a layer is dropped on the way to the next.

    Returns:
        The output (total, directions * outputs) and the last states.
    """
    firsts = list(zip(*(s.unbind(0) for s in states), strict=True))
    lasts: list[State] = []
    for i, directions in enumerate(layers):
        if i and p > 0.0:
            x = dropout(x, p)
        outputs: list[Any] = []
        for weights in directions:
            out, last = step(weights).walk(x, sizes, firsts[len(lasts)], reverse=bool(outputs))
            outputs.append(out)
            lasts.append(last)
        x = outputs[0] if len(outputs) == 1 else cat(outputs, 1)
    return x, tuple(stack(parts) for parts in zip(*lasts, strict=True))


def _forward(step: Step, x: Any, sizes: Sequence[int], state: State) -> tuple[Any, State]:
    outputs, ended = [], []
    for projected in split(step.project(x), list(sizes)):
        count = projected.shape[0]
        if count < state[0].shape[0]:
            ended.append(tuple(s[count:] for s in state))
            state = tuple(s[:count] for s in state)
        state = step(projected, state)
        outputs.append(state[0])
    if ended:
        state = tuple(cat(parts) for parts in zip(state, *reversed(ended), strict=True))
    return cat(outputs), state


def _backward(step: Step, x: Any, sizes: Sequence[int], first: State) -> tuple[Any, State]:
    outputs = []
    state = tuple(s[:0] for s in first)
    for projected in reversed(split(step.project(x), list(sizes))):
        known, count = state[0].shape[0], projected.shape[0]
        if known == 0 and count == first[0].shape[0]:
            state = first
        elif count > known:
            state = tuple(cat([s, f[known:count]]) for s, f in zip(state, first, strict=True))
        state = step(projected, state)
        outputs.append(state[0])
    return cat(outputs[::-1]), state
