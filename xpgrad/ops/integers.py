"""Divisors and multiples of integers, elementwise."""

from __future__ import annotations

from xpgrad.core.op import op


@op("Gcd", differentiable=False)
def gcd(xp, x, y, /):
    """The greatest common divisor of integers, 0 of zeros."""
    return xp.gcd(x, y)


@op("Lcm", differentiable=False)
def lcm(xp, x, y, /):
    """The least common multiple of integers, 0 if one is 0."""
    return xp.lcm(x, y)
