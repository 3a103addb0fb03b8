"""Normalising: to mean 0 and variance 1 over some axes, then scaled and shifted.

Mean and reciprocal deviation are results too, with gradients of their own. So a rule reads them instead of computing
them again, and differentiating the rule once more finds everything that the input went through.
"""

from __future__ import annotations

import math

from xpgrad.backends.fallbacks.normalization import normalized_gradient
from xpgrad.core.op import op


@op("NativeBatchNorm", outputs=3)
def batch_norm(xp, x, weight, bias, /, *, eps):
    """``x`` (N, C, *S) normalised in each channel, times ``weight`` plus ``bias`` (C,), either of which may be None.

    Returns:
        The result, the mean (C,) and the biased variance (C,).
    """
    return xp.batch_norm(x, weight, bias, eps=eps)

@batch_norm.vjp("x", "weight", "bias")
def _(xp, g, x, weight, out, eps, needs):
    return xp.batch_norm_gradients(*g, x, weight, *out[1:], eps=eps, needs=tuple(needs))


@op("NativeBatchNorm", constants=["mean", "variance"])
def batch_norm_by(xp, x, weight, bias, mean, variance, /, *, eps):
    """`batch_norm` with a mean and variance (C,) that do not depend on ``x``."""
    scale = (variance + eps) ** -0.5
    if weight is not None:
        scale = scale * weight
    shift = -mean * scale
    if bias is not None:
        shift = shift + bias
    return x * _on_channels(xp, scale, x) + _on_channels(xp, shift, x)

@batch_norm_by.vjp("x")
def _(xp, g, weight, variance, eps):
    scale = (variance + eps) ** -0.5
    return g * _on_channels(xp, scale if weight is None else scale * weight, g)

@batch_norm_by.vjp("weight")
def _(xp, g, x, mean, variance, eps):
    centered = x - _on_channels(xp, mean, x)
    return xp.sum(g * centered, axis=_all_but_channels(x)) * (variance + eps) ** -0.5

@batch_norm_by.vjp("bias")
def _(xp, g): return xp.sum(g, axis=_all_but_channels(g))


@op("NativeLayerNorm", outputs=3)
def layer_norm(xp, x, weight, bias, /, *, ndim, eps):
    """``x`` normalised over its last ``ndim`` axes, times ``weight`` plus ``bias``, which have these axes or are None.

    Returns:
        The result, and with axes of length 1 in their place the mean and the reciprocal of the deviation.
    """
    return xp.layer_norm(x, weight, bias, ndim=ndim, eps=eps)

@layer_norm.vjp("x", "weight", "bias")
def _(xp, g, x, weight, out, ndim, needs):
    return xp.layer_norm_gradients(*g, x, weight, *out[1:], ndim=ndim, needs=tuple(needs))


@op("NativeGroupNorm", outputs=3)
def group_norm(xp, x, weight, bias, /, *, groups, eps):
    """``x`` (N, C, *S) normalised in each of ``groups`` of channels, times ``weight`` plus ``bias`` (C,) or None.

    Returns:
        The result, and of shape (N, groups, 1) the mean and the reciprocal of the deviation.
    """
    grouped = xp.reshape(x, _grouped(x.shape, groups))
    normal, mean, inverse = xp.layer_norm(grouped, None, None, ndim=1, eps=eps)
    out = xp.reshape(normal, x.shape)
    if weight is not None:
        out = out * _on_channels(xp, weight, x)
    if bias is not None:
        out = out + _on_channels(xp, bias, x)
    return out, mean, inverse

@group_norm.vjp("x", "weight", "bias")
def _(xp, g, x, weight, out, groups, needs):
    g, g_mean, g_inverse = g
    _, mean, inverse = out
    shape = _grouped(x.shape, groups)
    normal = (xp.reshape(x, shape) - mean) * inverse
    axes = _all_but_channels(x)
    g_weight = xp.sum(g * xp.reshape(normal, x.shape), axis=axes) if needs[1] else None
    g_bias = xp.sum(g, axis=axes) if needs[2] else None
    g_x = None
    if needs[0]:
        g_normal = xp.reshape(g if weight is None else g * _on_channels(xp, weight, x), shape)
        g_x = xp.reshape(normalized_gradient(xp, normal, inverse, g_normal, g_mean, g_inverse), x.shape)
    return g_x, g_weight, g_bias


def _all_but_channels(x):
    return (0, *range(2, x.ndim))


def _on_channels(xp, per_channel, x):
    """Values (C,) in the shape that broadcasts with ``x`` (N, C, *S)."""
    return xp.reshape(per_channel, (-1,) + (1,) * (x.ndim - 2))


def _grouped(shape, groups):
    return (shape[0], groups, math.prod(shape[1:]) // groups)
