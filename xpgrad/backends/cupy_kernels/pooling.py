"""Pooling on CuPy: forward a thread per window, backward a thread per pixel, which gathers from the windows it is in.

Nothing is added by several threads, so that the same numbers come out every time.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import cupy
import numpy as np

from xpgrad._typing import Array, Namespace, Shape
from xpgrad.backends.cupy_kernels.elements import SOURCES
from xpgrad.backends.cupy_kernels.launching import kernel, launch
from xpgrad.backends.cupy_kernels.windows import MOST_AXES, Windows, packed
from xpgrad.backends.fallbacks import FALLBACKS
from xpgrad.backends.windows import check_pooled, pooling_size

# The first of equal elements wins, and the last NaN. The winner itself is kept, so that nothing is rounded.
_MAXIMUM: Final = r"""
extern "C" __global__ void pool_maximum(const Number* images, Number* values, long long* indices, Windows w) {
    const long long places = product(w.places), size = product(w.size);
    FOR_EACH(i, w.images * w.channels * places) {
        const Position place = unravel(i % places, w.places);
        const Number* image = images + i / places * size;
        long long winner = -1;
        Sum best = Sum();
        Position element, pixel;
        FOR_EACH_ELEMENT(w, element) {
            if (!find_pixel(w, place, element, pixel)) continue;
            const long long at = ravel(pixel, w.size);
            const Sum value = widen(image[at]);
            if (winner < 0 || value > best || value != value) {
                winner = at;
                best = value;
            }
        }
        values[i] = image[winner];
        indices[i] = winner;
    }
}
"""

_MAXIMUM_INPUT: Final = r"""
extern "C" __global__ void pool_maximum_input(const Number* g, const long long* indices, Number* out, Windows w) {
    const long long places = product(w.places), size = product(w.size);
    FOR_EACH(i, w.images * w.channels * size) {
        const Position pixel = unravel(i % size, w.size);
        const long long image = i / size * places;
        Sum total = Sum();
        Position element, place;
        FOR_EACH_MEETING(w, pixel, element, place) {
            const long long at = image + ravel(place, w.places);
            if (indices[at] == i % size) total += widen(g[at]);
        }
        out[i] = narrow(total);
    }
}
"""

# How many elements a window averages: with the padding, but never what lies beyond it.
_AVERAGED: Final = r"""
__device__ inline Real averaged(const Windows& w, const Position& place, long long with_padding, double divisor) {
    if (divisor == divisor) return static_cast<Real>(divisor);
    long long count = 1;
    for (int axis = 0; axis < 3; ++axis) {
        const long long padding = with_padding ? w.padding[axis] : 0;
        const long long start = place.at[axis] * w.stride[axis] - w.padding[axis], end = start + w.shape[axis];
        count *= min(end, w.size[axis] + padding) - max(start, -padding);
    }
    return static_cast<Real>(count);
}
"""

_AVERAGE: Final = (
    _AVERAGED
    + r"""
extern "C" __global__ void pool_average(
    const Number* images, Number* out, Windows w, long long with_padding, double divisor
) {
    const long long places = product(w.places), size = product(w.size);
    FOR_EACH(i, w.images * w.channels * places) {
        const Position place = unravel(i % places, w.places);
        const Number* image = images + i / places * size;
        Sum total = Sum();
        Position element, pixel;
        FOR_EACH_ELEMENT(w, element)
            if (find_pixel(w, place, element, pixel)) total += widen(image[ravel(pixel, w.size)]);
        out[i] = narrow(total / averaged(w, place, with_padding, divisor));
    }
}
"""
)

_AVERAGE_INPUT: Final = (
    _AVERAGED
    + r"""
