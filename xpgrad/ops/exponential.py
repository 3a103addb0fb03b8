"""Powers of constants, roots and logarithms, elementwise."""

from __future__ import annotations

import math

from xpgrad.core.op import op
from xpgrad.ops.kinds import is_complex


@op("Exp")
def exp(xp, x, /):
    """``e ** x``."""
    return xp.exp(x)

@exp.vjp("x")
def _(xp, g, out): return g * out


@op("Expm1")
def expm1(xp, x, /):
    """``e ** x - 1``, exact near 0."""
    return xp.expm1(x)

@expm1.vjp("x")
def _(xp, g, out): return g * (out + 1.0)


@op("Exp2")
def exp2(xp, x, /):
    """``2 ** x``."""
    return 2.0 ** x

@exp2.vjp("x")
def _(xp, g, out): return g * (out * math.log(2.0))


@op("Log")
def log(xp, x, /):
    """The natural logarithm."""
    return xp.log(x)

@log.vjp("x")
def _(xp, g, x): return g / x


@op("Log1P")
def log1p(xp, x, /):
    """The natural logarithm of ``1 + x``, exact near 0."""
    return xp.log1p(x)

@log1p.vjp("x")
def _(xp, g, x): return g / (x + 1.0)


@op("Log2")
def log2(xp, x, /):
    """The logarithm to base 2."""
    return xp.log2(x)

@log2.vjp("x")
def _(xp, g, x): return g / (x * math.log(2.0))


@op("Log10")
def log10(xp, x, /):
    """The logarithm to base 10."""
    return xp.log10(x)

@log10.vjp("x")
def _(xp, g, x): return g / (x * math.log(10.0))


@op("Logaddexp")
def logaddexp(xp, x, y, /):
    """``log(exp(x) + exp(y))`` without overflow on the way."""
    if not is_complex(xp, x):
        return xp.logaddexp(x, y)
    low = xp.real(x) < xp.real(y)
    larger, smaller = xp.where(low, y, x), xp.where(low, x, y)
    # Of equal infinities the difference has no real part; there is no larger one to take out if it is infinite.
    taken = xp.where(xp.isfinite(xp.real(larger)), larger, 0.0)
    sum = xp.log1p(xp.exp(smaller - taken) + xp.expm1(larger - taken)) + taken
    return xp.where((x == y) & (xp.real(x) == -math.inf), x, sum)

@logaddexp.vjp("x")
def _(xp, g, x, out): return g * _share(xp, x, out)

@logaddexp.vjp("y")
def _(xp, g, y, out): return g * _share(xp, y, out)


def _share(xp, x, out):
    """How much of ``exp(out)`` is ``exp(x)``; all of it where they are equal, be it in infinity."""
    return xp.exp(xp.where(x == out, 0.0, x - out))


@op("Logaddexp2")
def logaddexp2(xp, x, y, /):
    """``log2(2**x + 2**y)`` without overflow on the way."""
    larger = xp.maximum(x, y)
    apart = xp.where(x == y, 0.0, xp.abs(x - y))
    return larger + xp.log1p(2.0 ** -apart) / math.log(2.0)

@logaddexp2.vjp("x")
def _(xp, g, x, out): return g * 2.0 ** xp.where(x == out, 0.0, x - out)

@logaddexp2.vjp("y")
def _(xp, g, y, out): return g * 2.0 ** xp.where(y == out, 0.0, y - out)


@op("Ldexp")
def ldexp(xp, x, y, /):
    """``x * 2**y``."""
    return x * 2.0 ** y

@ldexp.vjp("x")
def _(xp, g, y): return g * 2.0 ** y

@ldexp.vjp("y")
def _(xp, g, out): return g * (out * math.log(2.0))


@op("Frexp", outputs=2, constant_outputs=(1,))
def frexp(xp, x, /):
    """``m`` and ``n`` with ``x == m * 2**n``, ``m`` from 0.5 to 1 in magnitude, ``n`` whole."""
    return xp.frexp(x)

@frexp.vjp("x")
def _(xp, g, out): return g[0] / 2.0 ** xp.astype(out[1], g[0].dtype)


@op("Sqrt")
def sqrt(xp, x, /):
    """The square root; at 0 its gradient is infinite."""
    return xp.sqrt(x)

@sqrt.vjp("x")
def _(xp, g, out): return g / (2.0 * out)


@op("Rsqrt")
def rsqrt(xp, x, /):
    """``1 / sqrt(x)``."""
    return 1.0 / xp.sqrt(x)

@rsqrt.vjp("x")
def _(xp, g, out): return g * (-0.5 * out * out * out)
