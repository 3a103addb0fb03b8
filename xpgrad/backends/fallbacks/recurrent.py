"""A layer of a recurrent network in one direction: all steps of its sequences, and the gradients.

Extensions because the steps are hundreds, and a library can do all of them in one call. Sequences lie as in a
`PackedSequence`: all rows of the first step, then all of the second, and ``sizes`` says how many sequences go on at
each. The longest come first, so the sizes never grow. With ``reverse`` each sequence is read from its end.

The last result of a layer is what its gradients may read again, for whoever made it: what a library keeps may mean
nothing to another. To gradients it is a constant, so those that are to be differentiated again do without
(`DIFFERENTIABLE`): they are functions of the inputs and outputs alone.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from xpgrad._typing import Array, Namespace

State: TypeAlias = tuple[Array, ...]


def lstm_layer(
    xp: Namespace,
    x: Array,
    h: Array,
    c: Array,
    w_ih: Array,
    w_hh: Array,
    bias: Array | None,
    /,
    *,
    sizes: tuple[int, ...],
    reverse: bool,
) -> tuple[Array, Array, Array, Array]:
    """Long short-term memory over ``x`` (total, inputs), from ``h`` and ``c`` (n, hidden).

    The gates are in the order in, forget, new, out in ``w_ih`` (4 * hidden, inputs), ``w_hh`` (4 * hidden, hidden)
    and ``bias`` (4 * hidden,) or None.

    Returns:
        The outputs (total, hidden), the last ``h`` and ``c`` of each sequence, and what is kept for
        `lstm_layer_gradients`: here the gates (total, 4 * hidden) before their activation.
    """
    n = h.shape[1]
    recurrent = xp.permute_dims(w_hh, (1, 0))
    projected = _projected(xp, x, w_ih, bias)

    def step(rows: slice, state: State) -> tuple[State, tuple[Array, Array]]:
        h, c = state
        gates = xp.addmm(projected[rows, :], h, recurrent)
        # One call for all of them costs less than three, though a quarter goes unused.
        opened = xp.sigmoid(gates)
        c = opened[:, n : 2 * n] * c + opened[:, :n] * xp.tanh(gates[:, 2 * n : 3 * n])
        h = opened[:, 3 * n :] * xp.tanh(c)
        return (h, c), (h, gates)

    results, (h, c) = _walk(xp, step, (h, c), sizes, reverse)
    out, kept = _joined(xp, results)
    return out, h, c, kept


def lstm_layer_gradients(
    xp: Namespace,
    g: Array,
    g_h: Array,
    g_c: Array,
    x: Array,
    h: Array,
    c: Array,
    w_ih: Array,
    w_hh: Array,
    bias: Array | None,
    out: Array,
    last_h: Array,
    last_c: Array,
    kept: Array | None,
    /,
    *,
    sizes: tuple[int, ...],
    reverse: bool,
    needs: tuple[bool, ...],
) -> tuple[Array | None, ...]:
    """The gradients of the six inputs of `lstm_layer` from those of its first three results.

    Only those that ``needs`` asks for. What was ``kept`` saves two products.
    """
    n = h.shape[1]
    before = _before(xp, h, out, sizes, reverse)
    gates = _kept_here(kept, out, 4 * n)
    if gates is None:
        gates = xp.addmm(_projected(xp, x, w_ih, bias), before, xp.permute_dims(w_hh, (1, 0)))
    opened = xp.sigmoid(gates)
    take_in, keep, give_out = opened[:, :n], opened[:, n : 2 * n], opened[:, 3 * n :]
    new = xp.tanh(gates[:, 2 * n : 3 * n])
    taken = take_in * new

    def remember(rows: slice, state: State) -> tuple[State, Array]:
        c = keep[rows, :] * state[0] + taken[rows, :]
        return (c,), c

    memories = xp.concat(_walk(xp, remember, (c,), sizes, reverse)[0], axis=0)
    shown = xp.tanh(memories)
    to_memory = give_out * (1.0 - shown * shown)
    # From the gradient of the memory to those of the first three gates, from that of the output to that of the last.
    factors = xp.concat(
        [
            taken * (1.0 - take_in),
            _before(xp, c, memories, sizes, reverse) * keep * (1.0 - keep),
            take_in * (1.0 - new * new),
            shown * give_out * (1.0 - give_out),
        ],
        axis=1,
    )

    def step(rows: slice, state: State) -> tuple[State, Array]:
        g_h = state[0] + g[rows, :]
        g_c = state[1] + g_h * to_memory[rows, :]
        g_gates = xp.concat([g_c, g_c, g_c, g_h], axis=1) * factors[rows, :]
        return (xp.matmul(g_gates, w_hh), g_c * keep[rows, :]), g_gates

    found, (g_h, g_c) = _walk(xp, step, (g_h, g_c), sizes, not reverse)
    g_gates = xp.concat(found, axis=0)
    return (
        xp.matmul(g_gates, w_ih) if needs[0] else None, g_h, g_c,
        _of_weight(xp, g_gates, x) if needs[3] else None,
        _of_weight(xp, g_gates, before) if needs[4] else None,
        xp.sum(g_gates, axis=0) if needs[5] else None,
    )  # fmt: skip


def gru_layer(
    xp: Namespace,
    x: Array,
    h: Array,
    w_ih: Array,
    w_hh: Array,
    b_ih: Array | None,
    b_hh: Array | None,
    /,
    *,
    sizes: tuple[int, ...],
    reverse: bool,
) -> tuple[Array, Array, Array]:
    """Gated recurrent units over ``x`` (total, inputs), from ``h`` (n, hidden), the reset after the product.

    The gates are in the order reset, keep, new in ``w_ih`` (3 * hidden, inputs), ``w_hh`` (3 * hidden, hidden),
    ``b_ih`` and ``b_hh`` (3 * hidden,) or None.

    Returns:
        The outputs (total, hidden), the last ``h`` of each sequence, and what is kept for `gru_layer_gradients`: here
        the products with ``w_hh`` (total, 3 * hidden).
    """
    n = h.shape[1]
    recurrent = xp.permute_dims(w_hh, (1, 0))
    projected = _projected(xp, x, w_ih, b_ih)

    def step(rows: slice, state: State) -> tuple[State, tuple[Array, Array]]:
        (h,) = state
        y = xp.matmul(h, recurrent) if b_hh is None else xp.addmm(b_hh, h, recurrent)
        _, keep, new = _gru_gates(xp, projected[rows, :], y, n)
        h = new + keep * (h - new)
        return (h,), (h, y)

    results, (h,) = _walk(xp, step, (h,), sizes, reverse)
    out, kept = _joined(xp, results)
    return out, h, kept


def gru_layer_gradients(
    xp: Namespace,
    g: Array,
    g_h: Array,
    x: Array,
    h: Array,
    w_ih: Array,
    w_hh: Array,
    b_ih: Array | None,
    b_hh: Array | None,
    out: Array,
    last_h: Array,
    kept: Array | None,
    /,
    *,
    sizes: tuple[int, ...],
    reverse: bool,
    needs: tuple[bool, ...],
) -> tuple[Array | None, ...]:
    """The gradients of the six inputs of `gru_layer` from those of its first two results.

    Only those that ``needs`` asks for. What was ``kept`` saves a product.
    """
    n = h.shape[1]
    before = _before(xp, h, out, sizes, reverse)
    y = _kept_here(kept, out, 3 * n)
    if y is None:
        y = _projected(xp, before, w_hh, b_hh)
    reset, keep, new = _gru_gates(xp, _projected(xp, x, w_ih, b_ih), y, n)
    to_new = (1.0 - keep) * (1.0 - new * new)
    to_keep = (before - new) * keep * (1.0 - keep)
    to_reset = to_new * y[:, 2 * n :] * reset * (1.0 - reset)
    factors = xp.concat([to_reset, to_keep, to_new * reset], axis=1)

    def step(rows: slice, state: State) -> tuple[State, tuple[Array, Array]]:
        g_h = state[0] + g[rows, :]
        g_y = xp.concat([g_h, g_h, g_h], axis=1) * factors[rows, :]
        return (xp.addmm(g_h * keep[rows, :], g_y, w_hh),), (g_h, g_y)

    found, (g_h,) = _walk(xp, step, (g_h,), sizes, not reverse)
    g_out, g_y = _joined(xp, found)
    g_x = xp.concat([g_y[:, : 2 * n], g_out * to_new], axis=1)
    return (
        xp.matmul(g_x, w_ih) if needs[0] else None, g_h,
        _of_weight(xp, g_x, x) if needs[2] else None,
        _of_weight(xp, g_y, before) if needs[3] else None,
        xp.sum(g_x, axis=0) if needs[4] else None,
        xp.sum(g_y, axis=0) if needs[5] else None,
    )  # fmt: skip


def _gru_gates(xp: Namespace, x: Array, y: Array, n: int) -> tuple[Array, Array, Array]:
    opened = xp.sigmoid(x[:, : 2 * n] + y[:, : 2 * n])
    reset, keep = opened[:, :n], opened[:, n:]
    return reset, keep, xp.tanh(x[:, 2 * n :] + reset * y[:, 2 * n :])


def _kept_here(kept: Array | None, out: Array, width: int) -> Array | None:
    """What was kept if it is of the fallback's making."""
    fits = kept is not None and kept.dtype == out.dtype and kept.shape == (out.shape[0], width)
    return kept if fits else None


