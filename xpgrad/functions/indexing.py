"""Reading and writing parts of tensors: ``x[...]``, ``x[...] = v``, ``index_put``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from xpgrad.array_api.operands import cast
from xpgrad.backends.dtypes import bool_
from xpgrad.core.direct import UNFIT, open_memory, plain_value, wrote
from xpgrad.core.inplace import inplace, overwrite, repeatable
from xpgrad.core.tensor_base import TensorBase
from xpgrad.core.views import Turned, array_of
from xpgrad.errors import DtypeError, IndexingError, ShapeError
from xpgrad.functions.broadcasting import expand
from xpgrad.functions.results import fitting_number, number
from xpgrad.functions.subscripts import Index, block, checked, is_basic, sole, taken
from xpgrad.ops import indexing, positions, searching
from xpgrad.ops.indices import indexed_shape

__all__ = ["index_put"]

_select = indexing.getitem.named("SelectBackward0")
_slice = indexing.getitem.named("SliceBackward0")
_unsqueeze = indexing.getitem.named("UnsqueezeBackward0")
_alias = indexing.getitem.named("AliasBackward0")


def getitem(input: Any, index: Index) -> Any:
    """``input[index]``: a view for integers, slices, None and ``...``, else a copy.

    Raises:
        IndexingError: Too many indices, or one out of range.
        ArgumentError: A slice whose step is zero. (A negative one, which PyTorch refuses, goes backwards.)
    """
    if type(index) is slice:
        if input._array.ndim == 0:
            raise IndexingError("slice() cannot be applied to a 0-dim tensor.")
        if index.step is None or index.step > 0:
            return _slice.apply(input, index=(index,))
        return taken(input, checked(input, (index,)), _slice)
    if isinstance(index, TensorBase) and index._array.ndim:
        places, axes = sole(input, index)
        return positions.index.apply(input, places, axes=axes)
    parts = index if type(index) is tuple else (index,)
    if not is_basic(parts):
        view, places, axes = block(input, parts)
        return positions.index.apply(view, places, axes=axes)
    parts = checked(input, parts)
    return taken(input, parts, _named(parts))


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


def setitem(input: Any, index: Index, value: Any) -> None:
    """``input[index] = value``, recorded; ``value`` broadcasts to the part written.

    Raises:
        ShapeError: ``value`` does not broadcast to the part.
        DtypeError: The index has arrays in it and is no mask, and ``value`` is a tensor of another dtype; or ``value``
            is complex and ``input`` is not.
        InplaceError: ``input`` is a leaf that requires grad.
    """
    if set_at_once(input, index, value):
        return
    parts = index if type(index) is tuple else (index,)
    if not isinstance(value, TensorBase):
        value = input.new_tensor(fitting_number(value, input.dtype))
    if value._place is not input._place and value._array.ndim == 0:
        value = value.to(input.device)
    if is_basic(parts):
        # As in PyTorch, all of a tensor is the tensor itself, whose history another view of it would not have.
        part = input if _is_whole(input, parts) else getitem(input, index)
        overwrite(part, spread(cast(value, input.dtype), tuple(part._array.shape)))
        return
    if math.prod(value._array.shape) != 1 or not _is_mask(parts):
        _require_same_dtype(input, value)
    elif value.dtype.is_complex:
        fitting_number(number(value), input.dtype)
    view, places, axes = block(input, parts)
    shape = indexed_shape(tuple(view._array.shape), tuple(places._array.shape), axes)
    value = _fitting(cast(value, input.dtype), shape)

    @repeatable
    def put(operand: Any, value: Any) -> Any:
        return positions.index_put.apply(operand, value, places, axes=axes)

    inplace(put, view, value)


def _is_mask(parts: tuple[Any, ...]) -> bool:
    """Whether the index is one boolean tensor and nothing else."""
    return len(parts) == 1 and isinstance(parts[0], TensorBase) and parts[0].dtype is bool_  # type: ignore[attr-defined]


def set_at_once(input: Any, index: Index, value: Any) -> bool:
    """Whether ``input[index] = value`` could be done on raw arrays: plain indices, masks, numbers and plain tensors."""
    array = open_memory(input)
    if array is None:
        return False
    is_number = type(value) is float or type(value) is int
    if isinstance(index, TensorBase):
        if not is_number or index._place is not input._place or not index._array.ndim:
            return False
        if index._place.dtype(index._array.dtype) is not bool_:
            return False
        index = array_of(index)
    elif not _PLAIN.issuperset(map(type, index) if type(index) is tuple else (type(index),)):
        return False
    try:
        if not is_number:
            if not isinstance(value, TensorBase):
                return False
            if value._cell is input._cell and _is_part(value, input, index):
                # The end of `x[i] += 1`.
                wrote(input)
                return True
            new = plain_value(input, value)
            if new is None or (new.shape and array[index].shape != new.shape):
                return False
            array[index] = new
        elif type(value) is int or input._place.dtype(array.dtype).is_differentiable:
            array[index] = value
        else:
            return False
    except UNFIT:
        return False
    wrote(input)
    return True


_PLAIN = frozenset({int, slice, type(None), type(Ellipsis)})


def _is_part(value: Any, input: Any, index: Index) -> bool:
    """Whether ``value`` is what ``input[index]`` gives."""
    view = value._view
    if view is None or view.base is not input or view.op.forward is not _slice.forward:
        return False
    # What `t_()` turned had other parts before.
    return type(input._view) is not Turned and view.arguments == (index if type(index) is tuple else (index,),)


def _is_whole(input: Any, parts: tuple[Any, ...]) -> bool:
    count = sum(part is not Ellipsis for part in parts)
    return count <= input._array.ndim and all(part is Ellipsis or part == slice(None) for part in parts)


def spread(value: Any, shape: tuple[int, ...]) -> Any:
    """``value`` expanded to ``shape``, without leading dimensions of length 1 that it lacks."""
    value = _without_leading_ones(value, len(shape))
    return value if tuple(value._array.shape) == shape else expand(value, shape)


def _fitting(value: Any, shape: tuple[int, ...]) -> Any:
    """``value`` without leading dimensions of length 1 that ``shape`` lacks, after checking that it broadcasts."""
    value = _without_leading_ones(value, len(shape))
    have = tuple(value._array.shape)
    aligned = shape[len(shape) - len(have) :]
    if len(have) > len(shape) or any(n not in (1, m) for n, m in zip(have, aligned, strict=True)):
        raise ShapeError(
            f"shape mismatch: value tensor of shape {list(value._array.shape)} cannot be broadcast to indexing result "
            f"of shape {list(shape)}"
        )
    return value


def _without_leading_ones(value: Any, ndim: int) -> Any:
    have = tuple(value._array.shape)
    while len(have) > ndim and have[0] == 1:
        have = have[1:]
    return value if have == tuple(value._array.shape) else value.reshape(have)


def _require_same_dtype(input: Any, value: Any) -> None:
    if input.dtype is not value.dtype:
        raise DtypeError(
            f"Index put requires the source and destination dtypes match, got {input.dtype} for the destination and "
            f"{value.dtype} for the source."
        )


def index_put(input: Any, indices: Sequence[Any], values: Any, accumulate: bool = False) -> Any:
    """``input`` after ``input[indices] = values``, or ``+=`` with repeated places adding up.

    Mirrors ``torch.index_put``. An index of None takes its dimension whole.

    Raises:
        ShapeError: ``values`` does not broadcast to the part.
        DtypeError: ``values`` is of another dtype.
    """
    _require_same_dtype(input, values)
    view, places, axes = block(input, _as_parts(indices))
    shape = indexed_shape(tuple(view._array.shape), tuple(places._array.shape), axes)
    value = _fitting(values, shape)
    if accumulate and input.dtype is bool_:
        # Booleans add up to whether one of them is true.
        return index_put(input.long(), indices, values.long(), accumulate=True).bool()
    put = positions.index_add if accumulate else positions.index_put
    written = put.apply(view, value, places, axes=axes)
    return written if view is input else written.reshape(tuple(input._array.shape))


def _as_parts(indices: Sequence[Any]) -> tuple[Any, ...]:
    """Index tensors as parts of an index: None for a whole dimension, one number as an array of one."""
    parts = [slice(None) if part is None else part for part in indices]
    return tuple(x.reshape(1) if isinstance(x, TensorBase) and not x._array.ndim else x for x in parts)  # type: ignore[attr-defined]


def _unsafe_masked_index(input: Any, mask: Any, indices: Sequence[Any], fill: Any) -> Any:
    """``input[indices]`` where ``mask``, else ``fill``; there an index may be out of range.

    Mirrors ``torch._unsafe_masked_index``.
    """
    found = getitem(input, _clamped(input, indices))
    return _filled(mask, found, fill)


def _unsafe_masked_index_put_accumulate(input: Any, mask: Any, indices: Sequence[Any], values: Any) -> Any:
    """``input`` with ``values`` added at ``indices`` where ``mask``; elsewhere an index may be out of range.

    Mirrors ``torch._unsafe_masked_index_put_accumulate``.
    """
    kept = _filled(mask, values, False if values.dtype is bool_ else 0)
    return index_put(input, _clamped(input, indices), kept, accumulate=True)


def _clamped(input: Any, indices: Sequence[Any]) -> tuple[Any, ...]:
    lengths = input._array.shape
    return tuple(
        slice(None) if part is None else part.clamp(-lengths[i], lengths[i] - 1) for i, part in enumerate(indices)
    )


_filled = searching.where.named("MaskedFillBackward0")
