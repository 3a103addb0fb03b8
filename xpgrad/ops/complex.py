"""The parts of complex numbers, elementwise.

Gradients here are plain transposes (see `xpgrad.core.engine`): of the real part, ``g`` itself.
"""

from __future__ import annotations

import math

from xpgrad.core.op import op
from xpgrad.ops.kinds import is_complex


@op("Conj")
def conj(xp, x, /):
    """The complex conjugate; a copy of ``x`` if it is real."""
    return xp.conj(x)

@conj.vjp("x")
def _(xp, g): return xp.conj(g)


@op("Select", is_view=True)
def real(xp, x, /):
    """The real part of a complex ``x``."""
    return xp.real(x)

@real.vjp("x")
def _(xp, g): return g


@op("Select", is_view=True)
def imag(xp, x, /):
    """The imaginary part of a complex ``x``."""
    return xp.imag(x)

@imag.vjp("x")
def _(xp, g, x_dtype): return -1j * xp.astype(g, x_dtype)


@op("Complex")
def complex(xp, x, y, /):
    """The complex numbers with real parts ``x`` and imaginary parts ``y``."""
    return x + 1j * y

@complex.vjp("x")
def _(xp, g): return g

@complex.vjp("y")
def _(xp, g): return 1j * g


@op("Angle")
def angle(xp, x, /):
    """The angle of ``x`` in the complex plane, from -pi to pi; of a real NaN itself."""
    if is_complex(xp, x):
        return xp.atan2(xp.imag(x), xp.real(x))
    return xp.where(xp.isnan(x), x, xp.where(x < 0, math.pi, xp.zeros_like(x)))

@angle.vjp("x")
def _(xp, g, x):
    if g.dtype == x.dtype:
        return xp.zeros_like(g)
    zero = x == 0
    return xp.where(zero, 0.0, -1j * g / xp.where(zero, 1.0, x))