def _joined(xp: Namespace, results: list[tuple[Array, ...]]) -> list[Array]:
    return [xp.concat(parts, axis=0) for parts in zip(*results, strict=True)]


def _projected(xp: Namespace, x: Array, weight: Array, bias: Array | None) -> Array:
    turned = xp.permute_dims(weight, (1, 0))
    return xp.matmul(x, turned) if bias is None else xp.addmm(bias, x, turned)


def _of_weight(xp: Namespace, g: Array, x: Array) -> Array:
    return xp.matmul(xp.permute_dims(g, (1, 0)), x)


def _walk(
    xp: Namespace,
    step: Callable[[slice, State], tuple[State, Any]],
    first: State,
    sizes: Sequence[int],
    reverse: bool,
) -> tuple[list[Any], State]:
    """What ``step`` gives for the rows of each step, in order of time, and the last states of all sequences.

    ``step`` takes rows and a state (sizes[t], *) of each kind, and gives the next state and something more.
    """
    stops = list(itertools.accumulate(sizes))
    times = range(len(sizes))
    results: list[Any] = [None] * len(sizes)
    known = sizes[-1] if reverse else sizes[0]
    state = tuple(s[:known, :] for s in first)
    ended: list[State] = []
    for t in reversed(times) if reverse else times:
        count = sizes[t]
        if count < known:
            ended.append(tuple(s[count:, :] for s in state))
            state = tuple(s[:count, :] for s in state)
        elif count > known:
            state = tuple(
                xp.concat([s, more[known:count, :]], axis=0) for s, more in zip(state, first, strict=True)
            )  # fmt: skip
        known = count
        state, results[t] = step(slice(stops[t] - count, stops[t]), state)
    if ended:
        state = tuple(xp.concat(parts, axis=0) for parts in zip(state, *reversed(ended), strict=True))
    return results, state


