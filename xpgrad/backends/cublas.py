"""Batched matrix products by cuBLAS on CuPy's arrays.

``cupy.matmul`` is fine for matrices, but for stacks of them it crashes on bfloat16, computes float16 in float32, copies
transposed operands and never uses TF32 (CuPy 14; its pull request 10317). This calls the same binding with the
layouts as they are. Nothing here imports CuPy: the binding is loaded at the first product, and with it cuBLAS.
"""

from __future__ import annotations

import functools
import importlib
import itertools
import math
import os
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from xpgrad._typing import Array, Namespace
from xpgrad.backends import arithmetic

# By dtype: CUDA's number for it, cuBLAS's number for the arithmetic, and the dtype of the two scalars of a product.
_FLOAT32_ARITHMETIC: Final = 68
_TF32_ARITHMETIC: Final = 77
_FLOAT64_ARITHMETIC: Final = 70
DTYPES: Final[dict[str, tuple[int, int, str]]] = {
    "float16": (2, _FLOAT32_ARITHMETIC, "float32"),
    "bfloat16": (14, _FLOAT32_ARITHMETIC, "float32"),
    "float32": (0, _FLOAT32_ARITHMETIC, "float32"),
    "float64": (1, _FLOAT64_ARITHMETIC, "float64"),
    "complex64": (4, _FLOAT32_ARITHMETIC, "complex64"),
    "complex128": (5, _FLOAT64_ARITHMETIC, "complex128"),
}
_DEFAULT_ALGORITHM: Final = -1


class Layout(NamedTuple):
    """How a stack of row-major matrices lies in memory, in cuBLAS's terms and in elements.

    Attributes:
        transposed: Rows are neighbours, not columns.
        leading: The step between rows, or between columns if ``transposed``.
        batch: The step between matrices; 0 if there is only one, used again and again.
    """

    transposed: bool
    leading: int
    batch: int


def batched_matmul(xp: Namespace, x: Array, y: Array) -> Array:
    """The product of ``x`` (..., n, k) and ``y`` (..., k, m), both of one dtype in `DTYPES`; leading axes broadcast."""
    stack = np.broadcast_shapes(x.shape[:-2], y.shape[:-2])
    (n, k), m = x.shape[-2:], y.shape[-1]
    if k != y.shape[-2]:
        raise ValueError(f"matmul: shapes {x.shape} and {y.shape} do not fit: {k} columns meet {y.shape[-2]} rows")
    count = math.prod(stack)
    if 0 in (n, k, m, count):
        return xp.zeros((*stack, n, m), dtype=x.dtype, device=x.device)
    x, x_layout = _laid_out(xp, x, stack)
    y, y_layout = _laid_out(xp, y, stack)
    out = xp.empty((*stack, n, m), dtype=x.dtype, device=x.device)
    cuda_dtype, arithmetic, scalar = DTYPES[x.dtype.name]
    if scalar in ("float32", "complex64") and x.dtype.name == scalar and _tf32():
        arithmetic = _TF32_ARITHMETIC
    one, zero = np.ones((), dtype=scalar), np.zeros((), dtype=scalar)
    # cuBLAS counts column by column, in which our row-major arrays are their transposes: out.T = y.T @ x.T.
    _cublas().gemmStridedBatchedEx(
        x.device.cublas_handle,
        int(y_layout.transposed),
        int(x_layout.transposed),
        m,
        n,
        k,
        one.ctypes.data,
        y.data.ptr,
        cuda_dtype,
        y_layout.leading,
        y_layout.batch,
        x.data.ptr,
        cuda_dtype,
        x_layout.leading,
        x_layout.batch,
        zero.ctypes.data,
        out.data.ptr,
        cuda_dtype,
        m,
        n * m,
        count,
        arithmetic,
        _DEFAULT_ALGORITHM,
    )
    return out


def layout(shape: Sequence[int], strides: Sequence[int], itemsize: int, stack: Sequence[int]) -> Layout | None:
    """The layout of matrices (..., rows, columns), repeated to fill ``stack``; None if cuBLAS cannot read them."""
    if any(step % itemsize or step < 0 for step in strides):
        return None
    steps = [step // itemsize for step in strides]
    (rows, columns), (row_step, column_step) = shape[-2:], steps[-2:]
    if (column_step == 1 or columns == 1) and (row_step >= columns or rows == 1):
        transposed, leading = False, max(row_step, columns)
    elif (row_step == 1 or rows == 1) and (column_step >= rows or columns == 1):
        transposed, leading = True, max(column_step, rows)
    else:
        return None
    # Neighbouring axes of the stack must be one axis in memory; those of length one have no say.
    axes = [(n, step) for n, step in zip(shape[:-2], steps[:-2], strict=True) if n > 1]
    if not axes:
        return Layout(transposed, leading, 0)
    if math.prod(n for n, _ in axes) != math.prod(stack):
        return None
    if any(outer != n * inner for (_, outer), (n, inner) in itertools.pairwise(axes)):
        return None
    return Layout(transposed, leading, axes[-1][1])


def _laid_out(xp: Namespace, x: Array, stack: Sequence[int]) -> tuple[Array, Layout]:
    """``x``, or a copy of it that cuBLAS can read, and its layout."""
    found = layout(x.shape, x.strides, x.dtype.itemsize, stack)
    if found is None:
        if math.prod(x.shape[:-2]) > 1:
            x = xp.broadcast_to(x, (*stack, *x.shape[-2:]))
        x = x.copy(order="C")
        found = layout(x.shape, x.strides, x.dtype.itemsize, stack)
    assert found is not None
    return x, found


@functools.cache
def _cublas() -> Any:
    # As an attribute of its package, which finds and loads cuBLAS itself before the binding.
    return importlib.import_module("cupy_backends.cuda.libs").cublas


def _tf32() -> bool:
    """Whether float32 products may round their inputs to TF32: PyTorch's switch, or CuPy's own."""
    return arithmetic.tf32 or os.environ.get("CUPY_TF32", "0") not in ("", "0")
