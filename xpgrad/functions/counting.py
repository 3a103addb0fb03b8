"""How often values occur, and in which intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from xpgrad.array_api.operands import cast
from xpgrad.backends.dtypes import float32, float64, int64
from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import DtypeError, SettingError
from xpgrad.functions import return_types
from xpgrad.functions.creation import linspace
from xpgrad.functions.cutting import narrow, unbind
from xpgrad.functions.results import deliver_each, deliver_exactly
from xpgrad.functions.scattering import scatter_add
from xpgrad.functions.searching import searchsorted
from xpgrad.functions.shape import reshape

__all__ = ["bincount", "histc", "histogram", "histogramdd"]


def bincount(input: Any, weights: Any = None, minlength: int = 0) -> Any:
    """How often each of 0, 1, 2, ... occurs in a vector, or the sum of its weights. Mirrors ``torch.bincount``.

    Raises:
        DtypeError: ``input`` is not of an integer dtype.
        SettingError: ``input`` is no vector or has negative elements, ``weights`` is of another length, or
            ``minlength`` is negative.
    """
    if input.dtype.kind not in ("int", "uint"):
        raise DtypeError(f'"bincount_cpu" not implemented for {input.dtype}; it counts integers')
    if minlength < 0:
        raise SettingError(f"minlength should be >= 0, got {minlength}")
    if input._array.ndim != 1 or (input.numel() and int(input.min()) < 0):
        raise SettingError(f"bincount only supports 1-d non-negative integral inputs, got shape {tuple(input.shape)}")
    if weights is not None and tuple(weights._array.shape) != tuple(input._array.shape):
        raise SettingError(f"weights should be 1-d and have the same length as input, got {tuple(weights.shape)}")
    if weights is None:
        counted = input.new_ones(tuple(input.shape), dtype=int64)
    else:
        counted = weights.detach() if weights.dtype is float32 else cast(weights.detach(), float64)
    size = max(int(input.max()) + 1 if input.numel() else 0, minlength)
    return scatter_add(counted.new_zeros(size), 0, cast(input, int64), counted)


def histc(input: Any, bins: int = 100, min: float = 0, max: float = 0, *, out: Any = None) -> Any:
    """How many elements lie in each of ``bins`` equal intervals from ``min`` to ``max``. Mirrors ``torch.histc``.

    Raises:
        DtypeError: ``input`` is not floating.
        SettingError: ``bins`` is not positive, or the range is not finite or is empty.
    """
    if not input.dtype.is_floating_point:
        raise DtypeError(f'"histogram_cpu" not implemented for {input.dtype}; use .float() first')
    if bins <= 0:
        raise SettingError(f"torch.histc: bins must be > 0, but got {bins}")
    flat = reshape(input.detach(), (-1,))
    low, high = float(min), float(max)
    if low == high and flat.numel():
        low, high = float(flat.min()), float(flat.max())
    if low == high:
        low, high = low - 1, high + 1
    _check_range(low, high, "torch.histc")
    flat = flat[(flat >= low) & (flat <= high)]
    places = cast((flat - low) * bins / (high - low), int64).clamp(max=bins - 1)
    return deliver_exactly(out, cast(bincount(places, minlength=bins), input.dtype))


def _check_range(low: float, high: float, name: str) -> None:
    if not (math.isfinite(low) and math.isfinite(high)):
        raise SettingError(f"{name}: range of [{low}, {high}] is not finite")
    if low > high:
        raise SettingError(f"{name}: max must be larger than min, got [{low}, {high}]")


def histogram(
    input: Any, bins: Any = 100, *, range: Any = None, weight: Any = None, density: bool = False, out: Any = None
) -> Any:
    """How many elements, or how much weight, lies in each interval, and the edges of the intervals.

    Mirrors ``torch.histogram``.

    Args:
        input: Of any shape.
        bins: The number of equal intervals, or a vector with their edges.
        range: From where to where equal intervals go; from the smallest to the largest element by default.
        weight: For each element how much it counts.
        density: Divide so that the integral is 1.
        out: A pair of tensors to hold the results.
    """
    points = reshape(input.detach(), (-1, 1))
    weight = None if weight is None else reshape(weight, (-1,))
    hist, edges = histogramdd(points, [bins], range=range, weight=weight, density=density)
    return deliver_each(out, return_types.Histogram(hist, edges[0]))


def histogramdd(
    input: Any, bins: Any, range: Any = None, weight: Any = None, density: bool = False, *, out: Any = None
) -> Any:
    """`histogram` of points (..., n) in n dimensions. Mirrors ``torch.histogramdd``.

    Args:
        input: The points.
        bins: For all dimensions, or for each, the number of equal intervals; or for each a vector with their edges.
        range: From where to where the intervals of the first dimension go, then those of the second, ...
        weight: For each point how much it counts.
        density: Divide so that the integral is 1.
        out: Not supported by PyTorch either; for the signature.

    Raises:
        DtypeError: ``input`` is not floating.
        SettingError: There are not as many ``bins`` as dimensions, or a range is not finite.
    """
    if not input.dtype.is_floating_point:
        raise DtypeError(f'"histogramdd_cpu" not implemented for {input.dtype}; use .float() first')
    if input._array.ndim < 2:
        raise SettingError(
            f"torch.histogramdd: input tensor should have at least 2 dimensions, got {input._array.ndim}"
        )
    count = input._array.shape[-1]
    bins = [bins] * count if isinstance(bins, int) else list(bins)
    if len(bins) != count:
        raise SettingError(f"torch.histogramdd: expected {count} bins for {count} dimensions, got {len(bins)}")
    columns = unbind(reshape(input.detach(), (-1, count)), 1)
    limits = [None] * count if range is None else [tuple(range[i : i + 2]) for i in _every_other(range)]
    edges = [_edges(x, b, limit) for x, b, limit in zip(columns, bins, limits, strict=True)]
    lengths = [e._array.shape[0] - 1 for e in edges]
    places = weights = None
    for x, e, length in zip(columns, edges, lengths, strict=True):
        at = searchsorted(e, x, right=True) - 1
        # The last interval has both its ends.
        at = at - cast(x == e[-1], int64)
        inside = (x >= e[0]) & (x <= e[-1])
        weights = cast(inside, input.dtype) if weights is None else weights * inside
        at = at.clamp(0, length - 1)
        places = at if places is None else places * length + at
    if weight is not None:
        weights = weights * reshape(weight.detach(), (-1,))
    total = scatter_add(input.new_zeros(math.prod(lengths)), 0, places, cast(weights, input.dtype))
    hist = reshape(total, tuple(lengths))
    if density:
        hist = hist / hist.sum()
        for i, e in enumerate(edges):
            width = narrow(e, 0, 1, lengths[i]) - narrow(e, 0, 0, lengths[i])
            hist = hist / reshape(width, tuple(-1 if j == i else 1 for j, _ in enumerate(edges)))
    return deliver_each(out, return_types.HistogramDD(hist, tuple(edges)))


def _every_other(values: Sequence[Any]) -> Any:
    return [i for i, _ in enumerate(values) if i % 2 == 0]


def _edges(x: Any, bins: Any, limits: Any) -> Any:
    """The edges of the intervals of one dimension."""
    if isinstance(bins, TensorBase):
        if bins.dtype is not x.dtype:  # type: ignore[attr-defined]
            raise DtypeError(f"torch.histogramdd(): the edges must be of the dtype of the input, {x.dtype}")
        return bins.detach().clone()  # type: ignore[attr-defined]
    if bins <= 0:
        raise SettingError(f"torch.histogramdd(): bins must be > 0, but got {bins}")
    low, high = limits or ((float(x.min()), float(x.max())) if x.numel() else (0.0, 1.0))
    if low == high:
        low, high = low - 0.5, high + 0.5
    _check_range(low, high, "torch.histogramdd")
    return linspace(low, high, bins + 1, dtype=x.dtype, device=x.device)
