"""Where the elements of a tensor lie in memory, also where the library knows no strides."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from xpgrad._typing import Array
from xpgrad.backends.registry import host_place
from xpgrad.core.tensor_base import TensorBase
from xpgrad.core.views import View, chain_of, stand_in


def positions_of(base: TensorBase, chain: Sequence[View]) -> Array:
    """For each element of the view, in order, its position in the flattened base.

    On the host, since the standard has no strides to look at: a view of an array of positions.
    """
    xp = host_place().xp
    shape = tuple(base._array.shape)
    positions = xp.reshape(xp.arange(math.prod(shape), dtype=xp.int64), shape)
    for view in chain:
        positions = view.raw(xp, positions)
    return positions


def strides_of(tensor: TensorBase) -> tuple[int, ...]:
    """Elements between neighbours along each dimension; without strides, those of views of row-major memory."""
    array = tensor._array
    if getattr(array, "strides", None) is None:
        if tensor._view is None:
            return row_major(array.shape)
        array = stand_in(tensor)
    return _conventional(tuple(array.shape), tuple(step // array.dtype.itemsize for step in array.strides))


def layout_of(tensor: TensorBase) -> tuple[tuple[int, ...], int]:
    """`strides_of` with the number of elements in memory before the first one."""
    strides = strides_of(tensor)
    base, chain = chain_of(tensor)
    if not chain or 0 in tensor._array.shape:
        return strides, 0
    return strides, _offset(base, chain)


def _offset(base: TensorBase, chain: Sequence[View]) -> int:
    """Where in memory the first element of a view of ``base`` lies."""
    first: Any = positions_of(base, chain)
    position = int(first[(0,) * first.ndim])
    steps = strides_of(base)
    offset = 0
    for n, step in zip(reversed(base._array.shape), reversed(steps), strict=True):
        position, index = divmod(position, n)
        offset += index * step
    return offset


def row_major(shape: Sequence[int]) -> tuple[int, ...]:
    """The strides of memory in row-major order without gaps; PyTorch counts empty dimensions as of length 1."""
    return tuple(math.prod(max(n, 1) for n in shape[i + 1 :]) for i in range(len(shape)))


def _conventional(shape: tuple[int, ...], strides: tuple[int, ...]) -> tuple[int, ...]:
    """``strides`` with PyTorch's convention for what has no say: new dimensions of length 1, and empty tensors."""
    if 0 in shape:
        return row_major(shape)
    fixed = list(strides)
    for axis in reversed(range(len(shape))):
        if shape[axis] == 1 and strides[axis] == 0:
            fixed[axis] = fixed[axis + 1] * shape[axis + 1] if axis + 1 < len(shape) else 1
    return tuple(fixed)
