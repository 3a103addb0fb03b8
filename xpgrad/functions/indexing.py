"""Reading and writing parts of tensors: ``x[...]``, ``x[...] = v``, gather, scatter and their kin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xpgrad.backends.dtypes import bool_, int64
from xpgrad.core.inplace import inplace, refuse_leaf
from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import ArgumentError, ArgumentTypeError, DtypeError, IndexingError, ShapeError
from xpgrad.functions.creation import finish
from xpgrad.functions.dims import normalize_dim
from xpgrad.functions.elementwise import cast
from xpgrad.functions.inplace import fit_dtype
from xpgrad.ops import indexing, searching
from xpgrad.ops import shape as shape_ops

_select = indexing.getitem.named("SelectBackward0")
_slice = indexing.getitem.named("SliceBackward0")
_unsqueeze = indexing.getitem.named("UnsqueezeBackward0")
_alias = indexing.getitem.named("AliasBackward0")

Index = Any


def getitem(input: Any, index: Index) -> Any:
    """``input[index]``: a view for integers, slices, None and ``...``, else a copy.

    Raises:
        IndexingError: Too many indices, or one out of range.
        ArgumentError: A slice with a step that is not positive (as in PyTorch).
    """
    if type(index) is slice:
        if input._array.ndim == 0:
            raise IndexingError("slice() cannot be applied to a 0-dim tensor.")
        if index.step is not None and index.step <= 0:
            raise ArgumentError("step must be greater than zero")
        return _slice.apply(input, index=(index,))
    parts = index if type(index) is tuple else (index,)
    if not _is_basic(parts):
        return _advanced(input, parts)
    parts = _checked(input, parts)
    return _named(parts).apply(input, index=parts)


def _named(parts: tuple[Any, ...]) -> Any:
    """The op with the name that PyTorch's last step of the index has."""
    for part in reversed(parts):
        if isinstance(part, int):
            return _select
        if part is None:
            return _unsqueeze
        if isinstance(part, slice) and part != slice(None):
            return _slice
    return _slice if any(isinstance(p, slice) for p in parts) else _alias


def _is_basic(parts: tuple[Any, ...]) -> bool:
    for part in parts:
        if part is None or part is Ellipsis or type(part) is int or type(part) is slice:
            continue
        if isinstance(part, (bool, list, tuple)):
            return False
        if isinstance(part, TensorBase):
            if part._array.ndim or part._place.dtype(part._array.dtype) is bool_:
                return False
            continue
        if hasattr(part, "dtype") and (getattr(part, "ndim", 0) or str(part.dtype) == "bool"):
            return False
        if not hasattr(part, "__index__") and not isinstance(part, slice):
            raise IndexingError(
                "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices "
                f"(got {type(part).__name__})"
            )
    return True


def _checked(input: Any, parts: tuple[Any, ...]) -> tuple[Any, ...]:
    """``parts`` with plain integers, after PyTorch's checks."""
    shape = input._array.shape
    used = sum(part is not None and part is not Ellipsis for part in parts)
    if used > len(shape):
        raise IndexingError(
            "invalid index of a 0-dim tensor. Use `tensor.item()` to convert it to a number"
            if not shape
            else f"too many indices for tensor of dimension {len(shape)}"
        )
    checked: list[Any] = []
    axis = 0
    seen_ellipsis = False
    for part in parts:
        if part is None:
            checked.append(part)
            continue
        if part is Ellipsis:
            if seen_ellipsis:
                raise IndexingError("an index can only have a single ellipsis ('...')")
            seen_ellipsis = True
            axis += len(shape) - used
            checked.append(part)
            continue
        if isinstance(part, slice):
            start, stop, step = (None if v is None else v.__index__() for v in (part.start, part.stop, part.step))
            if step is not None and step <= 0:
                raise ArgumentError("step must be greater than zero")
            checked.append(slice(start, stop, step))
        else:
            i = part.__index__()
            if not -shape[axis] <= i < shape[axis]:
                raise IndexingError(f"index {i} is out of bounds for dimension {axis} with size {shape[axis]}")
            checked.append(i)
        axis += 1
    return tuple(checked)


def _advanced(input: Any, parts: tuple[Any, ...]) -> Any:
    return indexing.getitem_advanced(input, *_arrays(input, parts))


def setitem(input: Any, index: Index, value: Any) -> None:
    """``input[index] = value``, recorded; ``value`` broadcasts to the part written.

    Raises:
        ShapeError: ``value`` does not broadcast to the part.
        InplaceError: ``input`` is a leaf that requires grad.
    """
    parts = index if type(index) is tuple else (index,)
    if not isinstance(value, TensorBase):
        value = input.new_tensor(value)
    if value._place is not input._place and value._array.ndim == 0:
        value = value.to(input.device)
    value = cast(value, input.dtype)
    if _is_basic(parts):
        refuse_leaf(input)
        part = getitem(input, index)
        inplace(_replaced_by, part, value)
        return
    inplace(_put, input, parts, value)


def _replaced_by(part: Any, value: Any) -> Any:
    return _copy_to.apply(value, shape=_target(part, value))


_copy_to = shape_ops.broadcast_to.named("CopyBackwards")


def _target(part: Any, value: Any) -> tuple[int, ...]:
    """The shape of ``part``, after checking that ``value`` broadcasts to it."""
    shape, have = tuple(part._array.shape), tuple(value._array.shape)
    while len(have) > len(shape) and have[0] == 1:
        have = have[1:]
    aligned = shape[len(shape) - len(have) :]
    if len(have) > len(shape) or any(n not in (1, m) for n, m in zip(have, aligned, strict=True)):
        raise ShapeError(
            f"The expanded size of the tensor ({list(shape)}) must match the existing size ({list(have)}): "
            f"shape mismatch: value tensor of shape {list(value._array.shape)} cannot be broadcast to indexing result of "
            f"shape {list(shape)}"
        )
    return shape


def _put(input: Any, parts: tuple[Any, ...], value: Any) -> Any:
    return indexing.index_put(input, value, *_arrays(input, parts))
