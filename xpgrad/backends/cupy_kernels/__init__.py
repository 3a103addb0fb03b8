"""Kernels of the CuPy backend: extension functions in few launches, by CuPy's own functions or as CUDA source.

Importing them imports CuPy and compiles nothing: a kernel is compiled by CuPy at its first launch, and kept on disk.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xpgrad.backends.cupy_kernels import (
    activation,
    convolution,
    indexing,
    integers,
    loss,
    normalization,
    optim,
    philox,
    pooling,
    scatter,
    softmax,
    special,
    standard,
    striding,
)

KERNELS: dict[str, Callable[..., Any]] = {
    **activation.KERNELS,
    **convolution.KERNELS,
    **indexing.KERNELS,
    **integers.KERNELS,
    **loss.KERNELS,
    **normalization.KERNELS,
    **optim.KERNELS,
    **philox.KERNELS,
    **pooling.KERNELS,
    **scatter.KERNELS,
    **softmax.KERNELS,
    **special.KERNELS,
    **standard.KERNELS,
    **striding.KERNELS,
}
