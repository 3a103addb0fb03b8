"""Sums, means, products, spreads and truths with PyTorch's ``dim`` and ``keepdim``."""

from __future__ import annotations

import builtins
from typing import Any

from xpgrad.array_api import elementwise
from xpgrad.array_api.operands import cast
from xpgrad.array_api.operands import floating as as_floating
from xpgrad.backends.dtypes import dtype, int64, uint8
from xpgrad.errors import DtypeError, ShapeError
from xpgrad.functions.comparison import isfinite, isnan, truth
from xpgrad.functions.dims import Dim, normalize_dim, normalize_dims, spelled, takes_axis
from xpgrad.functions.pointwise import exp, log, where
from xpgrad.functions.results import deliver, deliver_exactly
from xpgrad.functions.shape import lengths, reshape
from xpgrad.ops import activation, reductions, searching

__all__ = [
    "all", "any", "count_nonzero", "log_softmax", "logsumexp", "mean", "nanmean", "nansum", "prod", "softmax", "std",
    "std_mean", "sum", "var", "var_mean",
]  # fmt: skip

_sum_dim = reductions.sum.named("SumBackward1")
_mean_dim = reductions.mean.named("MeanBackward1")
_prod_dim = reductions.prod.named("ProdBackward1")
_var = reductions.var.named("VarBackward0")
_std = reductions.std.named("StdBackward0")


def sum(
    input: Any, dim: Dim = None, keepdim: bool = False, *, dtype: dtype | None = None, out: Any = None, **spelling: Any
) -> Any:
    """The sum over ``dim``, of all elements by default; integers in int64. Mirrors ``torch.sum``."""
    if spelling:
        dim, keepdim = spelled(dim, keepdim, spelling)
    if dtype is not None or input._node is None:
        input = widened(input, dtype)
    if dim is None and not keepdim:
        result = reductions.sum_all.apply(input)
    else:
        result = _sum_dim.apply(input, axis=normalize_dims(dim, input._array.ndim), keepdims=keepdim)
    return result if out is None else deliver(out, result)


def sum_to_size(input: Any, *sizes: Any, size: Any = None) -> Any:
    """The sum over the dimensions that broadcasting from ``size`` would make. Mirrors ``torch.Tensor.sum_to_size``.

    Raises:
        ShapeError: ``size`` does not broadcast to the tensor's shape.
    """
    wanted, shape = lengths(sizes, size), tuple(input._array.shape)
    extra = len(shape) - len(wanted)
    if extra < 0 or builtins.any(w not in (1, n) for w, n in zip(wanted, shape[extra:], strict=True)):
        raise ShapeError(f"size {list(wanted)} is not expandable to size {list(shape)}.")
    gone = tuple(i for i, n in enumerate(shape) if i < extra or (wanted[i - extra] == 1 and n != 1))
    if not wanted:
        return sum(input)
    summed = _sum_dim.apply(widened(input, None), axis=gone, keepdims=True) if gone else input
    return reshape(summed, wanted) if extra else summed


def nansum(
    input: Any, dim: Dim = None, keepdim: bool = False, *, dtype: dtype | None = None, out: Any = None, **spelling: Any
) -> Any:
    """The sum over ``dim`` of what is not NaN. Mirrors ``torch.nansum``.

    Raises:
        DtypeError: The tensor is complex.
    """
    if input.dtype.is_complex:
        raise DtypeError("nansum on CPU does not support complex inputs; sum real and imaginary parts apart")
    numbers = where(isnan(input), 0.0, input) if input.dtype.is_differentiable else input
    return sum(numbers, dim, keepdim, dtype=dtype, out=out, **spelling)


