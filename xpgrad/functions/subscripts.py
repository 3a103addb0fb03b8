"""What may stand between the brackets of ``x[...]``, brought into the form that ops take."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeAlias, final

from xpgrad._typing import Array, Namespace, Shape
from xpgrad.array_api.operands import cast
from xpgrad.backends.dtypes import bool_, int64, uint8
from xpgrad.backends.fallbacks.indexing import forwards_and_flips
from xpgrad.core.tensor_base import TensorBase, make_tensor
from xpgrad.core.views import array_of
from xpgrad.errors import ArgumentError, IndexingError, IndexRangeError, ShapeError
from xpgrad.functions.broadcasting import broadcast_shapes
from xpgrad.ops import indexing
from xpgrad.ops.shape import reverse

Index: TypeAlias = Any

_FULL = slice(None)
_INDEX_DTYPES = ("int64", "int32", "uint8", "bool")


def is_basic(parts: tuple[Any, ...]) -> bool:
    """Whether an index is made of integers, slices, None and ``...`` alone, so that its result is a view.

    Raises:
        IndexingError: Something cannot be an index.
    """
    for part in parts:
        if part is None or part is Ellipsis or type(part) is int or type(part) is slice:
            continue
        if isinstance(part, (bool, list, tuple, range)):
            return False
        if isinstance(part, TensorBase):
            if part._array.ndim or part._place.dtype(part._array.dtype) in (bool_, uint8):
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


def checked(input: Any, parts: tuple[Any, ...]) -> tuple[Any, ...]:
    """The ``parts`` of a basic index with plain integers, after PyTorch's checks.

    Raises:
        IndexingError: Too many indices, or one out of range.
        ArgumentError: A slice whose step is zero.
    """
    shape = input._array.shape
    used = sum(part is not None and part is not Ellipsis for part in parts)
    if used > len(shape):
        raise IndexingError(
            "invalid index of a 0-dim tensor. Use `tensor.item()` to convert it to a number"
            if not shape
            else f"too many indices for tensor of dimension {len(shape)}"
        )
    _check_ellipses(parts, len(shape) - used)
    found: list[Any] = []
    axis = 0
    for part in parts:
        if part is None:
            found.append(part)
            continue
        if part is Ellipsis:
            if Ellipsis not in found:
                axis += len(shape) - used
                found.append(part)
            continue
        if isinstance(part, slice):
            start, stop, step = (None if v is None else v.__index__() for v in (part.start, part.stop, part.step))
            if step == 0:
                raise ArgumentError("slice step cannot be zero")
            found.append(slice(start, stop, step))
        else:
            i = _integer(part)
            if not -shape[axis] <= i < shape[axis]:
                raise IndexingError(f"index {i} is out of bounds for dimension {axis} with size {shape[axis]}")
            found.append(i)
        axis += 1
    return tuple(found)


def taken(input: Any, parts: tuple[Any, ...], op: Any) -> Any:
    """The view of ``input`` that ``op``, a name of `ops.indexing.getitem`, makes of a basic index that was `checked`.

    Negative steps are a second view of the same elements in their order: not every library can have those in memory.
    """
    for item in parts:
        if type(item) is slice and item.step is not None and item.step < 0:
            forwards, axes = forwards_and_flips(parts, input._array.shape)
            return reverse.apply(op.apply(input, index=forwards), axis=axes)
    return op.apply(input, index=parts)


def _check_ellipses(parts: tuple[Any, ...], left: int) -> None:
    """Refuse parts after a second ellipsis: as in PyTorch, each skips the ``left`` dimensions that no part takes.

    Raises:
        IndexingError: There is such a part, and no dimension for it.
    """
    at = [i for i, part in enumerate(parts) if part is Ellipsis]
    if len(at) < 2 or left == 0:
        return
    if not all(part is Ellipsis or (isinstance(part, slice) and part == _FULL) for part in parts[at[1] :]):
        raise IndexingError("too many indices for tensor: only ellipses can come after the second ellipsis")


def _integer(part: Any) -> int:
    if isinstance(part, TensorBase):
        _require_index_dtype(part)
    return part.__index__()  # type: ignore[no-any-return]


# Indices with arrays in them.


def block(input: Any, parts: tuple[Any, ...]) -> tuple[Any, Any, tuple[int, ...]]:
    """What indexing with arrays comes down to: a view of ``input``, and positions in the block of some of its axes.

    As in PyTorch, integers and slices act first, so that ``x[0, :, i]`` keeps its dimensions in order (in NumPy the
    integer counts as an array).

    Raises:
        IndexingError: An index is out of range or of a dtype that cannot be one, there are too many, a mask is of
            another shape, or the shapes of the arrays do not broadcast.
    """
    if len(parts) == 1 and isinstance(parts[0], TensorBase) and parts[0]._array.ndim:
        return input, *sole(input, parts[0])
    basic: list[Any] = []
    arrays: dict[int, Array] = {}
    axis = 0
    kept = 0
    xp = input._place.xp
    for item in _spread_out(input, parts):
        if item is None:
            basic.append(None)
            kept += 1
        elif isinstance(item, _Flag):
            basic.append(None)
            arrays[kept] = xp.arange(int(item.value), dtype=xp.int64, device=input._place.handle)
            kept += 1
        elif isinstance(item, slice):
            basic.append(item)
            axis, kept = axis + 1, kept + 1
        elif isinstance(item, int):
            basic.append(item)
            axis += 1
        else:
            basic.append(_FULL)
            arrays[kept] = item
            axis, kept = axis + 1, kept + 1
    view = input
    if any(item is None or isinstance(item, int) or item != _FULL for item in basic):
        view = taken(input, checked(input, tuple(basic)), indexing.getitem)
    axes = tuple(arrays)
    return view, _tensor_of(input, _positions(xp, view._array.shape, arrays), parts), axes


def _positions(xp: Namespace, shape: Shape, arrays: dict[int, Array]) -> Array:
    """Row-major positions in the block of the axes that ``arrays`` index."""
    if len(arrays) > 1:
        _require_broadcast([tuple(a.shape) for a in arrays.values()])
    positions = None
    for axis, array in arrays.items():
        counted = _counted(xp, array, shape, axis, arrays)
        positions = counted if positions is None else positions * shape[axis] + counted
    return positions


def _require_broadcast(shapes: list[tuple[int, ...]]) -> None:
    if shapes.count(shapes[0]) == len(shapes):
        return
    try:
        broadcast_shapes(*shapes)
    except ShapeError:
        listed = ", ".join(str(list(shape)) for shape in shapes)
        raise IndexingError(
            f"shape mismatch: indexing tensors could not be broadcast together with shapes {listed}"
        ) from None


def sole(input: Any, index: Any) -> tuple[Any, tuple[int, ...]]:
    """The positions and axes that one index tensor with dimensions stands for."""
    place = input._place
    kind = index._place.dtype(index._array.dtype)
    if kind is bool_ or kind is uint8:
        mask = _raw(input, index)
        axes = tuple(range(mask.ndim))
        _match_mask(input, mask, 0)
        flat = place.xp.reshape(mask, (-1,)) if mask.ndim != 1 else mask
        return make_tensor(place.xp.nonzero(flat)[0], place), axes
    if not input._array.ndim:
        raise IndexingError("too many indices for tensor of dimension 0")
    raw = _raw(input, index)
    raw = _counted(place.xp, raw, input._array.shape, 0, {0: raw})
    return _tensor_of(input, raw, (index,)), (0,)


def _tensor_of(input: Any, positions: Array, parts: Sequence[Any]) -> Any:
    """``positions`` as a tensor: the user's own where nothing had to be computed, whose version is then watched."""
    for part in parts:
        if isinstance(part, TensorBase) and part._array is positions:
            return part
    return make_tensor(positions, input._place)


