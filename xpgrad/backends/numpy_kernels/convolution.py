"""Convolutions in NumPy: checks, and the choice between three layouts by measurement."""

from __future__ import annotations

import numpy as np

from xpgrad._typing import Namespace, Shape
from xpgrad.backends.numpy_kernels import channels_first, channels_last, depthwise
from xpgrad.backends.numpy_kernels.blocks import Ndarray, Windows
from xpgrad.backends.windows import check_convolved, convolution_size


def convolution(
    xp: Namespace, x: Ndarray, w: Ndarray, /, *, stride: Shape, padding: Shape, dilation: Shape, groups: int
) -> Ndarray:
    """As the fallback `xpgrad.backends.fallbacks.convolution.convolution`."""
    size = convolution_size(x.shape, w.shape, stride, padding, dilation, groups)
    windows = Windows(w.shape[2:], size, stride, padding, dilation)
    if _is_depthwise(x, len(w), windows, groups):
        return depthwise.forward(x, w, windows)
    if _prefers_channels_last(x.shape[1], windows, groups):
        return channels_last.forward(x, w, windows)
    return channels_first.forward(x, w, windows, groups)


def biased_convolution(
    xp: Namespace, x: Ndarray, w: Ndarray, bias: Ndarray, /, *, stride: Shape, padding: Shape, dilation: Shape,
    groups: int,
) -> Ndarray:  # fmt: skip
    """As the fallback `xpgrad.backends.fallbacks.convolution.biased_convolution`."""
    out = convolution(xp, x, w, stride=stride, padding=padding, dilation=dilation, groups=groups)
    bias = bias.reshape(-1, *(1 for _ in out.shape[2:]))
    if np.result_type(out, bias) != out.dtype:
        return out + bias
    return np.add(out, bias, out=out)


def convolution_input(
    xp: Namespace,
    g: Ndarray,
    w: Ndarray,
    /,
    *,
    size: Shape,
    stride: Shape,
    padding: Shape,
    dilation: Shape,
    groups: int,
) -> Ndarray:
    """As the fallback `xpgrad.backends.fallbacks.convolution.convolution_input`."""
    outputs, per_group, *_ = w.shape
    inputs = per_group * groups
    check_convolved(g.shape, (len(g), inputs, *size), w.shape, stride, padding, dilation, groups)
    windows = Windows(w.shape[2:], g.shape[2:], stride, padding, dilation)
    if max(stride) == 1 and outputs <= 2 * inputs:
        # A convolution of g with mirrored kernels is quicker, unless it would have many more columns to make.
        mirrored = np.flip(w, tuple(range(2, w.ndim))).reshape(groups, outputs // groups, *w.shape[1:]).swapaxes(1, 2)
        mirrored = np.ascontiguousarray(mirrored).reshape(inputs, outputs // groups, *w.shape[2:])
        around = tuple((k - 1) * d - p for k, d, p in zip(w.shape[2:], dilation, padding, strict=True))
        return convolution(xp, g, mirrored, stride=stride, padding=around, dilation=dilation, groups=groups)
    if _prefers_channels_last(inputs, windows, groups):
        return channels_last.transpose_input(g, w, size, windows)
    return channels_first.transpose_input(g, w, size, windows, groups)


def convolution_weight(
    xp: Namespace,
    g: Ndarray,
    x: Ndarray,
    /,
    *,
    size: Shape,
    stride: Shape,
    padding: Shape,
    dilation: Shape,
    groups: int,
) -> Ndarray:
    """As the fallback `xpgrad.backends.fallbacks.convolution.convolution_weight`."""
    shape = (g.shape[1], x.shape[1] // groups, *size)
    check_convolved(g.shape, x.shape, shape, stride, padding, dilation, groups)
    windows = Windows(size, g.shape[2:], stride, padding, dilation)
    if _is_depthwise(x, g.shape[1], windows, groups):
        return depthwise.transpose_weight(g, x, windows)
    if _prefers_channels_last(x.shape[1], windows, groups):
        return channels_last.transpose_weight(g, x, windows)
    return channels_first.transpose_weight(g, x, windows, groups)


def _is_depthwise(x: Ndarray, outputs: int, windows: Windows, groups: int) -> bool:
    return 1 < groups == x.shape[1] == outputs and max(windows.stride) == 1 and x.dtype.kind == "f"


def _prefers_channels_last(inputs: int, windows: Windows, groups: int) -> bool:
    small = windows.positions <= 256 or max(windows.stride) > 1
    return small and inputs >= 8 and groups == 1 and windows.elements > 1
