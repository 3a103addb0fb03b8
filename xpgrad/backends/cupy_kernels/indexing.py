"""Reading and writing parts of arrays with CuPy's own indexing, in the one or two launches that it takes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import cupy

from xpgrad._typing import Array, Namespace, Shape
from xpgrad.backends.cupy_kernels import elements
from xpgrad.backends.cupy_kernels.launching import kernel, launch
from xpgrad.backends.cupy_kernels.rows import plain
from xpgrad.backends.fallbacks import indexing as fallback

Index = tuple[Any, ...]

# Of rows that go to one position the last counts: the first kernel finds it, the second takes it.
_SOURCE: Final = r"""
extern "C" __global__ void find_last(const long long* positions, long long* last, long long count) {
    FOR_EACH(i, count) atomicMax(&last[positions[i]], i);
}

extern "C" __global__ void put_rows(
    const Number* x, const long long* last, const Number* rows, Number* out, long long count, long long width) {
    FOR_EACH(i, count) {
        const long long row = last[i / width];
        out[i] = row < 0 ? x[i] : rows[row * width + i % width];
    }
}
"""


def getitem(xp: Namespace, x: Array, /, *, index: Index) -> Array:
    """``x[index]``, a view."""
    return x[index]


def embed(xp: Namespace, x: Array, /, *, shape: Shape, index: Index) -> Array:
    """Zeros of ``shape`` with ``x`` at ``index``."""
    out = cupy.zeros(shape, dtype=x.dtype)
    out[index] = x
    return out


def assign(xp: Namespace, x: Array, value: Array, /, *, index: Index) -> Array:
    """A copy of ``x`` with ``value`` at ``index``."""
    out = x.copy()
    out[index] = value
    return out


def put_rows(xp: Namespace, x: Array, positions: Array, rows: Array, /) -> Array:
    """A copy of ``x`` with ``rows`` at ``positions`` of its first axis; of duplicates the last counts.

    CuPy's assignment leaves open which of them it is.
    """
    if not (x.size and rows.size and x.dtype == rows.dtype and x.dtype.name in elements.SOURCES):
        return fallback.put_rows(xp, x, positions, rows)
    name = x.dtype.name
    last = cupy.full((x.shape[0],), -1, dtype="int64")
    positions = plain(positions.astype("int64", copy=False))
    launch(kernel(_SOURCE, "find_last", name), len(positions), positions, last, len(positions))
    out = cupy.empty(x.shape, dtype=x.dtype)
    width = math.prod(x.shape[1:])
    launch(kernel(_SOURCE, "put_rows", name), x.size, plain(x), last, plain(rows), out, x.size, width)
    return out


def constant_pad(xp: Namespace, x: Array, /, *, widths: tuple[tuple[int, int], ...], value: complex = 0.0) -> Array:
    """``x`` with ``value`` around it, or without what negative widths cut off."""
    cut = [slice(max(-b, 0), max(n - max(-a, 0), 0)) for (b, a), n in zip(widths, x.shape, strict=True)]
    x = x[tuple(cut)]
    widths = tuple((max(b, 0), max(a, 0)) for b, a in widths)
    if not any(map(any, widths)):
        return x.copy()
    shape = tuple(n + b + a for (b, a), n in zip(widths, x.shape, strict=True))
    out = cupy.zeros(shape, dtype=x.dtype) if value == 0 else cupy.full(shape, value, dtype=x.dtype)
    out[tuple(slice(b, b + n) for (b, _), n in zip(widths, x.shape, strict=True))] = x
    return out


KERNELS: dict[str, Callable[..., Any]] = {
    "assign": assign,
    "constant_pad": constant_pad,
    "embed": embed,
    "getitem": getitem,
    "put_rows": put_rows,
}
