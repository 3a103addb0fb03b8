"""Medians, quantiles, counts, differences, and reductions that pass over NaN."""

from __future__ import annotations

from typing import Any, NamedTuple

from xpgrad.array_api import sets
from xpgrad.array_api.operands import cast
from xpgrad.backends.dtypes import int64
from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import SettingError
from xpgrad.functions.comparison import isnan, ne
from xpgrad.functions.dims import Dim, normalize_dim
from xpgrad.functions.pointwise import where
from xpgrad.functions.reduction import SortResult, amax, amin, cumsum, mean, sort, std, sum, var
from xpgrad.functions.scattering import gather, scatter_add
from xpgrad.functions.shape import cat, narrow, reshape, squeeze, unsqueeze


class MinMaxResult(NamedTuple):
    """What `aminmax` returns."""

    min: Any
    max: Any


class MedianResult(NamedTuple):
    """What ``median(x, dim)`` returns: the values and where they were."""

    values: Any
    indices: Any


class KthValueResult(NamedTuple):
    """What `kthvalue` returns: the values and where they were."""

    values: Any
    indices: Any


def aminmax(input: Any, *, dim: int | None = None, keepdim: bool = False) -> MinMaxResult:
    """The smallest and the largest element over ``dim``. Mirrors ``torch.aminmax``."""
    dims = () if dim is None else dim
    return MinMaxResult(amin(input, dims, keepdim), amax(input, dims, keepdim))


def var_mean(input: Any, dim: Any = None, unbiased: bool | None = None, keepdim: bool = False, *,
             correction: float | None = None) -> tuple[Any, Any]:  # fmt: skip
    """`var` and `mean` together. Mirrors ``torch.var_mean``."""
    over = None if isinstance(dim, bool) else dim
    return var(input, dim, unbiased, keepdim, correction=correction), mean(input, over, keepdim)


def std_mean(input: Any, dim: Any = None, unbiased: bool | None = None, keepdim: bool = False, *,
             correction: float | None = None) -> tuple[Any, Any]:  # fmt: skip
    """`std` and `mean` together. Mirrors ``torch.std_mean``."""
    over = None if isinstance(dim, bool) else dim
    return std(input, dim, unbiased, keepdim, correction=correction), mean(input, over, keepdim)


