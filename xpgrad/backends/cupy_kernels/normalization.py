"""Normalising layers and channels in one launch, and their gradients in one to three."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import cupy

from xpgrad._typing import Array, Namespace
from xpgrad.backends.cupy_kernels import rows
from xpgrad.backends.cupy_kernels.launching import kernel
from xpgrad.backends.fallbacks import normalization as fallback

# A null pointer stands for a term that is not there.
_SOURCE: Final = (
    rows.SOURCE
    + r"""
extern "C" __global__ void __launch_bounds__(MOST_THREADS) layer_norm(
    const Number* x, const Number* weight, const Number* bias, Number* out, Number* mean, Number* inverse,
    long long rows, long long length, long long width, double eps) {
    __shared__ Real shared[MOST_THREADS];
    const Tile tile(width, true);
    FOR_TILES(first, rows, width) {
        const Row row(first + tile.row, rows, length, 1);
        Real sum = 0, squares = 0;
        FOR_LANE(i, row.length) sum += widen(x[row.at(i)]);
        const Real middle = combined<Adding>(sum, shared, tile) / Real(length);
        FOR_LANE(i, row.length) {
            const Real off = widen(x[row.at(i)]) - middle;
            squares += off * off;
        }
        const Real scale = Real(1) / sqrt(combined<Adding>(squares, shared, tile) / Real(length) + Real(eps));
        FOR_LANE(i, row.length) {
            Real y = (widen(x[row.at(i)]) - middle) * scale;
            if (weight) y *= widen(weight[i]);
            if (bias) y += widen(bias[i]);
            out[row.at(i)] = narrow(y);
        }
        if (first + tile.row < rows && tile.lane == 0) {
            mean[first + tile.row] = narrow(middle);
            inverse[first + tile.row] = narrow(scale);
        }
    }
}

extern "C" __global__ void __launch_bounds__(MOST_THREADS) layer_norm_input(
    const Number* g, const Number* g_mean, const Number* g_inverse, const Number* x, const Number* weight,
    const Number* mean, const Number* inverse, Number* g_x, long long rows, long long length, long long width) {
    __shared__ Real shared[MOST_THREADS];
    const Tile tile(width, true);
    FOR_TILES(first, rows, width) {
        const long long number = first + tile.row;
        const Row row(number, rows, length, 1);
        const Real middle = row.length ? widen(mean[number]) : Real(0);
        const Real scale = row.length ? widen(inverse[number]) : Real(1);
        Real along_mean = 0, along_normal = 0;
        FOR_LANE(i, row.length) {
            const Real here = widen(g[row.at(i)]) * (weight ? widen(weight[i]) : Real(1));
            along_mean += here;
            along_normal += here * ((widen(x[row.at(i)]) - middle) * scale);
        }
        along_mean = combined<Adding>(along_mean, shared, tile);
        along_normal = combined<Adding>(along_normal, shared, tile);
        if (row.length) {
            along_mean = (along_mean - widen(g_mean[number]) / scale) / Real(length);
            along_normal = (along_normal + widen(g_inverse[number]) * scale) / Real(length);
        }
        FOR_LANE(i, row.length) {
            const Real here = widen(g[row.at(i)]) * (weight ? widen(weight[i]) : Real(1));
            const Real normal = (widen(x[row.at(i)]) - middle) * scale;
            g_x[row.at(i)] = narrow((here - (normal * along_normal + along_mean)) * scale);
        }
    }
}

// Sums over the rows, of g times what was normalised and of g: `parts` (2, gridDim.y, length) holds those of every
// gridDim.y-th row. Real block sums `width` neighbouring columns.
extern "C" __global__ void __launch_bounds__(MOST_THREADS) layer_norm_weights(
    const Number* g, const Number* x, const Number* mean, const Number* inverse, Real* parts, long long rows,
    long long length, long long width) {
    __shared__ Real shared[MOST_THREADS];
    const Tile tile(width, false);
    FOR_TILES(first, length, width) {
        const long long column = first + tile.row;
        Real weighted = 0, plain = 0;
        for (long long row = blockIdx.y + static_cast<long long>(tile.lane) * gridDim.y; row < rows && column < length;
             row += static_cast<long long>(tile.lanes) * gridDim.y) {
            const Real here = widen(g[row * length + column]);
            weighted += here * ((widen(x[row * length + column]) - widen(mean[row])) * widen(inverse[row]));
            plain += here;
        }
        weighted = combined<Adding>(weighted, shared, tile);
        plain = combined<Adding>(plain, shared, tile);
        if (tile.lane == 0 && column < length) {
            parts[blockIdx.y * length + column] = weighted;
            parts[(gridDim.y + blockIdx.y) * length + column] = plain;
        }
    }
}

