"""Indices as arithmetic on shapes, and several axes as one."""

from __future__ import annotations

import functools
import math
from typing import Any

from xpgrad._typing import Shape

FULL = slice(None)


def along(axis: int, item: Any) -> tuple[Any, ...]:
    """The basic index that is ``item`` on ``axis``, which is not negative, and leaves the other axes alone."""
    return (*(FULL,) * axis, item)


# Indexing by arrays on several axes is indexing on one: `axes`, in ascending order, become one axis, a block.


@functools.lru_cache
def block_axis(axes: tuple[int, ...]) -> int:
    """Where the block of ``axes`` stands: in their place if they are neighbours, else in front, as in NumPy."""
    return axes[0] if axes and axes[-1] - axes[0] == len(axes) - 1 else 0


@functools.lru_cache
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
    count = len(axes)
    if count == x.ndim:
        return xp.reshape(x, (-1,)) if count != 1 else x
    start = block_axis(axes)
    if axes[-1] - axes[0] != count - 1:
        x = xp.permute_dims(x, block_order(x.ndim, axes))
    if count == 1:
        return x
    end = start + count
    return xp.reshape(x, (*x.shape[:start], math.prod(x.shape[start:end]), *x.shape[end:]))


def to_front(xp: Any, x: Any, axes: tuple[int, ...]) -> Any:
    """``x`` with ``axes`` as one, the first."""
    start = block_axis(axes)
    x = to_block(xp, x, axes)
    return xp.moveaxis(x, start, 0) if start else x


def from_front(xp: Any, x: Any, shape: Shape, axes: tuple[int, ...]) -> Any:
    """The inverse of `to_front`, for a result of ``shape``."""
    start = block_axis(axes)
    if start:
        x = xp.moveaxis(x, 0, start)
    if len(axes) == 1:
        return x
    if not axes or axes[-1] - axes[0] == len(axes) - 1:
        return xp.reshape(x, shape)
    order = block_order(len(shape), axes)
    x = xp.reshape(x, tuple(shape[a] for a in order))
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
    if positions_ndim != 1:
        x = xp.reshape(x, (*x.shape[:start], math.prod(x.shape[start:end]), *x.shape[end:]))
    return xp.moveaxis(x, start, 0) if start else x


def flat_positions(xp: Any, index: Any, shape: Shape, axis: int) -> Any:
    """For each element of ``index``, which counts along ``axis``, its place in a flattened array of ``shape``."""
    positions, step, ndim = None, 1, len(shape)
    for i in reversed(range(ndim)):
        part = index
        if i != axis:
            part = xp.arange(index.shape[i], dtype=index.dtype, device=index.device)
            part = xp.reshape(part, tuple(-1 if j == i else 1 for j in range(ndim))) if ndim > 1 else part
        part = part * step if step != 1 else part
        positions = part if positions is None else part + positions
        step *= shape[i]
    return index if positions is None else positions
