"""Sums of powers and of Chebyshev polynomials."""

from __future__ import annotations

from collections.abc import Sequence

from xpgrad._typing import Array


def polynomial(x: Array, coefficients: Sequence[float]) -> Array:
    """The sum of ``coefficients[k] * x**k``, by Horner's rule."""
    *lower, top = coefficients
    out = x * 0 + top
    for c in reversed(lower):
        out = out * x + c
    return out


def chebyshev(x: Array, coefficients: Sequence[float]) -> Array:
    """The sum of ``coefficients[k] * T_k(x)`` for ``x`` in [-1, 1], by Clenshaw's recurrence."""
    first, *others = coefficients
    later = last = x * 0
    for c in reversed(others):
        later, last = 2 * x * later - last + c, later
    return x * later - last + first
