"""Pooling of any number of spatial dimensions, along one axis after the other: maxima and sums are separable."""

from __future__ import annotations

import math

from xpgrad._typing import Array, Namespace, Shape
from xpgrad.backends.fallbacks.places import device_of
from xpgrad.backends.fallbacks.slicing import every, pad, spread
from xpgrad.backends.windows import check_pooled, overhang, pooled_counts, pooling_size


def max_pool(
    xp: Namespace, x: Array, /, *, window: Shape, stride: Shape, padding: Shape, dilation: Shape, ceil_mode: bool
) -> tuple[Array, Array]:
    """The largest element of each window of ``x`` (N, C, *S), and where it is (`torch.max_pool2d`).

    Args:
        xp: The namespace of the array.
        x: The input, real.
        window: The number of elements of a window along each spatial dimension.
        stride: The step between windows.
        padding: Positions added on each side that never win.
        dilation: The distance between the elements of a window.
        ceil_mode: If True, windows may end beyond the padding.

    Returns:
        Values and int64 indices, both (N, C, *S'). An index counts the spatial positions of ``x`` in row-major order.
        The first of equal elements wins; NaN beats every number, and of several the last wins, as in PyTorch.

    Raises:
        ShapeError: if no window fits, or one could hold more padding than input.
    """
    sizes = pooling_size(x.shape, window, stride, padding, dilation, ceil_mode=ceil_mode)
    is_float = xp.isdtype(x.dtype, "real floating")
    lowest = -math.inf if is_float else xp.iinfo(x.dtype).min
    spatial = x.shape[2:]
    values = x
    indices = xp.reshape(xp.arange(math.prod(spatial), dtype=xp.int64, device=device_of(x)), (1, 1, *spatial))
    after = overhang(spatial, sizes, window, stride, padding, dilation)
    for i in reversed(range(len(spatial))):
        axis = i + 2
        values = pad(xp, values, axis, padding[i], after[i], lowest)
        indices = pad(xp, indices, axis, padding[i], after[i], -1)
        best, at = (every(array, axis, 0, stride[i], sizes[i]) for array in (values, indices))
        for k in range(1, window[i]):
            value, index = (every(array, axis, k * dilation[i], stride[i], sizes[i]) for array in (values, indices))
            wins = value > best
            if is_float:
                wins = wins | xp.isnan(value)
            if padding[i]:
                # The lowest number ties with the padding, which must not keep its place.
                wins = wins | (at < 0)
            best, at = xp.where(wins, value, best), xp.where(wins, index, at)
        values, indices = best, at
    if max(window) > 1:
        return values, indices
    # Nothing was compared, so both are still views.
    return xp.asarray(values, copy=True), xp.asarray(xp.broadcast_to(indices, values.shape), copy=True)


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
    """The transpose of `max_pool` that found ``indices``: ``g`` (N, C, *S') to (N, C, *size).

    It is `pool_scatter`; an extension since where the windows lie says which elements of ``g`` a position may have, and
    a library that computes positions side by side can then let each gather its own.
    """
    return xp.pool_scatter(g, indices, size=size)


def pool_scatter(xp: Namespace, g: Array, indices: Array, /, *, size: Shape) -> Array:
    """``g`` (N, C, *S') added to zeros (N, C, *size) at the flat spatial ``indices``, of the shape of ``g``.

    The transpose of `pool_gather`, hence of max pooling (`torch.nn.functional.max_unpool2d`, but duplicates add up).
    """
    images, positions = g.shape[0] * g.shape[1], math.prod(size)
    first = xp.reshape(xp.arange(images, dtype=indices.dtype, device=device_of(g)) * positions, (*g.shape[:2], 1))
    flat = xp.reshape(indices, (*g.shape[:2], math.prod(g.shape[2:]))) + first
    total = math.prod(g.shape)
    out = xp.scatter_add(xp.reshape(g, (total,)), xp.reshape(flat, (total,)), size=images * positions)
    return xp.reshape(out, (*g.shape[:2], *size))


def pool_gather(xp: Namespace, x: Array, indices: Array, /) -> Array:
    """The elements of ``x`` (N, C, *S) at the flat spatial ``indices`` (N, C, *S'), in the shape of ``indices``."""
    flat = xp.reshape(x, (*x.shape[:2], math.prod(x.shape[2:])))
    at = xp.reshape(indices, (*indices.shape[:2], math.prod(indices.shape[2:])))
    return xp.reshape(xp.take_along_axis(flat, at, axis=2), indices.shape)


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
    """The mean of each window of ``x`` (N, C, *S), giving (N, C, *S') (`torch.nn.functional.avg_pool2d`).

    Args:
        xp: The namespace of the array.
        x: The input, real or complex floating-point.
        window: The number of elements of a window along each spatial dimension.
        stride: The step between windows.
        padding: Zeros added on each side.
        ceil_mode: If True, windows may end beyond the padding; what lies there is never counted.
        count_include_pad: Whether the zeros of the padding count as elements.
        divisor_override: What to divide each sum by, or None for the number of elements.

    Raises:
        ShapeError: if no window fits, or one could hold more padding than input.
    """
    dilation = (1,) * len(window)
    sizes = pooling_size(x.shape, window, stride, padding, dilation, ceil_mode=ceil_mode)
    divisor = shares(xp, x, x.shape[2:], sizes, window, stride, padding, count_include_pad, divisor_override)
    after = overhang(x.shape[2:], sizes, window, stride, padding, dilation)
    for i, length in reversed(list(enumerate(window))):
        x = pad(xp, x, i + 2, padding[i], after[i])
        parts = [every(x, i + 2, k, stride[i], sizes[i]) for k in range(length)]
        x = sum(parts[1:], parts[0])
    return x / divisor


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
    """The transpose of `avg_pool`: ``g`` (N, C, *S') to (N, C, *size), each element shared out over its window.

    Raises:
        ShapeError: if `avg_pool` of (N, C, *size) would not have the shape of ``g``.
    """
    check_pooled(g.shape, (*g.shape[:2], *size), window, stride, padding, ceil_mode=ceil_mode)
    g = g / shares(xp, g, size, g.shape[2:], window, stride, padding, count_include_pad, divisor_override)
    for i, length in enumerate(window):
        parts = [spread(xp, g, i + 2, k - padding[i], stride[i], size[i]) for k in range(length)]
        g = sum(parts[1:], parts[0])
    return g


def shares(
    xp: Namespace,
    like: Array,
    size: Shape,
    counts: Shape,
    window: Shape,
    stride: Shape,
    padding: Shape,
    count_include_pad: bool,
    divisor_override: int | None,
) -> Array | float:
    """What the sum of each window is divided by: a number, or an array that broadcasts with (N, C, *counts)."""
    if divisor_override is not None:
        return float(divisor_override)
    product: Array | float = 1.0
    for axis, along in enumerate(zip(size, counts, window, stride, padding, strict=True)):
        numbers = pooled_counts(*along, count_include_pad=count_include_pad)
        if len(set(numbers)) == 1:
            product = product * float(numbers[0])
        else:
            column = xp.asarray(numbers, dtype=like.dtype, device=device_of(like))
            product = product * xp.reshape(column, (len(numbers),) + (1,) * (len(size) - axis - 1))
    return product