def _before(xp: Namespace, first: Array, after: Array, sizes: Sequence[int], reverse: bool) -> Array:
    """The states before all steps (total, *), from the first one and those ``after`` them."""
    stops = list(itertools.accumulate(sizes))
    total, n = stops[-1], sizes[0]
    if n == sizes[-1]:
        return xp.concat([after[n:, :], first] if reverse else [first, after[: total - n, :]], axis=0)
    parts = [first] if not reverse else []
    for count, following, stop in zip(sizes, sizes[1:], stops, strict=False):
        if reverse:
            parts += [after[stop : stop + following, :], first[following:count, :]]
        else:
            parts.append(after[stop - count : stop - count + following, :])
    if reverse:
        parts.append(first[: sizes[-1], :])
    return xp.concat(parts, axis=0)


FALLBACKS: dict[str, Callable[..., Any]] = {
    "gru_layer": gru_layer,
    "gru_layer_gradients": gru_layer_gradients,
    "lstm_layer": lstm_layer,
    "lstm_layer_gradients": lstm_layer_gradients,
}


def _without_kept(gradients: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(gradients)
    def function(xp: Namespace, /, *arrays: Any, **settings: Any) -> Any:
        return gradients(xp, *arrays[:-1], None, **settings)

    return function


# The fallbacks of gradients that are to be differentiated again.
DIFFERENTIABLE: dict[str, Callable[..., Any]] = {
    "gru_layer_gradients": _without_kept(gru_layer_gradients),
    "lstm_layer_gradients": _without_kept(lstm_layer_gradients),
}
