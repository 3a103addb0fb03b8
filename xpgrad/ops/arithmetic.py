"""Arithmetic, elementwise and broadcasting."""

from __future__ import annotations

import math

from xpgrad.core.op import op
from xpgrad.ops.kinds import REFUSAL, is_complex, of_booleans, real


@op("Add")
def add(xp, x, y, /):
    """``x + y``."""
    try:
        return xp.add(x, y)
    except REFUSAL as error:
        return of_booleans(xp, error, xp.add, x, y)

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
    try:
        return xp.multiply(x, y)
    except REFUSAL as error:
        return of_booleans(xp, error, xp.multiply, x, y)

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
def _(xp, g, x, y): return -g / y * (x / y)


@op("DivBackward2")
def floor_divide(xp, x, y, /):
    """``x / y``, rounded towards minus infinity."""
    return xp.floor_divide(x, y)

@floor_divide.vjp("x")
def _(xp, g): return xp.zeros_like(g)

@floor_divide.vjp("y")
def _(xp, g): return xp.zeros_like(g)


@op("Remainder")
def remainder(xp, x, y, /):
    """What is left of ``x`` after ``floor_divide(x, y)`` times ``y``; it has the sign of ``y``."""
    return xp.remainder(x, y)

@remainder.vjp("x")
def _(xp, g): return g

@remainder.vjp("y")
def _(xp, g, x, y): return -g * xp.floor_divide(x, y)


@op("Neg")
def negative(xp, x, /):
    """``-x``."""
    return xp.negative(x)

@negative.vjp("x")
def _(xp, g): return -g


@op("Clone")
def positive(xp, x, /):
    """``+x``, a copy."""
    return xp.positive(x)

@positive.vjp("x")
def _(xp, g): return g


@op("Abs")
def abs(xp, x, /):
    """The magnitude of ``x``, real also where ``x`` is complex. At 0 the gradient is 0."""
    try:
        return xp.abs(x)
    except REFUSAL as error:
        return of_booleans(xp, error, xp.abs, x)

@abs.vjp("x")
def _(xp, g, x):
    # The result is real: where `g` and `x` differ in dtype, `x` is complex.
    sign = xp.sign(x)
    return g * (sign if g.dtype == x.dtype else xp.conj(sign))


@op("Sign")
def sign(xp, x, /):
    """-1, 0 or 1, as ``x`` is; ``x / abs(x)`` if it is complex; a boolean itself."""
    try:
        return xp.sign(x)
    except TypeError:
        if x.dtype != xp.bool:
            raise
        return xp.asarray(x, copy=True)

@sign.vjp("x")
def _(xp, g, x, out):
    if not is_complex(xp, x):
        return xp.zeros_like(g)
    # Only what is perpendicular to x turns the sign.
    size = xp.abs(x)
    turn = g - xp.real(g * out) * xp.conj(out)
    return xp.where(size == 0, 0.0, turn / xp.where(size == 0, 1.0, size))


@op("Reciprocal")
def reciprocal(xp, x, /):
    """``1 / x``."""
    return xp.reciprocal(x)

@reciprocal.vjp("x")
def _(xp, g, out): return -g * out * out


@op("Pow")
def square(xp, x, /):
    """``x * x``."""
    return xp.square(x)

@square.vjp("x")
def _(xp, g, x): return g * (2.0 * x)


@op("Pow")
def power(xp, x, y, /):
    """``x ** y``."""
    # The operator, since libraries are quick at small constant powers there and only there.
    try:
        return x ** y
    except ValueError:
        # NumPy has no integers to negative powers; PyTorch, of two tensors, drops what is after the point.
        if isinstance(y, (int, float, complex)) or not xp.isdtype(y.dtype, "integral"):
            raise
    # Only 1 and -1 have reciprocals among the integers, and these are themselves.
    power = x ** xp.where(y < 0, y % 2, y)
    return xp.where((y < 0) & (xp.abs(x) != 1), 0, power)

