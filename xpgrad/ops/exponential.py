"""Exponentials and logarithms, elementwise."""

from __future__ import annotations

from xpgrad.core.op import op


@op("Exp")
def exp(xp, x, /):
    """``e ** x``."""
    return xp.exp(x)

@exp.vjp("x")
def _(xp, g, out): return g * out


@op("Log")
def log(xp, x, /):
    """The natural logarithm."""
    return xp.log(x)

@log.vjp("x")
def _(xp, g, x): return g / x