def _counted(xp: Namespace, positions: Array, shape: Shape, axis: int, arrays: dict[int, Array]) -> Array:
    """``positions`` on one axis of ``shape``, counted from the front.

    Raises:
        IndexRangeError: One is out of range. As in PyTorch nobody looks if nothing is picked, unless it is for that.
    """
    if 0 in shape or len(arrays) > 1:
        empty = any(0 in array.shape for array in arrays.values())
        if empty or (0 in shape and all(shape[a] for a in arrays)):
            return xp.zeros_like(positions)
    return xp.checked_positions(positions, length=shape[axis], axis=axis)


def _spread_out(input: Any, parts: tuple[Any, ...]) -> list[Any]:
    """``parts`` as one item per axis (or None): the ellipsis filled in, masks as the coordinates of their Trues."""
    ndim, xp = input._array.ndim, input._place.xp
    known: list[tuple[Any, int, bool]] = []
    used = 0
    for part in parts:
        if part is None or part is Ellipsis or isinstance(part, bool):
            known.append((part, 0, False))
            continue
        plain = isinstance(part, (slice, int))
        part = part if plain else _raw(input, part)
        is_mask = not plain and part.dtype == xp.bool
        taken = part.ndim if is_mask else 1
        known.append((part, taken, is_mask))
        used += taken
    if used > ndim:
        raise IndexingError(f"too many indices for tensor of dimension {ndim}")
    left = ndim - used
    _check_ellipses(parts, left)
    items: list[Any] = []
    axis = 0
    for part, taken, is_mask in known:
        if part is Ellipsis:
            items += [_FULL] * left
            axis, left = axis + left, 0
        elif is_mask:
            _match_mask(input, part, axis)
            items += xp.nonzero(part) if taken else [_Flag(bool(part))]
        elif isinstance(part, bool):
            items.append(_Flag(part))
        else:
            # A number in an array acts as the number.
            items.append(int(part) if getattr(part, "ndim", None) == 0 else part)
        axis += taken
    return items + [_FULL] * (ndim - axis)


