"""Functions of networks that gradient rules need under a name of their own."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from xpgrad._typing import Array, Namespace

_SQRT_HALF = math.sqrt(0.5)
_SQRT_2_OVER_PI = math.sqrt(2.0 / math.pi)


def sigmoid(xp: Namespace, x: Array, /) -> Array:
    """``1 / (1 + exp(-x))`` (`torch.sigmoid`).

    An extension because rules that contain it must be differentiable again: written out, its derivative is infinity
    over infinity where the exponential overflows.
    """
    return 1.0 / (xp.exp(-x) + 1.0)


def relu(xp: Namespace, x: Array, /) -> Array:
    """The greater of ``x`` and 0."""
    return xp.maximum(x, 0)


def relu_input(xp: Namespace, g: Array, out: Array, /) -> Array:
    """The gradient of the input of `relu` from that of its result: ``g`` where ``out`` is not 0, else 0.

    An extension, like `relu`, because it is everywhere and NumPy can do it several times faster than it does `where`.
    """
    return xp.where(out <= 0, 0.0, g)


def gelu(xp: Namespace, x: Array, /) -> Array:
    """``x`` times the normal distribution function of ``x`` (`torch.nn.functional.gelu`).

    An extension, like the five that follow, because a library that can compile does in one pass what these do in ten.
    """
    return x * (0.5 * (1.0 + xp.erf(x * _SQRT_HALF)))


def gelu_input(xp: Namespace, g: Array, x: Array, /) -> Array:
    """The gradient of the input of `gelu` from ``g``, that of its result."""
    density = xp.exp(-0.5 * (x * x)) * (_SQRT_HALF / math.sqrt(math.pi))
    return g * (0.5 * (1.0 + xp.erf(x * _SQRT_HALF)) + x * density)


def gelu_tanh(xp: Namespace, x: Array, /) -> Array:
    """`gelu` with the distribution function approximated by a hyperbolic tangent (Hendrycks and Gimpel 2016)."""
    return 0.5 * x * (1.0 + xp.tanh(_SQRT_2_OVER_PI * (x + 0.044715 * (x * x * x))))


def gelu_tanh_input(xp: Namespace, g: Array, x: Array, /) -> Array:
    """The gradient of the input of `gelu_tanh` from ``g``, that of its result."""
    square = x * x
    t = xp.tanh(_SQRT_2_OVER_PI * x * (1.0 + 0.044715 * square))
    inner = _SQRT_2_OVER_PI * (1.0 + 3 * 0.044715 * square)
    return g * (0.5 * (1.0 + t) + 0.5 * x * (1.0 - t * t) * inner)


def silu(xp: Namespace, x: Array, /) -> Array:
    """``x * sigmoid(x)`` (`torch.nn.functional.silu`)."""
    return x * xp.sigmoid(x)


def silu_input(xp: Namespace, g: Array, x: Array, /) -> Array:
    """The gradient of the input of `silu` from ``g``, that of its result."""
    s = xp.sigmoid(x)
    return g * (s * (1.0 + x * (1.0 - s)))


def softmax(xp: Namespace, x: Array, /, *, axis: int) -> Array:
    """``exp(x)``, divided by its sum along ``axis`` (`torch.softmax`).

    An extension, like the four that follow, because one pass over each line takes a third of the time of these.
    """
    if 0 in x.shape:
        return xp.exp(x)
    e = xp.exp(x - xp.max(x, axis=axis, keepdims=True))
    return e / xp.sum(e, axis=axis, keepdims=True)


def safe_softmax(xp: Namespace, x: Array, /, *, axis: int) -> Array:
    """`softmax`, but zero where all of ``x`` along ``axis`` is minus infinity."""
    if 0 in x.shape:
        return xp.exp(x)
    top = xp.max(x, axis=axis, keepdims=True)
    nothing = top == -math.inf
    e = xp.exp(x - xp.where(nothing, 0.0, top))
    return e / xp.where(nothing, 1.0, xp.sum(e, axis=axis, keepdims=True))


def softmax_input(xp: Namespace, g: Array, out: Array, /, *, axis: int) -> Array:
    """The gradient of the input of `softmax` from ``g``, that of its result ``out``."""
    weighted = g * out
    return weighted - out * xp.sum(weighted, axis=axis, keepdims=True)


def log_softmax(xp: Namespace, x: Array, /, *, axis: int) -> Array:
    """The logarithm of `softmax`, without overflow on the way (`torch.log_softmax`)."""
    if 0 in x.shape:
        return xp.exp(x)
    x = x - xp.max(x, axis=axis, keepdims=True)
    return x - xp.log(xp.sum(xp.exp(x), axis=axis, keepdims=True))


def log_softmax_input(xp: Namespace, g: Array, out: Array, /, *, axis: int) -> Array:
    """The gradient of the input of the logarithm of `softmax` from ``g``, that of the result ``out``."""
    return g - xp.exp(out) * xp.sum(g, axis=axis, keepdims=True)


FALLBACKS: dict[str, Callable[..., Any]] = {
    "gelu": gelu,
    "gelu_input": gelu_input,
    "gelu_tanh": gelu_tanh,
    "gelu_tanh_input": gelu_tanh_input,
    "log_softmax": log_softmax,
    "log_softmax_input": log_softmax_input,
    "relu": relu,
    "relu_input": relu_input,
    "safe_softmax": safe_softmax,
    "sigmoid": sigmoid,
    "silu": silu,
    "silu_input": silu_input,
    "softmax": softmax,
    "softmax_input": softmax_input,
}
