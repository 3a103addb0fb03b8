"""Running extremes and sums of exponentials, mostly by doubling: each pass takes in twice as many elements."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from xpgrad._typing import Array, Namespace
from xpgrad.backends.fallbacks.slicing import every


def running_extreme(xp: Namespace, x: Array, /, *, axis: int, kind: str) -> Array:
    """The greatest element so far along ``axis`` if ``kind`` is ``"max"``, the smallest if it is ``"min"``."""
    return _running(xp, x, axis % x.ndim, xp.maximum if kind == "max" else xp.minimum)


def logcumsumexp(xp: Namespace, x: Array, /, *, axis: int) -> Array:
    """The logarithms of the sums of the exponentials up to each element along ``axis``."""
    axis %= x.ndim
    if not xp.isdtype(x.dtype, "complex floating") or x.shape[axis] < 2:
        return _running(xp, x, axis, xp.logaddexp)
    # One by one, since the order of the sums decides by how many turns the imaginary part is beyond pi.
    sums = [every(x, axis, 0, 1, 1)]
    for i in range(1, x.shape[axis]):
        sums.append(_logaddexp(xp, sums[-1], every(x, axis, i, 1, 1)))
    return xp.concat(sums, axis=axis)


def _logaddexp(xp: Namespace, a: Array, b: Array) -> Array:
    """``log(exp(a) + exp(b))`` of complex numbers, near the one with the greater real part."""
    above = xp.real(a) >= xp.real(b)
    top, rest = xp.where(above, a, b), xp.where(above, b, a)
    nothing = xp.real(top) == -math.inf
    return xp.where(nothing, top, top + xp.log(1.0 + xp.exp(xp.where(nothing, top, rest - top))))


def _running(xp: Namespace, x: Array, axis: int, combine: Callable[[Array, Array], Array]) -> Array:
    step, length = 1, x.shape[axis]
    while step < length:
        first, rest = every(x, axis, 0, 1, step), every(x, axis, step, 1, length - step)
        x = xp.concat([first, combine(rest, every(x, axis, 0, 1, length - step))], axis=axis)
        step *= 2
    return x if length > 1 else xp.asarray(x, copy=True)


FALLBACKS: dict[str, Callable[..., Any]] = {"logcumsumexp": logcumsumexp, "running_extreme": running_extreme}
