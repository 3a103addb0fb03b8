"""Writing slices where an index vector says, along one dimension."""

from __future__ import annotations

from typing import Any

from xpgrad.array_api.operands import cast
from xpgrad.backends.dtypes import bool_, int64
from xpgrad.core.op import Op
from xpgrad.core.tensor_base import TensorBase, make_tensor
from xpgrad.core.views import array_of
from xpgrad.errors import DtypeError, IndexingError, IndexRangeError, SettingError, ShapeError
from xpgrad.functions.dims import normalize_dim, takes_axis
from xpgrad.functions.results import deliver_exactly
from xpgrad.functions.scattering import combined, line, reducing, require_integers, require_same_dtype
from xpgrad.functions.shape import reshape
from xpgrad.functions.subscripts import along_axis
from xpgrad.ops import positions

__all__ = ["index_add", "index_copy", "index_fill", "index_reduce"]

_index_add = positions.index_add.named("IndexAddBackward0")
_index_copy = positions.index_put.named("IndexCopyBackward0")
_index_fill = positions.index_put.named("IndexFillBackward0")
_index_fill_tensor = positions.index_put.named("IndexFillBackward1")
_REDUCING = reducing("IndexReduceBackward0")


@takes_axis
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


@takes_axis
def index_copy(input: Any, dim: int, index: Any, source: Any, *, out: Any = None) -> Any:
    """``input`` with ``source`` in place of the slices at ``index`` along ``dim``. Mirrors ``torch.index_copy``.

    Raises as `index_add`, for which ``index`` has to be of int64.
    """
    require_integers(index, "index_copy_", long=True)
    axis, source, places = _sliced(input, dim, index, source, "index_copy_", kind=IndexRangeError)
    return deliver_exactly(out, _on_line(_index_copy, input, source, places, axis), input, index, source)


@takes_axis
def index_fill(input: Any, dim: int, index: Any, value: Any) -> Any:
    """``input`` with ``value`` in the slices at ``index`` along ``dim``. Mirrors ``torch.index_fill``.

    Raises:
        IndexingError: ``index`` is not of int64, or is out of range.
        ShapeError: ``index`` is no vector, or ``value`` no number.
        DtypeError: ``value`` is complex, and ``input`` is not.
    """
    require_integers(index, "index_fill_", long=True, error=IndexingError)
    if index._array.ndim > 1:
        raise ShapeError(f"Index has to be a vector/scalar, got {index._array.ndim} dimensions")
    fill = _index_fill_tensor if isinstance(value, TensorBase) else _index_fill
    is_complex = value.dtype.is_complex if isinstance(value, TensorBase) else isinstance(value, complex)  # type: ignore[attr-defined]
    if is_complex and not input.dtype.is_complex:
        raise DtypeError("index_fill_(): Converting complex Scalar to non-complex type is not supported")
    if not isinstance(value, TensorBase):
        value = input.new_tensor(value)
    if value._array.ndim:
        raise ShapeError(
            f"index_fill_ only supports a 0-dimensional value tensor, but got tensor with {value._array.ndim} "
            "dimension(s)."
        )
    axis = normalize_dim(dim, input._array.ndim)
    length = line(input)._array.shape[axis]
    places = along_axis(line(index), length, axis, from_end=True)
    # The number is written once, however often an index is there: that is what its gradient counts.
    places = make_tensor(places._place.xp.unique_values(array_of(places)), places._place)
    return _on_line(fill, input, cast(value, input.dtype), places, axis)


@takes_axis
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
    x = line(input)
    found = combined(_REDUCING, x, source, places, (axis,), reduce, include_self)
    return deliver_exactly(out, found if x is input else reshape(found, ()), input, index, source)


def _sliced(
    input: Any, dim: int, index: Any, source: Any, name: str, *, kind: type[Exception] = ShapeError
) -> tuple[int, Any, Any]:
    """The axis, ``source`` and the checked ``index``, both with at least one dimension."""
    axis = normalize_dim(dim, input._array.ndim)
    if index._array.ndim > 1:
        raise IndexingError(f"{name}(): Index is supposed to be a vector, but got dim: {index._array.ndim}")
    require_integers(index, name)
    require_same_dtype(input, source, name)
    if input._array.ndim and not source._array.ndim and input._array.ndim > 1:
        raise kind(f"{name}(): source is a number, but self has shape {list(input._array.shape)}")
    x, lines = line(input), line(source)
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
    return axis, lines, along_axis(line(index), have[axis], axis)


def _on_line(op: Op, input: Any, source: Any, places: Any, axis: int) -> Any:
    x = line(input)
    found = op.apply(x, source, places, axes=(axis,))
    return found if x is input else reshape(found, ())
