"""Softmax, its logarithm and their gradients in one launch each, whatever the axis."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import cupy

from xpgrad._typing import Array, Namespace
from xpgrad.backends.cupy_kernels import rows
from xpgrad.backends.cupy_kernels.launching import kernel
from xpgrad.backends.fallbacks import activation as fallback

# There are outer * inner rows in an array (outer, length, inner).
_SOURCE: Final = (
    rows.SOURCE
    + r"""
extern "C" __global__ void __launch_bounds__(MOST_THREADS) softmax(
    const Number* x, Number* out, long long rows, long long length, long long inner, long long width) {
    __shared__ Real shared[MOST_THREADS];
    const Tile tile(width, inner == 1);
    FOR_TILES(first, rows, width) {
        const Row row(first + tile.row, rows, length, inner);
        Real top = -INFINITE, sum = 0;
        FOR_LANE(i, row.length) top = Greatest::of(top, widen(x[row.at(i)]));
        top = combined<Greatest>(top, shared, tile);
        FOR_LANE(i, row.length) sum += exp(widen(x[row.at(i)]) - top);
        sum = combined<Adding>(sum, shared, tile);
        FOR_LANE(i, row.length) {
            out[row.at(i)] = narrow(exp(widen(x[row.at(i)]) - top) / sum);
        }
    }
}

// Zero where there is nothing but minus infinity.
extern "C" __global__ void __launch_bounds__(MOST_THREADS) safe_softmax(
    const Number* x, Number* out, long long rows, long long length, long long inner, long long width) {
    __shared__ Real shared[MOST_THREADS];
    const Tile tile(width, inner == 1);
    FOR_TILES(first, rows, width) {
        const Row row(first + tile.row, rows, length, inner);
        Real top = -INFINITE, sum = 0, others = 0;
        FOR_LANE(i, row.length) {
            top = Greatest::of(top, widen(x[row.at(i)]));
            others += widen(x[row.at(i)]) == -INFINITE ? Real(0) : Real(1);
        }
        top = combined<Greatest>(top, shared, tile);
        others = combined<Adding>(others, shared, tile);
        FOR_LANE(i, row.length) sum += exp(widen(x[row.at(i)]) - top);
        sum = combined<Adding>(sum, shared, tile);
        FOR_LANE(i, row.length) {
            out[row.at(i)] = narrow(others > 0 ? exp(widen(x[row.at(i)]) - top) / sum : Real(0));
        }
    }
}

extern "C" __global__ void __launch_bounds__(MOST_THREADS) log_softmax(
    const Number* x, Number* out, long long rows, long long length, long long inner, long long width) {
    __shared__ Real shared[MOST_THREADS];
    const Tile tile(width, inner == 1);
    FOR_TILES(first, rows, width) {
        const Row row(first + tile.row, rows, length, inner);
        Real top = -INFINITE, sum = 0;
        FOR_LANE(i, row.length) top = Greatest::of(top, widen(x[row.at(i)]));
        top = combined<Greatest>(top, shared, tile);
        FOR_LANE(i, row.length) sum += exp(widen(x[row.at(i)]) - top);
        const Real log_sum = log(combined<Adding>(sum, shared, tile));
        FOR_LANE(i, row.length) {
            out[row.at(i)] = narrow(widen(x[row.at(i)]) - top - log_sum);
        }
    }
}

extern "C" __global__ void __launch_bounds__(MOST_THREADS) softmax_input(
    const Number* g, const Number* out, Number* g_x, long long rows, long long length, long long inner,
    long long width) {
    __shared__ Real shared[MOST_THREADS];
    const Tile tile(width, inner == 1);
    FOR_TILES(first, rows, width) {
        const Row row(first + tile.row, rows, length, inner);
        Real sum = 0;
        FOR_LANE(i, row.length) {
            sum += widen(g[row.at(i)]) * widen(out[row.at(i)]);
        }
        sum = combined<Adding>(sum, shared, tile);
        FOR_LANE(i, row.length) {
            const long long at = row.at(i);
            g_x[at] = narrow(widen(g[at]) * widen(out[at]) - widen(out[at]) * sum);
        }
    }
}

extern "C" __global__ void __launch_bounds__(MOST_THREADS) log_softmax_input(
    const Number* g, const Number* out, Number* g_x, long long rows, long long length, long long inner,
    long long width) {
    __shared__ Real shared[MOST_THREADS];
    const Tile tile(width, inner == 1);
    FOR_TILES(first, rows, width) {
        const Row row(first + tile.row, rows, length, inner);
        Real sum = 0;
        FOR_LANE(i, row.length) sum += widen(g[row.at(i)]);
        sum = combined<Adding>(sum, shared, tile);
        FOR_LANE(i, row.length) {
            const long long at = row.at(i);
            g_x[at] = narrow(widen(g[at]) - exp(widen(out[at])) * sum);
        }
    }
}
"""
)


def _along_rows(name: str) -> Callable[..., Array]:
    otherwise: Callable[..., Array] = getattr(fallback, name)

    def function(xp: Namespace, *arrays: Array, axis: int) -> Array:
        shape = arrays[0].shape
        if not shape or not rows.same_floats(*arrays) or any(a.shape != shape for a in arrays):
            return otherwise(xp, *arrays, axis=axis)
        out = cupy.empty(shape, dtype=arrays[0].dtype)
        if out.size:
            axis %= len(shape)
            length, inner = shape[axis], math.prod(shape[axis + 1 :])
            count = out.size // length
            blocks, threads, width = rows.deal(count, length, neighbours=inner)
            launched = kernel(_SOURCE, name, out.dtype.name)
            launched((blocks,), (threads,), (*map(rows.plain, arrays), out, count, length, inner, width))
        return out

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"As the fallback `{otherwise.__module__}.{name}`, floats of two bytes in float32 in between."
    return function


KERNELS: dict[str, Callable[..., Any]] = {
    name: _along_rows(name) for name in ("log_softmax", "log_softmax_input", "safe_softmax", "softmax", "softmax_input")
}
