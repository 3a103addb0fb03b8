"""Pooling of (N, C, *S). Each op's transpose is an op, so the set is closed under differentiation."""

from __future__ import annotations

import functools
import itertools
import math

from xpgrad.core.op import op
from xpgrad.ops.resampling import Weights, transposed, weighted_sums


@op("MaxPool2DWithIndices", outputs=2, constant_outputs=[1])
def max_pool(xp, x, /, *, window, stride, padding, dilation, ceil_mode):
    """The largest element of each window, and the flat spatial index of each."""
    return xp.max_pool(x, window=window, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil_mode)

@max_pool.vjp("x")
def _(xp, g, out, x_shape, window, stride, padding, dilation, ceil_mode):
    return xp.max_pool_input(
        g[0], out[1], size=x_shape[2:], window=window, stride=stride, padding=padding, dilation=dilation,
        ceil_mode=ceil_mode,
    )

max_pool_3d = max_pool.named("MaxPool3DWithIndices")


@op("AdaptiveMaxPool2D", outputs=2, constant_outputs=[1])
def adaptive_max_pool(xp, x, /, *, size):
    """The largest elements of ``size`` windows that cover each spatial axis evenly, and their flat indices."""
    spatial = x.shape[2:]
    positions = xp.reshape(xp.arange(math.prod(spatial), dtype=xp.int64, device=x.device), (1, 1, *spatial))
    values, indices = [], []
    for cell in itertools.product(*map(windows, spatial, size)):
        region = (slice(None), slice(None), *(slice(*ends) for ends in cell))
        count = math.prod(stop - start for start, stop in cell)
        part = xp.reshape(x[region], (*x.shape[:2], count))
        at = xp.argmax(part, axis=2, keepdims=True)
        values.append(xp.take_along_axis(part, at, axis=2))
        here = xp.broadcast_to(xp.reshape(positions[region], (1, 1, count)), part.shape)
        indices.append(xp.take_along_axis(here, at, axis=2))
    shape = (*x.shape[:2], *size)
    return xp.reshape(xp.concat(values, axis=2), shape), xp.reshape(xp.concat(indices, axis=2), shape)

@adaptive_max_pool.vjp("x")
def _(xp, g, out, x_shape): return xp.pool_scatter(g[0], out[1], size=x_shape[2:])

adaptive_max_pool_3d = adaptive_max_pool.named("AdaptiveMaxPool3D")


@op("MaxPool2DWithIndicesBackwardBackward0", constants=["indices"])
def pool_scatter(xp, x, indices, /, *, size):
    """``x`` added to zeros (N, C, *size) at the flat spatial ``indices``, of the shape of ``x``."""
    return xp.pool_scatter(x, indices, size=size)

@pool_scatter.vjp("x")
def _(xp, g, indices): return xp.pool_gather(g, indices)


@op("MaxPool2DWithIndicesBackwardBackward0", constants=["indices"])
def pool_gather(xp, x, indices, /):
    """The elements of ``x`` at the flat spatial ``indices``."""
    return xp.pool_gather(x, indices)

@pool_gather.vjp("x")
def _(xp, g, indices, x_shape): return xp.pool_scatter(g, indices, size=x_shape[2:])


@op("MaxPool2DWithIndicesBackwardBackward0", constants=["indices"])
def max_pool_gradient(xp, y, x, indices, /):
    """What the rule of `max_pool` makes of ``y``, of the shape of ``indices``: zeros like ``x`` with ``y`` there."""
    return xp.pool_scatter(y, indices, size=x.shape[2:])

@max_pool_gradient.vjp("y")
def _(xp, g, indices): return xp.pool_gather(g, indices)

@max_pool_gradient.vjp("x")
def _(xp, g): return xp.zeros_like(g)


