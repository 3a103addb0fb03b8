"""Extension functions written over the Array API standard alone.

These are what deep learning needs and the standard lacks. Each takes the namespace, then arrays by position, then
settings by name, and is pure: it writes to no input, and its results share no memory with one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xpgrad.backends.fallbacks import (
    activation,
    cumulative,
    eigen,
    householder,
    indexing,
    integers,
    ldl,
    linalg,
    loss,
    lu,
    normalization,
    optim,
    philox,
    recurrent,
    special,
    striding,
    triangular,
)
from xpgrad.backends.fallbacks.convolution import biased_convolution, convolution, convolution_input, convolution_weight
from xpgrad.backends.fallbacks.pooling import (
    avg_pool,
    avg_pool_input,
    max_pool,
    max_pool_input,
    pool_gather,
    pool_scatter,
)
from xpgrad.backends.fallbacks.scatter import scatter_add, scatter_reduce

FALLBACKS: dict[str, Callable[..., Any]] = {
    **activation.FALLBACKS,
    **cumulative.FALLBACKS,
    **eigen.FALLBACKS,
    **householder.FALLBACKS,
    **indexing.FALLBACKS,
    **ldl.FALLBACKS,
    **integers.FALLBACKS,
    **linalg.FALLBACKS,
    **loss.FALLBACKS,
    **lu.FALLBACKS,
    **normalization.FALLBACKS,
    **optim.FALLBACKS,
    **philox.FALLBACKS,
    **recurrent.FALLBACKS,
    **triangular.FALLBACKS,
    **special.FALLBACKS,
    **striding.FALLBACKS,
    "avg_pool": avg_pool,
    "avg_pool_input": avg_pool_input,
    "biased_convolution": biased_convolution,
    "convolution": convolution,
    "convolution_input": convolution_input,
    "convolution_weight": convolution_weight,
    "max_pool": max_pool,
    "max_pool_input": max_pool_input,
    "pool_gather": pool_gather,
    "pool_scatter": pool_scatter,
    "scatter_add": scatter_add,
    "scatter_reduce": scatter_reduce,
}
