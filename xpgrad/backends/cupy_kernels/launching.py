"""Compiling and launching kernels that take one thread per element of a result."""

from __future__ import annotations

import functools
from typing import Any, Final

import cupy

from xpgrad.backends.cupy_kernels import elements, windows

THREADS: Final = 256
# What a thread finds more of than there are blocks it goes on with, in steps of the whole grid.
MOST_BLOCKS: Final = 1 << 20

_PRELUDE: Final = r"""
// Each thread takes every so many-th of `count` elements, so that any grid covers them all.
#define FOR_EACH(i, count) \
    for (long long i = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x; i < (count); \
         i += static_cast<long long>(gridDim.x) * blockDim.x)
"""


@functools.cache
def kernel(source: str, name: str, dtype: str) -> Any:
    """The function ``name`` of ``source`` for arrays of ``dtype``; CuPy compiles it when it is first launched."""
    return cupy.RawKernel("\n".join((elements.SOURCES[dtype], windows.SOURCE, _PRELUDE, source)), name)


def launch(function: Any, count: int, *args: Any) -> None:
    """Run ``function``, which takes one thread per element, for ``count`` of them."""
    if count:
        function((min(-(-count // THREADS), MOST_BLOCKS),), (THREADS,), args)
