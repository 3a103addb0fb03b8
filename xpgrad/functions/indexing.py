"""Reading and writing parts of tensors: ``x[...]``, ``x[...] = v``, gather, scatter and their kin."""

from __future__ import annotations

from typing import Any

from xpgrad.backends.dtypes import bool_, int64
from xpgrad.core.inplace import inplace, refuse_leaf
from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import ArgumentError, ArgumentTypeError, DtypeError, IndexingError, ShapeError
from xpgrad.functions.creation import arange
from xpgrad.functions.dims import normalize_dim
from xpgrad.functions.elementwise import cast
from xpgrad.functions.shape import broadcast_shapes, stack
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


# Whole tensors.


def copy_(self: Any, src: Any, non_blocking: bool = False) -> Any:
    """Take the values of ``src``, broadcast, cast and moved. Mirrors ``torch.Tensor.copy_``."""
    return inplace(_replaced_by, self, cast(src.to(self.device), self.dtype))


def fill_(self: Any, value: Any) -> Any:
    """Set every element to ``value``, a number or 0-d tensor. Mirrors ``torch.Tensor.fill_``."""
    if isinstance(value, TensorBase) and value._array.ndim:
        raise ShapeError(
            f"fill_ only supports 0-dimension value tensor but got tensor with {value._array.ndim} dimensions."
        )
    return copy_(self, value if isinstance(value, TensorBase) else self.new_tensor(value))


def zero_(self: Any) -> Any:
    """Set every element to 0. Mirrors ``torch.Tensor.zero_``."""
    return copy_(self, self.new_zeros(()))


# Along one dimension.


def gather(input: Any, dim: int, index: Any, *, sparse_grad: bool = False) -> Any:
    """``out[i][j] = input[index[i][j]][j]`` for ``dim=0``, and so on. Mirrors ``torch.gather``.

    Raises:
        ShapeError: ``index`` has another number of dimensions, or is longer than ``input`` off ``dim``.
        IndexingError: An index is out of range.
    """
    _require_int64(index, "gather")
    if input._array.ndim != index._array.ndim:
        raise ShapeError(
            "Index tensor must have the same number of dimensions as input tensor: "
            f"got {index._array.ndim} and {input._array.ndim}"
        )
    if input._array.ndim == 0:
        return input.clone()
    axis = normalize_dim(dim, input._array.ndim)
    return _gather.apply(_cropped(input, index, axis, "gather"), _in_range(index, input._array.shape[axis]), axis=axis)


_gather = indexing.take_along_axis.named("GatherBackward0")


def _cropped(input: Any, index: Any, axis: int, name: str) -> Any:
    """``input`` cut to the lengths of ``index`` in the dimensions other than ``axis``."""
    have, wanted = input._array.shape, index._array.shape
    if any(w > h for i, (h, w) in enumerate(zip(have, wanted, strict=True)) if i != axis):
        raise ShapeError(
            f"Size does not match at some dimension: expected index {list(wanted)} to be no larger than self "
            f"{list(have)} apart from dimension {axis} ({name})"
        )
    if all(h == w for i, (h, w) in enumerate(zip(have, wanted, strict=True)) if i != axis):
        return input
    return input[tuple(slice(None) if i == axis else slice(0, w) for i, w in enumerate(wanted))]


def _require_int64(index: Any, name: str) -> None:
    if not isinstance(index, TensorBase) or index._place.dtype(index._array.dtype) is not int64:
        raise DtypeError(f"{name}(): Expected dtype int64 for index; use index.long()")


def _in_range(index: Any, length: int) -> Any:
    """``index``, after checking that all of it lies in [-length, length), counted from the front."""
    if index.numel() == 0:
        return index
    low, high = int(index.min()), int(index.max())
    if low < -length or high >= length:
        raise IndexingError(f"index {high if high >= length else low} is out of bounds for dimension with size {length}")
    return index if low >= 0 else index.remainder(length)


