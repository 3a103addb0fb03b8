"""What the convolution kernels share: a description of the windows, padding, and batches in pieces that fit a cache."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from xpgrad._typing import Shape

Ndarray = np.ndarray[Any, Any]


class Windows(NamedTuple):
    """Where windows lie in an input. Each field has one entry per spatial dimension.

    Attributes:
        shape: Elements of a window.
        places: Number of windows.
        stride: The step between windows.
        padding: Zeros on each side of the input; negative numbers crop it instead.
        dilation: The distance between the elements of a window.
    """

    shape: Shape
    places: Shape
    stride: Shape
    padding: Shape
    dilation: Shape

    @property
    def elements(self) -> int:
        """Elements of a window in all."""
        return math.prod(self.shape)

    @property
    def positions(self) -> int:
        """Number of windows in all."""
        return math.prod(self.places)

    def column_bytes(self, x: Ndarray) -> int:
        """What the windows of one image of ``x`` (N, C, *S) take."""
        return int(x.shape[1] * self.elements * self.positions * x.itemsize)


def pad(x: Ndarray, padding: Shape) -> Ndarray:
    """``x`` (N, C, *S) with zeros around its spatial axes, a view if there are none; negative numbers crop."""
    x, padding = crop(x, padding)
    if not any(padding):
        return x
    out: Ndarray = np.zeros((*x.shape[:2], *padded_size(x.shape[2:], padding)), x.dtype)
    inner(out, padding)[...] = x
    return out


def crop(x: Ndarray, padding: Shape) -> tuple[Ndarray, Shape]:
    """``x`` without what negative ``padding`` crops, and the padding that is left to do."""
    if min(padding) >= 0:
        return x, padding
    return inner(x, tuple(max(-p, 0) for p in padding)), tuple(max(p, 0) for p in padding)


def inner(x: Ndarray, padding: Shape) -> Ndarray:
    """The view of ``x`` (N, C, *S) without its padding, which is not negative."""
    view: Ndarray = x[spatial(slice(p, s - p) for p, s in zip(padding, x.shape[2:], strict=True))]
    return view


def spatial(along: Iterable[slice]) -> tuple[Any, ...]:
    """The index of (N, C, *S) that takes a slice of each spatial axis."""
    return (..., *along)


def padded_size(size: Shape, padding: Shape) -> Shape:
    """``size`` with ``padding`` on each side."""
    return tuple(s + 2 * p for s, p in zip(size, padding, strict=True))


def strided(x: Ndarray, shape: Shape, strides: Shape) -> Ndarray:
    """The view of contiguous ``x`` with any strides in bytes, seven times as quick as `as_strided` and checked."""
    return np.ndarray(shape, x.dtype, x, 0, strides)


def parts(images: int, image_bytes: int, block: int) -> Iterator[slice]:
    """Slices of a batch that take about ``block`` bytes, and one image at least."""
    step = max(1, block // max(1, image_bytes))
    for start in range(0, images, step):
        yield slice(start, start + step)