extern "C" __global__ void pool_average_input(
    const Number* g, Number* out, Windows w, long long with_padding, double divisor
) {
    const long long places = product(w.places), size = product(w.size);
    FOR_EACH(i, w.images * w.channels * size) {
        const Position pixel = unravel(i % size, w.size);
        const Number* source = g + i / size * places;
        Sum total = Sum();
        Position element, place;
        FOR_EACH_MEETING(w, pixel, element, place)
            total += widen(source[ravel(place, w.places)]) / averaged(w, place, with_padding, divisor);
        out[i] = narrow(total);
    }
}
"""
)

_TAKE: Final = r"""
extern "C" __global__ void pool_take(
    const Number* images, const long long* indices, Number* out, long long count, long long places, long long size
) {
    FOR_EACH(i, count) out[i] = images[i / places * size + indices[i]];
}
"""


def max_pool(
    xp: Namespace, x: Array, /, *, window: Shape, stride: Shape, padding: Shape, dilation: Shape, ceil_mode: bool
) -> tuple[Array, Array]:
    """As the fallback `xpgrad.backends.fallbacks.pooling.max_pool`."""
    if not _fits(x, "fiuV"):
        return FALLBACKS["max_pool"](  # type: ignore[no-any-return]
            xp, x, window=window, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil_mode
        )
    places = pooling_size(x.shape, window, stride, padding, dilation, ceil_mode=ceil_mode)
    values = cupy.empty((*x.shape[:2], *places), x.dtype)
    indices = cupy.empty(values.shape, np.int64)
    where = packed(_windows(x.shape, places, window, stride, padding, dilation))
    function = kernel(_MAXIMUM, "pool_maximum", x.dtype.name)
    launch(function, values.size, cupy.ascontiguousarray(x), values, indices, where)
    return values, indices


def max_pool_input(
    xp: Namespace,
    g: Array,
    indices: Array,
    /,
    *,
    size: Shape,
    window: Shape,
    stride: Shape,
    padding: Shape,
    dilation: Shape,
    ceil_mode: bool,
) -> Array:
    """As the fallback `xpgrad.backends.fallbacks.pooling.max_pool_input`."""
    if not _fits(g, "fiuV") or indices.dtype != np.int64:
        return FALLBACKS["max_pool_input"](
            xp, g, indices, size=size, window=window, stride=stride, padding=padding, dilation=dilation,
            ceil_mode=ceil_mode,
        )  # fmt: skip
    shape = (*g.shape[:2], *size)
    check_pooled(g.shape, shape, window, stride, padding, dilation, ceil_mode=ceil_mode)
    out = cupy.empty(shape, g.dtype)
    where = packed(_windows(shape, g.shape[2:], window, stride, padding, dilation))
    function = kernel(_MAXIMUM_INPUT, "pool_maximum_input", g.dtype.name)
    launch(function, out.size, cupy.ascontiguousarray(g), cupy.ascontiguousarray(indices), out, where)
    return out


def pool_gather(xp: Namespace, x: Array, indices: Array, /) -> Array:
    """As the fallback `xpgrad.backends.fallbacks.pooling.pool_gather`."""
    if x.dtype.name not in SOURCES or indices.dtype != np.int64:
        return FALLBACKS["pool_gather"](xp, x, indices)
    out = cupy.empty(indices.shape, x.dtype)
    function = kernel(_TAKE, "pool_take", x.dtype.name)
    counts = (out.size, math.prod(indices.shape[2:]), math.prod(x.shape[2:]))
    launch(function, out.size, cupy.ascontiguousarray(x), cupy.ascontiguousarray(indices), out, *counts)
    return out


def avg_pool(
    xp: Namespace,
    x: Array,
    /,
    *,
    window: Shape,
    stride: Shape,
    padding: Shape,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: int | None,
) -> Array:
    """As the fallback `xpgrad.backends.fallbacks.pooling.avg_pool`."""
    if not _fits(x, "fcV"):
        return FALLBACKS["avg_pool"](
            xp, x, window=window, stride=stride, padding=padding, ceil_mode=ceil_mode,
            count_include_pad=count_include_pad, divisor_override=divisor_override,
        )  # fmt: skip
    dilation = (1,) * len(window)
    places = pooling_size(x.shape, window, stride, padding, dilation, ceil_mode=ceil_mode)
    out = cupy.empty((*x.shape[:2], *places), x.dtype)
    where = packed(_windows(x.shape, places, window, stride, padding, dilation))
    function = kernel(_AVERAGE, "pool_average", x.dtype.name)
    divisor = _divisor(count_include_pad, divisor_override)
    launch(function, out.size, cupy.ascontiguousarray(x), out, where, *divisor)
    return out


def avg_pool_input(
    xp: Namespace,
    g: Array,
    /,
    *,
    size: Shape,
    window: Shape,
    stride: Shape,
    padding: Shape,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: int | None,
) -> Array:
    """As the fallback `xpgrad.backends.fallbacks.pooling.avg_pool_input`."""
    if not _fits(g, "fcV"):
        return FALLBACKS["avg_pool_input"](
            xp, g, size=size, window=window, stride=stride, padding=padding, ceil_mode=ceil_mode,
            count_include_pad=count_include_pad, divisor_override=divisor_override,
        )  # fmt: skip
    shape, dilation = (*g.shape[:2], *size), (1,) * len(window)
    check_pooled(g.shape, shape, window, stride, padding, dilation, ceil_mode=ceil_mode)
    out = cupy.empty(shape, g.dtype)
    where = packed(_windows(shape, g.shape[2:], window, stride, padding, dilation))
    function = kernel(_AVERAGE_INPUT, "pool_average_input", g.dtype.name)
    divisor = _divisor(count_include_pad, divisor_override)
    launch(function, out.size, cupy.ascontiguousarray(g), out, where, *divisor)
    return out


KERNELS: dict[str, Callable[..., Any]] = {
    "avg_pool": avg_pool,
    "avg_pool_input": avg_pool_input,
    "max_pool": max_pool,
    "max_pool_input": max_pool_input,
    "pool_gather": pool_gather,
}


def _windows(x: Shape, places: Shape, window: Shape, stride: Shape, padding: Shape, dilation: Shape) -> Windows:
    """The windows of images (N, C, *S)."""
    along = (x[2:], places, window, stride, padding, dilation)
    return Windows(x[0], x[1], *(tuple(axis) for axis in along))


def _divisor(count_include_pad: bool, divisor_override: int | None) -> tuple[int, float]:
    """Whether the padding counts, and what to divide by instead of counting: NaN if nothing."""
    return int(count_include_pad), math.nan if divisor_override is None else float(divisor_override)


def _fits(x: Array, kinds: str) -> bool:
    """Whether there are kernels for arrays of this dtype, if of one of ``kinds``, and so many dimensions."""
    return x.dtype.name in SOURCES and x.dtype.kind in kinds and 3 <= x.ndim <= 2 + MOST_AXES
