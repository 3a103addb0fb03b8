"""Normalising layers and channels in one launch, and their gradients in one to three."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import cupy

from xpgrad._typing import Array, Namespace
from xpgrad.backends.cupy_kernels.sources import WIDE, Source, deal, power_of_two
from xpgrad.backends.fallbacks import normalization as fallback

SOURCE = Source(
    "normalization",
    *("layer_norm", "layer_norm_input", "layer_norm_weights", "batch_norm", "batch_norm_gradients"),
)

# So many blocks together sum the columns of a matrix, more than that would leave too many parts to be added.
_SUMMING_BLOCKS = 256


def layer_norm(
    xp: Namespace, x: Array, weight: Array | None, bias: Array | None, /, *, ndim: int, eps: float
) -> tuple[Array, Array, Array]:
    """As the fallback of this name, floats of two bytes in float32 in between."""
    if not (x.size and SOURCE.has(x, weight, bias)):
        return fallback.layer_norm(xp, x, weight, bias, ndim=ndim, eps=eps)
    kept = x.shape[: x.ndim - ndim]
    rows, length = math.prod(kept), math.prod(x.shape[x.ndim - ndim :])
    out = cupy.empty(x.shape, dtype=x.dtype)
    mean, inverse = (cupy.empty(kept + (1,) * ndim, dtype=x.dtype) for _ in range(2))
    blocks, threads, width = deal(rows, length)
    arrays = (*map(_plain, (x, weight, bias)), out, mean, inverse)
    SOURCE.launch("layer_norm", x.dtype, blocks, threads, *arrays, rows, length, width, float(eps))
    return out, mean, inverse


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
    """As the fallback of this name, and those of weight and bias have their shape."""
    arrays = (g, g_mean, g_inverse, x, weight, mean, inverse)
    if not (x.size and g.shape == x.shape and SOURCE.has(*arrays)):
        return fallback.layer_norm_gradients(xp, *arrays, ndim=ndim, needs=needs)
    shape = x.shape[x.ndim - ndim :]
    length = math.prod(shape)
    rows = x.size // length
    g, g_mean, g_inverse, x, weight, mean, inverse = map(_plain, arrays)
    g_x = g_weight = g_bias = None
    if needs[0]:
        g_x = cupy.empty(x.shape, dtype=x.dtype)
        blocks, threads, width = deal(rows, length)
        arrays = (g, g_mean, g_inverse, x, weight, mean, inverse, g_x)
        SOURCE.launch("layer_norm_input", x.dtype, blocks, threads, *arrays, rows, length, width)
    if needs[1] or needs[2]:
        blocks, threads, width = deal(length, rows, neighbours=length)
        splits = max(1, min(_SUMMING_BLOCKS // blocks, rows * width // threads))
        parts = cupy.empty((2, splits, length), dtype=WIDE[x.dtype.name])
        arrays = (g, x, mean, inverse, parts)
        SOURCE.launch("layer_norm_weights", x.dtype, (blocks, splits), threads, *arrays, rows, length, width)
        sums = (parts.sum(axis=1) if splits > 1 else parts[:, 0]).astype(x.dtype, copy=False)
        g_weight, g_bias = (sums[i].reshape(shape) if needs[1 + i] else None for i in range(2))
    return g_x, g_weight, g_bias


def batch_norm(
    xp: Namespace, x: Array, weight: Array | None, bias: Array | None, /, *, eps: float
) -> tuple[Array, Array, Array]:
    """As the fallback of this name, floats of two bytes in float32 in between."""
    if not (x.size and SOURCE.has(x, weight, bias)):
        return fallback.batch_norm(xp, x, weight, bias, eps=eps)
    out = cupy.empty(x.shape, dtype=x.dtype)
    mean, variance = (cupy.empty(x.shape[1:2], dtype=x.dtype) for _ in range(2))
    arrays = (*map(_plain, (x, weight, bias)), out, mean, variance)
    _over_channels("batch_norm", x, arrays, eps)
    return out, mean, variance


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
    """As the fallback of this name, floats of two bytes in float32 in between."""
    arrays = (g, g_mean, g_variance, x, weight, mean, variance)
    if not (x.size and g.shape == x.shape and SOURCE.has(*arrays)):
        return fallback.batch_norm_gradients(xp, *arrays, eps=eps, needs=needs)
    shapes = (x.shape, x.shape[1:2], x.shape[1:2])
    made = [cupy.empty(s, dtype=x.dtype) if needed else None for s, needed in zip(shapes, needs, strict=True)]
    _over_channels("batch_norm_gradients", x, (*map(_plain, arrays), *made), eps)
    return made[0], made[1], made[2]


def _over_channels(kernel: str, x: Array, arrays: tuple[Any, ...], eps: float) -> None:
    samples, channels, *rest = x.shape
    plane = math.prod(rest)
    blocks, threads, width = deal(channels, samples * plane, neighbours=1 if plane > 1 else channels)
    across = min(power_of_two(plane), threads // width)
    sizes = (samples, channels, plane, width, across)
    SOURCE.launch(kernel, x.dtype, blocks, threads, *arrays, *sizes, float(eps))


def _plain(x: Array | None) -> Array | None:
    return None if x is None else cupy.ascontiguousarray(x)


KERNELS: dict[str, Callable[..., Any]] = {
    "batch_norm": batch_norm,
    "batch_norm_gradients": batch_norm_gradients,
    "layer_norm": layer_norm,
    "layer_norm_gradients": layer_norm_gradients,
}
