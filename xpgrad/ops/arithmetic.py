"""Arithmetic, elementwise and broadcasting."""

from __future__ import annotations

import math

from xpgrad.core.op import op


@op("Add")
def add(xp, x, y, /):
    """``x + y``."""
    return xp.add(x, y)

@add.vjp("x")
def _(xp, g): return g

@add.vjp("y")
def _(xp, g): return g


@op("Sub")
def subtract(xp, x, y, /):
    """``x - y``."""
    return xp.subtract(x, y)

@subtract.vjp("x")
def _(xp, g): return g

@subtract.vjp("y")
def _(xp, g): return -g


@op("Mul")
def multiply(xp, x, y, /):
    """``x * y``."""
    return xp.multiply(x, y)

@multiply.vjp("x")
def _(xp, g, y): return g * y

@multiply.vjp("y")
def _(xp, g, x): return g * x


@op("Div")
def divide(xp, x, y, /):
    """``x / y``."""
    return xp.divide(x, y)

@divide.vjp("x")
def _(xp, g, y): return g / y

@divide.vjp("y")
def _(xp, g, y, out): return -g * out / y


@op("Neg")
def negative(xp, x, /):
    """``-x``."""
    return xp.negative(x)

@negative.vjp("x")
def _(xp, g): return -g


@op("Pow")
def power(xp, x, y, /):
    """``x ** y``."""
    return xp.pow(x, y)

@power.vjp("x")
def _(xp, g, x, y):
    # Where y is 0 the power is constant; 0 * x**-1 would be NaN at x = 0.
    if isinstance(y, (int, float, complex)):
        return xp.zeros_like(g) if y == 0 else g if y == 1 else g * (y * xp.pow(x, y - 1))
    return g * xp.where(y == 0, 0.0, y * xp.pow(x, xp.where(y == 0, 1.0, y - 1)))

@power.vjp("y")
def _(xp, g, x, y, out):
    # The derivative x**y * log(x), continued by 0 to x = 0 where y >= 0, as in PyTorch.
    if isinstance(x, (int, float, complex)):
        return g * xp.where(y >= 0, 0.0, out * -xp.inf) if x == 0 else g * (out * math.log(x))
    return g * xp.where((x == 0) & (y >= 0), 0.0, out * xp.log(xp.where((x == 0) & (y >= 0), 1.0, x)))
