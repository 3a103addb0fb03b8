"""The standard's statistical and utility functions: reductions, their running forms, and differences."""

from __future__ import annotations

from typing import Any

from xpgrad._typing import Axis
from xpgrad.array_api.operands import meet, require_tensor, widened
from xpgrad.backends.dtypes import dtype
from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import ArgumentError
from xpgrad.ops import cumulative, reductions, searching
from xpgrad.ops.copying import copy as clone
from xpgrad.ops.joining import concat

__all__ = [
    "all", "any", "cumulative_prod", "cumulative_sum", "diff", "max", "mean", "min", "prod", "std", "sum", "var",
]  # fmt: skip


def sum(x: TensorBase, /, *, axis: Axis = None, dtype: dtype | None = None, keepdims: bool = False) -> Any:
    """The sum over ``axis``, in ``dtype``; by default in the dtype of ``x``, integers in 64 bits."""
    return reductions.sum.apply(_widened(x, dtype, "sum"), axis=axis, keepdims=keepdims)


def prod(x: TensorBase, /, *, axis: Axis = None, dtype: dtype | None = None, keepdims: bool = False) -> Any:
    """The product over ``axis``, in ``dtype``; by default in the dtype of ``x``, integers in 64 bits."""
    return reductions.prod.apply(_widened(x, dtype, "prod"), axis=axis, keepdims=keepdims)


def mean(x: TensorBase, /, *, axis: Axis = None, keepdims: bool = False) -> Any:
    """The mean over ``axis``."""
    return reductions.mean.apply(x, axis=axis, keepdims=keepdims)


def var(x: TensorBase, /, *, axis: Axis = None, correction: float = 0.0, keepdims: bool = False) -> Any:
    """The mean squared distance from the mean over ``axis``, with ``n - correction`` for the number of elements."""
    return reductions.var.apply(x, axis=axis, correction=correction, keepdims=keepdims)


def std(x: TensorBase, /, *, axis: Axis = None, correction: float = 0.0, keepdims: bool = False) -> Any:
    """The square root of `var`."""
    return _of_its_own(reductions.std.apply(x, axis=axis, correction=correction, keepdims=keepdims))


def max(x: TensorBase, /, *, axis: Axis = None, keepdims: bool = False) -> Any:
    """The greatest element over ``axis``; equal ones share the gradient evenly."""
    return _of_its_own(reductions.amax.apply(x, axis=axis, keepdims=keepdims))


def min(x: TensorBase, /, *, axis: Axis = None, keepdims: bool = False) -> Any:
    """The smallest element over ``axis``; equal ones share the gradient evenly."""
    return _of_its_own(reductions.amin.apply(x, axis=axis, keepdims=keepdims))


def any(x: TensorBase, /, *, axis: Axis = None, keepdims: bool = False) -> Any:
    """Whether at least one element over ``axis`` is not zero."""
    return searching.any.apply(x, axis=axis, keepdims=keepdims)


def all(x: TensorBase, /, *, axis: Axis = None, keepdims: bool = False) -> Any:
    """Whether no element over ``axis`` is zero."""
    return searching.all.apply(x, axis=axis, keepdims=keepdims)


def cumulative_sum(
    x: TensorBase, /, *, axis: int | None = None, dtype: dtype | None = None, include_initial: bool = False
) -> Any:
    """The sums of the elements up to each along ``axis``, optional in 1-d; first a 0 if ``include_initial``."""
    x = _widened(x, dtype, "cumulative_sum")
    return cumulative.cumulative_sum.apply(
        x, axis=_only_axis(x, axis, "cumulative_sum"), include_initial=include_initial
    )


def cumulative_prod(
    x: TensorBase, /, *, axis: int | None = None, dtype: dtype | None = None, include_initial: bool = False
) -> Any:
    """The products of the elements up to each along ``axis``, optional in 1-d; first a 1 if ``include_initial``."""
    x = _widened(x, dtype, "cumulative_prod")
    return cumulative.cumulative_prod.apply(
        x, axis=_only_axis(x, axis, "cumulative_prod"), include_initial=include_initial
    )


def diff(
    x: TensorBase, /, *, axis: int = -1, n: int = 1, prepend: TensorBase | None = None, append: TensorBase | None = None
) -> Any:
    """The differences of neighbours along ``axis``, taken ``n`` times, of ``prepend``, ``x`` and ``append`` joined."""
    require_tensor(x, "diff")
    parts = [part for part in (prepend, x, append) if part is not None]
    joined = x if len(parts) == 1 else concat(*meet(tuple(parts), "diff"), axis=axis % x._array.ndim)
    return reductions.diff.apply(joined, axis=axis, n=n)


def _of_its_own(result: Any) -> Any:
    """``result``, a copy if a rule saved it: portable code writes into what it got from a reduction."""
    return result if result._node is None else clone.apply(result)


def _widened(x: TensorBase, dtype: dtype | None, name: str) -> Any:
    require_tensor(x, name)
    return widened(x, dtype)


def _only_axis(x: TensorBase, axis: int | None, name: str) -> int:
    if axis is not None:
        return axis
    if x._array.ndim == 1:
        return 0
    shape = tuple(x._array.shape)
    raise ArgumentError(f"{name}: axis may be left out in one dimension only, the shape is {shape}; give the axis")
