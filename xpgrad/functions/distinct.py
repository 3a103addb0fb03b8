"""The distinct elements of a tensor, or its distinct slices."""

from __future__ import annotations

from typing import Any

from xpgrad.array_api import sets
from xpgrad.array_api.operands import cast
from xpgrad.backends.dtypes import bfloat16, float32, int64
from xpgrad.errors import SettingError
from xpgrad.functions.comparison import ne
from xpgrad.functions.counting import bincount
from xpgrad.functions.creation import arange
from xpgrad.functions.cumulative import cumsum
from xpgrad.functions.dims import normalize_dim
from xpgrad.functions.joining import cat
from xpgrad.functions.reordering import movedim
from xpgrad.functions.scattering import scatter
from xpgrad.functions.selection import index_select
from xpgrad.functions.shape import reshape
from xpgrad.functions.sorting import argsort

__all__ = ["unique", "unique_consecutive"]


def unique(
    input: Any,
    sorted: bool = True,
    return_inverse: bool = False,
    return_counts: bool = False,
    dim: int | None = None,
) -> Any:
    """The distinct elements in order, or slices along ``dim``; on request where each went, and how often it occurs.

    Mirrors ``torch.unique``.

    Raises:
        SettingError: Slices along ``dim`` have no elements.
    """
    if dim is not None:
        return _unique_slices(input.detach(), dim, return_inverse, return_counts)
    kind = input.dtype
    # In float32 libraries know the place of NaN in the order of bfloat16.
    found = sets.unique_all(cast(input.detach(), float32 if kind is bfloat16 else kind))
    inverse = cast(reshape(found.inverse_indices, tuple(input._array.shape)), int64)
    return _asked(cast(found.values, kind), return_inverse, inverse, return_counts, cast(found.counts, int64))


def _asked(values: Any, return_inverse: bool, inverse: Any, return_counts: bool, counts: Any) -> Any:
    results = [values, *([inverse] if return_inverse else []), *([counts] if return_counts else [])]
    return results[0] if len(results) == 1 else tuple(results)


def _unique_slices(input: Any, dim: int, return_inverse: bool, return_counts: bool) -> Any:
    slices, axis = _as_rows(input, dim)
    order = arange(slices._array.shape[0], device=input.device)
    # Sorted by the last column first, by the first column last, is sorted as words are.
    for column in reversed(range(slices._array.shape[1])):
        order = index_select(order, 0, argsort(index_select(slices[:, column], 0, order), 0))
    new = _differs_from_last(index_select(slices, 0, order))
    run = cumsum(new, 0) - 1
    inverse = scatter(order, 0, order, run)
    values = index_select(input, axis, order[new])
    return _asked(values, return_inverse, inverse, return_counts, bincount(run))


def _as_rows(input: Any, dim: int) -> tuple[Any, int]:
    """The slices along ``dim`` as the rows of a matrix, and the axis that is."""
    axis = normalize_dim(dim, input._array.ndim)
    if not input._array.ndim:
        return reshape(input, (1, 1)), 0
    shape = input._array.shape
    if any(n == 0 for i, n in enumerate(shape) if i != axis):
        raise SettingError(
            "There are 0 sized dimensions, and they aren't selected, so unique cannot be applied: shape "
            f"{tuple(shape)}, dim {dim}"
        )
    rows = movedim(input, axis, 0)
    return reshape(rows, (shape[axis], -1)) if shape[axis] else reshape(rows, (0, 1)), axis


def _differs_from_last(rows: Any) -> Any:
    """For each row whether it is the first, or another than the one before."""
    count = rows._array.shape[0]
    if not count:
        return ne(rows[:, 0], rows[:, 0])
    first = rows.new_ones(1, dtype=int64).bool()
    return cat([first, ne(rows[1:], rows[:-1]).any(1)])


def unique_consecutive(
    input: Any, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None
) -> Any:
    """The elements without immediate repetitions, as a vector, or the slices along ``dim``.

    Mirrors ``torch.unique_consecutive``.
    """
    x = input.detach()
    rows, axis = _as_rows(x, dim) if dim is not None else (reshape(x, (-1, 1)) if x.numel() else x.new_zeros((0, 1)), 0)
    new = _differs_from_last(rows)
    run = cumsum(new, 0) - 1
    if dim is None:
        values, inverse = rows[:, 0][new], reshape(run, tuple(x._array.shape))
    else:
        values, inverse = index_select(x, axis, new.nonzero()[:, 0]), run
    return _asked(values, return_inverse, inverse, return_counts, bincount(run))