def nansum(input: Any, dim: Dim = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """The sum over ``dim`` of what is not NaN. Mirrors ``torch.nansum``."""
    return sum(where(isnan(input), 0.0, input), dim, keepdim, dtype=dtype)


def nanmean(input: Any, dim: Dim = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """The mean over ``dim`` of what is not NaN. Mirrors ``torch.nanmean``."""
    return nansum(input, dim, keepdim, dtype=dtype) / sum(~isnan(input), dim, keepdim)


# By rank.


def kthvalue(input: Any, k: int, dim: int = -1, keepdim: bool = False) -> KthValueResult:
    """The ``k``-th smallest element along ``dim``, counted from 1. Mirrors ``torch.kthvalue``.

    Raises:
        SettingError: There is no such element.
    """
    length = input._array.shape[normalize_dim(dim, input._array.ndim)] if input._array.ndim else 1
    if not 1 <= k <= length:
        raise SettingError(f"kthvalue(): selected number k out of range for dimension {dim}: k={k}, length {length}")
    return KthValueResult(*_ranked(input, k - 1, dim, keepdim))


def median(input: Any, dim: int | None = None, keepdim: bool = False) -> Any:
    """The lower of the two middle elements; with ``dim``, values and indices. Mirrors ``torch.median``."""
    if dim is None:
        flat = reshape(input, (-1,))
        return _ranked(flat, (flat.numel() - 1) // 2, 0, False)[0]
    length = input._array.shape[normalize_dim(dim, input._array.ndim)] if input._array.ndim else 1
    return MedianResult(*_ranked(input, (length - 1) // 2, dim, keepdim))


def _ranked(input: Any, rank: int, dim: int, keepdim: bool) -> tuple[Any, Any]:
    """The element of that rank along ``dim``, and its index."""
    if input._array.ndim == 0:
        return input.clone(), input.detach().new_zeros((), dtype=int64)
    axis = normalize_dim(dim, input._array.ndim)
    indices = narrow(sort(input.detach(), axis).indices, axis, rank, 1).contiguous()
    values = gather(input, axis, indices)
    return (values, indices) if keepdim else (squeeze(values, axis), squeeze(indices, axis))


def msort(input: Any) -> Any:
    """The rows sorted by value, column by column. Mirrors ``torch.msort``."""
    return sort(input, 0).values


def quantile(
    input: Any, q: Any, dim: int | None = None, keepdim: bool = False, *, interpolation: str = "linear"
) -> Any:
    """The values below which a share ``q`` of the elements along ``dim`` lies. Mirrors ``torch.quantile``.

    Raises:
        SettingError: ``q`` is not between 0 and 1, or an interpolation other than linear, lower, higher and nearest.
    """
    share: Any = q if isinstance(q, TensorBase) else input.detach().new_tensor(q)
    if bool(((share < 0) | (share > 1)).any()):
        raise SettingError("quantile() q values must be in the range [0, 1]")
    if interpolation not in ("linear", "lower", "higher", "nearest"):
        raise SettingError(
            f"quantile() interpolation must be one of linear, lower, higher or nearest, but got {interpolation}"
        )
    whole = dim is None
    x = reshape(input, (-1,)) if whole else input
    axis = 0 if dim is None else normalize_dim(dim, input._array.ndim)
    ordered: SortResult = sort(x, axis)
    place = reshape(share, (-1,)) * (x._array.shape[axis] - 1)
    low, high = cast(place.floor(), int64), cast(place.ceil(), int64)
    below, above = ordered.values.index_select(axis, low), ordered.values.index_select(axis, high)
    weight = {"linear": place - place.floor(), "lower": place * 0, "higher": place * 0 + 1}.get(
        interpolation, place.round() - place.floor()
    )
    weight = reshape(weight, tuple(-1 if i == axis else 1 for i in range(x._array.ndim)))
    found = (below + (above - below) * weight).movedim(axis, 0)
    if keepdim:
        found = reshape(found, (-1, *(1,) * input._array.ndim)) if whole else unsqueeze(found, axis + 1)
    return found if share._array.ndim else found[0]


# Counting.


def bincount(input: Any, weights: Any = None, minlength: int = 0) -> Any:
    """How often each of 0, 1, 2, ... occurs in a vector, or the sum of its weights. Mirrors ``torch.bincount``."""
    size = max(int(input.max()) + 1 if input.numel() else 0, minlength)
    counted = input.new_ones(tuple(input.shape), dtype=int64) if weights is None else weights
    return scatter_add(counted.new_zeros(size), 0, cast(input, int64), counted)


def histc(input: Any, bins: int = 100, min: float = 0, max: float = 0) -> Any:
    """How many elements lie in each of ``bins`` equal intervals from ``min`` to ``max``. Mirrors ``torch.histc``."""
    low, high = (float(input.min()), float(input.max())) if min == max == 0 else (min, max)
    if low == high:
        low, high = low - 1, high + 1
    flat = reshape(input.detach(), (-1,))
    flat = flat[(flat >= low) & (flat <= high)]
    places = cast(((flat - low) * (bins / (high - low))).floor(), int64).clamp(max=bins - 1)
    return cast(bincount(places, minlength=bins), input.dtype)


def unique(input: Any, sorted: bool = True, return_inverse: bool = False, return_counts: bool = False,
           dim: int | None = None) -> Any:  # fmt: skip
    """The distinct elements in order; on request where each element went, and how often each occurs.

    Mirrors ``torch.unique``.

    Raises:
        SettingError: ``dim`` is given: distinct slices are not supported.
    """
    if dim is not None:
        raise SettingError("unique: dim is not supported; only the distinct elements of the whole tensor are")
    found = sets.unique_all(input.detach())
    results = [found.values]
    if return_inverse:
        results.append(cast(reshape(found.inverse_indices, tuple(input._array.shape)), int64))
    if return_counts:
        results.append(cast(found.counts, int64))
    return results[0] if len(results) == 1 else tuple(results)


def unique_consecutive(input: Any, return_inverse: bool = False, return_counts: bool = False) -> Any:
    """The elements without immediate repetitions, as a vector. Mirrors ``torch.unique_consecutive``."""
    flat = reshape(input.detach(), (-1,))
    if not flat.numel():
        new = ne(flat, flat)
    else:
        first = flat.new_ones(1, dtype=None).bool()
        new = cat([first, ne(flat[1:], flat[:-1])])
    results = [flat[new]]
    run = cumsum(new, 0) - 1
    if return_inverse:
        results.append(reshape(run, tuple(input._array.shape)))
    if return_counts:
        results.append(bincount(run))
    return results[0] if len(results) == 1 else tuple(results)


# Differences, and how rows vary together.


def diff(input: Any, n: int = 1, dim: int = -1, prepend: Any = None, append: Any = None) -> Any:
    """The differences of neighbours along ``dim``, taken ``n`` times. Mirrors ``torch.diff``."""
    axis = normalize_dim(dim, input._array.ndim)
    x = cat([part for part in (prepend, input, append) if part is not None], axis)
    for _ in range(n):
        length = max(x._array.shape[axis] - 1, 0)
        after, before = narrow(x, axis, min(1, x._array.shape[axis]), length), narrow(x, axis, 0, length)
        x = ne(after, before) if x.dtype.kind == "bool" else after - before
    return x


def trapezoid(y: Any, x: Any = None, *, dx: float = 1.0, dim: int = -1) -> Any:
    """The integral of ``y`` along ``dim`` by the trapezoidal rule, over points ``x`` or ``dx`` apart.

    Mirrors ``torch.trapezoid``.
    """
    axis = normalize_dim(dim, y._array.ndim)
    length = y._array.shape[axis]
    both = narrow(y, axis, 1, length - 1) + narrow(y, axis, 0, length - 1)
    return sum(both * (dx if x is None else diff(x, dim=-1)), axis) / 2
