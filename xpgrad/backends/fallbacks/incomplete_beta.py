"""The regularised incomplete beta function, in elementary functions and `gammaln`."""

from __future__ import annotations

from xpgrad._typing import Array, Namespace

# Enough for a and b up to some ten thousand; the fraction needs about the square root of the greater.
_TERMS = 250
_TINY = 1e-300


def betainc(xp: Namespace, a: Array, b: Array, x: Array, /) -> Array:
    """The part of the beta function ``B(a, b)`` that is left of ``x``, by its continued fraction (DLMF 8.17.22)."""
    usual = (a > 0) & (b > 0) & (x > 0) & (x < 1)
    a, b = xp.where(usual, a, 1.0), xp.where(usual, b, 1.0)
    inner = xp.where(usual, x, 0.5)
    # The fraction converges quickly left of the mean only; right of it the complement does.
    mirrored = inner > (a + 1) / (a + b + 2)
    a, b = xp.where(mirrored, b, a), xp.where(mirrored, a, b)
    inner = xp.where(mirrored, 1 - inner, inner)
    log_beta = xp.gammaln(a) + xp.gammaln(b) - xp.gammaln(a + b)
    found = xp.exp(a * xp.log(inner) + b * xp.log1p(-inner) - log_beta) / a * _fraction(xp, a, b, inner)
    found = xp.where(mirrored, 1 - found, found)
    return xp.where(usual, found, xp.where(x == 0, 0.0, xp.where(x == 1, 1.0, xp.nan * x)))


def _fraction(xp: Namespace, a: Array, b: Array, x: Array) -> Array:
    """``1 / (1 + d1 / (1 + d2 / (1 + ...)))``, by the method of Lentz."""
    tiny = max(_TINY, float(xp.finfo(x.dtype).smallest_normal))
    c = xp.ones_like(x)
    d = 1 / _away_from_zero(xp, 1 - (a + b) * x / (a + 1), tiny)
    result = d
    for m in range(1, _TERMS):
        for term in (m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
                     -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))):  # fmt: skip
            d = 1 / _away_from_zero(xp, 1 + term * d, tiny)
            c = _away_from_zero(xp, 1 + term / c, tiny)
            result = result * d * c
    return result


def _away_from_zero(xp: Namespace, x: Array, tiny: float) -> Array:
    return xp.where(xp.abs(x) < tiny, tiny, x)
