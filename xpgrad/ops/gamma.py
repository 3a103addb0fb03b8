"""The gamma function's logarithm, its derivatives and its relatives, elementwise, of real arguments."""

from __future__ import annotations

from xpgrad.core.op import op
from xpgrad.errors import NoDerivativeError


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


@op("SpecialZeta")
def zeta(xp, x, q, /):
    """Hurwitz's zeta function: the sum of ``(q + k) ** -x`` over k = 0, 1, ..."""
    return xp.zeta(x, q)

@zeta.vjp("x")
def _(xp, g): raise NoDerivativeError("zeta", "self")

@zeta.vjp("q")
def _(xp, g, x, q): return g * (-x * xp.zeta(x + 1.0, q))


@op("Igamma")
def gammainc(xp, a, x, /):
    """The regularised lower incomplete gamma function."""
    return xp.gammainc(a, x)

@gammainc.vjp("a")
def _(xp, g): raise NoDerivativeError("igamma", "input")

@gammainc.vjp("x")
def _(xp, g, a, x): return g * _density(xp, a, x)


@op("Igammac")
def gammaincc(xp, a, x, /):
    """The regularised upper incomplete gamma function."""
    return xp.gammaincc(a, x)

@gammaincc.vjp("a")
def _(xp, g): raise NoDerivativeError("igammac", "input")

@gammaincc.vjp("x")
def _(xp, g, a, x): return -g * _density(xp, a, x)


def _density(xp, a, x):
    """The gamma distribution's density of shape ``a`` at ``x``."""
    return xp.exp((a - 1.0) * xp.log(x) - x - xp.gammaln(a))
