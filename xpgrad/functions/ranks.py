"""Elements by their rank: medians, quantiles, modes."""

from __future__ import annotations

from typing import Any

from xpgrad.array_api.operands import cast
from xpgrad.backends.dtypes import int64
from xpgrad.core.op import Op
from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import DtypeError, SettingError
from xpgrad.functions import return_types
from xpgrad.functions.comparison import isnan, ne
from xpgrad.functions.creation import arange
from xpgrad.functions.cumulative import cummax
from xpgrad.functions.cutting import narrow
from xpgrad.functions.dims import normalize_dim, takes_axis
from xpgrad.functions.extrema import argmax, require_elements
from xpgrad.functions.joining import cat
from xpgrad.functions.pointwise import where
from xpgrad.functions.reduction import sum
from xpgrad.functions.reordering import movedim
from xpgrad.functions.results import deliver, deliver_each, deliver_exactly
from xpgrad.functions.scattering import gather
from xpgrad.functions.shape import reshape, squeeze
from xpgrad.functions.sorting import argsort
from xpgrad.ops import indexing, reductions

__all__ = ["kthvalue", "median", "mode", "nanmedian", "nanquantile", "quantile"]


def _picks(name: str) -> tuple[Op, Op]:
    """What takes one element of each line, without and with the dimension kept."""
    return indexing.pick.named(name), indexing.take_along_axis.named(name)


_kthvalue = _picks("KthvalueBackward0")
_median = _picks("MedianBackward1")
_nanmedian = _picks("NanmedianBackward1")
_mode = _picks("ModeBackward0")
_median_all = reductions.element.named("MedianBackward0")
_nanmedian_all = reductions.element.named("NanmedianBackward0")


@takes_axis
def kthvalue(input: Any, k: int, dim: int = -1, keepdim: bool = False, *, out: Any = None) -> Any:
    """The ``k``-th smallest element along ``dim``, counted from 1, and where it is. Mirrors ``torch.kthvalue``.

    Raises:
        SettingError: There is no such element.
    """
    axis = normalize_dim(dim, input._array.ndim)
    require_elements(input, (axis,), "kthvalue")
    length = _length(input, axis)
    if not 1 <= k <= length:
        raise SettingError(f"kthvalue(): selected number k out of range for dimension {dim}: k={k}, length {length}")
    found = _at_rank(_kthvalue, input, axis, k - 1, keepdim)
    return deliver_each(out, return_types.KthValue(*found), input)


@takes_axis
def median(input: Any, dim: int | None = None, keepdim: bool = False, *, out: Any = None) -> Any:
    """The lower of the two middle elements, NaN if one is; with ``dim``, values and indices.

    Mirrors ``torch.median``.
    """
    if dim is None:
        return deliver_exactly(out, _of_all(_median_all, input, "median"))
    axis = normalize_dim(dim, input._array.ndim)
    require_elements(input, (axis,), "median")
    found = _at_rank(_median, input, axis, _median_rank(input, axis), keepdim)
    return deliver_each(out, return_types.Median(*found), input)


@takes_axis
def nanmedian(input: Any, dim: int | None = None, keepdim: bool = False, *, out: Any = None) -> Any:
    """The `median` of what is not NaN. Mirrors ``torch.nanmedian``."""
    if dim is None:
        return deliver_exactly(out, _of_all(_nanmedian_all, input, "nanmedian"))
    axis = normalize_dim(dim, input._array.ndim)
    require_elements(input, (axis,), "nanmedian")
    found = _at_rank(_nanmedian, input, axis, _nanmedian_rank(input, axis), keepdim)
    return deliver_each(out, return_types.NanMedian(*found), input)


@takes_axis
def mode(input: Any, dim: int = -1, keepdim: bool = False, *, out: Any = None) -> Any:
    """The most frequent element along ``dim``, the smallest of such, and where its last occurrence is.

    Mirrors ``torch.mode``.
    """
    axis = normalize_dim(dim, input._array.ndim)
    require_elements(input, (axis,), "mode")
    if not input._array.ndim:
        return deliver_each(out, return_types.Mode(*_alone(input)), input)
    x = input.detach()
    order = argsort(x, axis)
    ordered, length = gather(x, axis, order), _length(x, axis)
    first = ne(narrow(ordered, axis, 0, 1), narrow(ordered, axis, 0, 1)).logical_not()
    starts = cat([first, ne(narrow(ordered, axis, 1, length - 1), narrow(ordered, axis, 0, length - 1))], axis)
    places = reshape(arange(length, device=x.device), tuple(-1 if i == axis else 1 for i in range(x._array.ndim)))
    run = places - cummax(where(starts, places, 0), axis).values
    found = gather(order, axis, argmax(run, axis, True))
    return deliver_each(out, return_types.Mode(*_picked(_mode, input, axis, found, keepdim)), input)


def _length(x: Any, axis: int) -> int:
    return x._array.shape[axis] if x._array.ndim else 1


def _alone(input: Any) -> tuple[Any, Any]:
    return input.clone(), input.detach().new_zeros((), dtype=int64)


def _at_rank(ops: tuple[Op, Op], input: Any, axis: int, rank: Any, keepdim: bool) -> tuple[Any, Any]:
    """The element of that rank, one for all or one for each line, along ``axis``, and its index."""
    if not input._array.ndim:
        return _alone(input)
    order = argsort(input.detach(), axis)
    at = narrow(order, axis, rank, 1).contiguous() if isinstance(rank, int) else gather(order, axis, rank)
    return _picked(ops, input, axis, at, keepdim)


