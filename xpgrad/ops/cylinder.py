"""Bessel functions of orders 0 and 1 with derivatives, which PyTorch has without any."""

from __future__ import annotations

from xpgrad.core.op import op


@op("J0")
def j0(xp, x, /):
    """The Bessel function of the first kind of order 0."""
    return xp.j0(x)

@j0.vjp("x")
def _(xp, g, x): return -g * xp.j1(x)


@op("J1")
def j1(xp, x, /):
    """The Bessel function of the first kind of order 1."""
    return xp.j1(x)

@j1.vjp("x")
def _(xp, g, x, out):
    zero = x == 0
    return g * xp.where(zero, 0.5, xp.j0(x) - out / xp.where(zero, 1.0, x))


@op("Y0")
def y0(xp, x, /):
    """The Bessel function of the second kind of order 0."""
    return xp.y0(x)

@y0.vjp("x")
def _(xp, g, x): return -g * xp.y1(x)


@op("Y1")
def y1(xp, x, /):
    """The Bessel function of the second kind of order 1."""
    return xp.y1(x)

@y1.vjp("x")
def _(xp, g, x, out): return g * (xp.y0(x) - out / x)


@op("K0")
def k0(xp, x, /):
    """The modified Bessel function of the second kind of order 0."""
    return xp.k0(x)

@k0.vjp("x")
def _(xp, g, x): return -g * xp.k1(x)


@op("K1")
def k1(xp, x, /):
    """The modified Bessel function of the second kind of order 1."""
    return xp.k1(x)

@k1.vjp("x")
def _(xp, g, x, out): return -g * (xp.k0(x) + out / x)


@op("K0E")
def k0e(xp, x, /):
    """`k0` times ``exp(x)``."""
    return xp.k0e(x)

@k0e.vjp("x")
def _(xp, g, x, out): return g * (out - xp.k1e(x))


@op("K1E")
def k1e(xp, x, /):
    """`k1` times ``exp(x)``."""
    return xp.k1e(x)

@k1e.vjp("x")
def _(xp, g, x, out): return g * (out - xp.k0e(x) - out / x)
