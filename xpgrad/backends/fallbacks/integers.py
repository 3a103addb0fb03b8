"""Divisors and multiples of integers, and the parts of floating numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xpgrad._typing import Array, Namespace


def gcd(xp: Namespace, x: Array, y: Array, /) -> Array:
    """The greatest common divisor of integers, by Euclid (`torch.gcd`)."""
    x, y = xp.abs(x) + xp.zeros_like(y), xp.abs(y) + xp.zeros_like(x)
    while bool(xp.any(y != 0)):
        zero = y == 0
        divisor = xp.where(zero, 1, y)
        x, y = xp.where(zero, x, divisor), xp.where(zero, 0, xp.remainder(x, divisor))
    return x


def lcm(xp: Namespace, x: Array, y: Array, /) -> Array:
    """The least common multiple of integers (`torch.lcm`)."""
    divisor = gcd(xp, x, y)
    return xp.abs(xp.floor_divide(x, xp.where(divisor == 0, 1, divisor)) * y)


def frexp(xp: Namespace, x: Array, /) -> tuple[Array, Array]:
    """Mantissas from 0.5 to 1 in magnitude and exponents, int32 (`torch.frexp`); 0 is its own mantissa."""
    usual = xp.isfinite(x) & (x != 0)
    size = xp.where(usual, xp.abs(x), 0.5)
    # In two factors, since the power itself may be out of range; the logarithm may be off by one near powers of 2.
    exponent = xp.floor(xp.log2(size)) + 1
    half = xp.floor(exponent / 2)
    mantissa = size * 2.0**-half * 2.0 ** (half - exponent)
    high, low = mantissa >= 1, mantissa < 0.5
    mantissa = xp.where(high, mantissa / 2, xp.where(low, mantissa * 2, mantissa))
    exponent = xp.where(high, exponent + 1, xp.where(low, exponent - 1, exponent))
    mantissa = xp.where(usual, xp.where(x < 0, -mantissa, mantissa), x)
    return mantissa, xp.astype(xp.where(usual, exponent, 0.0), xp.int32)


FALLBACKS: dict[str, Callable[..., Any]] = {"frexp": frexp, "gcd": gcd, "lcm": lcm}
