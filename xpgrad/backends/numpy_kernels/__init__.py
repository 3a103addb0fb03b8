"""Kernels of the NumPy backend: extension functions, and quicker spellings of NumPy's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xpgrad.backends.numpy_kernels import (
    activation,
    cumulative,
    factorizations,
    indexing,
    integers,
    linalg,
    optim,
    philox,
    special,
    standard,
    striding,
)
from xpgrad.backends.numpy_kernels.convolution import (
    biased_convolution,
    convolution,
    convolution_input,
    convolution_weight,
)
from xpgrad.backends.numpy_kernels.pooling import avg_pool_input, max_pool, pool_gather, pool_scatter
from xpgrad.backends.numpy_kernels.scatter import scatter_add, scatter_reduce
from xpgrad.backends.numpy_kernels.selection import where

KERNELS: dict[str, Callable[..., Any]] = {
    **activation.KERNELS,
    **cumulative.KERNELS,
    **factorizations.KERNELS,
    **indexing.KERNELS,
    **integers.KERNELS,
    **linalg.KERNELS,
    **optim.KERNELS,
    **philox.KERNELS,
    **special.KERNELS,
    **standard.KERNELS,
    **striding.KERNELS,
    "avg_pool_input": avg_pool_input,
    "biased_convolution": biased_convolution,
    "convolution": convolution,
    "convolution_input": convolution_input,
    "convolution_weight": convolution_weight,
    "max_pool": max_pool,
    "pool_gather": pool_gather,
    "pool_scatter": pool_scatter,
    "scatter_add": scatter_add,
    "scatter_reduce": scatter_reduce,
    "where": where,
}
