"""Other readings of the same memory, as views."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xpgrad._typing import Array, Namespace


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
    "bitcast": bitcast,
    "view_as_complex": view_as_complex,
    "view_as_real": view_as_real,
}
