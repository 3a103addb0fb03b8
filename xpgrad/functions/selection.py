"""Parts of tensors by index or mask, and tensors with other parts in their place."""

from __future__ import annotations

from typing import Any

from xpgrad.core.op import Op
from xpgrad.errors import DtypeError, IndexingError, ShapeError
from xpgrad.functions.broadcasting import broadcast_shapes, expand
from xpgrad.functions.creation import arange
from xpgrad.functions.cutting import narrow
from xpgrad.functions.dims import normalize_dim, takes_axis
from xpgrad.functions.indexing import setitem
from xpgrad.functions.results import deliver_exactly
from xpgrad.functions.shape import reshape
from xpgrad.functions.subscripts import along_axis, sole
from xpgrad.ops import indexing, positions

__all__ = ["index_select", "masked_scatter", "masked_select", "select_scatter", "slice_scatter"]

_index_select = indexing.take.named("IndexSelectBackward0")
_masked_select = positions.index.named("MaskedSelectBackward0")
_masked_scatter: Op = positions.index_put.named("MaskedScatterBackward0")


@takes_axis
def index_select(input: Any, dim: int, index: Any, *, out: Any = None) -> Any:
    """The slices at ``index``, a vector, along ``dim``. Mirrors ``torch.index_select``.

    Raises:
        IndexingError: ``index`` is no vector.
        IndexRangeError: An index is out of range.
        DtypeError: ``index`` is not of int32 or int64.
    """
    axis = normalize_dim(dim, input._array.ndim)
    if index._array.ndim > 1:
        raise IndexingError(f"index_select(): Index is supposed to be a vector, got {index._array.ndim} dimensions")
    if index.dtype.name not in ("int32", "int64"):
        raise DtypeError("index_select(): Expected dtype int32 or int64 for index")
    if not input._array.ndim:
        if index.numel() != 1:
            raise IndexingError(f"index_select(): Index to scalar can have only 1 value, got {index.numel()} value(s)")
        along_axis(index, 1, 0)
        return deliver_exactly(out, input.clone(), input, index)
    places = along_axis(index if index._array.ndim else reshape(index, (1,)), input._array.shape[axis], axis)
    return deliver_exactly(out, _index_select.apply(input, places, axis=axis), input, index)


def masked_select(input: Any, mask: Any, *, out: Any = None) -> Any:
    """The elements where ``mask``, as a vector. Mirrors ``torch.masked_select``.

    Raises:
        DtypeError: ``mask`` is not boolean.
    """
    _require_mask(mask, "masked_select")
    shape = broadcast_shapes(tuple(input._array.shape), tuple(mask._array.shape))
    x, wide = expand(input, shape or (1,)), expand(mask, shape or (1,))
    places, axes = sole(x, wide)
    return deliver_exactly(out, _masked_select.apply(x, places, axes=axes), input, mask)


def _require_mask(mask: Any, name: str) -> None:
    if mask.dtype.name != "bool":
        raise DtypeError(f"{name} only supports boolean masks, but got mask with dtype {mask.dtype}")


def masked_scatter(input: Any, mask: Any, source: Any) -> Any:
    """``input`` with the elements of ``source``, in order, where ``mask``. Mirrors ``torch.masked_scatter``.

    Raises:
        ShapeError: ``source`` has too few elements.
        DtypeError: ``mask`` is not boolean, or ``source`` of another dtype than ``input``.
    """
    _require_mask(mask, "masked_scatter_")
    if input.dtype is not source.dtype:
        raise DtypeError(
            f"masked_scatter: expected self and source to have same dtypes but got {input.dtype} and {source.dtype}"
        )
    shape = broadcast_shapes(tuple(input._array.shape), tuple(mask._array.shape))
    x, wide = expand(input, shape or (1,)), expand(mask, shape or (1,))
    places, axes = sole(x, wide)
    count = places._array.shape[0]
    if source.numel() < count:
        raise ShapeError(
            f"masked_scatter: Number of elements of source < number of ones in mask: {source.numel()} for {count}"
        )
    written = _masked_scatter.apply(x, narrow(reshape(source, (-1,)), 0, 0, count), places, axes=axes)
    return written if shape else reshape(written, shape)


# Slices in place of others.


def _copy_with(input: Any, index: Any, value: Any) -> Any:
    """A copy of ``input`` in which ``copy[index] = value`` was done."""
    copy = input.clone()
    setitem(copy, index, value)
    return copy


def _at(input: Any, dim: int, index: Any) -> tuple[Any, ...]:
    return (*(slice(None),) * normalize_dim(dim, input._array.ndim), index)


@takes_axis
def select_scatter(input: Any, src: Any, dim: int, index: int) -> Any:
    """``input`` with ``src`` in place of its slice at ``index`` along ``dim``. Mirrors ``torch.select_scatter``.

    Raises:
        ShapeError: ``src`` is of another shape than the slice.
    """
    at = _at(input, dim, index)
    _require_shape_of_part(input, at, src)
    return _copy_with(input, at, src)


@takes_axis
def slice_scatter(
    input: Any,
    src: Any,
    dim: int = 0,
    start: int | None = None,
    end: int | None = None,
    step: int = 1,
    *,
    out: Any = None,
) -> Any:
    """``input`` with ``src`` in place of its slices along ``dim``. Mirrors ``torch.slice_scatter``.

    Raises:
        ShapeError: ``src`` is of another shape than the slices.
    """
    at = _at(input, dim, slice(start, end, step))
    _require_shape_of_part(input, at, src)
    return deliver_exactly(out, _copy_with(input, at, src))


def _require_shape_of_part(input: Any, index: tuple[Any, ...], src: Any) -> None:
    part = tuple(input.detach()[index].shape)
    if tuple(src._array.shape) != part:
        raise ShapeError(
            f"expected src to have a size equal to the slice of self. src size = {list(src._array.shape)}, slice size "
            f"= {list(part)}"
        )


def fill_diagonal(input: Any, fill_value: float, wrap: bool = False) -> Any:
    """``input`` with ``fill_value`` on the diagonal; behind ``Tensor.fill_diagonal_``.

    Raises:
        ShapeError: There are fewer than two dimensions, or more than two of several lengths.
    """
    shape = tuple(input._array.shape)
    if len(shape) < 2:
        raise ShapeError("dimensions must larger than 1")
    if len(shape) > 2 and len(set(shape)) > 1:
        raise ShapeError("all dimensions of input must be of equal length")
    step = sum(_strides(shape))
    end = input.numel() if wrap and len(shape) == 2 else min(input.numel(), min(shape) * step)
    places = arange(0, end, step, device=input.device)
    flat = positions.index_put.apply(reshape(input, (-1,)), input.new_tensor(fill_value), places, axes=(0,))
    return reshape(flat, shape)


def _strides(shape: tuple[int, ...]) -> list[int]:
    steps = [1]
    for n in reversed(shape[1:]):
        steps.append(steps[-1] * n)
    return steps
