"""Activations of neural networks, elementwise or along an axis, and what normalises probabilities."""

from __future__ import annotations

from xpgrad.core.op import op
from xpgrad.ops.axes import keep_axes


@op("Relu")
def relu(xp, x, /):
    """The greater of ``x`` and 0. At 0 the gradient is 0."""
    return xp.maximum(x, 0.0)

@relu.vjp("x")
def _(xp, g, out): return xp.where(out <= 0, 0.0, g)


@op("Sigmoid")
def sigmoid(xp, x, /):
    """``1 / (1 + exp(-x))``."""
    return 1.0 / (xp.exp(-x) + 1.0)

@sigmoid.vjp("x")
def _(xp, g, out): return g * (out * (1.0 - out))


@op("Softmax")
def softmax(xp, x, /, *, axis):
    """``exp(x)``, divided by its sum along ``axis``."""
    e = xp.exp(x - xp.max(x, axis=axis, keepdims=True))
    return e / xp.sum(e, axis=axis, keepdims=True)

@softmax.vjp("x")
def _(xp, g, out, axis):
    weighted = g * out
    return weighted - out * xp.sum(weighted, axis=axis, keepdims=True)


@op("LogSoftmax")
def log_softmax(xp, x, /, *, axis):
    """The logarithm of `softmax`, without overflow on the way."""
    x = x - xp.max(x, axis=axis, keepdims=True)
    return x - xp.log(xp.sum(xp.exp(x), axis=axis, keepdims=True))

@log_softmax.vjp("x")
def _(xp, g, out, axis): return g - xp.exp(out) * xp.sum(g, axis=axis, keepdims=True)


@op("Logsumexp")
def logsumexp(xp, x, /, *, axis=None, keepdims=False):
    """``log(sum(exp(x)))`` over ``axis``, without overflow on the way."""
    top = xp.max(x, axis=axis, keepdims=True)
    top = xp.where(xp.isfinite(top), top, 0.0)
    total = xp.log(xp.sum(xp.exp(x - top), axis=axis, keepdims=keepdims))
    return total + (top if keepdims else xp.reshape(top, total.shape))

@logsumexp.vjp("x")
def _(xp, g, x, out, axis, keepdims):
    g, out = (keep_axes(xp, a, x.shape, axis, keepdims) for a in (g, out))
    return g * xp.exp(x - out)
