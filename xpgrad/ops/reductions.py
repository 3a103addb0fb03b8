"""Reductions: many elements to one along some axes."""

from __future__ import annotations

from xpgrad.core.op import op
from xpgrad.ops.axes import count, keep_axes


@op("Sum")
def sum(xp, x, /, *, axis=None, keepdims=False):
    """The sum over ``axis``, in the dtype of ``x``."""
    return xp.sum(x, axis=axis, keepdims=keepdims, dtype=x.dtype)

@sum.vjp("x")
def _(xp, g, x_shape, axis, keepdims): return xp.broadcast_to(keep_axes(xp, g, x_shape, axis, keepdims), x_shape)


@op("Mean")
def mean(xp, x, /, *, axis=None, keepdims=False):
    """The mean over ``axis``."""
    return xp.mean(x, axis=axis, keepdims=keepdims)

@mean.vjp("x")
def _(xp, g, x_shape, axis, keepdims):
    g = keep_axes(xp, g, x_shape, axis, keepdims)
    return xp.broadcast_to(g / count(x_shape, axis), x_shape)
