"""Reading and writing where an index tensor says, along one dimension or in the flattened tensor."""

from __future__ import annotations

import math
from typing import Any

from xpgrad.array_api.operands import cast
from xpgrad.backends.dtypes import bool_, int64
from xpgrad.core.op import Op
from xpgrad.core.tensor_base import TensorBase, make_tensor
from xpgrad.core.views import array_of
from xpgrad.errors import ArgumentTypeError, DtypeError, IndexingError, IndexRangeError, SettingError, ShapeError
from xpgrad.functions.dims import normalize_dim
from xpgrad.functions.results import deliver_exactly
from xpgrad.functions.shape import broadcast_shapes, expand, narrow, reshape
from xpgrad.functions.subscripts import along_axis
from xpgrad.ops import indexing, positions
from xpgrad.ops.indices import flat_positions

_gather = indexing.take_along_axis.named("GatherBackward0")
_take = positions.index.named("TakeBackward0")
_put = positions.index_put.named("PutBackward0")
_put_add = positions.index_add.named("PutBackward0")
_scatter = positions.index_put.named("ScatterBackward0")
_scatter_number = positions.index_put.named("ScatterBackward1")
_scatter_add = positions.index_add.named("ScatterAddBackward0")


def gather(input: Any, dim: int, index: Any, *, sparse_grad: bool = False, out: Any = None) -> Any:
    """``out[i][j] = input[index[i][j]][j]`` for ``dim=0``, and so on. Mirrors ``torch.gather``.

    Raises:
        ShapeError: ``index`` has another number of dimensions, or is longer than ``input`` off ``dim``.
        IndexRangeError: An index is out of range.
        DtypeError: ``index`` is not of int32 or int64.
    """
    axis, shape = normalize_dim(dim, input._array.ndim), tuple(index._array.shape)
    if not math.prod(shape):
        return deliver_exactly(out, reshape(narrow(reshape(input, (-1,)), 0, 0, 0), shape).clone(), input, index)
    _require_integers(index, "gather")
    x, index = _line(input), _line(index)
    if x._array.ndim != index._array.ndim:
        raise ShapeError(
            "Index tensor must have the same number of dimensions as input tensor: "
            f"got {index._array.ndim} and {input._array.ndim}"
        )
    places = along_axis(index, x._array.shape[axis], axis)
    found = _gather.apply(_cropped(x, places, axis), places, axis=axis)
    return deliver_exactly(out, found if shape else reshape(found, shape), input, index)


def _line(x: Any) -> Any:
    """``x`` with at least one dimension."""
    return x if x._array.ndim else reshape(x, (1,))


def _require_integers(index: Any, name: str, *, long: bool = False, error: type[Exception] = DtypeError) -> None:
    names = ("int64",) if long else ("int64", "int32")
    if not isinstance(index, TensorBase) or index._place.dtype(index._array.dtype).name not in names:
        raise error(f"{name}(): Expected dtype {'/'.join(reversed(names))} for index; use index.long()")


def _cropped(input: Any, index: Any, axis: int) -> Any:
    """``input`` cut to the lengths of ``index`` in the dimensions other than ``axis``."""
    have, wanted = input._array.shape, index._array.shape
    cut = tuple(slice(None) if i == axis or h == w else slice(0, w) for i, (h, w) in enumerate(zip(have, wanted)))  # noqa: B905
    if any(w > h for i, (h, w) in enumerate(zip(have, wanted, strict=True)) if i != axis):
        raise ShapeError(
            f"Size does not match at some dimension: expected index {list(wanted)} to be no larger than self "
            f"{list(have)} apart from dimension {axis}"
        )
    return input if all(part == slice(None) for part in cut) else indexing.getitem.apply(input, index=cut)


def take(input: Any, index: Any, *, out: Any = None) -> Any:
    """The elements at ``index`` of the flattened tensor. Mirrors ``torch.take``.

    Raises:
        IndexRangeError: An index is out of range.
        DtypeError: ``index`` is not of int64.
    """
    _require_integers(index, "take", long=True)
    axes = tuple(range(input._array.ndim))
    places = along_axis(index, input.numel(), 0, from_end=True)
    return deliver_exactly(out, _take.apply(input, places, axes=axes), input, index)