// The elements of one channel of (samples, channels, plane), dealt to the lanes of a tile: a power of two of them,
// `across`, go along the plane. Beyond the last channel there are none.
struct Channel {
    long long samples, channels, plane, number, sample, place, sample_step, place_step;

    __device__ Channel(
        const Tile& tile, long long number_, long long samples_, long long channels_, long long plane_,
        long long across)
        : samples(number_ < channels_ ? samples_ : 0), channels(channels_), plane(plane_), number(number_),
          sample(tile.lane / across), place(tile.lane % across), sample_step(tile.lanes / across), place_step(across) {}

    template <class Visit> __device__ void each(Visit visit) const {
        for (long long n = sample; n < samples; n += sample_step) {
            const long long begin = (n * channels + number) * plane;
            for (long long i = place; i < plane; i += place_step) visit(begin + i);
        }
    }
};

extern "C" __global__ void __launch_bounds__(MOST_THREADS) batch_norm(
    const Number* x, const Number* weight, const Number* bias, Number* out, Number* mean, Number* variance,
    long long samples, long long channels, long long plane, long long width, long long across, double eps) {
    __shared__ Real shared[MOST_THREADS];
    const Tile tile(width, plane > 1);
    const Real count = Real(samples * plane);
    FOR_TILES(first, channels, width) {
        const Channel mine(tile, first + tile.row, samples, channels, plane, across);
        Real sum = 0, squares = 0;
        mine.each([&](long long at) { sum += widen(x[at]); });
        const Real middle = combined<Adding>(sum, shared, tile) / count;
        mine.each([&](long long at) { squares += (widen(x[at]) - middle) * (widen(x[at]) - middle); });
        const Real spread = combined<Adding>(squares, shared, tile) / count;
        if (mine.samples == 0) continue;
        const Real scale = (weight ? widen(weight[mine.number]) : Real(1)) / sqrt(spread + Real(eps));
        const Real shift = bias ? widen(bias[mine.number]) : Real(0);
        mine.each([&](long long at) { out[at] = narrow((widen(x[at]) - middle) * scale + shift); });
        if (tile.lane == 0) {
            mean[mine.number] = narrow(middle);
            variance[mine.number] = narrow(spread);
        }
    }
}

