"""Padding, striding and their transposes along one axis, without a write."""

from __future__ import annotations

from xpgrad._typing import Array, Namespace
from xpgrad.backends.fallbacks.places import device_of


def pad(xp: Namespace, x: Array, axis: int, before: int, after: int, value: complex = 0) -> Array:
    """``x`` with ``value`` added at both ends of ``axis``; a negative number crops instead."""
    length = x.shape[axis]
    if before < 0 or after < 0:
        start = min(max(-before, 0), length)
        x = x[_at(x.ndim, axis, slice(start, max(length - max(-after, 0), start)))]
        before, after = max(before, 0), max(after, 0)
    parts = [_filled(xp, x, axis, before, value)] if before else []
    parts.append(x)
    if after:
        parts.append(_filled(xp, x, axis, after, value))
    return xp.concat(parts, axis=axis) if len(parts) > 1 else x


def every(x: Array, axis: int, start: int, step: int, count: int) -> Array:
    """The ``count`` elements of ``x`` at ``start``, ``start + step``, ... along ``axis``."""
    return x[_at(x.ndim, axis, slice(start, start + (count - 1) * step + 1, step))]


def spread(xp: Namespace, x: Array, axis: int, start: int, step: int, size: int) -> Array:
    """The transpose of `every`: zeros of length ``size`` with ``x`` at ``start``, ``start + step``, ...

    Elements that fall outside are dropped.
    """
    count = x.shape[axis]
    if step > 1:
        x = xp.expand_dims(x, axis=axis + 1)
        shape = (*x.shape[:axis], count * step, *x.shape[axis + 2 :])
        x = xp.reshape(pad(xp, x, axis + 1, 0, step - 1), shape)
    return pad(xp, x, axis, start, size - start - count * step)


def _at(ndim: int, axis: int, index: slice) -> tuple[slice, ...]:
    return (slice(None),) * axis + (index,) + (slice(None),) * (ndim - axis - 1)


def _filled(xp: Namespace, x: Array, axis: int, length: int, value: complex) -> Array:
    shape = (*x.shape[:axis], length, *x.shape[axis + 1 :])
    return xp.full(shape, value, dtype=x.dtype, device=device_of(x))
