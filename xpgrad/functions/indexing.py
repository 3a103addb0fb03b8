"""Reading and writing parts of tensors: ``x[...]``, ``x[...] = v``, gather, scatter and their kin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xpgrad.array_api.operands import cast
from xpgrad.backends.dtypes import bool_, int64
from xpgrad.core.inplace import inplace, overwrite, overwrite_with_number, repeatable
from xpgrad.core.tensor_base import TensorBase, make_tensor
from xpgrad.core.views import array_of
from xpgrad.errors import ArgumentError, DtypeError, IndexingError, IndexRangeError, SettingError, ShapeError
from xpgrad.functions.creation import arange
from xpgrad.functions.dims import normalize_dim
from xpgrad.functions.shape import broadcast_shapes, broadcast_tensors, expand, stack
from xpgrad.ops import indexing
from xpgrad.ops.indices import indexed_shape

_select = indexing.getitem.named("SelectBackward0")
_slice = indexing.getitem.named("SliceBackward0")
_unsqueeze = indexing.getitem.named("UnsqueezeBackward0")
_alias = indexing.getitem.named("AliasBackward0")

Index = Any


def getitem(input: Any, index: Index) -> Any:
    """``input[index]``: a view for integers, slices, None and ``...``, else a copy.

    Raises:
        IndexingError: Too many indices, or one out of range.
        ArgumentError: A slice whose step is zero. (A negative one, which PyTorch refuses, goes backwards.)
    """
    if type(index) is slice:
        if input._array.ndim == 0:
            raise IndexingError("slice() cannot be applied to a 0-dim tensor.")
        if index.step == 0:
            raise ArgumentError("slice step cannot be zero")
        return _slice.apply(input, index=(index,))
    parts = index if type(index) is tuple else (index,)
    if not _is_basic(parts):
        view, positions, axes = _block(input, parts)
        return indexing.index.apply(view, positions, axes=axes)
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
        if isinstance(part, (bool, list, tuple, range)):
            return False
        if isinstance(part, TensorBase):
            if part._array.ndim or part._place.dtype(part._array.dtype) is bool_:
                return False
            continue
        if hasattr(part, "dtype") and (getattr(part, "ndim", False) or str(part.dtype) == "bool"):
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
            if step == 0:
                raise ArgumentError("slice step cannot be zero")
            checked.append(slice(start, stop, step))
        else:
            i = part.__index__()
            if not -shape[axis] <= i < shape[axis]:
                raise IndexingError(f"index {i} is out of bounds for dimension {axis} with size {shape[axis]}")
            checked.append(i)
        axis += 1
    return tuple(checked)


def _block(input: Any, parts: tuple[Any, ...]) -> tuple[Any, Any, tuple[int, ...]]:
    """What indexing with arrays comes down to: a view of ``input``, and positions in the block of some of its axes.

    As in PyTorch, integers and slices act first, so that ``x[0, :, i]`` keeps its dimensions in order (in NumPy the
    integer counts as an array).
    """
    basic: list[Any] = []
    arrays: dict[int, Any] = {}
    axis = 0
    kept = 0
    for part in _spread_out(input, parts):
        if part is None:
            basic.append(None)
            kept += 1
        elif isinstance(part, _Flag):
            basic.append(None)
            arrays[kept] = arange(int(part.value), device=input.device)
            kept += 1
        elif isinstance(part, slice):
            basic.append(part)
            axis, kept = axis + 1, kept + 1
        elif isinstance(part, TensorBase):
            basic.append(slice(None))
            arrays[kept] = _in_range(part, input._array.shape[axis], axis)
            axis, kept = axis + 1, kept + 1
        else:
            basic.append(part)
            axis += 1
    view = input if all(p == slice(None) for p in basic) else getitem(input, tuple(basic))
    axes = tuple(arrays)
    lengths = tuple(view._array.shape[a] for a in axes)
    try:
        found = broadcast_tensors(*arrays.values())
    except ShapeError:
        shapes = ", ".join(str(list(a.shape)) for a in arrays.values())
        raise IndexingError(
            f"shape mismatch: indexing tensors could not be broadcast together with shapes {shapes}"
        ) from None
    return view, _flat_positions(found, lengths), axes


def _flat_positions(coordinates: Sequence[Any], lengths: Sequence[int]) -> Any:
    """Row-major positions in a block of ``lengths``."""
    positions = coordinates[0]
    for coordinate, length in zip(coordinates[1:], lengths[1:], strict=True):
        positions = positions * length + coordinate
    return positions


def _spread_out(input: Any, parts: tuple[Any, ...]) -> list[Any]:
    """``parts`` as one item per axis (or None): the ellipsis filled in, masks as the coordinates of their Trues."""
    items: list[Any] = []
    used = 0
    for part in parts:
        if part is None or part is Ellipsis or isinstance(part, slice):
            items.append(part)
            used += isinstance(part, slice)
            continue
        if isinstance(part, bool):
            items.append(_Flag(part))
            continue
        index = _index_tensor(input, part)
        if isinstance(index, int):
            items.append(index)
            used += 1
        elif index._place.dtype(index._array.dtype) is bool_:
            _match_mask(input, index, used, parts)
            items += nonzero(index, as_tuple=True) if index._array.ndim else [_Flag(bool(index))]
            used += index._array.ndim
        else:
            items.append(index)
            used += 1
    ndim = input._array.ndim
    if used > ndim:
        raise IndexingError(f"too many indices for tensor of dimension {ndim}")
    if any(item is Ellipsis for item in items):
        at = next(i for i, item in enumerate(items) if item is Ellipsis)
        items[at : at + 1] = [slice(None)] * (ndim - used)
    else:
        items += [slice(None)] * (ndim - used)
    return items


class _Flag:
    """A bool as an index: a new axis of which True keeps the one element and False none."""

    def __init__(self, value: bool) -> None:
        self.value = value


def _match_mask(input: Any, mask: Any, axis: int, parts: tuple[Any, ...]) -> None:
    if any(part is Ellipsis for part in parts):
        return
    have = tuple(input._array.shape[axis : axis + mask._array.ndim])
    if tuple(mask._array.shape) != have:
        bad = next((i for i, (m, h) in enumerate(zip(mask._array.shape, have, strict=False)) if m != h), len(have))
        raise IndexingError(
            f"The shape of the mask {list(mask._array.shape)} at index {bad} does not match the shape of the indexed "
            f"tensor {list(input._array.shape)} at index {axis + bad}"
        )


def _index_tensor(input: Any, part: Any) -> Any:
    """An index as an integer, or as a tensor of int64 or bool beside ``input``."""
    if isinstance(part, TensorBase):
        kind = part._place.dtype(part._array.dtype)
        if kind is bool_ or kind.name == "uint8":
            return cast(part, bool_)
        if kind.is_differentiable:
            raise IndexingError(f"tensors used as indices must be long, int, byte or bool tensors, got {kind}")
        if part._array.ndim == 0:
            return int(part)  # type: ignore[call-overload]
        return cast(part if part._place is input._place else part.to(input.device), int64)  # type: ignore[attr-defined]
    if hasattr(part, "__index__") and not hasattr(part, "shape"):
        return part.__index__()
    made = _as_index(input, part)
    return _index_tensor(input, made)


def _as_index(input: Any, part: Any) -> Any:
    """A list or another library's array as an index tensor."""
    part = list(part) if isinstance(part, range) else part
    made = input.new_tensor(part, dtype=bool_ if _first_leaf(part) in (bool, "bool") else int64)
    return made


