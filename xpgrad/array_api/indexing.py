"""The standard's indexing functions."""

from __future__ import annotations

import math
from typing import Any

from xpgrad.array_api.manipulation import axis_of
from xpgrad.core.tensor_base import TensorBase, make_tensor
from xpgrad.core.views import array_of
from xpgrad.errors import ArgumentError, ShapeError
from xpgrad.ops import indexing as ops
from xpgrad.ops.shape import reshape

__all__ = ["take", "take_along_axis"]


def take(x: TensorBase, indices: TensorBase, /, *, axis: int | None = None) -> Any:
    """The elements of ``x`` at ``indices``, a 1-d integer tensor, along ``axis``; negative ones count from the end.

    Raises:
        IndexingError: An index is out of range.
        ArgumentError: ``axis`` is missing, and ``x`` has several.
    """
    if axis is None:
        if x._array.ndim != 1:
            raise ArgumentError(f"take: shape {tuple(x._array.shape)} has {x._array.ndim} axes; give axis=")
        axis = 0
    axis = axis_of(axis, x._array.ndim, "take")
    indices = _checked(indices, x._array.shape[axis], axis)
    shape = tuple(indices._array.shape)
    if len(shape) == 1:
        return ops.take.apply(x, indices, axis=axis)
    found = ops.take.apply(x, reshape.apply(indices, shape=(math.prod(shape),)), axis=axis)
    return reshape.apply(found, shape=(*x._array.shape[:axis], *shape, *x._array.shape[axis + 1 :]))


def take_along_axis(x: TensorBase, indices: TensorBase, /, *, axis: int = -1) -> Any:
    """For every line of ``x`` along ``axis`` the elements at ``indices``, which broadcast against its other axes.

    Raises:
        IndexingError: An index is out of range.
        ShapeError: ``x`` and ``indices`` differ in the number of axes.
    """
    if x._array.ndim != indices._array.ndim:
        raise ShapeError(
            f"take_along_axis: shapes {tuple(x._array.shape)} and {tuple(indices._array.shape)} of the array and its "
            "indices must have as many axes"
        )
    axis = axis_of(axis, x._array.ndim, "take_along_axis")
    return ops.take_along_axis.apply(x, _checked(indices, x._array.shape[axis], axis), axis=axis)


def _checked(indices: TensorBase, length: int, axis: int) -> TensorBase:
    """``indices``, none negative."""
    place, array = indices._place, array_of(indices)
    checked = place.xp.checked_positions(array, length=length, axis=axis)
    return indices if checked is array else make_tensor(checked, place)
