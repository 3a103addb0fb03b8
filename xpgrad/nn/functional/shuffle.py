"""Elements moved between channels and places. Mirrors those functions of ``torch.nn.functional``."""

from __future__ import annotations

import math
from typing import Any

from xpgrad.errors import SettingError, ShapeError
from xpgrad.nn.functional.checks import shape_of
from xpgrad.ops import shuffling as ops


def pixel_shuffle(input: Any, upscale_factor: int) -> Any:
    """(*, C r^2, H, W) as (*, C, H r, W r), channels laid out as squares of pixels (Shi et al. 2016).

    Args:
        input: (*, C r^2, H, W).
        upscale_factor: r.

    Raises:
        ShapeError: The input has less than three dimensions, or C is not divisible by r^2.
        SettingError: The factor is not positive.
    """
    channels, _, _ = _size("pixel_shuffle", input, "upscale_factor", upscale_factor)
    if channels % upscale_factor**2:
        raise ShapeError(
            "pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of upscale_factor, "
            f"but input.size(-3)={channels} is not divisible by {upscale_factor**2}"
        )
    return _on_images(ops.pixel_shuffle, input, upscale_factor)


def pixel_unshuffle(input: Any, downscale_factor: int) -> Any:
    """The inverse of `pixel_shuffle`: (*, C, H r, W r) as (*, C r^2, H, W).

    Args:
        input: (*, C, H r, W r).
        downscale_factor: r.

    Raises:
        ShapeError: The input has less than three dimensions, or height or width is not divisible by r.
        SettingError: The factor is not positive.
    """
    _, height, width = _size("pixel_unshuffle", input, "downscale_factor", downscale_factor)
    for dim, name, length in ((-2, "height", height), (-1, "width", width)):
        if length % downscale_factor:
            raise ShapeError(
                f"pixel_unshuffle expects {name} to be divisible by downscale_factor, but input.size({dim})={length} "
                f"is not divisible by {downscale_factor}"
            )
    return _on_images(ops.pixel_unshuffle, input, downscale_factor)


def channel_shuffle(input: Any, groups: int) -> Any:
    """``input`` (N, C, *) with its channels taken from each of ``groups`` equal groups in turn (Zhang et al. 2018).

    Raises:
        ShapeError: The input has less than three dimensions, or C is not divisible by ``groups``.
        SettingError: ``groups`` is not positive.
    """
    shape = shape_of("channel_shuffle", input)
    if len(shape) < 3:
        raise ShapeError(f"channel_shuffle expects input with > 2 dims, but got input with sizes {list(shape)}")
    if groups < 1:
        raise SettingError(f"Number of groups to divide channels in must be positive. Value of groups:{groups}")
    if shape[1] % groups:
        raise ShapeError(
            f"Number of channels must be divisible by groups. Got {shape[1]} channels and {groups} groups."
        )
    return ops.channel_shuffle.apply(input, groups=groups)


native_channel_shuffle = channel_shuffle


def _size(name: str, input: Any, argument: str, factor: int) -> tuple[int, ...]:
    """The channels, height and width of the images in ``input``."""
    shape = shape_of(name, input)
    if len(shape) < 3:
        raise ShapeError(
            f"{name} expects input to have at least 3 dimensions, but got input with {len(shape)} dimension(s)"
        )
    if factor < 1:
        raise SettingError(f"{name} expects a positive {argument}, but got {factor}")
    return shape[-3:]


def _on_images(op: Any, input: Any, factor: int) -> Any:
    """``op`` of the images (*, C, H, W) of ``input``."""
    *lead, channels, height, width = input._array.shape
    if len(lead) == 1:
        return op.apply(input, factor=factor)
    out = op.apply(input.reshape(math.prod(lead), channels, height, width), factor=factor)
    return out.reshape(*lead, *out._array.shape[1:])