def scatter(input: Any, dim: int, index: Any, src: Any = None, *, value: Any = None, reduce: str | None = None) -> Any:
    """``input`` with ``src`` (or a number) written where `gather` with ``index`` would read. Mirrors ``torch.scatter``.

    Raises:
        ShapeError: ``index`` is longer than ``src`` or ``input``.
    """
    _require_int64(index, "scatter")
    source = value if src is None else src
    axis = normalize_dim(dim, input._array.ndim)
    if not isinstance(source, TensorBase):
        source = input.new_full(tuple(index._array.shape), source)
    source = _cropped_source(source, index)
    position = _positions(input, axis, index)
    if reduce == "add":
        return indexing.index_put(input, source, *position, accumulate=True)
    if reduce == "multiply":
        gathered = gather(input, axis, index)
        return indexing.index_put(input, gathered * source, *position, accumulate=False)
    if reduce is not None:
        raise ArgumentError(f"reduce argument must be either add or multiply, got {reduce!r}; see scatter_reduce")
    return indexing.index_put(input, source, *position, accumulate=False)


def scatter_add(input: Any, dim: int, index: Any, src: Any) -> Any:
    """``input`` with ``src`` added where `gather` with ``index`` would read; repeated places add up.

    Mirrors ``torch.scatter_add``.
    """
    return scatter(input, dim, index, src, reduce="add")


def _cropped_source(src: Any, index: Any) -> Any:
    have, wanted = src._array.shape, index._array.shape
    if len(have) != len(wanted) or any(w > h for h, w in zip(have, wanted, strict=True)):
        raise ShapeError(f"Expected index {list(wanted)} to be no larger than src {list(have)} size in all dimensions")
    return src if tuple(have) == tuple(wanted) else src[tuple(slice(0, w) for w in wanted)]


def _positions(input: Any, axis: int, index: Any) -> tuple[Any, ...]:
    """For each element of ``index``, its full coordinates in ``input``."""
    shape = tuple(index._array.shape)
    index = _in_range(index, input._array.shape[axis])
    grids = []
    for i, n in enumerate(shape):
        if i == axis:
            grids.append(index)
            continue
        line = arange(n, device=input.device).reshape(tuple(n if j == i else 1 for j in range(len(shape))))
        grids.append(line.expand(shape))
    return tuple(grids)


def index_select(input: Any, dim: int, index: Any) -> Any:
    """The slices at ``index``, a vector, along ``dim``. Mirrors ``torch.index_select``."""
    axis = normalize_dim(dim, input._array.ndim)
    return _index_select.apply(input, _in_range(index, input._array.shape[axis]), axis=axis)


_index_select = indexing.take.named("IndexSelectBackward0")


def take(input: Any, index: Any) -> Any:
    """The elements at ``index`` of the flattened tensor. Mirrors ``torch.take``."""
    flat = input.reshape(-1)
    picked = _take.apply(flat, _in_range(index.reshape(-1), flat._array.shape[0]), axis=0)
    return picked.reshape(tuple(index._array.shape))


_take = indexing.take.named("TakeBackward0")


def masked_select(input: Any, mask: Any) -> Any:
    """The elements where ``mask``, as a vector. Mirrors ``torch.masked_select``."""
    shape = broadcast_shapes(tuple(input._array.shape), tuple(mask._array.shape))
    return getitem(input.expand(shape), mask.expand(shape))


def nonzero(input: Any, *, as_tuple: bool = False) -> Any:
    """The coordinates of the nonzero elements: rows of a matrix, or a vector per dimension. Mirrors ``torch.nonzero``."""
    if input._array.ndim == 0:
        found = nonzero(input.reshape(1), as_tuple=True)
        return found if as_tuple else stack(found, 1)[:, :0]
    vectors = searching.nonzero(input)
    return vectors if as_tuple else stack(vectors, 1)