def _first_leaf(part: Any) -> Any:
    """What kind of element nested sequences begin with."""
    while isinstance(part, (list, tuple)) and part:
        part = part[0]
    return str(part.dtype) if hasattr(part, "dtype") else type(part)


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
        part = getitem(input, index)
        overwrite(part, _spread(value, tuple(part._array.shape)))
        return
    view, positions, axes = _block(input, parts)
    shape = indexed_shape(tuple(view._array.shape), tuple(positions._array.shape), axes)
    value = _fitting(value, shape)

    @repeatable
    def put(operand: Any, value: Any) -> Any:
        return indexing.index_put.apply(operand, value, positions, axes=axes)

    inplace(put, view, value)


def _spread(value: Any, shape: tuple[int, ...]) -> Any:
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


# Whole tensors.


def copy_(self: Any, src: Any, non_blocking: bool = False) -> Any:
    """Take the values of ``src``, broadcast, cast and moved. Mirrors ``torch.Tensor.copy_``."""
    src = src if isinstance(src, TensorBase) else self.new_tensor(src)
    return overwrite(self, _spread(cast(src.to(self.device), self.dtype), tuple(self._array.shape)))


def fill_(self: Any, value: Any) -> Any:
    """Set every element to ``value``, a number or 0-d tensor. Mirrors ``torch.Tensor.fill_``."""
    if isinstance(value, TensorBase) and value._array.ndim:
        raise ShapeError(
            f"fill_ only supports 0-dimension value tensor but got tensor with {value._array.ndim} dimensions."
        )
    if isinstance(value, TensorBase):
        return overwrite(self, expand(cast(value.to(self.device), self.dtype), self._array.shape), "FillBackward3")  # type: ignore[attr-defined]
    return overwrite_with_number(self, value, "FillBackward2")


