"""Convolution with columns laid out as (image, channel and element of window, position): a product per image and group.

Suits large images, few channels and groups: products write straight into the result. Windows are gathered along one
axis after the other, so that the last and largest copy moves whole images.
"""

from __future__ import annotations

import numpy as np

from xpgrad._typing import Shape
from xpgrad.backends.numpy_kernels.blocks import Ndarray, Windows, pad, parts, strided

# Bytes of columns to make at a time: about what the second-level cache holds.
_BLOCK = 1 << 21


def forward(x: Ndarray, w: Ndarray, windows: Windows, groups: int) -> Ndarray:
    """``x`` (N, C, *S) convolved with ``w`` (O, C/groups, *K)."""
    out = np.empty((len(x), len(w), *windows.places), np.result_type(x, w))
    matrices = np.ascontiguousarray(w.reshape(groups, len(w) // groups, w.shape[1] * windows.elements))
    for part in parts(len(x), windows.column_bytes(x), _BLOCK):
        columns = _matrices(_unfold(x[part], windows), groups, windows.positions)
        np.matmul(matrices, columns, out=_matrices(out[part], groups, windows.positions))
    return out


def transpose_input(g: Ndarray, w: Ndarray, size: Shape, windows: Windows, groups: int) -> Ndarray:
    """The transpose of `forward` in ``x``, of spatial ``size``."""
    out = np.empty((len(g), w.shape[1] * groups, *size), np.result_type(g, w))
    matrices = w.reshape(groups, len(w) // groups, w.shape[1] * windows.elements)
    matrices = np.ascontiguousarray(matrices.swapaxes(1, 2))
    for part in parts(len(g), windows.column_bytes(out), _BLOCK):
        columns = np.matmul(matrices, _matrices(g[part], groups, windows.positions))
        columns = columns.reshape(len(columns), out.shape[1], *windows.shape, *windows.places)
        out[part] = _fold(columns, size, windows)
    return out


def transpose_weight(g: Ndarray, x: Ndarray, windows: Windows, groups: int) -> Ndarray:
    """The transpose of `forward` in ``w``."""
    outputs, inputs = g.shape[1], x.shape[1]
    # With the outputs last, BLAS is up to twice as quick.
    out = np.zeros((groups, inputs // groups * windows.elements, outputs // groups), np.result_type(g, x))
    for part in parts(len(g), windows.column_bytes(x), _BLOCK):
        columns = _matrices(_unfold(x[part], windows), groups, windows.positions)
        out += np.matmul(columns, _matrices(g[part], groups, windows.positions).swapaxes(2, 3)).sum(axis=0)
    return np.ascontiguousarray(out.swapaxes(1, 2)).reshape(outputs, inputs // groups, *windows.shape)


def _unfold(x: Ndarray, windows: Windows) -> Ndarray:
    """The windows of ``x`` (N, C, *S) as (N, C, *K, *S')."""
    shape, places, stride, padding, dilation = windows
    x = np.ascontiguousarray(pad(x, padding))
    # Each step takes the last axis that is not done and leaves two: its windows go in front, so the next one follows.
    axis = len(shape) + 1
    for length, count, step, apart in reversed(list(zip(shape, places, stride, dilation, strict=True))):
        along = x.strides[axis]
        view = strided(
            x,
            (*x.shape[:2], length, *x.shape[2:axis], count, *x.shape[axis + 1 :]),
            (*x.strides[:2], apart * along, *x.strides[2:axis], step * along, *x.strides[axis + 1 :]),
        )
        x = np.ascontiguousarray(view)
    return x


def _fold(columns: Ndarray, size: Shape, windows: Windows) -> Ndarray:
    """The transpose of `_unfold`: (N, C, *K, *S') summed into (N, C, *size)."""
    _, places, stride, padding, dilation = windows
    front = (slice(None),) * (len(size) + 1)
    for length, count, step, extra, apart in zip(size, places, stride, padding, dilation, strict=True):
        axis = len(front)
        out = np.zeros(
            (*columns.shape[:2], *columns.shape[3 : axis + 1], length + 2 * extra, *columns.shape[axis + 2 :]),
            columns.dtype,
        )
        for k in range(columns.shape[2]):
            start = k * apart
            out[(*front, slice(start, start + (count - 1) * step + 1, step))] += columns[:, :, k]
        columns = out[(*front, slice(extra, extra + length))]
    return columns


def _matrices(a: Ndarray, groups: int, positions: int) -> Ndarray:
    """(N, C, ...) as a matrix per image and group, with a column per position: (N, groups, ..., positions)."""
    a = np.ascontiguousarray(a)
    return a.reshape(len(a), groups, a[0].size // (groups * positions) if len(a) else 0, positions)
