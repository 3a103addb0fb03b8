"""Where the elements of a tensor lie in memory, also where the library knows no strides."""

from __future__ import annotations

import math
from collections.abc import Sequence

from xpgrad._typing import Array
from xpgrad.backends.registry import host_place
from xpgrad.core.tensor_base import TensorBase
from xpgrad.core.views import View, freshen, settle, stand_ins
from xpgrad.errors import InplaceError

# Views that show a complex number as its parts, or parts as numbers: what they cover are parts.
_OF_PARTS = frozenset({"real", "imag", "view_as_real", "view_as_complex"})


def covers_parts(chain: Sequence[View]) -> bool:
    """Whether the views make other numbers of the parts of complex ones."""
    return any(view.op.forward.__name__ in _OF_PARTS for view in chain)


def positions_of(base: TensorBase, chain: Sequence[View]) -> Array:
    """For each element of the view, in order, its position in the flattened base.

    On the host, since the standard has no strides to look at: a view of an array of positions. If the views are of
    parts of complex numbers, positions are those of parts, two for each number, and a complex element has two.

    Raises:
        InplaceError: One of the views reads the bytes as another dtype.
    """
    xp = host_place().xp
    shape = tuple(base._array.shape)
    of_parts = covers_parts(chain)
    parts = 2 if of_parts and is_complex(base) else 1
    positions = xp.reshape(xp.arange(parts * math.prod(shape), dtype=xp.int64), (*shape, parts))
    if of_parts:
        positions = xp.astype(positions, xp.float64)
    positions = positions[..., 0] + positions[..., 1] * 1j if parts == 2 else positions[..., 0]
    for view in chain:
        if view.op.forward.__name__ == "bitcast":
            raise InplaceError(
                "in-place: the tensor reads the bytes of another dtype, and this library's arrays cannot be written "
                "to; write to the tensor it is a view of, or to a clone()"
            )
        positions = view.raw(xp, positions)
    if not of_parts:
        return positions
    if xp.isdtype(positions.dtype, "complex floating"):
        positions = xp.stack([xp.real(positions), xp.imag(positions)], axis=-1)
    return xp.astype(positions, xp.int64)


def is_complex(x: TensorBase) -> bool:
    """Whether ``x`` is of a complex dtype."""
    return x._place.dtype(x._array.dtype).is_complex


def strides_of(tensor: TensorBase) -> tuple[int, ...]:
    """Elements between neighbours along each dimension; without strides, those of views of row-major memory."""
    place, array = tensor._place, tensor._array
    strides = place.backend.strides(array) if place.mutable else None
    if strides is None:
        if tensor._view is None:
            return row_major(array.shape)
        freshen(tensor)
        _, array = stand_ins(tensor)
        strides = tuple(step // array.dtype.itemsize for step in array.strides)
    return _conventional(tuple(array.shape), strides)


def layout_of(tensor: TensorBase) -> tuple[tuple[int, ...], int]:
    """`strides_of` with the number of elements in memory before the first one."""
    freshen(tensor)
    settle(tensor)
    strides = strides_of(tensor)
    if tensor._view is None or 0 in tensor._array.shape:
        return strides, 0
    whole, part = stand_ins(tensor)
    start, first = (a.__array_interface__["data"][0] for a in (whole, part))
    return strides, (first - start) // part.dtype.itemsize


def is_dense(shape: Sequence[int], strides: Sequence[int]) -> bool:
    """Whether elements lie in memory without gaps, in some order of the dimensions."""
    expected = 1
    for step, n in sorted((step, n) for n, step in zip(shape, strides, strict=True) if n != 1):
        if step != expected:
            return False
        expected *= n
    return True


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
