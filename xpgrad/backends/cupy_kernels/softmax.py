"""Softmax, its logarithm and their gradients in one launch each, whatever the axis."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import cupy

from xpgrad._typing import Array, Namespace
from xpgrad.backends.cupy_kernels.sources import Source, deal
from xpgrad.backends.fallbacks import activation as fallback

SOURCE = Source("softmax", "softmax", "log_softmax", "softmax_input", "log_softmax_input")


def _along_rows(name: str) -> Callable[..., Array]:
    otherwise: Callable[..., Array] = getattr(fallback, name)

    def kernel(xp: Namespace, *arrays: Array, axis: int) -> Array:
        shape = arrays[0].shape
        if not shape or not SOURCE.has(*arrays) or any(a.shape != shape for a in arrays):
            return otherwise(xp, *arrays, axis=axis)
        out = cupy.empty(shape, dtype=arrays[0].dtype)
        if out.size:
            axis %= len(shape)
            inner = math.prod(shape[axis + 1 :])
            rows = math.prod(shape[:axis]) * inner
            blocks, threads, width = deal(rows, shape[axis], inner)
            plain = map(cupy.ascontiguousarray, arrays)
            SOURCE.launch(name, out.dtype, blocks, threads, *plain, out, rows, shape[axis], inner, width)
        return out

    kernel.__name__ = kernel.__qualname__ = name
    kernel.__doc__ = f"As the fallback `{otherwise.__module__}.{name}`, floats of two bytes in float32 in between."
    return kernel


KERNELS: dict[str, Callable[..., Any]] = {
    name: _along_rows(name) for name in ("log_softmax", "log_softmax_input", "softmax", "softmax_input")
}
