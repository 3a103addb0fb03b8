"""Maxima together with where they were. Mirrors the functions ``..._with_indices`` of ``torch.nn.functional``."""

from __future__ import annotations

from typing import Any

from xpgrad.nn.functional import pooling
from xpgrad.nn.functional.pooling import OutputSizes, Sizes


def max_pool1d_with_indices(
    input: Any, kernel_size: Sizes, stride: Sizes | None = None, padding: Sizes = 0, dilation: Sizes = 1,
    ceil_mode: bool = False, return_indices: bool = False,
) -> Any:  # fmt: skip
    """`max_pool1d`, always with the indices."""
    return pooling.max_pool1d(input, kernel_size, stride, padding, dilation, ceil_mode, True)


def max_pool2d_with_indices(
    input: Any, kernel_size: Sizes, stride: Sizes | None = None, padding: Sizes = 0, dilation: Sizes = 1,
    ceil_mode: bool = False, return_indices: bool = False,
) -> Any:  # fmt: skip
    """`max_pool2d`, always with the indices."""
    return pooling.max_pool2d(input, kernel_size, stride, padding, dilation, ceil_mode, True)


def max_pool3d_with_indices(
    input: Any, kernel_size: Sizes, stride: Sizes | None = None, padding: Sizes = 0, dilation: Sizes = 1,
    ceil_mode: bool = False, return_indices: bool = False,
) -> Any:  # fmt: skip
    """`max_pool3d`, always with the indices."""
    return pooling.max_pool3d(input, kernel_size, stride, padding, dilation, ceil_mode, True)


def adaptive_max_pool1d_with_indices(input: Any, output_size: OutputSizes, return_indices: bool = False) -> Any:
    """`adaptive_max_pool1d`, always with the indices."""
    return pooling.adaptive_max_pool1d(input, output_size, True)


def adaptive_max_pool2d_with_indices(input: Any, output_size: OutputSizes, return_indices: bool = False) -> Any:
    """`adaptive_max_pool2d`, always with the indices."""
    return pooling.adaptive_max_pool2d(input, output_size, True)


def adaptive_max_pool3d_with_indices(input: Any, output_size: OutputSizes, return_indices: bool = False) -> Any:
    """`adaptive_max_pool3d`, always with the indices."""
    return pooling.adaptive_max_pool3d(input, output_size, True)
