"""Other readings of the same memory, as NumPy's views."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from xpgrad._typing import Namespace, Shape

Host = np.ndarray[Any, Any]


def as_strided(xp: Namespace, x: Host, /, *, size: Shape, stride: Shape, offset: int) -> Host:
    """The elements of ``x`` at ``offset`` and in steps of ``stride`` from there, as ``size``."""
    flat = x.reshape(-1)
    # Elements may be further apart, or all be one that was broadcast.
    steps = tuple(n * flat.strides[0] for n in stride)
    return np.lib.stride_tricks.as_strided(flat[offset:], size, steps, writeable=x.flags.writeable)


def sliding_windows(xp: Namespace, x: Host, /, *, axis: int, size: int, step: int) -> Host:
    """The windows of ``size`` elements along ``axis``, ``step`` apart."""
    count = (x.shape[axis] - size) // step + 1
    shape = (*x.shape[:axis], count, *x.shape[axis + 1 :], size)
    strides = (*x.strides[:axis], x.strides[axis] * step, *x.strides[axis + 1 :], x.strides[axis])
    return np.lib.stride_tricks.as_strided(x, shape, strides, writeable=x.flags.writeable)


def view_as_real(xp: Namespace, x: Host, /) -> Host:
    """Complex numbers (...) as pairs of real ones (..., 2)."""
    # A rule may have made a scalar of a 0-d array.
    parts = np.asarray(x).real
    strides = (*parts.strides, parts.itemsize)
    return np.lib.stride_tricks.as_strided(parts, (*x.shape, 2), strides, writeable=parts.flags.writeable)


def view_as_complex(xp: Namespace, x: Host, /) -> Host:
    """Pairs of real numbers (..., 2) as complex ones (...); a copy if they are not neighbours in memory."""
    if x.strides[-1] != x.itemsize:
        x = np.ascontiguousarray(x)
    viewed: Host = x.view(np.result_type(x.dtype, np.complex64))[..., 0]
    return viewed if type(viewed) is np.ndarray else np.asarray(viewed)


def bitcast(xp: Namespace, x: Host, /, *, dtype: Any) -> Host:
    """The bytes of ``x`` read as ``dtype``; the last axis grows or shrinks if that is of another size."""
    return x.view(dtype)


KERNELS: dict[str, Callable[..., Any]] = {
    "as_strided": as_strided,
    "bitcast": bitcast,
    "sliding_windows": sliding_windows,
    "view_as_complex": view_as_complex,
    "view_as_real": view_as_real,
}
