"""Sliding windows of (N, C, *S) laid out as columns, and columns added up where their windows lie."""

from __future__ import annotations

import math

from xpgrad.backends.windows import window_counts
from xpgrad.core.op import op


@op("Im2Col")
def unfold(xp, x, /, *, window, dilation, padding, stride):
    """The windows of ``x`` (N, C, *S), zeros around it, as columns: (N, C * prod(window), number of windows)."""
    return _columns(xp, x, window, dilation, padding, stride)

@unfold.vjp("x")
def _(xp, g, x_shape, window, dilation, padding, stride):
    return _added(xp, g, x_shape[2:], window, dilation, padding, stride)


@op("Col2Im")
def fold(xp, x, /, *, size, window, dilation, padding, stride):
    """The transpose of `unfold`: columns added to zeros (N, C, *size), each where its window lies."""
    return _added(xp, x, size, window, dilation, padding, stride)

@fold.vjp("x")
def _(xp, g, window, dilation, padding, stride): return _columns(xp, g, window, dilation, padding, stride)


def _columns(xp, x, window, dilation, padding, stride):
    samples, channels, *size = x.shape
    ndim, places = len(size), window_counts(size, window, dilation, padding, stride)
    if any(padding):
        x = xp.constant_pad(x, widths=((0, 0), (0, 0), *((pad, pad) for pad in padding)))
    for axis, at in enumerate(_positions(window, dilation, stride, places), 2):
        x = xp.take(x, xp.asarray(at, dtype=xp.int64, device=x.device), axis=axis)
    x = xp.reshape(x, (samples, channels, *(n for pair in zip(window, places, strict=True) for n in pair)))
    elements_first = (0, 1, *range(2, 2 * ndim + 2, 2), *range(3, 2 * ndim + 3, 2))
    return xp.reshape(xp.permute_dims(x, elements_first), (samples, channels * math.prod(window), math.prod(places)))


def _added(xp, g, size, window, dilation, padding, stride):
    ndim, places = len(size), window_counts(size, window, dilation, padding, stride)
    samples, channels = g.shape[0], g.shape[1] // math.prod(window)
    g = xp.reshape(g, (samples, channels, *window, *places))
    pairs = tuple(axis for i in range(ndim) for axis in (i + 2, i + 2 + ndim))
    rows = [length * count for length, count in zip(window, places, strict=True)]
    g = xp.reshape(xp.permute_dims(g, (0, 1, *pairs)), (samples, channels, *rows))
    for axis, at in enumerate(_positions(window, dilation, stride, places), 2):
        at, length = xp.asarray(at, dtype=xp.int64, device=g.device), size[axis - 2] + 2 * padding[axis - 2]
        g = xp.moveaxis(xp.scatter_add(xp.moveaxis(g, axis, 0), at, size=length), 0, axis)
    if any(padding):
        g = xp.constant_pad(g, widths=((0, 0), (0, 0), *((-pad, -pad) for pad in padding)))
    return g


def _positions(window, dilation, stride, places):
    """For each axis, the padded position of every element of every window, the windows of an element in a row."""
    for length, apart, step, count in zip(window, dilation, stride, places, strict=True):
        yield [k * apart + i * step for k in range(length) for i in range(count)]
