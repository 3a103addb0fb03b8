"""Combining rows at given positions in NumPy, whose ``add.at`` is quick in one dimension only."""

from __future__ import annotations

import math

import numpy as np

from xpgrad._typing import Namespace
from xpgrad.backends.numpy_kernels.blocks import Ndarray
from xpgrad.backends.numpy_kernels.narrow import WIDE, is_narrow

# From this length on, adding row by row beats one call of `add.at` for all elements.
_LONG = 512
# From so many times as many rows as elements in one, adding column by column does.
_MANY = 32


def scatter_add(xp: Namespace, updates: Ndarray, indices: Ndarray, /, *, size: int) -> Ndarray:
    """As the fallback `xpgrad.backends.fallbacks.scatter.scatter_add`, but duplicates are added one by one."""
    if is_narrow(updates.dtype):
        return scatter_add(xp, updates.astype(WIDE), indices, size=size).astype(updates.dtype)
    length = math.prod(updates.shape[1:])
    if length > 1 and length * _MANY <= len(updates):
        columns: Ndarray = np.zeros((length, size), updates.dtype)
        for column, values in zip(columns, updates.reshape(-1, length).T, strict=True):
            np.add.at(column, indices, values)
        return np.ascontiguousarray(columns.T).reshape(size, *updates.shape[1:])
    out: Ndarray = np.zeros((size, *updates.shape[1:]), updates.dtype)
    if length >= _LONG:
        for row, at in zip(updates, indices.tolist(), strict=True):
            out[at] += row
    else:
        flat = indices if length == 1 else np.add.outer(indices * length, np.arange(length)).ravel()
        np.add.at(out.reshape(-1), flat, updates.reshape(-1))
    return out


_COMBINE = {"prod": np.multiply, "max": np.maximum, "min": np.minimum}


def scatter_reduce(xp: Namespace, x: Ndarray, indices: Ndarray, updates: Ndarray, /, *, kind: str) -> Ndarray:
    """As the fallback `xpgrad.backends.fallbacks.scatter.scatter_reduce`, one by one."""
    out: Ndarray = x.copy()
    _COMBINE[kind].at(out, indices, updates)
    return out
