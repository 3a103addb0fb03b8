"""One step of recurrent networks, and many of them one after the other.

A state is a tuple of tensors (n, hidden), the first of which is what the network puts out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

from xpgrad.functions.pointwise import relu, sigmoid, tanh
from xpgrad.functions.shape import cat, split, stack
from xpgrad.nn.functional.dropout import dropout
from xpgrad.nn.functional.linear import linear

State: TypeAlias = tuple[Any, ...]


class Weights(NamedTuple):
    """The parameters of a cell; each but the first two may be None."""

    weight_ih: Any  # (gates * hidden, inputs)
    weight_hh: Any  # (gates * hidden, outputs)
    bias_ih: Any = None  # (gates * hidden,)
    bias_hh: Any = None  # (gates * hidden,)
    weight_hr: Any = None  # (outputs, hidden)


# From the input (n, gates * hidden), already multiplied by its weights, a state and the weights to the next state.
Step: TypeAlias = Callable[[Any, State, Weights], State]


def tanh_step(projected: Any, state: State, weights: Weights) -> State:
    """The next state of an Elman network."""
    return (tanh(projected + linear(state[0], weights.weight_hh, weights.bias_hh)),)


def relu_step(projected: Any, state: State, weights: Weights) -> State:
    """The next state of an Elman network with rectifiers."""
    return (relu(projected + linear(state[0], weights.weight_hh, weights.bias_hh)),)


def lstm_step(projected: Any, state: State, weights: Weights) -> State:
    """The next output and cell of a long short-term memory (Hochreiter and Schmidhuber 1997)."""
    h, c = state
    gates = projected + linear(h, weights.weight_hh, weights.bias_hh)
    take_in, keep, new, give_out = gates.chunk(4, 1)
    c = sigmoid(keep) * c + sigmoid(take_in) * tanh(new)
    h = sigmoid(give_out) * tanh(c)
    return (h if weights.weight_hr is None else linear(h, weights.weight_hr)), c


def gru_step(projected: Any, state: State, weights: Weights) -> State:
    """The next state of a gated recurrent unit (Cho et al. 2014), its reset after the product as in PyTorch."""
    (h,) = state
    reset_x, update_x, new_x = projected.chunk(3, 1)
    reset_h, update_h, new_h = linear(h, weights.weight_hh, weights.bias_hh).chunk(3, 1)
    new = tanh(new_x + sigmoid(reset_x + reset_h) * new_h)
    return (new + sigmoid(update_x + update_h) * (h - new),)


def run(
    step: Step, x: Any, sizes: Sequence[int], states: State, layers: Sequence[Sequence[Weights]], p: float
) -> tuple[Any, State]:
    """All steps of all layers.

    Args:
        step: A step of the network.
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
            walk = _backward if outputs else _forward
            out, last = walk(step, x, sizes, firsts[len(lasts)], weights)
            outputs.append(out)
            lasts.append(last)
        x = outputs[0] if len(outputs) == 1 else cat(outputs, 1)
    return x, tuple(stack(parts) for parts in zip(*lasts, strict=True))


def _forward(step: Step, x: Any, sizes: Sequence[int], state: State, weights: Weights) -> tuple[Any, State]:
    outputs, ended = [], []
    for projected in split(linear(x, weights.weight_ih, weights.bias_ih), list(sizes)):
        count = projected.shape[0]
        if count < state[0].shape[0]:
            ended.append(tuple(s[count:] for s in state))
            state = tuple(s[:count] for s in state)
        state = step(projected, state, weights)
        outputs.append(state[0])
    if ended:
        state = tuple(cat(parts) for parts in zip(state, *reversed(ended), strict=True))
    return cat(outputs), state


def _backward(step: Step, x: Any, sizes: Sequence[int], first: State, weights: Weights) -> tuple[Any, State]:
    outputs = []
    state = tuple(s[:0] for s in first)
    for projected in reversed(split(linear(x, weights.weight_ih, weights.bias_ih), list(sizes))):
        known, count = state[0].shape[0], projected.shape[0]
        if known == 0 and count == first[0].shape[0]:
            state = first
        elif count > known:
            state = tuple(cat([s, f[known:count]]) for s, f in zip(state, first, strict=True))
        state = step(projected, state, weights)
        outputs.append(state[0])
    return cat(outputs[::-1]), state
