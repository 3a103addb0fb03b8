"""Sliding windows as columns, and back. Mirrors those functions of ``torch.nn.functional``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from xpgrad.array_api.operands import cast
from xpgrad.backends.dtypes import bool_, uint8
from xpgrad.backends.windows import window_counts
from xpgrad.errors import DtypeError, SettingError, ShapeError
from xpgrad.nn.functional.checks import kind_of, shape_of
from xpgrad.ops import folding as ops

Sizes = int | Sequence[int]


def unfold(input: Any, kernel_size: Sizes, dilation: Sizes = 1, padding: Sizes = 0, stride: Sizes = 1) -> Any:
    """The sliding windows of an image, each as a column.

    Args:
        input: (N, C, H, W), or (C, H, W) for one image.
        kernel_size: The size of a window, one number or (height, width), as in the next three.
        dilation: The distance between the elements of a window.
        padding: Zeros added on each side.
        stride: The step between windows.

    Returns:
        (N, C * prod(kernel_size), L), L the number of windows.

    Raises:
        ShapeError: The input has another number of dimensions, or no window fits.
        SettingError: A setting is out of its range.
        DtypeError: The input is of integers.
    """
    window, apart, pad, step = _settings("unfold", kernel_size, dilation, padding, stride)
    shape = shape_of("unfold", input)
    if len(shape) not in (3, 4) or 0 in shape[-3:]:
        raise ShapeError(
            "Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for input, "
            f"but got: {list(shape)}"
        )
    places = window_counts(shape[-2:], window, apart, pad, step)
    if min(places) < 1:
        raise ShapeError(
            f"Given input with spatial size {tuple(shape[-2:])}, kernel_size={window}, dilation={apart}, "
            f"padding={pad}, calculated shape of the array of sliding blocks as {places}, but its components must be "
            "at least one."
        )
    batch, is_batched = (input, True) if len(shape) == 4 else (input.unsqueeze(0), False)
    settings = {"window": window, "dilation": apart, "padding": pad, "stride": step}
    out = _numbers("im2col", batch, lambda x: ops.unfold.apply(x, **settings))
    return out if is_batched else out.squeeze(0)


def fold(
    input: Any, output_size: Sizes, kernel_size: Sizes, dilation: Sizes = 1, padding: Sizes = 0, stride: Sizes = 1
) -> Any:
    """The transpose of `unfold`: columns added up where the windows of an image lie.

    Args:
        input: (N, C * prod(kernel_size), L), L the number of windows, or without N for one image.
        output_size: The size of the image, one number or (height, width).
        kernel_size: The size of a window, and so on as in `unfold`.
        dilation: The distance between the elements of a window.
        padding: What was added on each side before.
        stride: The step between windows.

    Returns:
        (N, C, *output_size).

    Raises:
        ShapeError: The shapes do not fit.
        SettingError: A setting is out of its range.
        DtypeError: The input is of integers.
    """
    window, apart, pad, step = _settings("fold", kernel_size, dilation, padding, stride)
    size = _pair("output_size", output_size)
    shape = shape_of("fold", input)
    if len(shape) not in (2, 3) or 0 in shape[-2:]:
        raise ShapeError(
            "Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero dimensions for "
            f"input, but got: {list(shape)}"
        )
    elements = math.prod(window)
    if shape[-2] % elements:
        raise ShapeError(
            "Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got "
            f"input.size(1)={shape[-2]} and kernel_size={window}."
        )
    places = window_counts(size, window, apart, pad, step)
    if min(places) < 1 or shape[-1] != math.prod(places):
        raise ShapeError(
            f"Given output_size={size}, kernel_size={window}, dilation={apart}, padding={pad}, stride={step}, expected "
            f"size of input's dimension 2 to match the calculated number of sliding blocks {places[0]} * {places[1]} = "
            f"{math.prod(places)}, but got input.size(2)={shape[-1]}."
        )
    batch, is_batched = (input, True) if len(shape) == 3 else (input.unsqueeze(0), False)
    settings = {"size": size, "window": window, "dilation": apart, "padding": pad, "stride": step}
    out = _numbers("col2im", batch, lambda x: ops.fold.apply(x, **settings))
    return out if is_batched else out.squeeze(0)


def _numbers(name: str, input: Any, compute: Any) -> Any:
    """What ``compute`` makes of ``input``, booleans taken as numbers on the way."""
    kind = input._place.dtype(input._array.dtype)
    if kind.is_differentiable:
        return compute(input)
    if kind is not bool_:
        raise DtypeError(f"\"{name}\" not implemented for '{kind_of(input)}': convert it with .float() first")
    return cast(compute(cast(input, uint8)), bool_)


def _settings(name: str, kernel_size: Sizes, dilation: Sizes, padding: Sizes, stride: Sizes) -> list[tuple[int, ...]]:
    settings = []
    for argument, value, least in (
        ("kernel_size", kernel_size, 1), ("dilation", dilation, 1), ("padding", padding, 0), ("stride", stride, 1)
    ):  # fmt: skip
        pair = _pair(argument, value)
        if min(pair) < least:
            words = "non-negative" if least == 0 else "greater than zero"
            raise SettingError(
                f"{argument.replace('_', ' ')} should be {words}, but got {name}(..., {argument}={list(pair)})"
            )
        settings.append(pair)
    return settings


def _pair(argument: str, value: Sizes) -> tuple[int, ...]:
    values = (value,) if isinstance(value, int) else tuple(value)
    if len(values) not in (1, 2):
        raise ShapeError(f"It is expected {argument} equals to 2, but got size {len(values)}: {list(values)}")
    return tuple(map(int, values * 2 if len(values) == 1 else values))