@final
class _Flag:
    """A bool as an index: a new axis of which True keeps the one element and False none."""

    def __init__(self, value: bool) -> None:
        self.value = value


def _match_mask(input: Any, mask: Array, axis: int) -> None:
    shape = input._array.shape
    if axis + mask.ndim > len(shape):
        raise IndexingError(f"too many indices for tensor of dimension {len(shape)}")
    for i, (have, wanted) in enumerate(zip(mask.shape, shape[axis : axis + mask.ndim], strict=True)):
        if have != wanted:
            raise IndexingError(
                f"The shape of the mask {list(mask.shape)} at index {i} does not match the shape of the indexed "
                f"tensor {list(shape)} at index {axis + i}"
            )


def _raw(input: Any, part: Any) -> Array:
    """A part of an index that is no plain one as an array of int64 or bool, beside ``input``."""
    if not isinstance(part, TensorBase):
        if hasattr(part, "__index__") and not hasattr(part, "shape"):
            return input._place.xp.asarray(part.__index__(), device=input._place.handle)
        part = list(part) if isinstance(part, range) else part
        kind = bool_ if _first_leaf(part) in (bool, "bool") else int64
        part = input.new_tensor(part, dtype=kind)
    _require_index_dtype(part)
    part = part if part._place is input._place else part.to(input.device)
    kind = part._place.dtype(part._array.dtype)
    if kind is bool_ or kind is int64:
        return array_of(part)
    return array_of(cast(part, bool_ if kind is uint8 else int64))


def _require_index_dtype(part: Any) -> None:
    kind = part._place.dtype(part._array.dtype)
    if kind.name not in _INDEX_DTYPES:
        raise IndexingError(f"tensors used as indices must be long, int, byte or bool tensors, got {kind}")


def _first_leaf(part: Any) -> Any:
    """What kind of element nested sequences begin with."""
    while isinstance(part, (list, tuple)) and part:
        part = part[0]
    return str(part.dtype).removeprefix("xpgrad.") if hasattr(part, "dtype") else type(part)


# Index tensors along one dimension.


def along_axis(index: Any, length: int, axis: int, *, from_end: bool = False) -> Any:
    """``index`` in int64 after checking that all of it lies on an axis of ``length``; negative ones if ``from_end``.

    Raises:
        IndexRangeError: An index is out of range.
    """
    index = cast(index, int64)
    array = array_of(index)
    if not math.prod(array.shape):
        return index
    xp = index._place.xp
    try:
        found = xp.checked_positions(array, length=length, axis=axis, from_end=from_end)
    except IndexingError as error:
        raise IndexRangeError(str(error)) from None
    return index if found is array else make_tensor(found, index._place)
