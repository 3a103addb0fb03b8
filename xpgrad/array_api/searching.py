"""The standard's searching and sorting functions."""

from __future__ import annotations

from typing import Any

from xpgrad.array_api.operands import dtype_of, meet, require_tensor
from xpgrad.backends.dtypes import bool_
from xpgrad.core.tensor_base import TensorBase, make_tensor
from xpgrad.core.views import array_of
from xpgrad.errors import DtypeError
from xpgrad.ops import searching, sorting
from xpgrad.ops.indexing import take

__all__ = ["argmax", "argmin", "argsort", "count_nonzero", "nonzero", "searchsorted", "sort", "where"]


def argmax(x: TensorBase, /, *, axis: int | None = None, keepdims: bool = False) -> Any:
    """The index of the first greatest element along ``axis``, of the flattened array if that is None."""
    return searching.argmax.apply(x, axis=axis, keepdims=keepdims)


def argmin(x: TensorBase, /, *, axis: int | None = None, keepdims: bool = False) -> Any:
    """The index of the first smallest element along ``axis``, of the flattened array if that is None."""
    return searching.argmin.apply(x, axis=axis, keepdims=keepdims)


def count_nonzero(x: TensorBase, /, *, axis: Any = None, keepdims: bool = False) -> Any:
    """How many elements over ``axis`` are not zero."""
    return searching.count_nonzero.apply(x, axis=axis, keepdims=keepdims)


def nonzero(x: TensorBase, /) -> tuple[Any, ...]:
    """For each axis, the indices along it of the elements that are not zero, in row-major order."""
    require_tensor(x, "nonzero")
    place = x._place
    return tuple(make_tensor(index, place) for index in place.xp.nonzero(array_of(x)))


def searchsorted(x1: TensorBase, x2: TensorBase, /, *, side: str = "left", sorter: TensorBase | None = None) -> Any:
    """Where in ``x1`` each element of ``x2`` would be inserted, before its equals (``left``) or after (``right``).

    ``x1`` is 1-d and in ascending order, or is so in the order of the indices ``sorter``.
    """
    x1, x2 = meet((x1, x2), "searchsorted")
    return searching.searchsorted.apply(x1 if sorter is None else take(x1, sorter, axis=0), x2, side=side)


def where(condition: TensorBase, x1: Any, x2: Any, /) -> Any:
    """``x1`` where ``condition`` is true, else ``x2``; all three broadcast.

    Raises:
        DtypeError: ``condition`` is not boolean.
    """
    require_tensor(condition, "where")
    if dtype_of(condition) is not bool_:
        raise DtypeError(f"where: the condition must be boolean, it is {dtype_of(condition)}; compare it, as in x != 0")
    return searching.where(condition, *meet((x1, x2), "where"))


def sort(x: TensorBase, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Any:
    """The elements in order along ``axis``, equal ones in their old order if ``stable``."""
    return sorting.sort.apply(x, axis=axis, descending=descending, stable=stable)[0]


def argsort(x: TensorBase, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Any:
    """The indices that put the elements in order along ``axis``, those of equal ones ascending if ``stable``."""
    return sorting.argsort.apply(x, axis=axis, descending=descending, stable=stable)
