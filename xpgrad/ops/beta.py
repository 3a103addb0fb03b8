"""The incomplete beta function."""

from __future__ import annotations

from xpgrad.core.op import op
from xpgrad.errors import NoDerivativeError


@op("Betainc")
def betainc(xp, a, b, x, /):
    """The regularised incomplete beta function of positive ``a`` and ``b`` up to ``x`` in [0, 1]."""
    return xp.betainc(a, b, x)

@betainc.vjp("a")
def _(xp, g): raise NoDerivativeError("betainc", "a")

@betainc.vjp("b")
def _(xp, g): raise NoDerivativeError("betainc", "b")

@betainc.vjp("x")
def _(xp, g, a, b, x):
    log_beta = xp.gammaln(a) + xp.gammaln(b) - xp.gammaln(a + b)
    return g * xp.exp(xp.xlogy(a - 1.0, x) + xp.xlog1py(b - 1.0, -x) - log_beta)
