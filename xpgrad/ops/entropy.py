"""Products with logarithms, which are 0 where their first factor is, and log-odds, elementwise."""

from __future__ import annotations

import math

from xpgrad.core.op import op


@op("SpecialEntr")
def entr(xp, x, /):
    """``-x * log(x)``: 0 at 0, minus infinity below."""
    return xp.where(x < 0, -math.inf, -xp.xlogy(x, x))

@entr.vjp("x")
def _(xp, g, x): return g * (-1.0 - xp.log(x))


@op("Xlogy")
def xlogy(xp, x, y, /):
    """``x * log(y)``, 0 where ``x`` is 0 unless ``y`` is NaN."""
    return xp.xlogy(x, y)

@xlogy.vjp("x")
def _(xp, g, x, y): return xp.where((x == 0) & (y <= 0), 0.0, xp.xlogy(g, y))

@xlogy.vjp("y")
def _(xp, g, x, y): return g * (x / y)


@op("SpecialXlog1Py")
def xlog1py(xp, x, y, /):
    """``x * log1p(y)``, 0 where ``x`` is 0 unless ``y`` is NaN."""
    return xp.xlog1py(x, y)

@xlog1py.vjp("x")
def _(xp, g, x, y): return xp.where((x == 0) & (y <= -1), 0.0, xp.xlog1py(g, y))

@xlog1py.vjp("y")
def _(xp, g, x, y): return g * (x / (y + 1.0))


@op("Logit")
def logit(xp, x, /, *, eps=None):
    """``log(x / (1 - x))``, with ``x`` kept ``eps`` away from 0 and 1 if that is given."""
    if eps is not None:
        x = xp.minimum(xp.maximum(x, eps), 1.0 - eps)
    return xp.log(x / (1.0 - x))

@logit.vjp("x")
def _(xp, g, x, eps):
    slope = g / (x * (1.0 - x))
    if eps is None:
        return xp.where((x < 0) | (x > 1), math.nan, slope)
    return xp.where((x < eps) | (x > 1.0 - eps), 0.0, slope)
