"""Rounding, elementwise. The results are piecewise constant: their gradient is zero, as PyTorch gives it."""

from __future__ import annotations

from xpgrad.core.op import op


@op("Floor")
def floor(xp, x, /):
    """The next integer that is not above ``x``."""
    return xp.floor(x)

@floor.vjp("x")
def _(xp, g): return xp.zeros_like(g)


@op("Ceil")
def ceil(xp, x, /):
    """The next integer that is not below ``x``."""
    return xp.ceil(x)

@ceil.vjp("x")
def _(xp, g): return xp.zeros_like(g)


@op("Trunc")
def trunc(xp, x, /):
    """The next integer towards 0."""
    return xp.trunc(x)

@trunc.vjp("x")
def _(xp, g): return xp.zeros_like(g)


@op("Round")
def round(xp, x, /):
    """The nearest integer; the even one of two that are equally near."""
    return xp.round(x)

@round.vjp("x")
def _(xp, g): return xp.zeros_like(g)


@op("Nextafter")
def nextafter(xp, x, y, /):
    """The next number that the dtype has after ``x`` in the direction of ``y``."""
    return xp.nextafter(x, y)

@nextafter.vjp("x")
def _(xp, g, x, y): return xp.where(x != y, g, 0.0)

@nextafter.vjp("y")
def _(xp, g): return xp.zeros_like(g)
