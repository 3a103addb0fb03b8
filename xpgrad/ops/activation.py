"""Activations of neural networks, elementwise or along an axis, and what normalises probabilities."""

from __future__ import annotations

from xpgrad.core.op import op
from xpgrad.ops.axes import keep_axes


@op("Relu")
def relu(xp, x, /):
    """The greater of ``x`` and 0. At 0 the gradient is 0."""
    return xp.relu(x)

@relu.vjp("x")
def _(xp, g, out): return xp.relu_input(g, out)


@op("Sigmoid")
def sigmoid(xp, x, /):
    """``1 / (1 + exp(-x))``."""
    return xp.sigmoid(x)

@sigmoid.vjp("x")
def _(xp, g, out): return g * (out * (1.0 - out))


@op("Softmax")
def softmax(xp, x, /, *, axis):
    """``exp(x)``, divided by its sum along ``axis``."""
    return xp.softmax(x, axis=axis)

@softmax.vjp("x")
def _(xp, g, out, axis): return xp.softmax_input(g, out, axis=axis)


@op("SafeSoftmax")
def safe_softmax(xp, x, /, *, axis):
    """`softmax`, but zero where all of ``x`` along ``axis`` is minus infinity."""
    return xp.safe_softmax(x, axis=axis)

@safe_softmax.vjp("x")
def _(xp, g, out, axis): return xp.softmax_input(g, out, axis=axis)


@op("SoftmaxBackwardDataBackward0")
def softmax_gradient(xp, gradient, y, /, *, axis):
    """The gradient of the input of `softmax` from ``gradient``, that of its result ``y``."""
    weighted = gradient * y
    return weighted - y * xp.sum(weighted, axis=axis, keepdims=True)

@softmax_gradient.vjp("gradient")
def _(xp, g, y, axis): return y * (g - xp.sum(g * y, axis=axis, keepdims=True))

@softmax_gradient.vjp("y")
def _(xp, g, gradient, y, axis):
    inner = xp.sum(gradient * y, axis=axis, keepdims=True)
    return g * (gradient - inner) - gradient * xp.sum(g * y, axis=axis, keepdims=True)


@op("LogSoftmax")
def log_softmax(xp, x, /, *, axis):
    """The logarithm of `softmax`, without overflow on the way."""
    return xp.log_softmax(x, axis=axis)

@log_softmax.vjp("x")
def _(xp, g, out, axis): return xp.log_softmax_input(g, out, axis=axis)


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


@op("Threshold")
def threshold(xp, x, /, *, threshold, value):
    """``x`` where it is above ``threshold``, ``value`` elsewhere."""
    return xp.where(x <= threshold, value, x)

@threshold.vjp("x")
def _(xp, g, x, threshold): return xp.where(x <= threshold, 0.0, g)


@op("LeakyRelu")
def leaky_relu(xp, x, /, *, negative_slope):
    """``x`` where positive, ``negative_slope * x`` elsewhere."""
    return _bent(xp, x, negative_slope)

@leaky_relu.vjp("x")
def _(xp, g, x, negative_slope): return _bent_gradient(xp, g, x, negative_slope)

# Two halves that are added, each zero where the other is not: to choose between them takes NumPy far longer.

def _bent(xp, x, slope):
    """``x`` where positive, ``slope * x`` elsewhere."""
    return xp.maximum(x, 0.0) + xp.minimum(x, 0.0) * slope

def _bent_gradient(xp, g, x, slope):
    return xp.where(x <= 0, 0.0, g) + xp.where(x > 0, 0.0, g) * slope


@op("PreluKernel")
def prelu(xp, x, weight, /):
    """``x`` where positive, ``weight * x`` elsewhere; the two broadcast."""
    return _bent(xp, x, weight)

@prelu.vjp("x")
def _(xp, g, x, weight): return _bent_gradient(xp, g, x, weight)

@prelu.vjp("weight")
def _(xp, g, x): return xp.where(x > 0, 0.0, g * x)


@op("RreluWithNoise", constants=["slope"])
def rrelu(xp, x, slope, /):
    """``x`` where positive, ``slope * x`` elsewhere, with a slope drawn for each element."""
    return _bent(xp, x, slope)

@rrelu.vjp("x")
def _(xp, g, x, slope): return _bent_gradient(xp, g, x, slope)


@op("Elu")
def elu(xp, x, /, *, alpha, scale, input_scale):
    """``scale * x`` where positive, ``scale * alpha * (exp(input_scale * x) - 1)`` elsewhere."""
    below = xp.minimum(x, 0.0) * input_scale
    return xp.maximum(x, 0.0) * scale + xp.expm1(below) * (scale * alpha)

@elu.vjp("x")
def _(xp, g, x, alpha, scale, input_scale):
    # The exponential of what is positive could overflow, and its gradient be 0 * inf.
    slope = xp.exp(xp.where(x > 0, 0.0, x * input_scale)) * (scale * alpha * input_scale)
    return xp.where(x <= 0, 0.0, g) * scale + xp.where(x > 0, 0.0, g) * slope

celu = elu.named("Celu")


