"""Special functions, elementwise, of real arguments."""

from __future__ import annotations

import math

from xpgrad.core.op import op

_TWO_OVER_ROOT_PI = 2.0 / math.sqrt(math.pi)


@op("Erf")
def erf(xp, x, /):
    """The error function."""
    return xp.erf(x)

@erf.vjp("x")
def _(xp, g, x): return g * (_TWO_OVER_ROOT_PI * xp.exp(-x * x))


@op("Erfc")
def erfc(xp, x, /):
    """``1 - erf(x)``, exact also where that is small."""
    return xp.erfc(x)

@erfc.vjp("x")
def _(xp, g, x): return g * (-_TWO_OVER_ROOT_PI * xp.exp(-x * x))


@op("Erfinv")
def erfinv(xp, x, /):
    """The number whose error function is ``x``."""
    return xp.erfinv(x)

@erfinv.vjp("x")
def _(xp, g, out): return g * (xp.exp(out * out) / _TWO_OVER_ROOT_PI)


@op("Lgamma")
def gammaln(xp, x, /):
    """The logarithm of the magnitude of the gamma function."""
    return xp.gammaln(x)

@gammaln.vjp("x")
def _(xp, g, x): return g * xp.digamma(x)


@op("Digamma")
def digamma(xp, x, /):
    """The derivative of `gammaln`."""
    return xp.digamma(x)

@digamma.vjp("x")
def _(xp, g, x): return g * xp.polygamma(x, n=1)


@op("Polygamma")
def polygamma(xp, x, /, *, n):
    """The ``n``-th derivative of `digamma`."""
    return xp.polygamma(x, n=n)

@polygamma.vjp("x")
def _(xp, g, x, n): return g * xp.polygamma(x, n=n + 1)
