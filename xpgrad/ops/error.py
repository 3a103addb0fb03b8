"""The error function and the normal distribution, elementwise, of real arguments."""

from __future__ import annotations

import math

from xpgrad.core.op import op

_TWO_OVER_ROOT_PI = 2.0 / math.sqrt(math.pi)
_ROOT_TWO_PI = math.sqrt(2.0 * math.pi)


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


@op("SpecialErfcx")
def erfcx(xp, x, /):
    """``exp(x**2) * erfc(x)`` without overflow on the way."""
    return xp.erfcx(x)

@erfcx.vjp("x")
def _(xp, g, x, out): return g * (2.0 * x * out - _TWO_OVER_ROOT_PI)


@op("SpecialNdtri")
def ndtri(xp, x, /):
    """The number below which the standard normal distribution has the probability ``x``."""
    return xp.ndtri(x)

@ndtri.vjp("x")
def _(xp, g, out): return g * (_ROOT_TWO_PI * xp.exp(out * out / 2.0))


@op("SpecialLogNdtr")
def log_ndtr(xp, x, /):
    """The logarithm of the standard normal distribution's probability below ``x``."""
    return xp.log_ndtr(x)

@log_ndtr.vjp("x")
def _(xp, g, x, out): return g * (xp.exp(-(out + x * x / 2.0)) / _ROOT_TWO_PI)