def take_along_dim(input: Any, indices: Any, dim: int | None = None, *, out: Any = None) -> Any:
    """`gather` that broadcasts ``indices`` against ``input``; of the flattened tensor by default.

    Mirrors ``torch.take_along_dim``.

    Raises:
        ShapeError: The numbers of dimensions differ.
        DtypeError: ``indices`` is not of int64.
    """
    if dim is None:
        return take_along_dim(reshape(input, (-1,)), reshape(indices, (-1,)), 0, out=out)
    if input._array.ndim != indices._array.ndim:
        raise ShapeError(
            "torch.take_along_dim(): input and indices should have the same number of dimensions, but got "
            f"{input._array.ndim} dimensions for input, and {indices._array.ndim} dimensions for indices"
        )
    _require_integers(indices, "torch.take_along_dim", long=True)
    axis = normalize_dim(dim, input._array.ndim)
    mine, theirs = list(input._array.shape), list(indices._array.shape)
    if not mine:
        return deliver_exactly(out, gather(input, axis, indices))
    common = broadcast_shapes([*mine[:axis], 1, *mine[axis + 1 :]], [*theirs[:axis], 1, *theirs[axis + 1 :]])
    places = along_axis(indices, mine[axis], axis, from_end=True)
    x = expand(input, [*common[:axis], mine[axis], *common[axis + 1 :]])
    return deliver_exactly(out, gather(x, axis, expand(places, [*common[:axis], theirs[axis], *common[axis + 1 :]])))


def put(input: Any, index: Any, source: Any, accumulate: bool = False) -> Any:
    """``input`` with ``source`` at ``index`` of the flattened tensor, or added there. Mirrors ``torch.put``.

    Raises:
        IndexRangeError: An index is out of range.
        IndexingError: There are not as many elements in ``source`` as indices.
        DtypeError: ``index`` is not of int64, or ``source`` of another dtype.
    """
    _require_integers(index, "put_", long=True)
    _require_same_dtype(input, source, "put_")
    if index.numel() != source.numel():
        raise IndexingError(
            "put_(): Expected source and index to have the same number of elements, but got source.numel() = "
            f"{source.numel()}, index.numel() = {index.numel()}"
        )
    axes = tuple(range(input._array.ndim))
    places = along_axis(index, input.numel(), 0, from_end=True)
    source = reshape(source, tuple(places._array.shape))
    if accumulate and input.dtype is bool_:
        return put(input.long(), index, source.long(), accumulate=True).bool()
    return (_put_add if accumulate else _put).apply(input, source, places, axes=axes)


def _require_same_dtype(input: Any, source: Any, name: str) -> None:
    if input.dtype is not source.dtype:
        raise DtypeError(
            f"{name}(): Expected self.dtype to be equal to src.dtype, got {input.dtype} and {source.dtype}; cast one "
            "with .to(...)"
        )


# Along one dimension, an element of the index for each element of the source.


def scatter(
    input: Any,
    dim: int,
    index: Any,
    src: Any = None,
    *,
    value: Any = None,
    reduce: str | None = None,
    out: Any = None,
) -> Any:
    """``input`` with ``src`` (or a number) written where `gather` with ``index`` would read. Mirrors ``torch.scatter``.

    Raises:
        ShapeError: ``index`` is longer than ``src`` or ``input``, or has another number of dimensions.
        IndexRangeError: An index is out of range.
        DtypeError: ``index`` is not of int32 or int64, or ``src`` of another dtype than ``input``.
        SettingError: ``reduce`` is neither ``"add"`` nor ``"multiply"``.
    """
    source = value if src is None else src
    if reduce not in (None, "add", "multiply"):
        raise SettingError(f"reduce argument must be either add or multiply, got {reduce!r}; see scatter_reduce")
    is_number = not isinstance(source, TensorBase)
    if is_number:
        source = filled_like(index, input, source)
    if reduce is not None:
        kind = "sum" if reduce == "add" else "prod"
        return deliver_exactly(out, scatter_reduce(input, dim, index, source, kind), input, index, source)
    found = _scattered(_scatter_number if is_number else _scatter, input, dim, index, source, "scatter")
    return deliver_exactly(out, found, input, index, *(() if is_number else (source,)))


