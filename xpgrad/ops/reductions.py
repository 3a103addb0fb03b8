"""Reductions, many elements to one along some axes."""

from __future__ import annotations

import math

from xpgrad.core.op import op
from xpgrad.ops.axes import count, inverted, keep_axes, normalized
from xpgrad.ops.cumulative import before
from xpgrad.ops.kinds import REFUSAL, is_complex, of_booleans, parts


@op("Sum")
def sum(xp, x, /, *, axis=None, keepdims=False):
    """The sum over ``axis``, in the dtype of ``x``."""
    return xp.sum(x, axis=axis, keepdims=keepdims, dtype=x.dtype)

@sum.vjp("x")
def _(xp, g, x_shape, axis, keepdims): return xp.broadcast_to(keep_axes(xp, g, x_shape, axis, keepdims), x_shape)


@op("Sum")
def sum_all(xp, x, /):
    """The sum of all elements, in the dtype of ``x``."""
    return xp.sum(x, dtype=x.dtype)

@sum_all.vjp("x")
def _(xp, g, x_shape): return xp.broadcast_to(g, x_shape)


@op("Mean")
def mean(xp, x, /, *, axis=None, keepdims=False):
    """The mean over ``axis``."""
    return xp.mean(x, axis=axis, keepdims=keepdims)

@mean.vjp("x")
def _(xp, g, x_shape, axis, keepdims):
    g = keep_axes(xp, g, x_shape, axis, keepdims)
    return xp.broadcast_to(g / count(x_shape, axis), x_shape)


@op("Prod")
def prod(xp, x, /, *, axis=None, keepdims=False):
    """The product over ``axis``, in the dtype of ``x``."""
    return xp.prod(x, axis=axis, keepdims=keepdims, dtype=x.dtype)

@prod.vjp("x")
def _(xp, g, x, axis, keepdims):
    # For each element the product of those before it times the product of those after it: the quotient of the whole
    # product and the element has no value where that is 0.
    gone = normalized(axis, x.ndim)
    kept = tuple(i for i in range(x.ndim) if i not in gone)
    moved = xp.permute_dims(x, kept + gone)
    rows = xp.reshape(moved, (count(x.shape, kept), count(x.shape, gone)))
    others = before(xp, rows, 1) * xp.flip(before(xp, xp.flip(rows, axis=1), 1), axis=1)
    others = xp.permute_dims(xp.reshape(others, moved.shape), inverted(kept + gone))
    return keep_axes(xp, g, x.shape, axis, keepdims) * others


@op("Amax")
def amax(xp, x, /, *, axis=None, keepdims=False):
    """The greatest element over ``axis``. Equal ones share the gradient evenly."""
    try:
        return xp.max(x, axis=axis, keepdims=keepdims)
    except REFUSAL as error:
        return of_booleans(xp, error, xp.max, x, axis=axis, keepdims=keepdims)

@amax.vjp("x")
def _(xp, g, x, out, axis, keepdims): return _shared(xp, g, x, out, axis, keepdims)


@op("Amin")
def amin(xp, x, /, *, axis=None, keepdims=False):
    """The smallest element over ``axis``. Equal ones share the gradient evenly."""
    try:
        return xp.min(x, axis=axis, keepdims=keepdims)
    except REFUSAL as error:
        return of_booleans(xp, error, xp.min, x, axis=axis, keepdims=keepdims)

@amin.vjp("x")
def _(xp, g, x, out, axis, keepdims): return _shared(xp, g, x, out, axis, keepdims)


def _shared(xp, g, x, out, axis, keepdims):
    chosen = x == keep_axes(xp, out, x.shape, axis, keepdims)
    sharing = xp.sum(xp.astype(chosen, g.dtype), axis=axis, keepdims=True)
    return xp.where(chosen, keep_axes(xp, g, x.shape, axis, keepdims) / sharing, 0.0)


@op("Var")
def var(xp, x, /, *, axis=None, correction=0.0, keepdims=False):
    """The mean squared distance from the mean over ``axis``, with ``n - correction`` for the number of elements."""
    try:
        return xp.var(x, axis=axis, correction=correction, keepdims=keepdims)
    except REFUSAL as error:
        return _var_of_parts(xp, error, x, axis, correction, keepdims)

@var.vjp("x")
def _(xp, g, x, axis, correction, keepdims):
    return keep_axes(xp, g, x.shape, axis, keepdims) * _spread(xp, x, axis, correction) * 2.0


@op("Std")
def std(xp, x, /, *, axis=None, correction=0.0, keepdims=False):
    """The square root of `var`. Where it is 0 the gradient is 0."""
    try:
        return xp.std(x, axis=axis, correction=correction, keepdims=keepdims)
    except REFUSAL as error:
        return xp.sqrt(_var_of_parts(xp, error, x, axis, correction, keepdims))

@std.vjp("x")
def _(xp, g, x, out, axis, correction, keepdims):
    g = xp.where(out == 0, 0.0, g / xp.where(out == 0, 1.0, out))
    return keep_axes(xp, g, x.shape, axis, keepdims) * _spread(xp, x, axis, correction)


def _var_of_parts(xp, error, x, axis, correction, keepdims):
    re, im = (xp.var(part, axis=axis, correction=correction, keepdims=keepdims) for part in parts(xp, error, x))
    return re + im


def _spread(xp, x, axis, correction):
    """Half the derivative of the variance."""
    n = count(x.shape, axis) - correction
    distance = x - xp.mean(x, axis=axis, keepdims=True)
    return (xp.conj(distance) if is_complex(xp, x) else distance) * (1.0 / n if n > 0 else math.inf)


@op("Sub")
def diff(xp, x, /, *, axis=-1, n=1):
    """The differences of neighbours along ``axis``, taken ``n`` times."""
    return xp.diff(x, axis=axis, n=n)

@diff.vjp("x")
def _(xp, g, x_shape, axis, n):
    margin = list(x_shape)
    margin[axis] = n
    zeros = xp.zeros(tuple(margin), dtype=g.dtype, device=g.device)
    return (-1.0) ** n * xp.diff(g, axis=axis, n=n, prepend=zeros, append=zeros)


@op("Median", constants=("value",))
def element(xp, x, value, /):
    """``value``, 0-d and one of the elements of ``x``. Those that are equal to it share the gradient evenly."""
    return xp.asarray(value, copy=True)

@element.vjp("x")
def _(xp, g, x, value):
    chosen = (x == value) | ((x != x) & (value != value))
    return xp.where(chosen, g / xp.sum(xp.astype(chosen, g.dtype)), 0.0)
