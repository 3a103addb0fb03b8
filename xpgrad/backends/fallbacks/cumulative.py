"""Running extremes and sums of exponentials, by doubling: each pass takes in twice as many elements."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xpgrad._typing import Array, Namespace
from xpgrad.backends.fallbacks.slicing import every


def running_extreme(xp: Namespace, x: Array, /, *, axis: int, kind: str) -> Array:
    """The greatest element so far along ``axis`` if ``kind`` is ``"max"``, the smallest if it is ``"min"``."""
    return _running(xp, x, axis, xp.maximum if kind == "max" else xp.minimum)


def logcumsumexp(xp: Namespace, x: Array, /, *, axis: int) -> Array:
    """The logarithms of the sums of the exponentials up to each element along ``axis``."""
    complex_ = xp.isdtype(x.dtype, "complex floating")
    return _running(xp, x, axis, (lambda a, b: _logaddexp(xp, a, b)) if complex_ else xp.logaddexp)


def _logaddexp(xp: Namespace, a: Array, b: Array) -> Array:
    """``log(exp(a) + exp(b))`` of complex numbers, the imaginary part between -pi and pi."""
    top = xp.maximum(xp.real(a), xp.real(b))
    top = xp.where(xp.isfinite(top), top, 0.0)
    return xp.log(xp.exp(a - top) + xp.exp(b - top)) + top


def _running(xp: Namespace, x: Array, axis: int, combine: Callable[[Array, Array], Array]) -> Array:
    step, length = 1, x.shape[axis]
    while step < length:
        first, rest = every(x, axis, 0, 1, step), every(x, axis, step, 1, length - step)
        x = xp.concat([first, combine(rest, every(x, axis, 0, 1, length - step))], axis=axis)
        step *= 2
    return x if length > 1 else xp.asarray(x, copy=True)


FALLBACKS: dict[str, Callable[..., Any]] = {"logcumsumexp": logcumsumexp, "running_extreme": running_extreme}