@power.vjp("x")
def _(xp, g, x, y):
    # Where y is 0 the power is constant; 0 * x**-1 would be NaN at x = 0.
    if isinstance(y, (int, float, complex)):
        return xp.zeros_like(g) if y == 0 else g if y == 1 else g * (y * x ** (y - 1))
    return g * xp.where(y == 0, 0.0, y * x ** xp.where(y == 0, 1.0, y - 1))

@power.vjp("y")
def _(xp, g, x, y, out):
    # The derivative x**y * log(x), continued by 0 to x = 0 where y >= 0, as in PyTorch.
    if isinstance(x, (int, float, complex)):
        x = xp.asarray(x, dtype=y.dtype, device=y.device)
    flat = (x == 0) & (real(xp, y) >= 0)
    return g * xp.where(flat, 0.0, out * xp.log(xp.where(flat, 1.0, x)))


@op("Copysign")
def copysign(xp, x, y, /):
    """The magnitude of ``x`` with the sign of ``y``. At ``x == 0`` the gradient is 0."""
    return xp.copysign(x, y)

@copysign.vjp("x")
def _(xp, g, x, out): return g * (xp.sign(x) * xp.sign(out))

@copysign.vjp("y")
def _(xp, g): return xp.zeros_like(g)


@op("Maximum")
def maximum(xp, x, y, /):
    """The greater of ``x`` and ``y``, elementwise. Where they are equal each gets half the gradient."""
    try:
        return xp.maximum(x, y)
    except REFUSAL as error:
        return of_booleans(xp, error, xp.maximum, x, y)

@maximum.vjp("x")
def _(xp, g, x, y): return _chosen(xp, g, x == y, x < y)

@maximum.vjp("y")
def _(xp, g, x, y): return _chosen(xp, g, x == y, x > y)


@op("Minimum")
def minimum(xp, x, y, /):
    """The smaller of ``x`` and ``y``, elementwise. Where they are equal each gets half the gradient."""
    try:
        return xp.minimum(x, y)
    except REFUSAL as error:
        return of_booleans(xp, error, xp.minimum, x, y)

@minimum.vjp("x")
def _(xp, g, x, y): return _chosen(xp, g, x == y, x > y)

@minimum.vjp("y")
def _(xp, g, x, y): return _chosen(xp, g, x == y, x < y)


def _chosen(xp, g, tied, refused):
    return xp.where(tied, g / 2.0, xp.where(refused, 0.0, g))


@op("ClampBackward1")
def clip(xp, x, low, high, /):
    """``x``, but at least ``low`` and then at most ``high``; None is no bound.

    The gradient goes to ``x`` also where it is equal to a bound, otherwise to the bound that was put in its place.
    """
    # Not the standard's `clip`, which wants bounds that broadcast to the shape of x.
    if low is not None:
        x = maximum.forward(xp, x, low)
    return minimum.forward(xp, x, high) if high is not None else x if low is not None else xp.positive(x)

@clip.vjp("x")
def _(xp, g, x, low, high):
    if low is None and high is None:
        return g
    inside = x <= high if low is None else x >= low if high is None else (x >= low) & (x <= high)
    return xp.where(inside, g, 0.0)

@clip.vjp("low")
def _(xp, g, x, low, high):
    return xp.where(x < low if high is None else (x < low) & (low < high), g, 0.0)

@clip.vjp("high")
def _(xp, g, x, low, high):
    return xp.where(x > high if low is None else (x > high) | (high < low), g, 0.0)


@op("NanToNum")
def nan_to_num(xp, x, /, *, nan, posinf, neginf):
    """``x`` with NaN and infinities replaced; by the largest finite numbers where that is None."""
    if is_complex(xp, x):
        limits = {"nan": nan, "posinf": posinf, "neginf": neginf}
        return nan_to_num.forward(xp, xp.real(x), **limits) + 1j * nan_to_num.forward(xp, xp.imag(x), **limits)
    limits = xp.finfo(x.dtype)
    x = xp.where(xp.isnan(x), nan, x)
    x = xp.where(x == math.inf, float(limits.max) if posinf is None else posinf, x)
    return xp.where(x == -math.inf, float(limits.min) if neginf is None else neginf, x)

@nan_to_num.vjp("x")
def _(xp, g, x): return xp.where(xp.isfinite(x), g, 0.0)
