"""Reductions and normalisations that pass over what a mask leaves out, under ``torch.masked``'s names.

In each of them ``mask`` is True where an element counts; it broadcasts to the shape of ``input`` and has no more
dimensions. Without a mask all elements count. ``dtype`` is the dtype of the result. Masked tensors, PyTorch's
prototype of a class, are not supported: an operation takes a tensor and its mask.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from xpgrad.array_api.operands import cast
from xpgrad.backends.dtypes import bool_, dtype, float32, int64
from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import ArgumentError, ArgumentTypeError, DtypeError, SettingError
from xpgrad.functions import cumulative, extrema, norms, ranks, reduction
from xpgrad.functions import pointwise as of
from xpgrad.functions.broadcasting import expand
from xpgrad.functions.dims import normalize_dims

__all__ = [
    "amax", "amin", "argmax", "argmin", "cumprod", "cumsum", "log_softmax", "logaddexp", "logsumexp", "mean", "median",
    "norm", "normalize", "prod", "softmax", "softmin", "std", "sum", "var",
]  # fmt: skip

Dims = int | Sequence[int] | None


def sum(
    input: Any, dim: Dims = None, *, keepdim: bool | None = False, dtype: dtype | None = None, mask: Any = None
) -> Any:
    """The sum over ``dim`` of what counts, 0 if nothing does. Mirrors ``torch.masked.sum``."""
    return reduction.sum(_filled(input, mask, 0), _axes(input, dim), bool(keepdim), dtype=dtype)


def prod(
    input: Any, dim: Dims = None, *, keepdim: bool | None = False, dtype: dtype | None = None, mask: Any = None
) -> Any:
    """The product over ``dim`` of what counts, 1 if nothing does. Mirrors ``torch.masked.prod``."""
    result = reduction.widened(_filled(input, mask, 1), dtype)
    for axis in reversed(_axes(input, dim)):
        result = reduction.prod(result, axis, bool(keepdim), dtype=result.dtype)
    return result


def cumsum(input: Any, dim: int, *, dtype: dtype | None = None, mask: Any = None) -> Any:
    """The running sum along ``dim`` of what counts. Mirrors ``torch.masked.cumsum``."""
    return cumulative.cumsum(_filled(input, mask, 0), dim, dtype=dtype or input.dtype)


def cumprod(input: Any, dim: int, *, dtype: dtype | None = None, mask: Any = None) -> Any:
    """The running product along ``dim`` of what counts. Mirrors ``torch.masked.cumprod``."""
    return cumulative.cumprod(_filled(input, mask, 1), dim, dtype=dtype or input.dtype)


def amax(
    input: Any, dim: Dims = None, *, keepdim: bool | None = False, dtype: dtype | None = None, mask: Any = None
) -> Any:
    """The largest element over ``dim`` of what counts, the least number there is if nothing does.

    Mirrors ``torch.masked.amax``.
    """
    found = extrema.amax(_without_large(input, mask), _axes(input, dim), bool(keepdim))
    return cast(found, dtype or input.dtype)


def amin(
    input: Any, dim: Dims = None, *, keepdim: bool | None = False, dtype: dtype | None = None, mask: Any = None
) -> Any:
    """The smallest element over ``dim`` of what counts, the greatest number there is if nothing does.

    Mirrors ``torch.masked.amin``.
    """
    found = extrema.amin(_without_small(input, mask), _axes(input, dim), bool(keepdim))
    return cast(found, dtype or input.dtype)


def argmax(
    input: Any, dim: int | None = None, *, keepdim: bool | None = False, dtype: dtype | None = None, mask: Any = None
) -> Any:
    """Where the largest element is along ``dim``, of what counts. Mirrors ``torch.masked.argmax``.

    The index is in ``dtype``, by default that of ``input``.
    """
    return cast(extrema.argmax(_without_large(input, mask), dim, bool(keepdim)), dtype or input.dtype)


def argmin(
    input: Any, dim: int | None = None, *, keepdim: bool | None = False, dtype: dtype | None = None, mask: Any = None
) -> Any:
    """Where the smallest element is along ``dim``, of what counts. Mirrors ``torch.masked.argmin``.

    The index is in ``dtype``, by default that of ``input``.
    """
    return cast(extrema.argmin(_without_small(input, mask), dim, bool(keepdim)), dtype or input.dtype)


def mean(
    input: Any, dim: Dims = None, *, keepdim: bool | None = False, dtype: dtype | None = None, mask: Any = None
) -> Any:
    """The mean over ``dim`` of what counts, NaN if nothing does. Mirrors ``torch.masked.mean``.

    Raises:
        ArgumentError: The dtype is an integer or boolean one.
    """
    wanted = dtype or input.dtype
    if not wanted.is_differentiable:
        raise ArgumentError(
            "mean(): Could not infer output dtype. Its dtype must be either a floating point or complex dtype. Got: "
            f"{wanted}"
        )
    return sum(input, dim, keepdim=keepdim, dtype=dtype, mask=mask) / _count(input, dim, keepdim, mask)


def median(input: Any, dim: int = -1, *, keepdim: bool = False, dtype: dtype | None = None, mask: Any = None) -> Any:
    """The lower of the two middle elements along ``dim`` of what counts, NaN if nothing does.

    Mirrors ``torch.masked.median``.

    Raises:
        ArgumentError: The dtype has no NaN, and nothing counts.
    """
    x = input if input.dtype.is_floating_point else cast(input, float32)
    found = ranks.nanmedian(_filled(x, mask, math.nan), dim, keepdim).values
    if input.dtype.is_floating_point:
        return found
    if bool((found != found).any()):
        raise ArgumentError("masked median expects no fully masked out rows if dtype is not floating point")
    return cast(found, dtype or input.dtype)


def var(
    input: Any,
    dim: Dims = None,
    unbiased: bool | None = None,
    *,
    correction: float | None = None,
    keepdim: bool | None = False,
    dtype: dtype | None = None,
    mask: Any = None,
) -> Any:
    """The variance over ``dim`` of the n elements that count, divided by n - ``correction`` (1 by default).

    Mirrors ``torch.masked.var``.

    Raises:
        SettingError: Both ``unbiased`` and ``correction`` are given.
    """
    if unbiased is not None and correction is not None:
        raise SettingError("masked var: give one of unbiased and correction, not both")
    if correction is None:
        correction = 1.0 if unbiased is None or unbiased else 0.0
    wanted = dtype or (input.dtype if input.dtype.is_differentiable else float32)
    centre = sum(input, dim, keepdim=True, dtype=wanted, mask=mask) / _count(input, dim, True, mask)
    distance = input - centre
    squares = distance * distance.conj()
    total = sum(squares, dim, keepdim=keepdim, dtype=wanted, mask=mask)
    count = cast(_count(input, dim, keepdim, mask), wanted.to_real()) - correction
    return cast(total / count.clamp(min=0.0), wanted)


def std(
    input: Any,
    dim: Dims = None,
    unbiased: bool | None = None,
    *,
    correction: float | None = None,
    keepdim: bool | None = False,
    dtype: dtype | None = None,
    mask: Any = None,
) -> Any:
    """The square root of `var`. Mirrors ``torch.masked.std``."""
    return of.sqrt(var(input, dim, unbiased, correction=correction, keepdim=keepdim, dtype=dtype, mask=mask))


def norm(
    input: Any,
    ord: float | None = 2.0,
    dim: Dims = None,
    *,
    keepdim: bool | None = False,
    dtype: dtype | None = None,
    mask: Any = None,
) -> Any:
    """The ``ord``-norm over ``dim`` of what counts. Mirrors ``torch.masked.norm``."""
    order = 2.0 if ord is None else ord
    x = _filled(input, mask, math.inf if order == -math.inf else 0)
    return norms.vector_norm(x, order, _axes(input, dim), bool(keepdim), dtype=dtype)


def logsumexp(
    input: Any, dim: Dims = None, *, keepdim: bool = False, dtype: dtype | None = None, mask: Any = None
) -> Any:
    """The logarithm of the sum of the exponentials over ``dim`` of what counts. Mirrors ``torch.masked.logsumexp``."""
    found = reduction.logsumexp(_without_large(input, mask), _axes(input, dim), keepdim)
    return cast(found, dtype or input.dtype)


def logaddexp(
    input: Any, other: Any, *, dtype: dtype | None = None, input_mask: Any = None, other_mask: Any = None
) -> Any:
    """``log(exp(input) + exp(other))``, either only where its mask is True. Mirrors ``torch.masked.logaddexp``."""
    both = of.logaddexp(_without_large(input, input_mask), _without_large(other, other_mask))
    return cast(both, dtype or input.dtype)


def softmax(input: Any, dim: int, *, dtype: dtype | None = None, mask: Any = None) -> Any:
    """``exp(input)`` divided by its sum over ``dim``, of what counts. Mirrors ``torch.masked.softmax``."""
    return reduction.softmax(_without_large(input, mask), dim, dtype=dtype or input.dtype)


def log_softmax(input: Any, dim: int, *, dtype: dtype | None = None, mask: Any = None) -> Any:
    """The logarithm of `softmax`. Mirrors ``torch.masked.log_softmax``."""
    return reduction.log_softmax(_without_large(input, mask), dim, dtype=dtype or input.dtype)


def softmin(input: Any, dim: int, *, dtype: dtype | None = None, mask: Any = None) -> Any:
    """`softmax` of ``-input``. Mirrors ``torch.masked.softmin``."""
    return reduction.softmax(-_without_small(input, mask), dim, dtype=dtype or input.dtype)


def normalize(
    input: Any, ord: float, dim: int, *, eps: float = 1e-12, dtype: dtype | None = None, mask: Any = None
) -> Any:
    """What counts of ``input`` divided by its ``ord``-norm over ``dim``, 0 elsewhere.

    Mirrors ``torch.masked.normalize``.
    """
    length = norm(input, ord, dim, keepdim=True, dtype=dtype, mask=mask)
    return _filled(input, mask, 0) / of.maximum(length, length.new_full((), eps))


def _filled(input: Any, mask: Any, value: float) -> Any:
    """``input``, with ``value`` where ``mask`` says that an element does not count.

    Raises:
        ArgumentTypeError: ``mask`` is no tensor.
        ArgumentError: ``mask`` has more dimensions than ``input``.
    """
    if mask is None:
        return input
    return of.where(_spread(input, mask), input, input.new_tensor(value))


def _spread(input: Any, mask: Any) -> Any:
    """``mask`` as booleans in the shape of ``input``."""
    if not isinstance(mask, TensorBase):
        raise ArgumentTypeError(f"mask must be Tensor but got {type(mask).__name__}")
    if mask._array.ndim > input._array.ndim:
        raise ArgumentError(
            "_input_mask expected broadcastable mask (got mask dimensionality higher than of the input): "
            f"{mask._array.ndim} and {input._array.ndim}"
        )
    return expand(cast(mask, bool_), tuple(input._array.shape))


def _without_large(input: Any, mask: Any) -> Any:
    """``input`` with the least number of its dtype where it does not count."""
    return input if mask is None else _filled(input, mask, _limits(input)[0])


def _without_small(input: Any, mask: Any) -> Any:
    return input if mask is None else _filled(input, mask, _limits(input)[1])


def _limits(input: Any) -> tuple[float, float]:
    kind = input.dtype.kind
    if kind in ("float", "complex"):
        return -math.inf, math.inf
    if kind == "bool":
        raise DtypeError(f"masked: {input.dtype} has no least number to stand for what is left out; use .int() first")
    limits = input._place.xp.iinfo(input._array.dtype)
    return int(limits.min), int(limits.max)


def _count(input: Any, dim: Dims, keepdim: bool | None, mask: Any) -> Any:
    """How many elements over ``dim`` count."""
    ones = input.detach().new_ones((), dtype=int64)
    counted = expand(ones, tuple(input._array.shape)) if mask is None else cast(_spread(input, mask), int64)
    return reduction.sum(counted, _axes(input, dim), bool(keepdim))


def _axes(input: Any, dim: Dims) -> tuple[int, ...]:
    """``dim`` as ascending axes, of which a 0-d tensor has none."""
    ndim = input._array.ndim
    axes = normalize_dims(dim, ndim) if dim is not None else None
    return tuple(range(ndim)) if axes is None else tuple(sorted(axes))
