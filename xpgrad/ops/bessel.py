"""Bessel and Airy functions, elementwise, of real arguments."""

from __future__ import annotations

from xpgrad.core.op import op


@op("I0")
def i0(xp, x, /):
    """The modified Bessel function of the first kind, order 0."""
    return xp.i0(x)

@i0.vjp("x")
def _(xp, g, x): return g * xp.i1(x)


@op("SpecialI0E")
def i0e(xp, x, /):
    """``exp(-abs(x))`` times the modified Bessel function of the first kind, order 0."""
    return xp.i0e(x)

@i0e.vjp("x")
def _(xp, g, x, out): return g * (xp.i1e(x) - xp.sign(x) * out)


@op("SpecialI1")
def i1(xp, x, /):
    """The modified Bessel function of the first kind, order 1."""
    return xp.i1(x)

@i1.vjp("x")
def _(xp, g, x, out):
    zero = x == 0
    return g * xp.where(zero, 0.5, xp.i0(x) - out / xp.where(zero, 1.0, x))


@op("SpecialI1E")
def i1e(xp, x, /):
    """``exp(-abs(x))`` times the modified Bessel function of the first kind, order 1."""
    return xp.i1e(x)

@i1e.vjp("x")
def _(xp, g, x, out):
    zero = x == 0
    return g * xp.where(zero, 0.5, xp.i0e(x) - out * (xp.sign(x) + 1.0 / xp.where(zero, 1.0, x)))


@op("Bessel", differentiable=False)
def bessel(xp, x, /, *, kind):
    """One of the functions that have no derivative in PyTorch, by its extension's name."""
    return getattr(xp, kind)(x)
