"""Arithmetic on axes that several rules need."""

from __future__ import annotations

import math
from typing import Any

from xpgrad._typing import Axis, Shape
from xpgrad.ops.indices import along


def normalized(axis: Axis, ndim: int) -> tuple[int, ...]:
    """``axis`` as a tuple of non-negative integers; None means all of them."""
    if axis is None:
        return tuple(range(ndim))
    return tuple(a % ndim if ndim else 0 for a in ((axis,) if isinstance(axis, int) else axis))


def kept_shape(shape: Shape, axis: Axis) -> Shape:
    """``shape`` after a reduction over ``axis`` that keeps it with length 1."""
    gone = normalized(axis, len(shape))
    return tuple(1 if i in gone else n for i, n in enumerate(shape))


def keep_axes(xp: Any, g: Any, shape: Shape, axis: Axis, keepdims: bool) -> Any:
    """``g``, a reduction over ``axis`` of something of ``shape``, with the reduced axes back at length 1.

    Of a reduction over all axes the 0-d result is left as it is: that broadcasts too.
    """
    return g if keepdims or axis is None or not shape else xp.reshape(g, kept_shape(shape, axis))


def count(shape: Shape, axis: Axis) -> int:
    """How many elements a reduction over ``axis`` takes together."""
    return math.prod(shape[a] for a in normalized(axis, len(shape))) if shape else 1


def part(xp: Any, x: Any, axis: int, start: int | None, stop: int | None) -> Any:
    """``x`` from ``start`` to ``stop`` along ``axis``."""
    return xp.getitem(x, index=along(axis % x.ndim, slice(start, stop)))


def inverted(order: tuple[int, ...]) -> tuple[int, ...]:
    """The permutation that undoes ``order``."""
    return tuple(order.index(i) for i in range(len(order)))
