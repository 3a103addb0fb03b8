"""Pooling in NumPy: one element of all windows after the other, a few images at a time.

The average has no kernel of its own: its fallback is as quick.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence

import numpy as np

from xpgrad._typing import Namespace, Shape
from xpgrad.backends.fallbacks.pooling import shares
from xpgrad.backends.numpy_kernels.blocks import Ndarray, parts, spatial
from xpgrad.backends.windows import check_pooled, overhang, pooling_size

# Bytes of results to make at a time, so that the passes over them stay in the cache.
_BLOCK = 1 << 18


def max_pool(
    xp: Namespace, x: Ndarray, /, *, window: Shape, stride: Shape, padding: Shape, dilation: Shape, ceil_mode: bool
) -> tuple[Ndarray, Ndarray]:
    """As the fallback `xpgrad.backends.fallbacks.pooling.max_pool`."""
    size, places = x.shape[2:], pooling_size(x.shape, window, stride, padding, dilation, ceil_mode=ceil_mode)
    values: Ndarray = np.empty((*x.shape[:2], *places), x.dtype)
    indices: Ndarray = np.empty(values.shape, np.int64)
    # The winning element of each window is kept as a small number, which becomes a position at the end.
    small = np.min_scalar_type(math.prod(window) - 1)
    first, offsets, corners = geometry(size, places, window, stride, padding, dilation)
    after = overhang(size, places, window, stride, padding, dilation)
    for part in parts(len(x), values[:1].nbytes, _BLOCK):
        padded = _pad_lowest(x[part], padding, after)
        elements = _elements(padded, window, places, stride, dilation)
        best = elements[0].copy()
        winner = np.broadcast_to(first, best.shape).astype(small)
        wins, number = np.empty(best.shape, np.bool_), np.empty(best.shape, small)
        for k, element in enumerate(elements[1:], 1):
            candidate = np.ascontiguousarray(element)
            # A later winner has a larger number. Arithmetic on these is ten times as quick as a masked write.
            np.greater(candidate, best, out=wins)
            np.multiply(wins, small.type(k), out=number)
            np.maximum(winner, number, out=winner)
            np.maximum(best, candidate, out=best)
        undefined = best != best
        if undefined.any():
            for k, element in enumerate(elements):
                np.copyto(winner, small.type(k), where=undefined & (element != element))
        values[part] = best
        np.take(offsets, winner, out=indices[part])
    indices += corners
    return values, indices


def pool_scatter(xp: Namespace, g: Ndarray, indices: Ndarray, /, *, size: Shape) -> Ndarray:
    """As the fallback `xpgrad.backends.fallbacks.pooling.pool_scatter`."""
    out: Ndarray = np.zeros((*g.shape[:2], *size), g.dtype)
    np.add.at(out.reshape(-1), _flat(indices, math.prod(size)), g.reshape(-1))
    return out


def pool_gather(xp: Namespace, x: Ndarray, indices: Ndarray, /) -> Ndarray:
    """As the fallback `xpgrad.backends.fallbacks.pooling.pool_gather`."""
    return x.reshape(-1).take(_flat(indices, math.prod(x.shape[2:]))).reshape(indices.shape)


def avg_pool_input(
    xp: Namespace,
    g: Ndarray,
    /,
    *,
    size: Shape,
    window: Shape,
    stride: Shape,
    padding: Shape,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: int | None,
) -> Ndarray:
    """As the fallback `xpgrad.backends.fallbacks.pooling.avg_pool_input`."""
    check_pooled(g.shape, (*g.shape[:2], *size), window, stride, padding, ceil_mode=ceil_mode)
    places = g.shape[2:]
    after = overhang(size, places, window, stride, padding, (1,) * len(size))
    g = g / shares(xp, g, size, places, window, stride, padding, count_include_pad, divisor_override)
    for axis, (length, step) in enumerate(zip(window, stride, strict=True), 2):
        i = axis - 2
        ends = padding[i] + size[i] + max(after[i], 0)
        out: Ndarray = np.zeros((*g.shape[:axis], ends, *g.shape[axis + 1 :]), g.dtype)
        front = (slice(None),) * axis
        for k in range(length):
            out[(*front, slice(k, k + (places[i] - 1) * step + 1, step))] += g
        g = out[(*front, slice(padding[i], padding[i] + size[i]))]
    return np.ascontiguousarray(g)


@functools.lru_cache(maxsize=64)
def geometry(
    size: Shape, places: Shape, window: Shape, stride: Shape, padding: Shape, dilation: Shape
) -> tuple[Ndarray, Ndarray, Ndarray]:
    """What turns elements of windows into positions in the input. Kept, since it costs more than pooling a small image.

    Returns:
        Per window, the first element that is not padding; per element, its position relative to the window's first;
        per window, the position of its first element, which may lie in the padding.
    """
    starts = [np.arange(count) * step - extra for count, step, extra in zip(places, stride, padding, strict=True)]
    first = _row_major([-(np.minimum(at, 0) // apart) for at, apart in zip(starts, dilation, strict=True)], window)
    offsets = _row_major([np.arange(k) * apart for k, apart in zip(window, dilation, strict=True)], size)
    return first, offsets.reshape(-1), _row_major(starts, size)


def _elements(x: Ndarray, window: Shape, places: Shape, stride: Shape, dilation: Shape) -> list[Ndarray]:
    """For each element of the window, its values at all places: views (N, C, *places)."""
    views = []
    for element in np.ndindex(*window):
        reaches = zip(element, places, stride, dilation, strict=True)
        views.append(x[spatial(slice(k * d, k * d + (count - 1) * s + 1, s) for k, count, s, d in reaches)])
    return views


def _pad_lowest(x: Ndarray, padding: Shape, after: Shape) -> Ndarray:
    """``x`` (N, C, *S) with ``padding`` of the lowest value before and ``after``, where positive, behind each axis."""
    behind = tuple(max(extra, 0) for extra in after)
    if not any(padding) and not any(behind):
        return x
    sizes = (p + s + a for p, s, a in zip(padding, x.shape[2:], behind, strict=True))
    # bfloat16, of a package beside NumPy, is of kind V.
    lowest = -np.inf if x.dtype.kind in "fV" else np.iinfo(x.dtype).min
    out: Ndarray = np.full((*x.shape[:2], *sizes), lowest, x.dtype)
    out[spatial(slice(p, p + s) for p, s in zip(padding, x.shape[2:], strict=True))] = x
    return out


def _row_major(along: Sequence[Ndarray], size: Shape) -> Ndarray:
    """The positions in an array of ``size`` of all combinations of the indices ``along`` each axis."""
    return functools.reduce(np.add.outer, [at * math.prod(size[axis + 1 :]) for axis, at in enumerate(along)])


def _flat(indices: Ndarray, positions: int) -> Ndarray:
    """``indices`` (N, C, *S') into images of so many ``positions`` as one axis of indices into all images."""
    images = math.prod(indices.shape[:2])
    corners = np.arange(images) * positions
    flat: Ndarray = indices.reshape(images, math.prod(indices.shape[2:])) + corners[:, None]
    return flat.reshape(-1)