@op("MaxUnpool2D", constants=["indices"])
def max_unpool(xp, x, indices, /, *, size):
    """`pool_scatter`, but of several elements with one index the last is there; each has the gradient from there."""
    images, count, total = math.prod(x.shape[:2]), math.prod(size), math.prod(x.shape)
    first = xp.reshape(xp.arange(images, dtype=indices.dtype, device=x.device) * count, (*x.shape[:2], 1))
    at = xp.reshape(xp.reshape(indices, (*x.shape[:2], math.prod(x.shape[2:]))) + first, (total,))
    zeros = xp.zeros((images * count,), dtype=x.dtype, device=x.device)
    return xp.reshape(xp.put_rows(zeros, at, xp.reshape(x, (total,))), (*x.shape[:2], *size))

@max_unpool.vjp("x")
def _(xp, g, indices): return xp.pool_gather(g, indices)

max_unpool_3d = max_unpool.named("MaxUnpool3D")


@op("AvgPool2D")
def avg_pool(xp, x, /, *, window, stride, padding, ceil_mode, count_include_pad, divisor_override):
    """The mean of each window."""
    return xp.avg_pool(
        x, window=window, stride=stride, padding=padding, ceil_mode=ceil_mode,
        count_include_pad=count_include_pad, divisor_override=divisor_override,
    )

@avg_pool.vjp("x")
def _(xp, g, x_shape, window, stride, padding, ceil_mode, count_include_pad, divisor_override):
    return xp.avg_pool_input(
        g, size=x_shape[2:], window=window, stride=stride, padding=padding, ceil_mode=ceil_mode,
        count_include_pad=count_include_pad, divisor_override=divisor_override,
    )

avg_pool_3d = avg_pool.named("AvgPool3D")


@op("AvgPool2DBackwardBackward0")
def avg_pool_input(xp, x, /, *, size, window, stride, padding, ceil_mode, count_include_pad, divisor_override):
    """The transpose of `avg_pool`: each element shared out over its window."""
    return xp.avg_pool_input(
        x, size=size, window=window, stride=stride, padding=padding, ceil_mode=ceil_mode,
        count_include_pad=count_include_pad, divisor_override=divisor_override,
    )

@avg_pool_input.vjp("x")
def _(xp, g, window, stride, padding, ceil_mode, count_include_pad, divisor_override):
    return xp.avg_pool(
        g, window=window, stride=stride, padding=padding, ceil_mode=ceil_mode,
        count_include_pad=count_include_pad, divisor_override=divisor_override,
    )


@op("AdaptiveAvgPool2D")
def adaptive_avg_pool(xp, x, /, *, size):
    """The means of ``size`` windows that cover each spatial axis evenly."""
    for axis, (length, count) in enumerate(zip(x.shape[2:], size, strict=True), start=2):
        if count and length % count == 0:
            parts = (*x.shape[:axis], count, length // count, *x.shape[axis + 1 :])
            x = xp.mean(xp.reshape(x, parts), axis=axis + 1)
        else:
            x = weighted_sums(xp, x, _shares(length, count), axis)
    return x

@adaptive_avg_pool.vjp("x")
def _(xp, g, x_shape, size):
    for axis, (length, count) in enumerate(zip(x_shape[2:], size, strict=True), start=2):
        if count and length % count == 0:
            before, after, share = g.shape[:axis], g.shape[axis + 1 :], length // count
            spread = xp.broadcast_to(xp.expand_dims(g / share, axis=axis + 1), (*before, count, share, *after))
            g = xp.reshape(spread, (*before, length, *after))
        else:
            g = weighted_sums(xp, g, transposed(_shares(length, count)), axis)
    return g

adaptive_avg_pool_3d = adaptive_avg_pool.named("AdaptiveAvgPool3D")


def windows(length, count):
    """Where each of ``count`` windows that cover ``length`` evenly begins and ends, as in PyTorch."""
    return [(i * length // count, -(-(i + 1) * length // count)) for i in range(count)]


@functools.lru_cache(maxsize=256)
def _shares(length, count):
    """What each position contributes to each of the windows that cover ``length`` evenly."""
    spans = windows(length, count)
    cells = tuple(position * count + i for i, span in enumerate(spans) for position in range(*span))
    values = tuple(1.0 / (stop - start) for start, stop in spans for _ in range(start, stop))
    return Weights(length, count, cells, values)