extern "C" __global__ void __launch_bounds__(MOST_THREADS) batch_norm_gradients(
    const Number* g, const Number* g_mean, const Number* g_variance, const Number* x, const Number* weight,
    const Number* mean, const Number* variance, Number* g_x, Number* g_weight, Number* g_bias, long long samples,
    long long channels, long long plane, long long width, long long across, double eps) {
    __shared__ Real shared[MOST_THREADS];
    const Tile tile(width, plane > 1);
    const Real count = Real(samples * plane);
    FOR_TILES(first, channels, width) {
        const Channel mine(tile, first + tile.row, samples, channels, plane, across);
        const Real middle = mine.samples ? widen(mean[mine.number]) : Real(0);
        const Real inverse = Real(1) / sqrt((mine.samples ? widen(variance[mine.number]) : Real(0)) + Real(eps));
        Real plain = 0, weighted = 0;
        mine.each([&](long long at) {
            plain += widen(g[at]);
            weighted += widen(g[at]) * (widen(x[at]) - middle);
        });
        plain = combined<Adding>(plain, shared, tile);
        weighted = combined<Adding>(weighted, shared, tile) * inverse;
        if (mine.samples == 0) continue;
        if (g_x) {
            const Real scale = weight ? inverse * widen(weight[mine.number]) : inverse;
            const Real along_mean = (widen(g_mean[mine.number]) - plain * scale) / count;
            const Real along_off = (Real(2) * widen(g_variance[mine.number]) - weighted * scale * inverse) / count;
            mine.each([&](long long at) {
                g_x[at] = narrow(widen(g[at]) * scale + ((widen(x[at]) - middle) * along_off + along_mean));
            });
        }
        if (tile.lane == 0) {
            if (g_weight) g_weight[mine.number] = narrow(weighted);
            if (g_bias) g_bias[mine.number] = narrow(plain);
        }
    }
}
"""
)

# So many blocks together sum the columns of a matrix, more than that would leave too many parts to be added.
_SUMMING_BLOCKS = 256


def layer_norm(
    xp: Namespace, x: Array, weight: Array | None, bias: Array | None, /, *, ndim: int, eps: float
) -> tuple[Array, Array, Array]:
    """As the fallback of this name, floats of two bytes in float32 in between."""
    if not (x.size and rows.same_floats(x, weight, bias)):
        return fallback.layer_norm(xp, x, weight, bias, ndim=ndim, eps=eps)
    kept = x.shape[: x.ndim - ndim]
    length = math.prod(x.shape[x.ndim - ndim :])
    count = x.size // length
    out = cupy.empty(x.shape, dtype=x.dtype)
    mean, inverse = (cupy.empty(kept + (1,) * ndim, dtype=x.dtype) for _ in range(2))
    blocks, threads, width = rows.deal(count, length)
    arrays = (*map(rows.plain, (x, weight, bias)), out, mean, inverse)
    launched = kernel(_SOURCE, "layer_norm", x.dtype.name)
    launched((blocks,), (threads,), (*arrays, count, length, width, float(eps)))
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
    if not (x.size and g.shape == x.shape and rows.same_floats(*arrays)):
        return fallback.layer_norm_gradients(xp, *arrays, ndim=ndim, needs=needs)
    shape = x.shape[x.ndim - ndim :]
    length = math.prod(shape)
    count = x.size // length
    g, g_mean, g_inverse, x, weight, mean, inverse = map(rows.plain, arrays)
    g_x = g_weight = g_bias = None
    if needs[0]:
        g_x = cupy.empty(x.shape, dtype=x.dtype)
        blocks, threads, width = rows.deal(count, length)
        launched = kernel(_SOURCE, "layer_norm_input", x.dtype.name)
        given = (g, g_mean, g_inverse, x, weight, mean, inverse, g_x)
        launched((blocks,), (threads,), (*given, count, length, width))
    if needs[1] or needs[2]:
        blocks, threads, width = rows.deal(length, count, neighbours=length)
        splits = max(1, min(_SUMMING_BLOCKS // blocks, count * width // threads))
        parts = cupy.empty((2, splits, *shape), dtype=rows.WIDE[x.dtype.name])
        launched = kernel(_SOURCE, "layer_norm_weights", x.dtype.name)
        launched((blocks, splits), (threads,), (g, x, mean, inverse, parts, count, length, width))
        g_weight, g_bias = (
            parts[i].sum(axis=0).astype(x.dtype, copy=False) if needs[1 + i] else None for i in range(2)
        )
    return g_x, g_weight, g_bias


def batch_norm(
    xp: Namespace, x: Array, weight: Array | None, bias: Array | None, /, *, eps: float
) -> tuple[Array, Array, Array]:
    """As the fallback of this name, floats of two bytes in float32 in between."""
    if not (x.size and rows.same_floats(x, weight, bias)):
        return fallback.batch_norm(xp, x, weight, bias, eps=eps)
    out = cupy.empty(x.shape, dtype=x.dtype)
    mean, variance = (cupy.empty(x.shape[1:2], dtype=x.dtype) for _ in range(2))
    arrays = (*map(rows.plain, (x, weight, bias)), out, mean, variance)
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
    if not (x.size and g.shape == x.shape and rows.same_floats(*arrays)):
        return fallback.batch_norm_gradients(xp, *arrays, eps=eps, needs=needs)
    shapes = (x.shape, x.shape[1:2], x.shape[1:2])
    made = [cupy.empty(s, dtype=x.dtype) if needed else None for s, needed in zip(shapes, needs, strict=True)]
    _over_channels("batch_norm_gradients", x, tuple(map(rows.plain, (*arrays, *made))), eps)
    return made[0], made[1], made[2]


def _over_channels(name: str, x: Array, arrays: tuple[Any, ...], eps: float) -> None:
    samples, channels, *rest = x.shape
    plane = math.prod(rest)
    blocks, threads, width = rows.deal(channels, samples * plane, neighbours=1 if plane > 1 else channels)
    across = min(rows.power_of_two(plane), threads // width)
    launched = kernel(_SOURCE, name, x.dtype.name)
    launched((blocks,), (threads,), (*arrays, samples, channels, plane, width, across, float(eps)))


KERNELS: dict[str, Callable[..., Any]] = {
    "batch_norm": batch_norm,
    "batch_norm_gradients": batch_norm_gradients,
    "layer_norm": layer_norm,
    "layer_norm_gradients": layer_norm_gradients,
}
