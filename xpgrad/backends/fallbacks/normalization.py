"""Normalising over the last axes, and the gradient.

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


FALLBACKS: dict[str, Callable[..., Any]] = {"layer_norm": layer_norm, "layer_norm_gradients": layer_norm_gradients}