def zero_(self: Any) -> Any:
    """Set every element to 0. Mirrors ``torch.Tensor.zero_``."""
    return overwrite_with_number(self, 0, "ZeroBackward0")


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
    return _gather.apply(
        _cropped(input, index, axis, "gather"), _in_range(index, input._array.shape[axis], axis), axis=axis
    )


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


def _in_range(index: Any, length: int, axis: int) -> Any:
    """``index`` counted from the front, after checking that all of it lies in [-length, length)."""
    if index.numel() == 0:
        return index
    low, high = int(index.min()), int(index.max())
    if low < -length or high >= length:
        wrong = high if high >= length else low
        raise IndexRangeError(f"index {wrong} is out of bounds for dimension {axis} with size {length}")
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
    if reduce not in (None, "add", "multiply"):
        raise SettingError(f"reduce argument must be either add or multiply, got {reduce!r}; see scatter_reduce")
    if reduce == "multiply":
        source = gather(input, axis, index) * source
    axes = tuple(range(input._array.ndim))
    put = _scatter_add if reduce == "add" else _scatter if isinstance(src, TensorBase) else _scatter_number
    return put.apply(input, source, _positions(input, axis, index), axes=axes)


_scatter = indexing.index_put.named("ScatterBackward0")
_scatter_number = indexing.index_put.named("ScatterBackward1")
_scatter_add = indexing.index_add.named("ScatterAddBackward0")


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


def _positions(input: Any, axis: int, index: Any) -> Any:
    """For each element of ``index``, where it points in the flattened ``input``."""
    shape, ndim = tuple(index._array.shape), index._array.ndim
    coordinates = [arange(n, device=input.device).reshape(tuple(n if j == i else 1 for j in range(ndim)))
                   for i, n in enumerate(shape)]  # fmt: skip
    coordinates[axis] = _in_range(index, input._array.shape[axis], axis)
    return _flat_positions(broadcast_tensors(*coordinates), input._array.shape)


def index_select(input: Any, dim: int, index: Any) -> Any:
    """The slices at ``index``, a vector, along ``dim``. Mirrors ``torch.index_select``."""
    axis = normalize_dim(dim, input._array.ndim)
    return _index_select.apply(input, _in_range(index, input._array.shape[axis], axis), axis=axis)


_index_select = indexing.take.named("IndexSelectBackward0")


def take(input: Any, index: Any) -> Any:
    """The elements at ``index`` of the flattened tensor. Mirrors ``torch.take``."""
    axes = tuple(range(input._array.ndim))
    return _take.apply(input, _in_range(index, input.numel(), 0), axes=axes)


_take = indexing.index.named("TakeBackward0")


def masked_select(input: Any, mask: Any) -> Any:
    """The elements where ``mask``, as a vector. Mirrors ``torch.masked_select``."""
    shape = broadcast_shapes(tuple(input._array.shape), tuple(mask._array.shape))
    _, positions, axes = _block(input.expand(shape), (mask.expand(shape),))
    return _masked_select.apply(input.expand(shape), positions, axes=axes)


_masked_select = indexing.index.named("MaskedSelectBackward0")


def index_put(input: Any, indices: Sequence[Any], values: Any, accumulate: bool = False) -> Any:
    """``input`` after ``input[indices] = values``, or ``+=`` with repeated places adding up.

    Mirrors ``torch.index_put``.
    """
    view, positions, axes = _block(input, tuple(indices))
    shape = indexed_shape(tuple(view._array.shape), tuple(positions._array.shape), axes)
    put = indexing.index_add if accumulate else indexing.index_put
    return put.apply(view, _fitting(cast(values, input.dtype), shape), positions, axes=axes)


def nonzero(input: Any, *, as_tuple: bool = False) -> Any:
    """Where elements are nonzero: rows of a matrix, or a vector per dimension. Mirrors ``torch.nonzero``."""
    if input._array.ndim == 0:
        found = nonzero(input.reshape(1), as_tuple=True)
        return found if as_tuple else stack(found, 1)[:, :0]
    place = input._place
    vectors = tuple(make_tensor(a, place) for a in place.xp.nonzero(array_of(input)))
    return vectors if as_tuple else stack(vectors, 1)
