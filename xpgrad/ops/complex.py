"""The parts of complex numbers, elementwise.

Gradients here are plain transposes (see `xpgrad.core.engine`): of the real part, ``g`` itself.
"""

from __future__ import annotations

from xpgrad.core.op import op


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
