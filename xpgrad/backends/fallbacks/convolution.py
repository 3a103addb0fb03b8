"""Convolutions of any number of spatial dimensions, by gathering windows into columns and one matrix product.

Windows are gathered along one axis after the other, so that a 7 by 7 kernel takes 14 slices, not 49.
"""

from __future__ import annotations

import math

from xpgrad._typing import Array, Namespace, Shape
from xpgrad.backends.fallbacks.slicing import every, pad, spread
from xpgrad.backends.windows import check_convolved, convolution_size


def convolution(
    xp: Namespace, x: Array, w: Array, /, *, stride: Shape, padding: Shape, dilation: Shape, groups: int
) -> Array:
    """Cross-correlation of ``x`` (N, C, *S) with ``w`` (O, C/groups, *K), giving (N, O, *S') (`torch.conv2d`).

    Args:
        xp: The namespace of the arrays.
        x: The input, numeric.
        w: The kernels, of the dtype of ``x``.
        stride: The step between windows, one entry per spatial dimension.
        padding: Zeros added on each side.
        dilation: The distance between the elements of a window.
        groups: Number of blocks of channels that are convolved separately.

    Raises:
        ShapeError: if channels do not match or a kernel is larger than its padded input.
    """
    size = convolution_size(x.shape, w.shape, stride, padding, dilation, groups)
    columns = _unfold(xp, x, w.shape[2:], size, stride, padding, dilation)
    columns = xp.reshape(columns, _grouped(x.shape[0], groups, x.shape[1] * math.prod(w.shape[2:]), size))
    out = xp.matmul(_matrices(xp, w, groups), columns)
    return xp.reshape(out, (x.shape[0], w.shape[0], *size))


def biased_convolution(
    xp: Namespace, x: Array, w: Array, bias: Array, /, *, stride: Shape, padding: Shape, dilation: Shape, groups: int
) -> Array:
    """`convolution` plus ``bias`` (O,).

    An extension because the sum costs as much as a quick convolution where it makes a second array.
    """
    out = xp.convolution(x, w, stride=stride, padding=padding, dilation=dilation, groups=groups)
    return out + xp.reshape(bias, (-1,) + (1,) * (x.ndim - 2))


def convolution_input(
    xp: Namespace, g: Array, w: Array, /, *, size: Shape, stride: Shape, padding: Shape, dilation: Shape, groups: int
) -> Array:
    """The transpose of `convolution` in ``x``: ``g`` (N, O, *S') to (N, C, *size) (`torch.conv_transpose2d`).

    Raises:
        ShapeError: if `convolution` of (N, C, *size) would not have the shape of ``g``.
    """
    shape = (g.shape[0], w.shape[1] * groups, *size)
    check_convolved(g.shape, shape, w.shape, stride, padding, dilation, groups)
    rows = xp.reshape(g, _grouped(g.shape[0], groups, g.shape[1], g.shape[2:]))
    columns = xp.matmul(xp.matrix_transpose(_matrices(xp, w, groups)), rows)
    columns = xp.reshape(columns, (*shape[:2], *w.shape[2:], *g.shape[2:]))
    return _fold(xp, columns, size, stride, padding, dilation)


def convolution_weight(
    xp: Namespace, g: Array, x: Array, /, *, size: Shape, stride: Shape, padding: Shape, dilation: Shape, groups: int
) -> Array:
    """The transpose of `convolution` in ``w``: ``g`` (N, O, *S') and ``x`` (N, C, *S) to (O, C/groups, *size).

    Raises:
        ShapeError: if `convolution` of ``x`` with kernels of ``size`` would not have the shape of ``g``.
    """
    shape = (g.shape[1], x.shape[1] // groups, *size)
    check_convolved(g.shape, x.shape, shape, stride, padding, dilation, groups)
    columns = _unfold(xp, x, size, g.shape[2:], stride, padding, dilation)
    columns = xp.reshape(columns, _grouped(x.shape[0], groups, x.shape[1] * math.prod(size), g.shape[2:]))
    rows = xp.reshape(g, _grouped(g.shape[0], groups, g.shape[1], g.shape[2:]))
    products = xp.matmul(rows, xp.matrix_transpose(columns))
    return xp.reshape(xp.sum(products, axis=0, dtype=products.dtype), shape)


def _unfold(
    xp: Namespace, x: Array, window: Shape, size: Shape, stride: Shape, padding: Shape, dilation: Shape
) -> Array:
    """The windows of ``x`` (N, C, *S) as (N, C, *window, *size)."""
    # Each step takes the last axis that is not done and leaves two: its windows go in front, so the next one follows.
    axis = len(window) + 1
    for length, count, step, extra, apart in reversed(list(zip(window, size, stride, padding, dilation, strict=True))):
        x = pad(xp, x, axis, extra, extra)
        x = xp.stack([every(x, axis, k * apart, step, count) for k in range(length)], axis=2)
    return x


def _fold(xp: Namespace, columns: Array, size: Shape, stride: Shape, padding: Shape, dilation: Shape) -> Array:
    """The transpose of `_unfold`: (N, C, *window, *S') summed into (N, C, *size)."""
    axis = len(size) + 1
    for length, step, extra, apart in zip(size, stride, padding, dilation, strict=True):
        slices = [columns[:, :, k, ...] for k in range(columns.shape[2])]
        placed = [spread(xp, part, axis, k * apart - extra, step, length) for k, part in enumerate(slices)]
        columns = sum(placed[1:], placed[0])
    return columns


def _matrices(xp: Namespace, w: Array, groups: int) -> Array:
    """``w`` (O, C/groups, *K) as one matrix per group: (groups, O/groups, C/groups * K)."""
    return xp.reshape(w, (groups, w.shape[0] // groups, math.prod(w.shape[1:])))


def _grouped(batch: int, groups: int, channels: int, size: Shape) -> Shape:
    return (batch, groups, channels // groups, math.prod(size))
