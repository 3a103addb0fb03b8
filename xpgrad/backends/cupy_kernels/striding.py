"""Other readings of the same memory, as views."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cupy

from xpgrad._typing import Array, Namespace, Shape


def _strided(x: Array, shape: Shape, strides: Shape) -> Array:
    """A view from the first element of ``x`` on, of other steps, in bytes."""
    # A view of it, since CuPy's claims to be nobody's.
    return cupy.lib.stride_tricks.as_strided(x, shape, strides).view()


def as_strided(xp: Namespace, x: Array, /, *, size: Shape, stride: Shape, offset: int) -> Array:
    """The elements of ``x`` at ``offset`` and in steps of ``stride`` from there, as ``size``."""
    flat = x.reshape(-1)
    # Elements may be further apart, or all be one that was broadcast.
    return _strided(flat[offset:], size, tuple(n * flat.strides[0] for n in stride))


def sliding_windows(xp: Namespace, x: Array, /, *, axis: int, size: int, step: int) -> Array:
    """The windows of ``size`` elements along ``axis``, ``step`` apart."""
    count = (x.shape[axis] - size) // step + 1
    shape = (*x.shape[:axis], count, *x.shape[axis + 1 :], size)
    strides = (*x.strides[:axis], x.strides[axis] * step, *x.strides[axis + 1 :], x.strides[axis])
    return _strided(x, shape, strides)


def bitcast(xp: Namespace, x: Array, /, *, dtype: Any) -> Array:
    """The bytes of ``x`` read as ``dtype``; the last axis grows or shrinks if that is of another size."""
    return x.view(dtype)


def view_as_real(xp: Namespace, x: Array, /) -> Array:
    """Complex numbers (...) as pairs of real ones (..., 2); a copy if they are not neighbours in memory."""
    x = x if x.flags.c_contiguous else x.copy(order="C")
    return x[..., None].view("float32" if x.dtype == "complex64" else "float64")


def view_as_complex(xp: Namespace, x: Array, /) -> Array:
    """Pairs of real numbers (..., 2) as complex ones (...); a copy if they are not neighbours in memory."""
    x = x if x.flags.c_contiguous else x.copy(order="C")
    return x.view("complex64" if x.dtype == "float32" else "complex128")[..., 0]


KERNELS: dict[str, Callable[..., Any]] = {
    "as_strided": as_strided,
    "bitcast": bitcast,
    "sliding_windows": sliding_windows,
    "view_as_complex": view_as_complex,
    "view_as_real": view_as_real,
}