def mean(
    input: Any, dim: Dim = None, keepdim: bool = False, *, dtype: dtype | None = None, out: Any = None, **spelling: Any
) -> Any:
    """The mean over ``dim``, of all elements by default. Mirrors ``torch.mean``.

    Raises:
        DtypeError: The tensor is of an integer or boolean dtype.
    """
    if spelling:
        dim, keepdim = spelled(dim, keepdim, spelling)
    if dtype is not None:
        input = cast(input, dtype)
    if input._node is None and not input.dtype.is_differentiable:
        raise DtypeError(
            "mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. "
            f"Got: {input.dtype.name}; use x.float().mean() or dtype=."
        )
    if dim is None and not keepdim:
        result = reductions.mean.apply(input)
    else:
        result = _mean_dim.apply(input, axis=normalize_dims(dim, input._array.ndim), keepdims=keepdim)
    return result if out is None else deliver(out, result)


@takes_axis
def nanmean(input: Any, dim: Dim = None, keepdim: bool = False, *, dtype: dtype | None = None, out: Any = None) -> Any:
    """The mean over ``dim`` of what is not NaN. Mirrors ``torch.nanmean``.

    Raises:
        DtypeError: The tensor is of an integer, boolean or complex dtype.
    """
    if not input.dtype.is_differentiable:
        raise DtypeError(
            f"nanmean(): expected input to have floating point or complex dtype but got {input.dtype}; use .float()"
        )
    return deliver(out, nansum(input, dim, keepdim, dtype=dtype) / sum(~isnan(input), dim, keepdim))


def prod(
    input: Any,
    dim: Any = None,
    keepdim: bool = False,
    *,
    dtype: dtype | None = None,
    out: Any = None,
    **spelling: Any,
) -> Any:
    """The product over ``dim``, of all elements by default; integers in int64. Mirrors ``torch.prod``."""
    if spelling:
        dim, keepdim = spelled(dim, keepdim, spelling)
    input = widened(input, dtype)
    if dim is None:
        return deliver(out, reductions.prod.apply(input))
    return deliver(
        out,
        _prod_dim.apply(
            input, axis=(normalize_dim(dim, input._array.ndim),) if input._array.ndim else (), keepdims=keepdim
        ),
    )


def var(
    input: Any,
    dim: Any = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
    out: Any = None,
    **spelling: Any,
) -> Any:
    """The variance over ``dim``, divided by n - ``correction`` (1 by default). Mirrors ``torch.var``.

    Raises:
        DtypeError: The tensor is of an integer or boolean dtype.
    """
    return deliver(out, _spread(_var, input, dim, unbiased, keepdim, correction, spelling))


def std(
    input: Any,
    dim: Any = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
    out: Any = None,
    **spelling: Any,
) -> Any:
    """The standard deviation over ``dim``, the square root of `var`. Mirrors ``torch.std``.

    Raises:
        DtypeError: The tensor is of an integer or boolean dtype.
    """
    return deliver(out, _spread(_std, input, dim, unbiased, keepdim, correction, spelling))


def _spread(
    op: Any,
    input: Any,
    dim: Any,
    unbiased: bool | None,
    keepdim: bool,
    correction: float | None,
    spelling: dict[str, Any],
) -> Any:
    if isinstance(dim, bool):
        # The old spelling var(x, unbiased).
        dim, unbiased = None, dim
    if spelling:
        dim, keepdim = spelled(dim, keepdim, spelling)
    if not input.dtype.is_differentiable:
        raise DtypeError("std and var only support floating point and complex dtypes; use .float() first")
    if correction is None:
        correction = 1.0 if unbiased is None or unbiased else 0.0
    axis = normalize_dims(dim, input._array.ndim)
    return op.apply(input, axis=axis, correction=float(correction), keepdims=keepdim)


@takes_axis
def var_mean(input: Any, dim: Any = None, unbiased: bool | None = None, keepdim: bool = False, *,
             correction: float | None = None) -> tuple[Any, Any]:  # fmt: skip
    """`var` and `mean` together. Mirrors ``torch.var_mean``."""
    over = None if isinstance(dim, bool) else dim
    return var(input, dim, unbiased, keepdim, correction=correction), mean(input, over, keepdim)


