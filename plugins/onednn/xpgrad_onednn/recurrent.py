"""LSTM and GRU, float32: all steps of a layer in one direction, where all sequences are equally long.

What the forward pass leaves for the backward one goes with its results as bytes that only oneDNN can read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np

from xpgrad._typing import Namespace, Shape
from xpgrad_onednn.primitives import LARGEST, Arg, Handle, Ndarray, Plan, Session
from xpgrad_onednn.threads import session

_TRAINING: Final = 64
_BACKWARD: Final = 128
_LEFT_TO_RIGHT: Final = 1
_RIGHT_TO_LEFT: Final = 2
# Without it gradients of weights and biases are added to what is there.
_OVERWRITE: Final = 1
# oneDNN has as many biases for GRU, one of them inside the reset.
_BIASES: Final = 4


@dataclass(frozen=True)
class _Kind:
    """What distinguishes LSTM and GRU: their names in oneDNN, gates, and parts of their state."""

    name: str
    gates: int
    states: int


_LSTM: Final = _Kind("lstm", 4, 2)
_GRU: Final = _Kind("lbr_gru", 3, 1)


class _Case(NamedTuple):
    """What there is a plan for."""

    kind: _Kind
    steps: int
    sequences: int
    inputs: int
    hidden: int
    reverse: bool


def lstm_layer(
    xp: Namespace,
    x: Ndarray,
    h: Ndarray,
    c: Ndarray,
    w_ih: Ndarray,
    w_hh: Ndarray,
    bias: Ndarray | None,
    /,
    *,
    sizes: tuple[int, ...],
    reverse: bool,
) -> Any:
    """As the fallback `xpgrad.backends.fallbacks.recurrent.lstm_layer`."""
    case = _case(_LSTM, x, (h, c), (w_ih, w_hh), (bias,), sizes, reverse)
    plan = case and _forward(case)
    if not case or plan is None:
        return NotImplemented
    out, last_h, last_c, kept = plan(x, h, c, w_ih, w_hh, _lstm_bias(case, bias))
    return out.reshape(-1, case.hidden), last_h.reshape(h.shape), last_c.reshape(c.shape), kept


def lstm_layer_gradients(
    xp: Namespace,
    g: Ndarray,
    g_h: Ndarray,
    g_c: Ndarray,
    x: Ndarray,
    h: Ndarray,
    c: Ndarray,
    w_ih: Ndarray,
    w_hh: Ndarray,
    bias: Ndarray | None,
    out: Ndarray,
    last_h: Ndarray,
    last_c: Ndarray,
    kept: Ndarray,
    /,
    *,
    sizes: tuple[int, ...],
    reverse: bool,
    needs: tuple[bool, ...],
) -> Any:
    """As the fallback `xpgrad.backends.fallbacks.recurrent.lstm_layer_gradients`."""
    case = _case(_LSTM, x, (h, c), (w_ih, w_hh), (bias,), sizes, reverse)
    if not case or any(array.dtype != np.float32 for array in (g, g_h, g_c, out, last_h, last_c)):
        return NotImplemented
    inputs = (x, h, c, w_ih, w_hh, _lstm_bias(case, bias))
    found = _gradients(case, inputs, (out, last_h, last_c, kept), (g, g_h, g_c))
    if found is None:
        return NotImplemented
    given = (x, h, c, w_ih, w_hh, inputs[-1])
    return tuple(
        gradient.reshape(array.shape) if needed else None
        for gradient, array, needed in zip(found, given, needs, strict=True)
    )


def gru_layer(
    xp: Namespace,
    x: Ndarray,
    h: Ndarray,
    w_ih: Ndarray,
    w_hh: Ndarray,
    b_ih: Ndarray | None,
    b_hh: Ndarray | None,
    /,
    *,
    sizes: tuple[int, ...],
    reverse: bool,
) -> Any:
    """As the fallback `xpgrad.backends.fallbacks.recurrent.gru_layer`."""
    case = _case(_GRU, x, (h,), (w_ih, w_hh), (b_ih, b_hh), sizes, reverse)
    plan = case and _forward(case)
    if not case or plan is None:
        return NotImplemented
    out, last_h, kept = plan(x, h, _swapped(w_ih), _swapped(w_hh), _gru_bias(case, b_ih, b_hh))
    return out.reshape(-1, case.hidden), last_h.reshape(h.shape), kept


def gru_layer_gradients(
    xp: Namespace,
    g: Ndarray,
    g_h: Ndarray,
    x: Ndarray,
    h: Ndarray,
    w_ih: Ndarray,
    w_hh: Ndarray,
    b_ih: Ndarray | None,
    b_hh: Ndarray | None,
    out: Ndarray,
    last_h: Ndarray,
    kept: Ndarray,
    /,
    *,
    sizes: tuple[int, ...],
    reverse: bool,
    needs: tuple[bool, ...],
) -> Any:
    """As the fallback `xpgrad.backends.fallbacks.recurrent.gru_layer_gradients`."""
    case = _case(_GRU, x, (h,), (w_ih, w_hh), (b_ih, b_hh), sizes, reverse)
    if not case or any(array.dtype != np.float32 for array in (g, g_h, out, last_h)):
        return NotImplemented
    inputs = (x, h, _swapped(w_ih), _swapped(w_hh), _gru_bias(case, b_ih, b_hh))
    found = _gradients(case, inputs, (out, last_h, kept), (g, g_h))
    if found is None:
        return NotImplemented
    g_x, g_first, g_ih, g_hh, g_bias = found
    keep, reset, new, inside = g_bias.reshape(_BIASES, case.hidden)
    return (
        g_x.reshape(x.shape) if needs[0] else None,
        g_first.reshape(h.shape) if needs[1] else None,
        _swapped(g_ih.reshape(w_ih.shape)) if needs[2] else None,
        _swapped(g_hh.reshape(w_hh.shape)) if needs[3] else None,
        np.concatenate([reset, keep, new]) if needs[4] else None,
        np.concatenate([reset, keep, inside]) if needs[5] else None,
    )


KERNELS: dict[str, Callable[..., Any]] = {
    "gru_layer": gru_layer,
    "gru_layer_gradients": gru_layer_gradients,
    "lstm_layer": lstm_layer,
    "lstm_layer_gradients": lstm_layer_gradients,
}


def _case(
    kind: _Kind,
    x: Ndarray,
    states: tuple[Ndarray, ...],
    weights: tuple[Ndarray, Ndarray],
    biases: tuple[Ndarray | None, ...],
    sizes: tuple[int, ...],
    reverse: bool,
) -> _Case | None:
    """What to ask oneDNN for; None for what it cannot do."""
    steps, count, hidden = len(sizes), sizes[0], states[0].shape[-1]
    inputs, rows = x.shape[-1], kind.gates * hidden
    given = [array for array in biases if array is not None]
    if (
        sizes[-1] != count
        or not 0 < steps * count * rows <= LARGEST
        or not 0 < x.size <= LARGEST
        or any(array.dtype != np.float32 for array in (x, *states, *weights, *given))
        or x.shape != (steps * count, inputs)
        or any(state.shape != (count, hidden) for state in states)
        or weights[0].shape != (rows, inputs)
        or weights[1].shape != (rows, hidden)
        or any(bias.shape != (rows,) for bias in given)
    ):
        return None
    return _Case(kind, steps, count, inputs, hidden, reverse)


def _lstm_bias(case: _Case, bias: Ndarray | None) -> Ndarray:
    return np.zeros(case.kind.gates * case.hidden, np.float32) if bias is None else bias


def _gru_bias(case: _Case, b_ih: Ndarray | None, b_hh: Ndarray | None) -> Ndarray:
    """The biases of keep, reset and new, and the one of new that the reset is multiplied with."""
    n = case.hidden
    out = np.zeros((_BIASES, n), np.float32)
    if b_ih is not None:
        out[:3] += _swapped(b_ih).reshape(3, n)
    if b_hh is not None:
        out[:2] += _swapped(b_hh).reshape(3, n)[:2]
        out[3] += b_hh[2 * n :]
    return out


def _swapped(x: Ndarray) -> Ndarray:
    """``x`` of a GRU with its first two gates, reset and keep, in the other order."""
    n = len(x) // 3
    return np.concatenate([x[n : 2 * n], x[:n], x[2 * n :]])


def _gradients(
    case: _Case, inputs: tuple[Ndarray, ...], results: tuple[Ndarray, ...], g: tuple[Ndarray, ...]
) -> list[Ndarray] | None:
    """The gradients of what oneDNN was given."""
    forward = _forward(case)
    plan = session().plan(("rnn_gradients", case), lambda here: _backward_plan(here, case))
    if forward is None or plan is None:
        return None
    kept = results[-1]
    if (kept.shape, kept.dtype) != forward.kinds[-1]:
        # Somebody else has been forward.
        results = tuple(forward(*inputs))
    return plan(*inputs, *results, *g)


def _forward(case: _Case) -> Plan | None:
    return session().plan(("rnn", case), lambda here: _forward_plan(here, case))


def _forward_plan(session: Session, case: _Case) -> Plan:
    description = _describe(session, case)
    return Plan(session, description, _given(case), _results(session, case, description), _strides(case))


def _backward_plan(session: Session, case: _Case) -> Plan:
    forward = _describe(session, case)
    library, layouts = session.library, _layouts(session, case)
    description = session.primitive_desc(
        getattr(library, f"dnnl_{case.kind.name}_backward_primitive_desc_create"),
        _BACKWARD, _direction(case), *layouts, *layouts, _OVERWRITE, forward,
    )  # fmt: skip
    given, results = _given(case), _results(session, case, forward)
    arrived = {_GRADIENTS[index]: shape for index, shape in results.items() if index in _GRADIENTS}
    found = {_GRADIENTS[index]: shape for index, shape in given.items()}
    return Plan(session, description, given | results | arrived, found, _strides(case))


# Which operand is the gradient of which.
_GRADIENTS: Final = {
    Arg.SRC: Arg.DIFF_SRC,
    Arg.SRC_ITER: Arg.DIFF_SRC_ITER,
    Arg.SRC_ITER_C: Arg.DIFF_SRC_ITER_C,
    Arg.WEIGHTS: Arg.DIFF_WEIGHTS,
    Arg.WEIGHTS_ITER: Arg.DIFF_WEIGHTS_ITER,
    Arg.BIAS: Arg.DIFF_BIAS,
    Arg.DST: Arg.DIFF_DST,
    Arg.DST_ITER: Arg.DIFF_DST_ITER,
    Arg.DST_ITER_C: Arg.DIFF_DST_ITER_C,
}


def _describe(session: Session, case: _Case) -> Handle:
    return session.primitive_desc(
        getattr(session.library, f"dnnl_{case.kind.name}_forward_primitive_desc_create"),
        _TRAINING, _direction(case), *_layouts(session, case), 0,
    )  # fmt: skip


def _direction(case: _Case) -> int:
    return _RIGHT_TO_LEFT if case.reverse else _LEFT_TO_RIGHT


def _layouts(session: Session, case: _Case) -> list[Handle | None]:
    """How operands lie, in the order of oneDNN, which is that of their gradients too; it chooses for the weights."""
    given = _given(case)
    state = session.plain_layout(given[Arg.SRC_ITER])
    weights = [session.any_layout(given[index]) for index in (Arg.WEIGHTS, Arg.WEIGHTS_ITER)]
    # An LSTM might have peepholes and a projection.
    more = [None, None] if case.kind is _LSTM else []
    states = [state] * case.kind.states
    x, bias, out = (
        session.plain_layout(shape)
        for shape in (given[Arg.SRC], given[Arg.BIAS], (case.steps, case.sequences, case.hidden))
    )  # fmt: skip
    return [x, *states, *weights, *more, bias, out, *states]


def _given(case: _Case) -> dict[Arg, Shape]:
    state = (1, 1, case.sequences, case.hidden)
    gates = (case.kind.gates, case.hidden)
    return {
        Arg.SRC: (case.steps, case.sequences, case.inputs),
        **dict.fromkeys((Arg.SRC_ITER, Arg.SRC_ITER_C)[: case.kind.states], state),
        Arg.WEIGHTS: (1, 1, case.inputs, *gates),
        Arg.WEIGHTS_ITER: (1, 1, case.hidden, *gates),
        Arg.BIAS: (1, 1, _BIASES, case.hidden),
    }


def _results(session: Session, case: _Case, forward: Handle) -> dict[Arg, Shape]:
    state = (1, 1, case.sequences, case.hidden)
    return {
        Arg.DST: (case.steps, case.sequences, case.hidden),
        **dict.fromkeys((Arg.DST_ITER, Arg.DST_ITER_C)[: case.kind.states], state),
        Arg.WORKSPACE: (session.workspace(forward),),
    }


def _strides(case: _Case) -> dict[Arg, Shape]:
    """Weights are (gates * hidden, inputs) in memory, and (layers, directions, inputs, gates, hidden) to oneDNN."""
    n, rows = case.hidden, case.kind.gates * case.hidden
    ih = (rows * case.inputs, rows * case.inputs, 1, n * case.inputs, case.inputs)
    hh = (rows * n, rows * n, 1, n * n, n)
    return {Arg.WEIGHTS: ih, Arg.DIFF_WEIGHTS: ih, Arg.WEIGHTS_ITER: hh, Arg.DIFF_WEIGHTS_ITER: hh}
