"""Running sums, products and extremes along a dimension."""

from __future__ import annotations

from typing import Any

from xpgrad.array_api.operands import cast
from xpgrad.backends.dtypes import dtype, int64
from xpgrad.errors import DtypeError
from xpgrad.functions import return_types
from xpgrad.functions.dims import normalize_dim, takes_axis
from xpgrad.functions.reduction import widened
from xpgrad.functions.results import deliver, deliver_each, deliver_exactly
from xpgrad.ops import cumulative, indexing

__all__ = ["cummax", "cummin", "cumprod", "cumsum", "logcumsumexp"]

_cummax = indexing.take_along_axis.named("CummaxBackward0")
_cummin = indexing.take_along_axis.named("CumminBackward0")


@takes_axis
def cumsum(input: Any, dim: int, *, dtype: dtype | None = None, out: Any = None) -> Any:
    """The running sum along ``dim``. Mirrors ``torch.cumsum``."""
    return deliver(out, _running(cumulative.cumulative_sum, widened(input, dtype), dim))


@takes_axis
def cumprod(input: Any, dim: int, *, dtype: dtype | None = None, out: Any = None) -> Any:
    """The running product along ``dim``. Mirrors ``torch.cumprod``."""
    return deliver(out, _running(cumulative.cumulative_prod, widened(input, dtype), dim))


@takes_axis
def logcumsumexp(input: Any, dim: int, *, out: Any = None) -> Any:
    """The logarithm of the running sum of the exponentials along ``dim``. Mirrors ``torch.logcumsumexp``.

    Raises:
        DtypeError: The tensor is of an integer or boolean dtype.
    """
    if not input.dtype.is_differentiable:
        raise DtypeError(f'"logcumsumexp_out_cpu" not implemented for {input.dtype}; use .float() first')
    return deliver_exactly(out, _running(cumulative.logcumsumexp, input, dim))


def _running(op: Any, input: Any, dim: int) -> Any:
    axis = normalize_dim(dim, input._array.ndim)
    return op.apply(input, axis=axis) if input._array.ndim else input.clone()


@takes_axis
def cummax(input: Any, dim: int, *, out: Any = None) -> Any:
    """The largest element so far along ``dim``, and where its last occurrence is. Mirrors ``torch.cummax``."""
    return deliver_each(out, return_types.Cummax(*_extremes(_cummax, input, dim, "max")), input)


@takes_axis
def cummin(input: Any, dim: int, *, out: Any = None) -> Any:
    """The smallest element so far along ``dim``, and where its last occurrence is. Mirrors ``torch.cummin``."""
    return deliver_each(out, return_types.Cummin(*_extremes(_cummin, input, dim, "min")), input)


def _extremes(op: Any, input: Any, dim: int, kind: str) -> tuple[Any, Any]:
    axis = normalize_dim(dim, input._array.ndim)
    if not input._array.ndim:
        return input.clone(), input.detach().new_zeros((), dtype=int64)
    compared = cast(input.detach(), int64) if input.dtype.kind == "bool" else input
    indices = cast(cumulative.last_extreme.apply(compared, axis=axis, kind=kind), int64)
    return op.apply(input, indices, axis=axis), indices
