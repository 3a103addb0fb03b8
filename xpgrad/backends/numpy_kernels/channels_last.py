"""Convolution with columns laid out as (image and position, element and channel): one product for many images.

Suits small images with many channels, where a product per image would be too small for BLAS, and strides, where copies
along the last axis would not be of runs. The batch is moved to channels-last order and back, which costs little.
"""

from __future__ import annotations

import numpy as np

from xpgrad._typing import Shape
from xpgrad.backends.numpy_kernels.blocks import Ndarray, Windows, crop, inner, padded_size, parts, strided

# Bytes of columns to make at a time: products should be large before columns fit the cache.
_BLOCK = 1 << 23


def forward(x: Ndarray, w: Ndarray, windows: Windows) -> Ndarray:
    """``x`` (N, C, *S) convolved with ``w`` (O, C, *K)."""
    out = np.empty((len(x), len(w), *windows.places), np.result_type(x, w))
    matrix = _last(w).reshape(len(w), windows.elements * w.shape[1]).T
    for part in parts(len(x), windows.column_bytes(x), _BLOCK):
        product = np.matmul(_unfold(x[part], windows), matrix)
        out[part] = np.moveaxis(product.reshape(-1, *windows.places, len(w)), -1, 1)
    return out


def transpose_input(g: Ndarray, w: Ndarray, size: Shape, windows: Windows) -> Ndarray:
    """The transpose of `forward` in ``x``, of spatial ``size``."""
    _, places, stride, padding, dilation = windows
    inputs = w.shape[1]
    out = np.empty((len(g), inputs, *size), np.result_type(g, w))
    matrices = np.ascontiguousarray(np.moveaxis(w, (0, 1), (-2, -1)))
    # One element of the window after the other, so that no columns are made.
    for part in parts(len(g), 4 * inputs * windows.positions * out.itemsize, _BLOCK):
        rows = _last(g[part])
        images = len(rows)
        rows = rows.reshape(images * windows.positions, len(w))
        padded = np.zeros((images, *padded_size(size, padding), inputs), out.dtype)
        for element in np.ndindex(*windows.shape):
            reaches = zip(element, dilation, places, stride, strict=True)
            reached = (slice(k * d, k * d + (c - 1) * s + 1, s) for k, d, c, s in reaches)
            padded[(slice(None), *reached)] += np.matmul(rows, matrices[element]).reshape(images, *places, inputs)
        out[part] = inner(np.moveaxis(padded, -1, 1), padding)
    return out


def transpose_weight(g: Ndarray, x: Ndarray, windows: Windows) -> Ndarray:
    """The transpose of `forward` in ``w``."""
    outputs, inputs = g.shape[1], x.shape[1]
    out: Ndarray = np.zeros((outputs, windows.elements * inputs), np.result_type(g, x))
    for part in parts(len(g), windows.column_bytes(x), _BLOCK):
        rows = _last(g[part])
        out += np.matmul(rows.reshape(len(rows) * windows.positions, outputs).T, _unfold(x[part], windows))
    return np.ascontiguousarray(np.moveaxis(out.reshape(outputs, *windows.shape, inputs), -1, 1))


def _unfold(x: Ndarray, windows: Windows) -> Ndarray:
    """The windows of ``x`` (N, C, *S) as a matrix (N * positions, elements * C)."""
    x = _padded(x, windows.padding)
    along = x.strides[1:-1]
    view = strided(
        x,
        (len(x), *windows.places, *windows.shape, x.shape[-1]),
        (
            x.strides[0],
            *(step * stride for step, stride in zip(along, windows.stride, strict=True)),
            *(step * apart for step, apart in zip(along, windows.dilation, strict=True)),
            x.strides[-1],
        ),
    )
    return view.reshape(len(x) * windows.positions, windows.elements * x.shape[-1])


def _padded(x: Ndarray, padding: Shape) -> Ndarray:
    """``x`` (N, C, *S) with zeros around its spatial axes as (N, *S, C), in one copy."""
    x, padding = crop(x, padding)
    if not any(padding):
        return _last(x)
    out: Ndarray = np.zeros((len(x), *padded_size(x.shape[2:], padding), x.shape[1]), x.dtype)
    inner(np.moveaxis(out, -1, 1), padding)[...] = x
    return out


def _last(x: Ndarray) -> Ndarray:
    """``x`` (N, C, *S) as (N, *S, C), contiguous."""
    return np.ascontiguousarray(np.moveaxis(x, 1, -1))
