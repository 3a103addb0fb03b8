"""Normalising over the last axes or in each channel, and the gradients.

Extensions because a library can do in two passes over the memory what these do in ten.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from xpgrad._typing import Array, Namespace, Shape


def layer_norm(
    xp: Namespace, x: Array, weight: Array | None, bias: Array | None, /, *, ndim: int, eps: float
) -> tuple[Array, Array, Array]:
    """``x`` normalised over its last ``ndim`` axes, times ``weight`` plus ``bias``, which have these axes or are None.

    Returns:
        The result, and with axes of length 1 in their place the mean and the reciprocal of the deviation
        (`torch.native_layer_norm`).
    """
    rows = xp.reshape(x, _rows(x.shape, ndim))
    mean = xp.mean(rows, axis=-1, keepdims=True)
    centered = rows - mean
    variance = xp.expand_dims(xp.vecdot(centered, centered), axis=-1) / float(rows.shape[-1])
    inverse = (variance + eps) ** -0.5
    out = xp.reshape(centered * inverse, x.shape)
    if weight is not None:
        out = out * weight
    if bias is not None:
        out = out + bias
    kept = x.shape[: x.ndim - ndim] + (1,) * ndim
    return out, xp.reshape(mean, kept), xp.reshape(inverse, kept)


def layer_norm_gradients(
    xp: Namespace,
    g: Array,
    g_mean: Array,
    g_inverse: Array,
    x: Array,
    weight: Array | None,
    mean: Array,
    inverse: Array,
    /,
    *,
    ndim: int,
    needs: tuple[bool, ...],
) -> tuple[Array | None, Array | None, Array | None]:
    """The gradients of the input, weight and bias of `layer_norm` from those of its three results.

    Only those that ``needs`` asks for; those of weight and bias may still have the axes that these lack.
    """
    rows = _rows(x.shape, ndim)
    mean, inverse, g_mean, g_inverse = (xp.reshape(a, (*rows[:-1], 1)) for a in (mean, inverse, g_mean, g_inverse))
    normal = (xp.reshape(x, rows) - mean) * inverse
    g_x = None
    if needs[0]:
        g_normal = xp.reshape(g if weight is None else g * weight, rows)
        g_x = xp.reshape(normalized_gradient(xp, normal, inverse, g_normal, g_mean, g_inverse), x.shape)
    return g_x, g * xp.reshape(normal, x.shape) if needs[1] else None, g if needs[2] else None


def batch_norm(
    xp: Namespace, x: Array, weight: Array | None, bias: Array | None, /, *, eps: float
) -> tuple[Array, Array, Array]:
    """``x`` (N, C, *S) normalised in each channel, times ``weight`` plus ``bias`` (C,), either of which may be None.

    Returns:
        The result, the mean (C,) and the biased variance (C,) (`torch.batch_norm` while training).
    """
    axes = _all_but_channels(x)
    mean = xp.mean(x, axis=axes, keepdims=True)
    centered = x - mean
    variance = xp.mean(centered * centered, axis=axes, keepdims=True)
    scale = (variance + eps) ** -0.5
    if weight is not None:
        scale = scale * _on_channels(xp, weight, x)
    out = centered * scale
    if bias is not None:
        out = out + _on_channels(xp, bias, x)
    channels = (x.shape[1],)
    return out, xp.reshape(mean, channels), xp.reshape(variance, channels)


def batch_norm_gradients(
    xp: Namespace,
    g: Array,
    g_mean: Array,
    g_variance: Array,
    x: Array,
    weight: Array | None,
    mean: Array,
    variance: Array,
    /,
    *,
    eps: float,
    needs: tuple[bool, ...],
) -> tuple[Array | None, Array | None, Array | None]:
    """The gradients of the input, weight and bias of `batch_norm` from those of its three results.

    Only those that ``needs`` asks for.
    """
    axes = _all_but_channels(x)
    inverse = (variance + eps) ** -0.5
    centered = x - _on_channels(xp, mean, x)
    g_bias = xp.sum(g, axis=axes)
    g_weight = xp.sum(g * centered, axis=axes) * inverse
    g_x = None
    if needs[0]:
        count = float(math.prod(x.shape) // x.shape[1])
        scale = inverse if weight is None else inverse * weight
        along_mean = (g_mean - g_bias * scale) / count
        along_centered = (2.0 * g_variance - g_weight * scale * inverse) / count
        g_x = g * _on_channels(xp, scale, x)
        g_x = g_x + (centered * _on_channels(xp, along_centered, x) + _on_channels(xp, along_mean, x))
    return g_x, g_weight if needs[1] else None, g_bias if needs[2] else None


def normalized_gradient(
    xp: Namespace, normal: Array, inverse: Array, g: Array, g_mean: Array, g_inverse: Array
) -> Array:
    """The gradient of what was normalised along its last axis to ``normal``, from those of it, mean and ``inverse``."""
    count = float(normal.shape[-1])
    along_normal = xp.expand_dims(xp.vecdot(g, normal), axis=-1) + g_inverse * inverse
    along_mean = xp.sum(g, axis=-1, keepdims=True) - g_mean / inverse
    return (g - (normal * (along_normal / count) + along_mean / count)) * inverse


def _rows(shape: Shape, ndim: int) -> Shape:
    """``shape`` with its last ``ndim`` axes as one."""
    return (*shape[: len(shape) - ndim], math.prod(shape[len(shape) - ndim :]))


def _all_but_channels(x: Array) -> tuple[int, ...]:
    return (0, *range(2, x.ndim))


def _on_channels(xp: Namespace, per_channel: Array, x: Array) -> Array:
    """Values (C,) in the shape that broadcasts with ``x`` (N, C, *S)."""
    return xp.reshape(per_channel, (-1,) + (1,) * (x.ndim - 2))


FALLBACKS: dict[str, Callable[..., Any]] = {
    "batch_norm": batch_norm,
    "batch_norm_gradients": batch_norm_gradients,
    "layer_norm": layer_norm,
    "layer_norm_gradients": layer_norm_gradients,
}
