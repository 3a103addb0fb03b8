"""Elements in order."""

from __future__ import annotations

from typing import Any

from xpgrad.array_api.operands import cast
from xpgrad.backends.dtypes import int64
from xpgrad.errors import DtypeError, IndexRangeError
from xpgrad.functions import return_types
from xpgrad.functions.cutting import narrow
from xpgrad.functions.dims import normalize_dim, takes_axis
from xpgrad.functions.results import deliver_each, deliver_exactly
from xpgrad.ops import indexing, sorting

__all__ = ["argsort", "msort", "sort", "topk"]

_sorted = indexing.take_along_axis.named("SortBackward0")
_sorted_stably = indexing.take_along_axis.named("SortBackward1")
_top = indexing.take_along_axis.named("TopkBackward0")


@takes_axis
def sort(input: Any, dim: int = -1, descending: bool = False, stable: bool | None = False, *, out: Any = None) -> Any:
    """The elements in order along ``dim``, equal ones in their old order, and where they were.

    Mirrors ``torch.sort``; NaN counts as greater than any number.
    """
    axis = normalize_dim(dim, input._array.ndim)
    indices = argsort(input, axis, descending)
    values = (
        (_sorted_stably if stable else _sorted).apply(input, indices, axis=axis) if input._array.ndim else input.clone()
    )
    return deliver_each(out, return_types.Sort(values, indices))


@takes_axis
def argsort(input: Any, dim: int = -1, descending: bool = False, stable: bool = False, *, out: Any = None) -> Any:
    """The positions that sort the elements along ``dim``. Mirrors ``torch.argsort``.

    Raises:
        DtypeError: The tensor is complex.
    """
    axis = normalize_dim(dim, input._array.ndim)
    if input.dtype.is_complex:
        raise DtypeError(f"Sort does not support complex dtypes, got {input.dtype}; sort by x.abs() or x.real")
    if input._array.ndim == 0:
        return deliver_exactly(out, input.detach().new_zeros((), dtype=int64))
    compared = cast(input, int64) if input.dtype.kind == "bool" else input
    order = sorting.argsort.apply(compared, axis=axis, descending=descending)
    return deliver_exactly(out, cast(order, int64))


def msort(input: Any, *, out: Any = None) -> Any:
    """The rows sorted by value, column by column. Mirrors ``torch.msort``."""
    return deliver_exactly(out, sort(input, 0).values)


@takes_axis
def topk(input: Any, k: int, dim: int = -1, largest: bool = True, sorted: bool = True, *, out: Any = None) -> Any:
    """The ``k`` largest (or smallest) elements along ``dim``, in order, and where they were. Mirrors ``torch.topk``.

    Raises:
        IndexRangeError: There are fewer than ``k`` elements.
    """
    axis = normalize_dim(dim, input._array.ndim)
    if not 0 <= k <= (input._array.shape[axis] if input._array.ndim else 1):
        raise IndexRangeError(f"selected index k out of range: k={k}, dimension {dim} of {tuple(input.shape)}")
    indices = argsort(input, axis, largest)
    if input._array.ndim == 0:
        return deliver_each(out, return_types.TopK(input.clone(), indices))
    indices = narrow(indices, axis, 0, k).contiguous()
    return deliver_each(out, return_types.TopK(_top.apply(input, indices, axis=axis), indices))