def filled_like(shape_of: Any, input: Any, number: Any) -> Any:
    """``number`` as a tensor like ``input`` in the shape of another.

    Raises:
        DtypeError: It is complex, and ``input`` is not.
    """
    if isinstance(number, complex) and not input.dtype.is_complex:
        raise DtypeError(f"value cannot be converted to type {input.dtype.name} without overflow")
    return input.new_full(tuple(shape_of._array.shape), number)


def _scattered(op: Op, input: Any, dim: int, index: Any, source: Any, name: str) -> Any:
    axis = normalize_dim(dim, input._array.ndim)
    if not index.numel():
        return input.clone()
    source, places = _addressed(input, axis, index, source, name)
    return op.apply(input, source, places, axes=tuple(range(input._array.ndim)))


def _addressed(input: Any, axis: int, index: Any, source: Any, name: str) -> tuple[Any, Any]:
    """``source`` cut to the shape of ``index``, and where each of its elements goes in the flattened ``input``."""
    _require_integers(index, name)
    _require_same_dtype(input, source, name)
    x, index, source = _line(input), _line(index), _line(source)
    have, wanted, given = x._array.shape, index._array.shape, source._array.shape
    if not len(have) == len(wanted) == len(given):
        raise ShapeError(
            "Index tensor must have the same number of dimensions as self tensor and src tensor: got "
            f"{len(wanted)}, {len(have)} and {len(given)}"
        )
    if any(w > n for n, w in zip(given, wanted, strict=True)) or any(
        w > n for i, (n, w) in enumerate(zip(have, wanted, strict=True)) if i != axis
    ):
        raise ShapeError(
            f"Expected index {list(wanted)} to be no larger than self {list(have)} apart from dimension {axis} and to "
            f"be no larger size than src {list(given)}"
        )
    if given != wanted:
        source = indexing.getitem.apply(source, index=tuple(slice(0, n) for n in wanted))
    place = input._place
    raw = array_of(along_axis(index, have[axis], axis))
    return source, make_tensor(flat_positions(place.xp, raw, have, axis), place)


def scatter_add(input: Any, dim: int, index: Any, src: Any, *, out: Any = None) -> Any:
    """``input`` with ``src`` added where `gather` with ``index`` would read; repeated places add up.

    Mirrors ``torch.scatter_add``; raises as `scatter`.
    """
    if not isinstance(src, TensorBase):
        raise ArgumentTypeError(f"scatter_add(): argument 'src' (position 3) must be Tensor, not {type(src).__name__}")
    if input.dtype is bool_ and src.dtype is bool_:  # type: ignore[attr-defined]
        return deliver_exactly(out, scatter_reduce(input, dim, index, src, "sum"), input, index, src)
    found = _scattered(_scatter_add, input, dim, index, src, "scatter_add")
    return deliver_exactly(out, found, input, index, src)


def scatter_reduce(
    input: Any, dim: int, index: Any, src: Any, reduce: str, *, include_self: bool = True, out: Any = None
) -> Any:
    """``input`` with the elements of ``src`` reduced into the places that ``index`` names along ``dim``.

    Mirrors ``torch.scatter_reduce``: ``reduce`` is ``"sum"``, ``"prod"``, ``"mean"``, ``"amax"`` or ``"amin"``; what
    was there counts too if ``include_self``. Raises as `scatter`.

    Raises:
        SettingError: Another ``reduce``.
    """
    if reduce not in ("sum", "prod", "mean", "amax", "amin"):
        raise SettingError(f"reduce argument must be either sum, prod, mean, amax or amin, got {reduce}")
    axis = normalize_dim(dim, input._array.ndim)
    if not index.numel():
        return deliver_exactly(out, input.clone())
    source, places = _addressed(input, axis, index, src, "scatter")
    axes = tuple(range(input._array.ndim))
    found = _combined(_SCATTER, input, source, places, axes, reduce, include_self)
    return deliver_exactly(out, found, input, index, src)


# Along one dimension, an element of the index for each slice of the source.


