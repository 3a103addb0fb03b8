"""Connectionist temporal classification: all alignments of a labelling with a sequence, summed."""

from __future__ import annotations

import math

from xpgrad.core.op import op
from xpgrad.ops.indexing import put_along

# The logarithm of nothing: finite, so that differences of it are 0 and its gradients numbers.
_NOTHING = -1e30


@op("CtcLoss", constants=["path", "input_lengths", "target_lengths"])
def ctc_loss(xp, x, path, input_lengths, target_lengths, /, *, zero_infinity):
    """Minus the logarithm of the probability of each labelling, (n,) (Graves et al. 2006).

    Args:
        xp: The namespace.
        x: Log-probabilities (t, n, classes).
        path: (n, 2 * labels + 1): each labelling with a blank before, between and after its labels.
        input_lengths: (n,), how many steps of ``x`` count.
        target_lengths: (n,), how many labels count.
        zero_infinity: Whether the gradients of what has no alignment are 0, not NaN.
    """
    at, skips = _emissions(xp, x, path)
    total = _total(xp, _forward(xp, at, skips, input_lengths)[-1], target_lengths)
    return xp.where(total > _NOTHING / 2, -total, math.inf)

@ctc_loss.vjp("x")
def _(xp, g, x, path, input_lengths, target_lengths, zero_infinity):
    at, skips = _emissions(xp, x, path)
    before = _forward(xp, at, skips, input_lengths)
    total = _total(xp, before[-1], target_lengths)
    shares = [xp.exp(a + b - xp.expand_dims(total, axis=1))
              for a, b in zip(before, _backward(xp, at, skips, input_lengths, target_lengths), strict=True)]
    shares = xp.stack(shares, axis=0)
    expected = put_along(xp, shares, xp.broadcast_to(path, shares.shape), 2, x.shape[2])
    # PyTorch's gradient is that of the scores under a softmax, which the term with the probabilities leaves as it is.
    each = xp.expand_dims(g, axis=1) * (xp.exp(x) - expected)
    each = xp.where(xp.expand_dims(total > _NOTHING / 2, axis=1), each, 0.0 if zero_infinity else math.nan)
    return xp.where(_steps(xp, x, input_lengths), each, 0.0)


def _emissions(xp, x, path):
    """The log-probabilities along ``path``, one (n, places) per step, and where two places may be gone at once."""
    index = xp.broadcast_to(path, (x.shape[0], *path.shape))
    at = xp.clip(xp.take_along_axis(x, index, axis=2), _NOTHING, None)
    places = path.shape[1]
    odd = xp.arange(places, dtype=path.dtype, device=path.device) % 2 == 1
    if places < 3:
        skips = xp.broadcast_to(xp.zeros_like(odd), path.shape)
    else:
        never = xp.zeros_like(path[:, :2]) != 0
        skips = odd & xp.concat([never, path[:, 2:] != path[:, :-2]], axis=1)
    return [at[t, ...] for t in range(x.shape[0])], skips


def _forward(xp, at, skips, lengths):
    """For each step the logarithm of the probability of being at each place, having seen what comes up to it."""
    start = xp.arange(skips.shape[1], dtype=lengths.dtype, device=lengths.device) < 2
    state, states = xp.where(start, at[0], _NOTHING), []
    for t, here in enumerate(at):
        if t:
            moved = _sum(xp, state, _shifted(xp, state, 1), xp.where(skips, _shifted(xp, state, 2), _NOTHING)) + here
            # What is over stays as it was at its end.
            state = xp.where(xp.expand_dims(lengths > t, axis=1), moved, state)
        states.append(state)
    return states


def _backward(xp, at, skips, lengths, target_lengths):
    """For each step the logarithm of the probability of what comes after it, from each place."""
    last = xp.where(_ends(xp, at[0], target_lengths), 0.0, xp.full_like(at[0], _NOTHING))
    state, states = last, [last]
    for t in range(len(at) - 1, 0, -1):
        ahead = state + at[t]
        twice = _shifted(xp, xp.where(skips, ahead, _NOTHING), -2)
        moved = _sum(xp, ahead, _shifted(xp, ahead, -1), twice)
        state = xp.where(xp.expand_dims(lengths > t, axis=1), moved, last)
        states.append(state)
    return states[::-1]


def _total(xp, state, target_lengths):
    """The logarithm of the probability of having come to an end, (n,)."""
    ends = xp.where(_ends(xp, state, target_lengths), state, _NOTHING)
    top = xp.max(ends, axis=1, keepdims=True)
    return xp.squeeze(top, axis=1) + xp.log(xp.sum(xp.exp(ends - top), axis=1))


def _ends(xp, like, target_lengths):
    """The places where a labelling may end: its last label, and the blank after it."""
    places = xp.arange(like.shape[1], dtype=target_lengths.dtype, device=target_lengths.device)
    rest = xp.expand_dims(2 * target_lengths, axis=1) - places
    return (rest == 0) | (rest == 1)


def _steps(xp, x, lengths):
    """Which steps count, (t, n, 1)."""
    steps = xp.arange(x.shape[0], dtype=lengths.dtype, device=lengths.device)
    return xp.reshape(steps, (-1, 1, 1)) < xp.reshape(lengths, (1, -1, 1))


def _shifted(xp, state, by):
    """``state`` (n, places) moved ``by`` places to the right, or to the left if negative."""
    room = xp.full_like(state[:, : abs(by)], _NOTHING)
    joined = xp.concat([room, state] if by > 0 else [state, room], axis=1)
    return joined[:, : state.shape[1]] if by > 0 else joined[:, -state.shape[1] :]


def _sum(xp, *logarithms):
    """The logarithm of a sum of three numbers given by theirs."""
    a, b, c = logarithms
    top = xp.maximum(xp.maximum(a, b), c)
    return top + xp.log(xp.exp(a - top) + xp.exp(b - top) + xp.exp(c - top))