def _picked(ops: tuple[Op, Op], input: Any, axis: int, indices: Any, keepdim: bool) -> tuple[Any, Any]:
    indices = indices if keepdim else squeeze(indices, axis).clone()
    return ops[keepdim].apply(input, indices, axis=axis), indices


def _median_rank(input: Any, axis: int) -> Any:
    """The rank of the middle element; where there is a NaN, that of the first of them, which come last."""
    middle = (_length(input, axis) - 1) // 2
    if not input.dtype.is_floating_point:
        return middle
    numbers = _count_numbers(input, axis)
    return where(numbers < _length(input, axis), numbers, middle)


def _nanmedian_rank(input: Any, axis: int) -> Any:
    if not input.dtype.is_floating_point:
        return (_length(input, axis) - 1) // 2
    return (_count_numbers(input, axis) - 1).clamp(min=0) // 2


def _count_numbers(input: Any, axis: int) -> Any:
    return sum(~isnan(input.detach()), axis, True)


def _of_all(op: Op, input: Any, name: str) -> Any:
    """The median of all elements; equal ones share the gradient."""
    flat = reshape(input.detach(), (-1,))
    if not flat.numel():
        if not input.dtype.is_floating_point:
            raise SettingError(f"{name}(): the tensor has no elements, and its dtype {input.dtype} no NaN")
        return input.new_full((), float("nan"))
    value, _ = (median if name == "median" else nanmedian)(flat, 0)
    return op.apply(input, value)


# Quantiles.

_WEIGHTS = ("linear", "lower", "higher", "midpoint", "nearest")


@takes_axis
def quantile(
    input: Any,
    q: Any,
    dim: int | None = None,
    keepdim: bool = False,
    *,
    interpolation: str = "linear",
    out: Any = None,
) -> Any:
    """The values below which a share ``q`` of the elements along ``dim`` lies, NaN if one is.

    Mirrors ``torch.quantile``; the dimension of ``q``, if it has one, comes first in the result.

    Raises:
        SettingError: ``q`` is not between 0 and 1 or has several dimensions, ``interpolation`` is none of linear,
            lower, higher, midpoint and nearest, or there are no elements.
        DtypeError: ``input`` is not floating, or ``q`` of another dtype.
    """
    return deliver(out, _quantile(input, q, dim, keepdim, interpolation, skip_nan=False))


@takes_axis
def nanquantile(
    input: Any,
    q: Any,
    dim: int | None = None,
    keepdim: bool = False,
    *,
    interpolation: str = "linear",
    out: Any = None,
) -> Any:
    """The `quantile` of what is not NaN. Mirrors ``torch.nanquantile``."""
    return deliver(out, _quantile(input, q, dim, keepdim, interpolation, skip_nan=True))


def _quantile(input: Any, q: Any, dim: int | None, keepdim: bool, interpolation: str, *, skip_nan: bool) -> Any:
    share: Any = q if isinstance(q, TensorBase) else input.detach().new_tensor(q)
    _check_quantile(input, share, interpolation)
    shape = tuple(input._array.shape)
    axis = 0 if dim is None else normalize_dim(dim, len(shape))
    lines = reshape(input, (-1,)) if dim is None or not shape else movedim(input, axis, -1)
    length = lines._array.shape[-1]
    order = argsort(lines.detach(), -1)
    numbers = sum(~isnan(lines.detach()), -1, True)
    last = (numbers - 1).clamp(min=0)
    rank = reshape(share, (-1,)) * cast(last, input.dtype)
    if not skip_nan:
        # The NaN come last: the last element is one if there are any.
        rank = where(numbers < length, float(length - 1), rank)
    if interpolation == "nearest":
        rank = rank.round()
    elif interpolation in ("lower", "higher"):
        rank = rank.floor() if interpolation == "lower" else rank.ceil()
    ordered = gather(lines, -1, order)
    found = gather(ordered, -1, cast(rank.floor(), int64))
    if interpolation in ("linear", "midpoint"):
        weight = 0.5 if interpolation == "midpoint" else rank - rank.floor()
        found = found.lerp(gather(ordered, -1, cast(rank.ceil(), int64)), weight)
    found = movedim(found, -1, 0)
    if keepdim:
        kept = (1,) * len(shape) if dim is None else tuple(1 if i == axis else n for i, n in enumerate(shape))
        found = reshape(found, (found._array.shape[0], *kept))
    return found if share._array.ndim else squeeze(found, 0)


def _check_quantile(input: Any, share: Any, interpolation: str) -> None:
    if input.dtype.name not in ("float32", "float64"):
        raise DtypeError(f"quantile() input tensor must be either float or double dtype, got {input.dtype}")
    if share.dtype is not input.dtype:
        raise DtypeError(f"quantile() q tensor must be same dtype as the input tensor, got {share.dtype}")
    if share._array.ndim > 1:
        raise SettingError(f"quantile() q must be a scalar or 1D tensor, got {share._array.ndim} dimensions")
    if not input.numel():
        raise SettingError("quantile() input tensor must be non-empty")
    if interpolation not in _WEIGHTS:
        raise SettingError(f"quantile() interpolation must be one of {', '.join(_WEIGHTS)}, but got {interpolation}")
    if bool(((share < 0) | (share > 1)).any()):
        raise SettingError("quantile() q values must be in the range [0, 1]")
