"""Pooling by norms. Mirrors ``lp_pool1d``, ``lp_pool2d`` and ``lp_pool3d`` of ``torch.nn.functional``."""

from __future__ import annotations

import math
from typing import Any

from xpgrad.nn.functional.activation import relu
from xpgrad.nn.functional.checks import per_dimension
from xpgrad.nn.functional.pooling import Sizes, avg_pool1d, avg_pool2d, avg_pool3d

_MEANS = (avg_pool1d, avg_pool2d, avg_pool3d)


def lp_pool1d(
    input: Any, norm_type: float, kernel_size: Sizes, stride: Sizes | None = None, ceil_mode: bool = False
) -> Any:
    """The ``norm_type``-norm of each window of (N, C, L); see `lp_pool2d`."""
    return _lp_pool("lp_pool1d", 1, input, norm_type, kernel_size, stride, ceil_mode)


def lp_pool2d(
    input: Any, norm_type: float, kernel_size: Sizes, stride: Sizes | None = None, ceil_mode: bool = False
) -> Any:
    """The ``norm_type``-norm of each window.

    Args:
        input: (N, C, H, W), or (C, H, W) for one image.
        norm_type: Which norm; 1 gives sums.
        kernel_size: The size of a window, one number or one for each spatial dimension, as in the next.
        stride: The step between windows; by default ``kernel_size``.
        ceil_mode: Let the last windows end beyond the input.

    Returns:
        (N, C, H', W').
    """
    return _lp_pool("lp_pool2d", 2, input, norm_type, kernel_size, stride, ceil_mode)


def lp_pool3d(
    input: Any, norm_type: float, kernel_size: Sizes, stride: Sizes | None = None, ceil_mode: bool = False
) -> Any:
    """The ``norm_type``-norm of each window of (N, C, D, H, W); see `lp_pool2d`."""
    return _lp_pool("lp_pool3d", 3, input, norm_type, kernel_size, stride, ceil_mode)


def _lp_pool(
    name: str, ndim: int, input: Any, norm_type: float, kernel_size: Sizes, stride: Sizes | None, ceil_mode: bool
) -> Any:
    count = math.prod(per_dimension(name, "kernel_size", kernel_size, ndim))
    sums = _MEANS[ndim - 1](input**norm_type, kernel_size, stride, 0, ceil_mode) * count
    return (sums.sign() * relu(sums.abs())) ** (1.0 / norm_type)
