"""Other readings of the same memory: by strides, as windows, complex numbers as pairs. Views where memory allows."""

from __future__ import annotations

import math

from xpgrad.backends.fallbacks.striding import strided_positions, window_positions
from xpgrad.core.op import op


@op("AsStrided", is_view=True)
def as_strided(xp, x, /, *, size, stride, offset):
    """The elements of ``x``, in row-major order, at ``offset`` and in steps of ``stride`` from there, as ``size``."""
    return xp.as_strided(x, size=size, stride=stride, offset=offset)

@as_strided.vjp("x")
def _(xp, g, x_shape, size, stride, offset):
    positions = strided_positions(xp, g.device, size, stride, offset)
    return xp.reshape(xp.scatter_add(xp.reshape(g, (-1,)), positions, size=math.prod(x_shape)), x_shape)


@op("Unfold", is_view=True)
def sliding_windows(xp, x, /, *, axis, size, step):
    """The windows of ``size`` elements along ``axis``, ``step`` apart: their number there, their elements last."""
    return xp.sliding_windows(x, axis=axis, size=size, step=step)

@sliding_windows.vjp("x")
def _(xp, g, x_shape, axis, size, step):
    count, rest = g.shape[axis], (*x_shape[:axis], *x_shape[axis + 1:])
    positions = window_positions(xp, g.device, count, size, step)
    windows = xp.reshape(xp.moveaxis(xp.moveaxis(g, -1, 0), axis + 1, 0), (count * size, *rest))
    return xp.moveaxis(xp.scatter_add(windows, positions, size=x_shape[axis]), 0, axis)


@op("ViewAsReal", is_view=True)
def view_as_real(xp, x, /):
    """Complex numbers (...) as pairs of real ones (..., 2)."""
    return xp.view_as_real(x)

@view_as_real.vjp("x")
def _(xp, g): return xp.conj(xp.view_as_complex(g))


@op("ViewAsComplex", is_view=True)
def view_as_complex(xp, x, /):
    """Pairs of real numbers (..., 2) as complex ones (...)."""
    return xp.view_as_complex(x)

@view_as_complex.vjp("x")
def _(xp, g): return xp.view_as_real(xp.conj(g))


@op("Alias", is_view=True, differentiable=False)
def bitcast(xp, x, /, *, dtype):
    """The bytes of ``x`` read as ``dtype``, without its history."""
    return xp.bitcast(x, dtype=dtype)
