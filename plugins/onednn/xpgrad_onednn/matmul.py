"""Large products of float32 matrices.

OpenBLAS is as quick, but has threads of its own, which wait in a loop for some time after each product and take the
cores from oneDNN's. So whatever would wake them is done by oneDNN.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from xpgrad._typing import Namespace
from xpgrad_onednn.primitives import LARGEST, Ndarray
from xpgrad_onednn.threads import library

# Multiplications up to which OpenBLAS uses one thread.
_LARGE: Final = 1 << 18


def matmul(xp: Namespace, x: Ndarray, y: Ndarray, /) -> Any:
    """As the standard's ``matmul``."""
    if not (x.dtype == y.dtype == np.float32 and x.ndim >= 2 and y.ndim >= 2 and x.shape[-1] == y.shape[-2]):
        return NotImplemented
    rows, inner = x.shape[-2:]
    columns = y.shape[-1]
    if y.ndim == 2 and x.ndim > 2 and x.flags.c_contiguous:
        # One product instead of one for each matrix.
        rows = x.size // inner if inner else 0
        out = _product(x.reshape(rows, inner), y) if rows * inner * columns > _LARGE else NotImplemented
        return out if out is NotImplemented else out.reshape(*x.shape[:-1], columns)
    if rows * inner * columns <= _LARGE:
        return NotImplemented
    if x.ndim == y.ndim == 2:
        return _product(x, y)
    try:
        batch = np.broadcast_shapes(x.shape[:-2], y.shape[:-2])
    except ValueError:
        return NotImplemented
    x, y = np.broadcast_to(x, (*batch, rows, inner)), np.broadcast_to(y, (*batch, inner, columns))
    out = np.empty((*batch, rows, columns), np.float32)
    for index in itertools.product(*map(range, batch)):
        if _product(x[index], y[index], out[index]) is NotImplemented:
            return NotImplemented
    return out


def addmm(xp: Namespace, b: Ndarray, x: Ndarray, y: Ndarray, /) -> Any:
    """As the fallback `xpgrad.backends.fallbacks.linalg.addmm`: the product is added to ``b`` as it is made."""
    if not (b.dtype == x.dtype == y.dtype == np.float32 and x.ndim == y.ndim == 2 and x.shape[1] == y.shape[0]):
        return NotImplemented
    shape = (len(x), y.shape[1])
    if (
        x.size * shape[1] <= _LARGE
        or b.ndim > 2
        or any(length not in (1, wanted) for length, wanted in zip(b.shape[::-1], shape[::-1], strict=False))
    ):
        return NotImplemented
    out = np.empty(shape, np.float32)
    out[...] = b
    return _product(x, y, out, add=True)


KERNELS: dict[str, Callable[..., Any]] = {"addmm": addmm, "matmul": matmul}


def _product(x: Ndarray, y: Ndarray, out: Ndarray | None = None, *, add: bool = False) -> Any:
    """The product of two matrices, either of which may be a transposed view, in or added to C-contiguous ``out``."""
    if max(x.size, y.size, len(x) * y.shape[1]) > LARGEST:
        return NotImplemented
    x, x_order, x_step = _as_operand(x)
    y, y_order, y_step = _as_operand(y)
    if out is None:
        out = np.empty((len(x), y.shape[1]), np.float32)
    pointers = (array.ctypes.data for array in (x, y, out))
    library().dnnl_sgemm(
        x_order, y_order, len(x), y.shape[1], x.shape[1],
        1.0, next(pointers), x_step, next(pointers), y_step, float(add), next(pointers), y.shape[1],
    )  # fmt: skip
    return out


def _as_operand(x: Ndarray) -> tuple[Ndarray, bytes, int]:
    """``x``, or a copy of it, whether it is a matrix as it is or transposed, and the step between its lines."""
    for order, (lines, along), length in ((b"N", x.strides, x.shape[1]), (b"T", x.strides[::-1], x.shape[0])):
        if along == x.itemsize and lines % x.itemsize == 0 and lines >= length * x.itemsize:
            return x, order, lines // x.itemsize
    return np.ascontiguousarray(x), b"N", x.shape[1]
