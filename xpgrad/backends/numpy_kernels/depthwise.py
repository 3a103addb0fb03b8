"""Convolution of each channel with one kernel of its own, windows next to each other, real.

An element of all windows is a run of the padded channel that starts later. The runs include the places that straddle
two lines, whose results are computed and dropped: long copies are worth it.
"""

from __future__ import annotations

import numpy as np

from xpgrad.backends.numpy_kernels.blocks import Ndarray, Windows, pad, parts, spatial, strided

_BLOCK = 1 << 21


def forward(x: Ndarray, w: Ndarray, windows: Windows) -> Ndarray:
    """``x`` (N, C, *S) convolved with ``w`` (C, 1, *K), with stride 1."""
    out = np.empty((*x.shape[:2], *windows.places), np.result_type(x, w))
    kernels = np.ascontiguousarray(w.reshape(len(w), 1, windows.elements))
    for part in parts(len(x), x[:1].nbytes * windows.elements, _BLOCK):
        padded = np.ascontiguousarray(pad(x[part], windows.padding))
        runs = _runs(padded, windows)
        lines = np.matmul(kernels, runs.reshape(*padded.shape[:2], windows.elements, runs.shape[-1]))
        steps = (step // padded.itemsize * lines.itemsize for step in padded.strides[2:])
        out[part] = strided(lines, padded.shape[:2] + windows.places, (*lines.strides[:2], *steps))
    return out


def transpose_weight(g: Ndarray, x: Ndarray, windows: Windows) -> Ndarray:
    """The transpose of `forward` in ``w``: scalar products of the runs with ``g``, spaced out like the padded input."""
    out = np.zeros((x.shape[1], 1, *windows.shape), np.result_type(g, x))
    for part in parts(len(x), 4 * x[:1].nbytes, _BLOCK):
        padded = np.ascontiguousarray(pad(x[part], windows.padding))
        spaced: Ndarray = np.zeros(padded.shape, g.dtype)
        spaced[spatial(map(slice, windows.places))] = g[part]
        runs = _runs(padded, windows)
        line = spaced.reshape(*spaced.shape[:2], *(1 for _ in windows.shape), spaced[0, 0].size)
        out[:, 0] += np.vecdot(runs, line[..., : runs.shape[-1]]).sum(axis=0)
    return out


def _runs(padded: Ndarray, windows: Windows) -> Ndarray:
    """For each element of the window, the run from its first to its last place: (N, C, *K, length), a view."""
    along = padded.strides[2:]
    last = sum((count - 1) * step for count, step in zip(windows.places, along, strict=True))
    return strided(
        padded,
        (*padded.shape[:2], *windows.shape, last // padded.itemsize + 1),
        (*padded.strides[:2], *(d * s for d, s in zip(windows.dilation, along, strict=True)), padded.itemsize),
    )