@takes_axis
def std_mean(input: Any, dim: Any = None, unbiased: bool | None = None, keepdim: bool = False, *,
             correction: float | None = None) -> tuple[Any, Any]:  # fmt: skip
    """`std` and `mean` together. Mirrors ``torch.std_mean``."""
    over = None if isinstance(dim, bool) else dim
    return std(input, dim, unbiased, keepdim, correction=correction), mean(input, over, keepdim)


def all(input: Any, dim: Dim = None, keepdim: bool = False, *, out: Any = None, **spelling: Any) -> Any:
    """Whether all elements along ``dim`` are nonzero, in uint8 of uint8. Mirrors ``torch.all``."""
    return _truths(searching.all, input, dim, keepdim, out, spelling)


def any(input: Any, dim: Dim = None, keepdim: bool = False, *, out: Any = None, **spelling: Any) -> Any:
    """Whether some element along ``dim`` is nonzero, in uint8 of uint8. Mirrors ``torch.any``."""
    return _truths(searching.any, input, dim, keepdim, out, spelling)


def _truths(op: Any, input: Any, dim: Dim, keepdim: bool, out: Any, spelling: dict[str, Any]) -> Any:
    if spelling:
        dim, keepdim = spelled(dim, keepdim, spelling)
    found = op.apply(truth(input), axis=normalize_dims(dim, input._array.ndim), keepdims=keepdim)
    return deliver(out, cast(found, uint8) if input.dtype is uint8 else found)


@takes_axis
def count_nonzero(input: Any, dim: Dim = None) -> Any:
    """How many elements along ``dim`` are nonzero. Mirrors ``torch.count_nonzero``."""
    return sum(truth(input), dim)


@takes_axis
def logsumexp(input: Any, dim: Dim, keepdim: bool = False, *, out: Any = None) -> Any:
    """``log(sum(exp(input)))`` over ``dim`` without overflow. Mirrors ``torch.logsumexp``."""
    input = as_floating(input)
    if 0 in input._array.shape:
        # There is no largest element to keep the exponentials small by.
        return deliver_exactly(out, log(sum(exp(input), dim, keepdim)))
    axis = normalize_dims(dim, input._array.ndim)
    if input.dtype.is_complex:
        top = reductions.amax.apply(elementwise.real(input.detach()), axis=axis, keepdims=True)
        top = where(isfinite(top), top, 0.0)
        rest = log(sum(exp(input - top), dim, keepdim))
        return deliver_exactly(out, rest + (top if keepdim else top.reshape(tuple(rest.shape))))
    return deliver_exactly(out, activation.logsumexp.apply(input, axis=axis, keepdims=keepdim))


@takes_axis
def softmax(input: Any, dim: int, dtype: dtype | None = None, *, out: Any = None) -> Any:
    """``exp(input)`` divided by its sum over ``dim``. Mirrors ``torch.softmax``."""
    return deliver(out, _along(activation.softmax, input, dim, dtype))


@takes_axis
def log_softmax(input: Any, dim: int, dtype: dtype | None = None, *, out: Any = None) -> Any:
    """The logarithm of `softmax`, computed without overflow. Mirrors ``torch.log_softmax``."""
    return deliver(out, _along(activation.log_softmax, input, dim, dtype))


def _along(op: Any, input: Any, dim: int, dtype: dtype | None) -> Any:
    input = cast(input, dtype) if dtype is not None else input
    axis = normalize_dim(dim, input._array.ndim)
    if input._array.ndim:
        return op.apply(input, axis=axis)
    # In PyTorch a number counts as having one dimension.
    return reshape(op.apply(reshape(input, (1,)), axis=0), ())


def widened(input: Any, wanted: dtype | None) -> Any:
    """``input`` in the dtype asked for, or integers and booleans in int64."""
    if wanted is not None:
        return cast(input, wanted)
    d = input._place.dtype(input._array.dtype)
    return input if d.is_differentiable else cast(input, int64)
