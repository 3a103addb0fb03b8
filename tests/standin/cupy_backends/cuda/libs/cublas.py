"""The batched product as cuBLAS documents it: column by column, through pointers."""

import ctypes

import numpy as np

DTYPES = {0: "float32", 1: "float64", 2: "float16", 4: "complex64", 5: "complex128", 14: "bfloat16"}
SCALARS = {0: "float32", 1: "float64", 2: "float32", 4: "complex64", 5: "complex128", 14: "float32"}
ARITHMETIC = {0: (68, 77), 1: (70,), 2: (68,), 4: (68, 77), 5: (70,), 14: (68,)}

# What a test may look at: the settings of the last call.
last = {}


def gemmStridedBatchedEx(
    handle, transa, transb, m, n, k, alpha, a, a_type, lda, stride_a, b, b_type, ldb, stride_b, beta, c, c_type, ldc, stride_c,
    count, compute, algorithm,
):  # fmt: skip
    last.update(transa=transa, transb=transb, count=count, stride_a=stride_a, stride_b=stride_b, compute=compute)
    assert handle == 4711
    assert a_type == b_type == c_type
    assert compute in ARITHMETIC[c_type]
    assert lda >= max(1, k if transa else m)
    assert ldb >= max(1, n if transb else k)
    assert ldc >= max(1, m)
    one, zero = (_read(pointer, 1, SCALARS[c_type])[0] for pointer in (alpha, beta))
    assert (one, zero) == (1, 0)
    for i in range(count):
        left = _matrix(a, i * stride_a, k if transa else m, m if transa else k, lda, a_type)
        right = _matrix(b, i * stride_b, n if transb else k, k if transb else n, ldb, b_type)
        out = _matrix(c, i * stride_c, m, n, ldc, c_type)
        wide = "complex128" if out.dtype.kind == "c" else "float64"
        left, right = (left.T if transa else left).astype(wide), (right.T if transb else right).astype(wide)
        out[...] = (left @ right).astype(out.dtype)


def _matrix(pointer, offset, rows, columns, leading, cuda_dtype):
    """A view of column-major memory."""
    dtype = _dtype(DTYPES[cuda_dtype])
    flat = _read(pointer + offset * dtype.itemsize, (columns - 1) * leading + rows, DTYPES[cuda_dtype])
    return np.lib.stride_tricks.as_strided(flat, (rows, columns), (dtype.itemsize, leading * dtype.itemsize))


def _read(pointer, count, name):
    dtype = _dtype(name)
    return np.frombuffer((ctypes.c_char * (count * dtype.itemsize)).from_address(pointer), dtype)


def _dtype(name):
    if name == "bfloat16":
        import ml_dtypes

        return np.dtype(ml_dtypes.bfloat16)
    return np.dtype(name)
