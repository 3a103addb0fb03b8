"""Indices as arithmetic on shapes, and several axes as one."""

from __future__ import annotations

import math
from typing import Any

from xpgrad._typing import Shape

FULL = slice(None)


def along(axis: int, item: Any) -> tuple[Any, ...]:
    """The basic index that is ``item`` on ``axis``, which is not negative, and leaves the other axes alone."""
    return (*(FULL,) * axis, item)


# Indexing by arrays on several axes is indexing on one: `axes`, in ascending order, become one axis, a block.


def block_axis(axes: tuple[int, ...]) -> int:
    """Where the block of ``axes`` stands: in their place if they are neighbours, else in front, as in NumPy."""
    return axes[0] if axes[-1] - axes[0] == len(axes) - 1 else 0


def block_order(ndim: int, axes: tuple[int, ...]) -> tuple[int, ...]:
    """The order of axes that brings ``axes`` together where their block stands."""
    start = block_axis(axes)
    rest = [i for i in range(ndim) if i not in axes]
    return (*rest[:start], *axes, *rest[start:])


def block_size(shape: Shape, axes: tuple[int, ...]) -> int:
    """How many elements the block of ``axes`` has."""
    return math.prod(shape[a] for a in axes)


def to_block(xp: Any, x: Any, axes: tuple[int, ...]) -> Any:
    """``x`` with ``axes`` as one."""
    start, order = block_axis(axes), block_order(x.ndim, axes)
    if order != tuple(range(x.ndim)):
        x = xp.permute_dims(x, order)
    if len(axes) == 1:
        return x
    end = start + len(axes)
    return xp.reshape(x, (*x.shape[:start], math.prod(x.shape[start:end]), *x.shape[end:]))


def from_block(xp: Any, x: Any, shape: Shape, axes: tuple[int, ...]) -> Any:
    """The inverse of `to_block`, for a result of ``shape``."""
    order = block_order(len(shape), axes)
    x = xp.reshape(x, tuple(shape[a] for a in order))
    if order == tuple(range(len(shape))):
        return x
    return xp.permute_dims(x, tuple(sorted(range(len(shape)), key=order.__getitem__)))


def indexed_shape(shape: Shape, positions_shape: Shape, axes: tuple[int, ...]) -> Shape:
    """The shape of what positions of ``positions_shape`` in the block of ``axes`` pick."""
    start = block_axis(axes)
    rest = [n for i, n in enumerate(shape) if i not in axes]
    return (*rest[:start], *positions_shape, *rest[start:])


def rows(xp: Any, x: Any, positions_ndim: int, axes: tuple[int, ...]) -> Any:
    """``x`` of an `indexed_shape`, with the axes of the positions as one, in front."""
    start = block_axis(axes)
    end = start + positions_ndim
    x = xp.reshape(x, (*x.shape[:start], math.prod(x.shape[start:end]), *x.shape[end:]))
    return xp.moveaxis(x, start, 0) if start else x