@op("Gelu")
def gelu(xp, x, /):
    """``x`` times the normal distribution function of ``x``."""
    return xp.gelu(x)

@gelu.vjp("x")
def _(xp, g, x): return xp.gelu_input(g, x)


@op("Gelu")
def gelu_tanh(xp, x, /):
    """`gelu` with the distribution function approximated by a hyperbolic tangent (Hendrycks and Gimpel 2016)."""
    return xp.gelu_tanh(x)

@gelu_tanh.vjp("x")
def _(xp, g, x): return xp.gelu_tanh_input(g, x)


@op("LogSigmoid")
def log_sigmoid(xp, x, /):
    """``log(sigmoid(x))``, without overflow."""
    return xp.minimum(x, 0.0) - xp.log1p(xp.exp(-xp.abs(x)))

@log_sigmoid.vjp("x")
def _(xp, g, x): return g * xp.sigmoid(-x)


@op("Softplus")
def softplus(xp, x, /, *, beta, threshold):
    """``log(1 + exp(beta * x)) / beta``, and ``x`` itself where ``beta * x`` is above ``threshold``."""
    z = x * beta
    return xp.where(z > threshold, x, (xp.maximum(z, 0.0) + xp.log1p(xp.exp(-xp.abs(z)))) / beta)

@softplus.vjp("x")
def _(xp, g, x, beta, threshold):
    z = x * beta
    return xp.where(z > threshold, g, g * xp.sigmoid(z))


@op("Silu")
def silu(xp, x, /):
    """``x * sigmoid(x)``."""
    return xp.silu(x)

@silu.vjp("x")
def _(xp, g, x): return xp.silu_input(g, x)


@op("Mish")
def mish(xp, x, /):
    """``x * tanh(softplus(x))``."""
    return x * _mish_gate(xp, x)[0]

@mish.vjp("x")
def _(xp, g, x):
    gate, s = _mish_gate(xp, x)
    return g * (gate + x * s * (1.0 - gate * gate))

def _mish_gate(xp, x):
    """``tanh(log(1 + e**x))`` without the logarithm, and ``sigmoid(x)``, of which it is a rational function."""
    s, rest = xp.sigmoid(x), xp.sigmoid(-x)
    # With u = 1 + e**x = 1 / rest: tanh(log u) = (u**2 - 1) / (u**2 + 1) = s (1 + rest) / (1 + rest**2).
    return s * (1.0 + rest) / (1.0 + rest * rest), s


@op("Hardtanh")
def hardtanh(xp, x, /, *, min_val, max_val):
    """``x`` kept between ``min_val`` and ``max_val``."""
    return xp.clip(x, min_val, max_val)

@hardtanh.vjp("x")
def _(xp, g, x, min_val, max_val): return xp.where((x <= min_val) | (x >= max_val), 0.0, g)


@op("Hardsigmoid")
def hardsigmoid(xp, x, /):
    """``x / 6 + 1/2`` kept between 0 and 1."""
    return xp.clip(x + 3.0, 0.0, 6.0) / 6.0

@hardsigmoid.vjp("x")
def _(xp, g, x): return xp.where((x <= -3.0) | (x >= 3.0), 0.0, g / 6.0)


@op("Hardswish")
def hardswish(xp, x, /):
    """``x * hardsigmoid(x)``."""
    return x * xp.clip(x + 3.0, 0.0, 6.0) / 6.0

@hardswish.vjp("x")
def _(xp, g, x): return xp.where(x <= -3.0, 0.0, xp.where(x < 3.0, g * (x / 3.0 + 0.5), g))


@op("Softshrink")
def softshrink(xp, x, /, *, lambd):
    """``x`` moved towards zero by ``lambd``, zero if it is nearer than that."""
    return x - xp.clip(x, -lambd, lambd)

@softshrink.vjp("x")
def _(xp, g, x, lambd): return xp.where((x >= -lambd) & (x <= lambd), 0.0, g)


@op("Hardshrink")
def hardshrink(xp, x, /, *, lambd):
    """``x``, but zero where it is no farther than ``lambd`` from zero."""
    return xp.where((x >= -lambd) & (x <= lambd), 0.0, x)

@hardshrink.vjp("x")
def _(xp, g, x, lambd): return xp.where((x >= -lambd) & (x <= lambd), 0.0, g)


@op("Glu")
def glu(xp, x, /, *, axis):
    """The first half of ``x`` along ``axis``, gated by the sigmoid of the second."""
    a, b = _halves(x, axis)
    return a * xp.sigmoid(b)

@glu.vjp("x")
def _(xp, g, x, axis):
    a, b = _halves(x, axis)
    s = xp.sigmoid(b)
    return xp.concat([g * s, g * (a * (s * (1.0 - s)))], axis=axis)

def _halves(x, axis):
    """The two halves of ``x`` along a non-negative ``axis``."""
    half = x.shape[axis] // 2
    before, after = (slice(None),) * axis, (slice(None),) * (x.ndim - axis - 1)
    return x[(*before, slice(None, half), *after)], x[(*before, slice(half, None), *after)]
