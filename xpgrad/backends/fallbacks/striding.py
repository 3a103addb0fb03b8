"""Other readings of the same memory, as copies: by strides, as windows, and as numbers of another kind."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from xpgrad._typing import Array, Namespace, Shape
from xpgrad.backends.fallbacks.places import device_of
from xpgrad.errors import DtypeError


def as_strided(xp: Namespace, x: Array, /, *, size: Shape, stride: Shape, offset: int) -> Array:
    """The elements of ``x``, in row-major order, at ``offset`` and in steps of ``stride`` from there, as ``size``."""
    positions = strided_positions(xp, device_of(x), size, stride, offset)
    return xp.reshape(xp.take(xp.reshape(x, (-1,)), positions, axis=0), size)


def strided_positions(xp: Namespace, device: object, size: Shape, stride: Shape, offset: int) -> Array:
    """Where the elements that `as_strided` takes are, as a vector."""
    positions = xp.full((1,) * len(size), offset, dtype=xp.int64, device=device)
    for axis, (n, step) in enumerate(zip(size, stride, strict=True)):
        shape = tuple(n if i == axis else 1 for i in range(len(size)))
        positions = positions + xp.reshape(xp.arange(n, dtype=xp.int64, device=device) * step, shape)
    return xp.reshape(positions, (math.prod(size),))


def sliding_windows(xp: Namespace, x: Array, /, *, axis: int, size: int, step: int) -> Array:
    """The windows of ``size`` elements along ``axis``, ``step`` apart: their number there, their elements last."""
    count = (x.shape[axis] - size) // step + 1
    taken = xp.take(x, window_positions(xp, device_of(x), count, size, step), axis=axis)
    apart = xp.reshape(taken, (*x.shape[:axis], count, size, *x.shape[axis + 1 :]))
    return xp.moveaxis(apart, axis + 1, -1)


def window_positions(xp: Namespace, device: object, count: int, size: int, step: int) -> Array:
    """Which elements each of ``count`` windows has, one window after the other, as a vector."""
    starts = xp.reshape(xp.arange(count, dtype=xp.int64, device=device) * step, (count, 1))
    return xp.reshape(starts + xp.reshape(xp.arange(size, dtype=xp.int64, device=device), (1, size)), (count * size,))


def view_as_real(xp: Namespace, x: Array, /) -> Array:
    """Complex numbers (...) as pairs of real ones (..., 2)."""
    return xp.stack([xp.real(x), xp.imag(x)], axis=-1)


def view_as_complex(xp: Namespace, x: Array, /) -> Array:
    """Pairs of real numbers (..., 2) as complex ones (...)."""
    kind = xp.complex64 if x.dtype == xp.float32 else xp.complex128
    imag = x[..., 1]
    made = xp.astype(x[..., 0], kind) + xp.astype(xp.where(xp.isfinite(imag), imag, xp.zeros_like(imag)), kind) * 1j
    # Times 1j, what is not finite would spoil the real part.
    zero = xp.asarray(0, dtype=kind, device=device_of(x))
    for part, where in ((math.nan, xp.isnan(imag)), (math.inf, imag == math.inf), (-math.inf, imag == -math.inf)):
        made = made + xp.where(where, xp.asarray(complex(0, part), dtype=kind, device=device_of(x)), zero)
    return made


def bitcast(xp: Namespace, x: Array, /, *, dtype: Any) -> Array:
    """The bytes of ``x`` read as ``dtype``.

    Raises:
        DtypeError: Always: the standard has no way to see the bytes of an array.
    """
    raise DtypeError(
        f"view: this array library has no way to read the bytes of {x.dtype} as {dtype}; convert with .to(dtype), or "
        "view on another device"
    )


FALLBACKS: dict[str, Callable[..., Any]] = {
    "as_strided": as_strided,
    "bitcast": bitcast,
    "sliding_windows": sliding_windows,
    "view_as_complex": view_as_complex,
    "view_as_real": view_as_real,
}
