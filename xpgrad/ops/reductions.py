"""Reductions, many elements to one along some axes, and their running forms."""

from __future__ import annotations

import math

from xpgrad.core.op import op
from xpgrad.ops.axes import count, inverted, keep_axes, normalized, part
from xpgrad.ops.kinds import is_complex


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
    others = _before(xp, rows) * xp.flip(_before(xp, xp.flip(rows, axis=1)), axis=1)
    others = xp.permute_dims(xp.reshape(others, moved.shape), inverted(kept + gone))
    return keep_axes(xp, g, x.shape, axis, keepdims) * others


def _before(xp, x, axis=1):
    """For each element the product of those before it along ``axis``."""
    return part(xp, xp.cumulative_prod(x, axis=axis, include_initial=True), axis, None, -1)


@op("Amax")
def amax(xp, x, /, *, axis=None, keepdims=False):
    """The greatest element over ``axis``. Equal ones share the gradient evenly."""
    return xp.max(x, axis=axis, keepdims=keepdims)

@amax.vjp("x")
def _(xp, g, x, out, axis, keepdims): return _shared(xp, g, x, out, axis, keepdims)


@op("Amin")
def amin(xp, x, /, *, axis=None, keepdims=False):
    """The smallest element over ``axis``. Equal ones share the gradient evenly."""
    return xp.min(x, axis=axis, keepdims=keepdims)

@amin.vjp("x")
def _(xp, g, x, out, axis, keepdims): return _shared(xp, g, x, out, axis, keepdims)


def _shared(xp, g, x, out, axis, keepdims):
    chosen = x == keep_axes(xp, out, x.shape, axis, keepdims)
    sharing = xp.sum(xp.astype(chosen, g.dtype), axis=axis, keepdims=True)
    return xp.where(chosen, keep_axes(xp, g, x.shape, axis, keepdims) / sharing, 0.0)


@op("Var")
def var(xp, x, /, *, axis=None, correction=0.0, keepdims=False):
    """The mean squared distance from the mean over ``axis``, with ``n - correction`` for the number of elements."""
    return xp.var(x, axis=axis, correction=correction, keepdims=keepdims)

@var.vjp("x")
def _(xp, g, x, axis, correction, keepdims):
    return keep_axes(xp, g, x.shape, axis, keepdims) * _spread(xp, x, axis, correction) * 2.0


@op("Std")
def std(xp, x, /, *, axis=None, correction=0.0, keepdims=False):
    """The square root of `var`. Where it is 0 the gradient is 0."""
    return xp.std(x, axis=axis, correction=correction, keepdims=keepdims)

@std.vjp("x")
def _(xp, g, x, out, axis, correction, keepdims):
    g = xp.where(out == 0, 0.0, g / xp.where(out == 0, 1.0, out))
    return keep_axes(xp, g, x.shape, axis, keepdims) * _spread(xp, x, axis, correction)


def _spread(xp, x, axis, correction):
    """Half the derivative of the variance."""
    n = count(x.shape, axis) - correction
    distance = x - xp.mean(x, axis=axis, keepdims=True)
    return (xp.conj(distance) if is_complex(xp, x) else distance) * (1.0 / n if n > 0 else math.inf)


@op("Cumsum")
def cumulative_sum(xp, x, /, *, axis, include_initial=False):
    """The sums of the elements up to each along ``axis``, in the dtype of ``x``; first a 0 if asked for."""
    return xp.cumulative_sum(x, axis=axis, dtype=x.dtype, include_initial=include_initial)

@cumulative_sum.vjp("x")
def _(xp, g, axis, include_initial):
    g = part(xp, g, axis, 1, None) if include_initial else g
    return xp.flip(xp.cumulative_sum(xp.flip(g, axis=axis), axis=axis), axis=axis)


@op("Cumprod")
def cumulative_prod(xp, x, /, *, axis, include_initial=False):
    """The products of the elements up to each along ``axis``, in the dtype of ``x``; first a 1 if asked for."""
    return xp.cumulative_prod(x, axis=axis, dtype=x.dtype, include_initial=include_initial)

@cumulative_prod.vjp("x")
def _(xp, g, x, axis, include_initial):
    # With s[i] = g[i] + x[i + 1] * s[i + 1], the gradient is s[i] times the product of the elements before i. The
    # recurrence is solved by doubling: each pass lets s take in twice as many terms, `ahead` being the product of the
    # elements that lead to the new ones. Nothing is divided, so elements may be 0.
    s = part(xp, g, axis, 1, None) if include_initial else g
    ahead, step, n = part(xp, x, axis, 1, None), 1, x.shape[axis]
    while step < n:
        sooner = part(xp, s, axis, None, -step) + ahead * part(xp, s, axis, step, None)
        s = xp.concat([sooner, part(xp, s, axis, -step, None)], axis=axis)
        if 2 * step < n:
            ahead = part(xp, ahead, axis, None, -step) * part(xp, ahead, axis, step, None)
        step *= 2
    return s * _before(xp, x, axis)


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
