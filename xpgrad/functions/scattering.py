"""Reading and writing where an index tensor says, along one dimension or in the flattened tensor."""

from __future__ import annotations

import math
from typing import Any

from xpgrad.array_api.operands import cast
from xpgrad.backends.dtypes import bool_, int64
from xpgrad.core.op import Op
from xpgrad.core.tensor_base import TensorBase, make_tensor
from xpgrad.core.views import array_of
from xpgrad.errors import ArgumentTypeError, DtypeError, IndexingError, SettingError, ShapeError
from xpgrad.functions.broadcasting import broadcast_shapes, expand
from xpgrad.functions.cutting import narrow
from xpgrad.functions.dims import normalize_dim, takes_axis
from xpgrad.functions.results import deliver_exactly
from xpgrad.functions.shape import reshape
from xpgrad.functions.subscripts import along_axis
from xpgrad.ops import indexing, positions
from xpgrad.ops.indices import flat_positions

__all__ = ["gather", "put", "scatter", "scatter_add", "scatter_reduce", "take", "take_along_dim"]

_gather = indexing.take_along_axis.named("GatherBackward0")
_take = positions.index.named("TakeBackward0")
_put = positions.index_put.named("PutBackward0")
_put_add = positions.index_add.named("PutBackward0")
_scatter = positions.index_put.named("ScatterBackward0")
_scatter_number = positions.index_put.named("ScatterBackward1")
_scatter_add = positions.index_add.named("ScatterAddBackward0")


@takes_axis
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
    require_integers(index, "gather")
    x, index = line(input), line(index)
    if x._array.ndim != index._array.ndim:
        raise ShapeError(
            "Index tensor must have the same number of dimensions as input tensor: "
            f"got {index._array.ndim} and {input._array.ndim}"
        )
    places = along_axis(index, x._array.shape[axis], axis)
    found = _gather.apply(_cropped(x, places, axis), places, axis=axis)
    return deliver_exactly(out, found if shape else reshape(found, shape), input, index)


def line(x: Any) -> Any:
    """``x`` with at least one dimension."""
    return x if x._array.ndim else reshape(x, (1,))


def require_integers(index: Any, name: str, *, long: bool = False, error: type[Exception] = DtypeError) -> None:
    """Raise ``error`` if ``index``, an argument of ``name``, is not of int64, or int32 unless it has to be ``long``."""
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
    require_integers(index, "take", long=True)
    axes = tuple(range(input._array.ndim))
    places = along_axis(index, input.numel(), 0, from_end=True)
    return deliver_exactly(out, _take.apply(input, places, axes=axes), input, index)


@takes_axis
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
    require_integers(indices, "torch.take_along_dim", long=True)
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
    require_integers(index, "put_", long=True)
    require_same_dtype(input, source, "put_")
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


def require_same_dtype(input: Any, source: Any, name: str) -> None:
    """Raise if the arguments of ``name`` differ in dtype.

    Raises:
        DtypeError: They do.
    """
    if input.dtype is not source.dtype:
        raise DtypeError(
            f"{name}(): Expected self.dtype to be equal to src.dtype, got {input.dtype} and {source.dtype}; cast one "
            "with .to(...)"
        )


# Along one dimension, an element of the index for each element of the source.


@takes_axis
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
    require_integers(index, name)
    require_same_dtype(input, source, name)
    x, index, source = line(input), line(index), line(source)
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


@takes_axis
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


@takes_axis
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
    found = combined(_SCATTER, input, source, places, axes, reduce, include_self)
    return deliver_exactly(out, found, input, index, src)


# Reductions into places.


def reducing(name: str) -> tuple[Op, Op, Op]:
    """What adds, multiplies and compares at places, called ``name`` in the graph."""
    return tuple(op.named(name) for op in (positions.index_add, positions.index_prod, positions.index_extreme))  # type: ignore[return-value]


_SCATTER = reducing("ScatterReduceBackward0")


def combined(
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
        whole = combined(ops, input.long(), source.long(), places, axes, reduce, include_self)
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
