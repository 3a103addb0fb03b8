"""Triangles, trigonometric and hyperbolic functions and their inverses, elementwise, in radians."""

from __future__ import annotations

import math

from xpgrad.core.op import op


@op("Sin")
def sin(xp, x, /):
    """The sine."""
    return xp.sin(x)

@sin.vjp("x")
def _(xp, g, x): return g * xp.cos(x)


@op("Cos")
def cos(xp, x, /):
    """The cosine."""
    return xp.cos(x)

@cos.vjp("x")
def _(xp, g, x): return -g * xp.sin(x)


@op("Tan")
def tan(xp, x, /):
    """The tangent."""
    return xp.tan(x)

@tan.vjp("x")
def _(xp, g, out): return g * (out * out + 1.0)


@op("Sinc")
def sinc(xp, x, /):
    """``sin(pi x) / (pi x)``, 1 at 0."""
    zero = x == 0
    angle = math.pi * xp.where(zero, 1.0, x)
    return xp.where(zero, 1.0, xp.sin(angle) / angle)

@sinc.vjp("x")
def _(xp, g, x):
    zero = x == 0
    x = xp.where(zero, 1.0, x)
    angle = math.pi * x
    return xp.where(zero, 0.0, g * ((angle * xp.cos(angle) - xp.sin(angle)) / (angle * x)))


@op("Asin")
def asin(xp, x, /):
    """The angle from -pi/2 to pi/2 whose sine is ``x``."""
    return xp.asin(x)

@asin.vjp("x")
def _(xp, g, x): return g / xp.sqrt(1.0 - x * x)


@op("Acos")
def acos(xp, x, /):
    """The angle from 0 to pi whose cosine is ``x``."""
    return xp.acos(x)

@acos.vjp("x")
def _(xp, g, x): return -g / xp.sqrt(1.0 - x * x)


@op("Atan")
def atan(xp, x, /):
    """The angle from -pi/2 to pi/2 whose tangent is ``x``."""
    return xp.atan(x)

@atan.vjp("x")
def _(xp, g, x): return g / (x * x + 1.0)


@op("Atan2")
def atan2(xp, y, x, /):
    """The angle from -pi to pi of the point (``x``, ``y``). At the origin the gradients are 0."""
    return xp.atan2(y, x)

@atan2.vjp("y")
def _(xp, g, y, x): return g * (x / _distance(xp, y, x))

@atan2.vjp("x")
def _(xp, g, y, x): return g * (-y / _distance(xp, y, x))


def _distance(xp, y, x):
    """The squared distance from the origin, there 1."""
    squared = x * x + y * y
    return xp.where(squared == 0, 1.0, squared)


@op("Hypot")
def hypot(xp, x, y, /):
    """``sqrt(x**2 + y**2)`` without overflow on the way."""
    return xp.hypot(x, y)

@hypot.vjp("x")
def _(xp, g, x, out): return g * (x / out)

@hypot.vjp("y")
def _(xp, g, y, out): return g * (y / out)


@op("Sinh")
def sinh(xp, x, /):
    """The hyperbolic sine."""
    return xp.sinh(x)

@sinh.vjp("x")
def _(xp, g, x): return g * xp.cosh(x)


@op("Cosh")
def cosh(xp, x, /):
    """The hyperbolic cosine."""
    return xp.cosh(x)

@cosh.vjp("x")
def _(xp, g, x): return g * xp.sinh(x)


@op("Tanh")
def tanh(xp, x, /):
    """The hyperbolic tangent."""
    return xp.tanh(x)

@tanh.vjp("x")
def _(xp, g, out): return g * (1.0 - out * out)


@op("Asinh")
def asinh(xp, x, /):
    """The inverse of the hyperbolic sine."""
    return xp.asinh(x)

@asinh.vjp("x")
def _(xp, g, x): return g / xp.sqrt(x * x + 1.0)


@op("Acosh")
def acosh(xp, x, /):
    """The non-negative inverse of the hyperbolic cosine."""
    return xp.acosh(x)

@acosh.vjp("x")
def _(xp, g, x):
    # Two roots, not the root of the product: that is on another branch for complex x.
    return g / (xp.sqrt(x - 1.0) * xp.sqrt(x + 1.0))


@op("Atanh")
def atanh(xp, x, /):
    """The inverse of the hyperbolic tangent."""
    return xp.atanh(x)

@atanh.vjp("x")
def _(xp, g, x): return g / (1.0 - x * x)