def index_add(input: Any, dim: int, index: Any, source: Any, *, alpha: Any = 1, out: Any = None) -> Any:
    """``input`` with ``alpha * source`` added to the slices at ``index`` along ``dim``. Mirrors ``torch.index_add``.

    Raises:
        ShapeError: ``source`` does not have a slice for each index, or of another shape.
        IndexingError: ``index`` is no vector.
        IndexRangeError: An index is out of range.
        DtypeError: ``index`` is not of int32 or int64, or ``source`` of another dtype.
    """
    axis, source, places = _sliced(input, dim, index, source, "index_add_")
    if input.dtype is bool_:
        total = index_add(input.long(), dim, index, source.long() if alpha else source.long() * 0)
        return deliver_exactly(out, total.bool(), input, index, source)
    # Integers wrap, also where the factor alone does not fit their dtype.
    wide = source if alpha == 1 or source.dtype.is_differentiable else cast(source, int64)
    scaled = source if alpha == 1 else cast(wide * alpha, source.dtype)
    return deliver_exactly(out, _on_line(_index_add, input, scaled, places, axis), input, index, source)


def index_copy(input: Any, dim: int, index: Any, source: Any, *, out: Any = None) -> Any:
    """``input`` with ``source`` in place of the slices at ``index`` along ``dim``. Mirrors ``torch.index_copy``.

    Raises as `index_add`, for which ``index`` has to be of int64.
    """
    _require_integers(index, "index_copy_", long=True)
    axis, source, places = _sliced(input, dim, index, source, "index_copy_", kind=IndexRangeError)
    return deliver_exactly(out, _on_line(_index_copy, input, source, places, axis), input, index, source)


def index_fill(input: Any, dim: int, index: Any, value: Any) -> Any:
    """``input`` with ``value`` in the slices at ``index`` along ``dim``. Mirrors ``torch.index_fill``.

    Raises:
        IndexingError: ``index`` is not of int64, or is out of range.
        ShapeError: ``index`` is no vector, or ``value`` no number.
        DtypeError: ``value`` is complex, and ``input`` is not.
    """
    _require_integers(index, "index_fill_", long=True, error=IndexingError)
    if index._array.ndim > 1:
        raise ShapeError(f"Index has to be a vector/scalar, got {index._array.ndim} dimensions")
    fill = _index_fill_tensor if isinstance(value, TensorBase) else _index_fill
    if not isinstance(value, TensorBase):
        if isinstance(value, complex) and not input.dtype.is_complex:
            raise DtypeError("index_fill_(): Converting complex Scalar to non-complex type is not supported")
        value = input.new_tensor(value)
    if value._array.ndim:
        raise ShapeError(
            f"index_fill_ only supports a 0-dimensional value tensor, but got tensor with {value._array.ndim} "
            "dimension(s)."
        )
    axis = normalize_dim(dim, input._array.ndim)
    length = _line(input)._array.shape[axis]
    places = along_axis(_line(index), length, axis, from_end=True)
    # The number is written once, however often an index is there: that is what its gradient counts.
    places = make_tensor(places._place.xp.unique_values(array_of(places)), places._place)
    return _on_line(fill, input, cast(value, input.dtype), places, axis)


def index_reduce(
    input: Any, dim: int, index: Any, source: Any, reduce: str, *, include_self: bool = True, out: Any = None
) -> Any:
    """``input`` with the slices of ``source`` reduced into those at ``index`` along ``dim``.

    Mirrors ``torch.index_reduce``: ``reduce`` is ``"prod"``, ``"mean"``, ``"amax"`` or ``"amin"``. Raises as
    `index_add`.

    Raises:
        SettingError: Another ``reduce``.
    """
    if reduce not in ("prod", "mean", "amax", "amin"):
        raise SettingError(f"index_reduce(): Expected reduce to be one of prod, mean, amax or amin but got {reduce}.")
    axis, source, places = _sliced(input, dim, index, source, "index_reduce_")
    x = _line(input)
    found = _combined(_INDEX, x, source, places, (axis,), reduce, include_self)
    return deliver_exactly(out, found if x is input else reshape(found, ()), input, index, source)


