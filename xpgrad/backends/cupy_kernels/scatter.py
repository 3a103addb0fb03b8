"""Adding rows at given positions: by atomics, or in order where results must be repeatable."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

import cupy
import numpy as np

from xpgrad._typing import Array, Namespace
from xpgrad.backends import determinism
from xpgrad.backends.cupy_kernels.launching import kernel, launch

# What `cupy.add.at` can add with atomics; others are added in the type given here. Half precision goes the long way
# since its atomics are slow and round at every step. CuPy 14.0 has no int64, which is added as what has the same bits.
_SCATTERED: Mapping[str, str] = {
    **dict.fromkeys(("float32", "float64", "int32", "uint32", "uint64"), ""),
    **dict.fromkeys(("float16", "bfloat16"), "float32"),
    **dict.fromkeys(("bool", "int8", "int16", "uint8", "uint16"), "int32"),
}

# A thread owns an element of the result: it looks up where its position begins among the sorted ones, and adds.
_SOURCE: Final = r"""
extern "C" __global__ void scatter_add(
    const Number* updates, const long long* order, const long long* positions, Number* out, long long count,
    long long size, long long width) {
    FOR_EACH(i, size * width) {
        const long long position = i / width, column = i % width;
        long long first = 0, stop = count;
        while (first < stop) {
            const long long middle = first + (stop - first) / 2;
            if (positions[middle] < position) first = middle + 1;
            else stop = middle;
        }
        Sum total = Sum();
        for (long long j = first; j < count && positions[j] == position; ++j) {
            total += widen(updates[order[j] * width + column]);
        }
        out[i] = narrow(total);
    }
}
"""


def scatter_add(xp: Namespace, updates: Array, indices: Array, /, *, size: int) -> Array:
    """As the fallback of this name. The last bits differ from run to run, unless `determinism.wanted`."""
    if not updates.size:
        return cupy.zeros((size, *updates.shape[1:]), dtype=updates.dtype)
    # Integers come to the same in any order.
    is_exact = updates.dtype.kind in "biu"
    return (_in_order if determinism.wanted and not is_exact else _by_atomics)(updates, indices, size)


def _by_atomics(updates: Array, indices: Array, size: int) -> Array:
    dtype, rest = updates.dtype, updates.shape[1:]
    if dtype.kind == "c":
        parts = cupy.ascontiguousarray(updates).view(np.dtype(f"f{dtype.itemsize // 2}")).reshape(*updates.shape, 2)
        return _by_atomics(parts, indices, size).view(dtype).reshape(size, *rest)
    if dtype == "int64":
        return _by_atomics(updates.view("uint64"), indices, size).view(dtype)
    out = cupy.zeros((size, *rest), dtype=_SCATTERED[dtype.name] or dtype)
    cupy.add.at(out, indices, updates.astype(out.dtype, copy=False))
    return out.astype(dtype, copy=False)


def _in_order(updates: Array, indices: Array, size: int) -> Array:
    updates, indices = cupy.ascontiguousarray(updates), indices.astype(np.int64, copy=False)
    order = cupy.argsort(indices, kind="stable")
    positions = cupy.take(indices, order)
    out = cupy.empty((size, *updates.shape[1:]), dtype=updates.dtype)
    sizes = (len(order), size, math.prod(updates.shape[1:]))
    launch(kernel(_SOURCE, "scatter_add", out.dtype.name), out.size, updates, order, positions, out, *sizes)
    return out


KERNELS: dict[str, Callable[..., Any]] = {"scatter_add": scatter_add}
