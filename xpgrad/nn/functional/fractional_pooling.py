"""Maxima of windows at random steps. Mirrors ``fractional_max_pool2d`` and ``3d`` of ``torch.nn.functional``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from xpgrad.array_api.operands import cast
from xpgrad.backends.dtypes import int64
from xpgrad.core.grad_mode import no_grad
from xpgrad.errors import ArgumentError, DtypeError, ShapeError
from xpgrad.functions.creation import arange
from xpgrad.functions.joining import cat
from xpgrad.functions.random import rand
from xpgrad.nn.functional.checks import floating, per_dimension, shape_of
from xpgrad.nn.functional.pooling import Sizes
from xpgrad.ops.pooling import pool_gather

Ratios = float | Sequence[float] | None

_PICKED = {2: pool_gather.named("FractionalMaxPool2D"), 3: pool_gather.named("FractionalMaxPool3D")}
# Which of the random samples of an image moves the windows along each axis: in two dimensions the last comes first.
_SAMPLES = {2: (1, 0), 3: (0, 1, 2)}


def fractional_max_pool2d(
    input: Any, kernel_size: Sizes, output_size: Sizes | None = None, output_ratio: Ratios = None,
    return_indices: bool = False, _random_samples: Any = None,
) -> Any:  # fmt: skip
    """The largest element of each of ``output_size`` windows, whose steps vary at random (Graham 2014).

    Args:
        input: (N, C, H, W), or (C, H, W) for one image.
        kernel_size: The size of a window, one number or one for each spatial dimension.
        output_size: The size of the result, likewise; or else
        output_ratio: Its size as a fraction of that of the input, one number for each spatial dimension.
        return_indices: Return the flat spatial indices of the elements too.
        _random_samples: (N, C, 2), from 0 to 1: where the windows of each image lie, in place of random numbers.

    Returns:
        (N, C, *output_size), with ``return_indices`` a pair of such.

    Raises:
        ArgumentError: Neither ``output_size`` nor ``output_ratio``.
        ShapeError: The windows do not fit.
        DtypeError: The samples are of another dtype.
    """
    found = fractional_max_pool2d_with_indices(input, kernel_size, output_size, output_ratio, True, _random_samples)
    return found if return_indices else found[0]


def fractional_max_pool3d(
    input: Any, kernel_size: Sizes, output_size: Sizes | None = None, output_ratio: Ratios = None,
    return_indices: bool = False, _random_samples: Any = None,
) -> Any:  # fmt: skip
    """`fractional_max_pool2d` of (N, C, D, H, W) or (C, D, H, W), with samples (N, C, 3)."""
    found = fractional_max_pool3d_with_indices(input, kernel_size, output_size, output_ratio, True, _random_samples)
    return found if return_indices else found[0]


def fractional_max_pool2d_with_indices(
    input: Any, kernel_size: Sizes, output_size: Sizes | None = None, output_ratio: Ratios = None,
    return_indices: bool = False, _random_samples: Any = None,
) -> tuple[Any, Any]:  # fmt: skip
    """`fractional_max_pool2d`, always with the indices."""
    return _pooled("fractional_max_pool2d", 2, input, kernel_size, output_size, output_ratio, _random_samples)


def fractional_max_pool3d_with_indices(
    input: Any, kernel_size: Sizes, output_size: Sizes | None = None, output_ratio: Ratios = None,
    return_indices: bool = False, _random_samples: Any = None,
) -> tuple[Any, Any]:  # fmt: skip
    """`fractional_max_pool3d`, always with the indices."""
    return _pooled("fractional_max_pool3d", 3, input, kernel_size, output_size, output_ratio, _random_samples)


def _pooled(
    name: str, ndim: int, input: Any, kernel_size: Sizes, output_size: Sizes | None, output_ratio: Ratios, samples: Any
) -> tuple[Any, Any]:
    shape = shape_of(name, floating(name, input))
    if len(shape) not in (ndim + 1, ndim + 2):
        raise ShapeError(f"{name}(): Expected {ndim + 1}D or {ndim + 2}D tensor, but got: {list(shape)}")
    batch = input if len(shape) == ndim + 2 else input.unsqueeze(0)
    window = per_dimension(name, "kernel_size", kernel_size, ndim)
    counts = _counts(name, shape[-ndim:], output_size, output_ratio)
    for length, size, count in zip(shape[-ndim:], window, counts, strict=True):
        if count + size - 1 > length:
            raise ShapeError(
                f"{name}(): pool size {size} too large relative to input size {length} for {count} windows: "
                f"kernel_size={list(window)}, output_size={list(counts)}, input of size {list(shape)}"
            )
    images = batch.shape[:2]
    if samples is None:
        samples = rand(*images, ndim, dtype=input.dtype, device=input.device)
    if samples._array.ndim != 3 or samples.shape[0] < images[0] or samples.shape[1:] != (images[1], ndim):
        raise ShapeError(f"{name}(): _random_samples is of size {list(samples.shape)}, not {[*images, ndim]}")
    if samples.dtype is not input.dtype:
        raise DtypeError(f"Expect _random_samples to have the same dtype as input: {samples.dtype} and {input.dtype}")
    with no_grad():
        at = _indices(batch, samples[: images[0]], window, counts)
    values = _PICKED[ndim].apply(batch, at)
    return (values, at) if len(shape) == ndim + 2 else (values.squeeze(0), at.squeeze(0))


def _indices(batch: Any, samples: Any, window: Sequence[int], counts: Sequence[int]) -> Any:
    """The flat spatial index of the largest element of each window, (N, C, *counts)."""
    images, size = batch.shape[:2], batch._array.shape[2:]
    ndim = len(size)
    places = batch.new_zeros((), dtype=int64)
    for i, (length, reach, count) in enumerate(zip(size, window, counts, strict=True)):
        starts = _starts(samples[..., _SAMPLES[ndim][i]], length, reach, count)
        elements = starts.unsqueeze(-1) + arange(reach, device=batch.device)
        # (N, C, *counts, *window), of length 1 along the other axes.
        along = [n if axis % ndim == i else 1 for axis, n in enumerate((*counts, *window))]
        places = places * length + elements.reshape(*images, *along)
    places = places.reshape(*images, *counts, math.prod(window))
    return places.gather(-1, pool_gather.apply(batch, places).argmax(-1, keepdim=True)).squeeze(-1)


def _starts(samples: Any, length: int, window: int, count: int) -> Any:
    """Where each of ``count`` windows begins, (N, C, count): the last at the end, those before it at random steps."""
    last = samples.new_full((*samples.shape, min(count, 1)), length - window)
    if count > 1:
        step, sample = (length - window) / (count - 1), samples.unsqueeze(-1)
        before = arange(count - 1, dtype=samples.dtype, device=samples.device)
        last = cat([((before + sample) * step).trunc() - (sample * step).trunc(), last], -1)
    return cast(last, int64)


def _counts(name: str, size: Sequence[int], output_size: Sizes | None, output_ratio: Ratios) -> tuple[int, ...]:
    if output_size is not None:
        return per_dimension(name, "output_size", output_size, len(size))
    if output_ratio is None:
        raise ArgumentError(f"{name} requires specifying either an output_size or an output_ratio")
    ratios = (output_ratio,) * len(size) if isinstance(output_ratio, (int, float)) else output_ratio
    return tuple(int(n * ratio) for n, ratio in zip(size, ratios, strict=True))