def _sliced(
    input: Any, dim: int, index: Any, source: Any, name: str, *, kind: type[Exception] = ShapeError
) -> tuple[int, Any, Any]:
    """The axis, ``source`` and the checked ``index``, both with at least one dimension."""
    axis = normalize_dim(dim, input._array.ndim)
    if index._array.ndim > 1:
        raise IndexingError(f"{name}(): Index is supposed to be a vector, but got dim: {index._array.ndim}")
    _require_integers(index, name)
    _require_same_dtype(input, source, name)
    if input._array.ndim and not source._array.ndim and input._array.ndim > 1:
        raise kind(f"{name}(): source is a number, but self has shape {list(input._array.shape)}")
    x, lines = _line(input), _line(source)
    have, given, count = list(x._array.shape), list(lines._array.shape), index.numel()
    if len(have) != len(given) or axis >= len(given):
        raise kind(
            f"{name}(): When source and destination are not scalars, their dimensionality must match. Source "
            f"dimensionality ({len(given)}), destination dimensionality ({len(have)})"
        )
    if given[axis] != count:
        raise kind(
            f"{name}(): Number of indices ({count}) should be equal to source.size(dim): ({given[axis]}), for dim: "
            f"{axis}"
        )
    if have[:axis] + have[axis + 1 :] != given[:axis] + given[axis + 1 :]:
        raise kind(
            "source tensor shape must match self tensor shape, excluding the specified dimension. Got self.shape = "
            f"{have} source.shape = {given}"
        )
    return axis, lines, along_axis(_line(index), have[axis], axis)


def _on_line(op: Op, input: Any, source: Any, places: Any, axis: int) -> Any:
    x = _line(input)
    found = op.apply(x, source, places, axes=(axis,))
    return found if x is input else reshape(found, ())


_index_add = positions.index_add.named("IndexAddBackward0")
_index_copy = positions.index_put.named("IndexCopyBackward0")
_index_fill = positions.index_put.named("IndexFillBackward0")
_index_fill_tensor = positions.index_put.named("IndexFillBackward1")


# Reductions into places.


def _named(name: str) -> tuple[Op, Op, Op]:
    return tuple(op.named(name) for op in (positions.index_add, positions.index_prod, positions.index_extreme))  # type: ignore[return-value]


_SCATTER, _INDEX = _named("ScatterReduceBackward0"), _named("IndexReduceBackward0")


def _combined(
    ops: tuple[Op, Op, Op],
    input: Any,
    source: Any,
    places: Any,
    axes: tuple[int, ...],
    reduce: str,
    include_self: bool,
) -> Any:
    """``input`` with ``source`` combined with it at ``places``."""
    if input.dtype is bool_:
        whole = _combined(ops, input.long(), source.long(), places, axes, reduce, include_self)
        return whole.bool()
    add, multiply, compare = ops
    start = input
    if not include_self:
        neutral = input.new_tensor(_neutral(input, reduce))
        start = positions.index_put.apply(input, neutral, places, axes=axes)
    if reduce == "prod":
        return multiply.apply(start, source, places, axes=axes)
    if reduce in ("amax", "amin"):
        return compare.apply(start, source, places, axes=axes, kind=reduce[1:])
    total = add.apply(start, source, places, axes=axes)
    if reduce == "sum":
        return total
    ones = source.detach().new_ones(tuple(source._array.shape), dtype=int64)
    count = ones.new_ones(tuple(input._array.shape))
    if not include_self:
        count = positions.index_put.apply(count, ones.new_zeros(()), places, axes=axes)
    count = positions.index_add.apply(count, ones, places, axes=axes).clamp(min=1)
    return total / cast(count, input.dtype) if input.dtype.is_differentiable else cast(total // count, input.dtype)


def _neutral(input: Any, reduce: str) -> Any:
    """The number that leaves any other as it is when they are reduced."""
    if reduce in ("sum", "mean", "prod"):
        return 1 if reduce == "prod" else 0
    if input.dtype.is_differentiable:
        return -math.inf if reduce == "amax" else math.inf
    limits = input._place.xp.iinfo(input._array.dtype)
    return int(limits.min if reduce == "amax" else limits.max)
