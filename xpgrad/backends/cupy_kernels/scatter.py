"""Combining rows at given positions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import cupy
import numpy as np

from xpgrad._typing import Array, Namespace

# What `cupy.add.at` can add with atomics; others are added in the type given here. Half precision goes the long way
# since its atomics are slow and round at every step.
_SCATTERED: Mapping[str, str] = {
    **dict.fromkeys(("float32", "float64", "int32", "int64", "uint32", "uint64"), ""),
    **dict.fromkeys(("float16", "bfloat16"), "float32"),
    **dict.fromkeys(("bool", "int8", "int16", "uint8", "uint16"), "int32"),
}


def scatter_add(xp: Namespace, updates: Array, indices: Array, /, *, size: int) -> Array:
    """The fallback of this name with atomics; the order of additions, and so the last bits, differ from run to run."""
    dtype, rest = updates.dtype, updates.shape[1:]
    if dtype.kind == "c":
        parts = cupy.ascontiguousarray(updates).view(np.dtype(f"f{dtype.itemsize // 2}")).reshape(*updates.shape, 2)
        return scatter_add(xp, parts, indices, size=size).view(dtype).reshape(size, *rest)
    out = cupy.zeros((size, *rest), dtype=_SCATTERED[dtype.name] or dtype)
    if updates.size:
        cupy.add.at(out, indices, updates.astype(out.dtype, copy=False))
    return out.astype(dtype, copy=False)


KERNELS: dict[str, Callable[..., Any]] = {"scatter_add": scatter_add}
