"""The regularised incomplete gamma functions of positive arguments, in elementary functions and `gammaln`, `erfc`.

A power series below ``x = a + 1``, a continued fraction above, and near ``x = a`` for large ``a``, where both are slow,
Temme's uniform expansion (DLMF 8.7.1, 8.9.2, 8.12.3). float64 results are accurate to about 1e-13 relative.
"""

from __future__ import annotations

import math

from xpgrad._typing import Array, Namespace
from xpgrad.backends.fallbacks.coefficients import TEMME
from xpgrad.backends.fallbacks.series import polynomial

_TERMS = 120


def gammainc(xp: Namespace, a: Array, x: Array, /) -> Array:
    """The lower function ``P(a, x)`` (`torch.special.gammainc`)."""
    lower, upper, from_below = _parts(xp, a, x)
    return _edges(xp, a, x, xp.where(from_below, lower, 1 - upper), at_zero=0.0)


def gammaincc(xp: Namespace, a: Array, x: Array, /) -> Array:
    """The upper function ``1 - P(a, x)``, without cancellation (`torch.special.gammaincc`)."""
    _, upper, _ = _parts(xp, a, x)
    return _edges(xp, a, x, upper, at_zero=1.0)


def _parts(xp: Namespace, a: Array, x: Array) -> tuple[Array, Array, Array]:
    """The lower function, the upper one, and where the lower is the accurate one."""
    a, x = a + xp.zeros_like(x), x + xp.zeros_like(a)
    usual = (a > 0) & (x > 0) & ~xp.isinf(a) & ~xp.isinf(x)
    a, x = xp.where(usual, a, 1.0), xp.where(usual, x, 1.0)
    uniform = (a > 30) & (xp.abs(x / a - 1) < 0.35)
    below = x < a + 1
    log_factor = a * xp.log(x) - x - xp.gammaln(a)

    series = xp.exp(log_factor) / a * _power_series(xp, a, xp.where(below & ~uniform, x, 0.0))
    fraction = xp.exp(log_factor) * _continued_fraction(xp, a, xp.where(below, a + 2, x))
    tiny = _upper_of_small(xp, xp.minimum(a, 1.0), xp.minimum(x, 2.0))
    near_lower, near_upper = _uniform(xp, xp.where(uniform, a, 50.0), xp.where(uniform, x, 50.0))

    upper = xp.where((a < 1) & below, tiny, xp.where(below, 1 - series, fraction))
    lower = xp.where(uniform, near_lower, series)
    return lower, xp.where(uniform, near_upper, upper), uniform | below


def _power_series(xp: Namespace, a: Array, x: Array) -> Array:
    """The sum of ``x**n / ((a + 1) ... (a + n))``."""
    term = total = xp.ones_like(a)
    for n in range(1, _TERMS):
        term = term * x / (a + n)
        total = total + term
    return total


def _continued_fraction(xp: Namespace, a: Array, x: Array) -> Array:
    """``1 / (x + 1 - a - (1 - a) / (x + 3 - a - ...))``, by the method of Lentz."""
    b = x + 1 - a
    numerator, d = xp.full_like(b, 1e30), 1 / b
    out = d
    for n in range(1, _TERMS):
        step = n * (a - n)
        b = b + 2
        d = 1 / _nonzero(xp, step * d + b)
        numerator = _nonzero(xp, b + step / numerator)
        out = out * (d * numerator)
    return out


def _nonzero(xp: Namespace, x: Array) -> Array:
    return xp.where(x == 0, 1e-30, x)


def _upper_of_small(xp: Namespace, a: Array, x: Array) -> Array:
    """The upper function for ``a`` up to 1 and ``x`` up to 2, where one minus the lower has few digits (DLMF 8.7.3)."""
    log = a * xp.log(x) - xp.gammaln(a + 1)
    total = xp.zeros_like(a)
    term = xp.ones_like(a)
    for n in range(1, 30):
        term = term * (-x / n)
        total = total + term / (a + n)
    return -xp.expm1(log) - xp.exp(log) * a * total


def _uniform(xp: Namespace, a: Array, x: Array) -> tuple[Array, Array]:
    """Temme's expansion, for ``x`` near a large ``a``."""
    mu = (x - a) / a
    eta = xp.sign(mu) * xp.sqrt(2 * xp.maximum(mu - xp.log1p(mu), 0.0))
    rest, power = xp.zeros_like(a), xp.ones_like(a)
    for row in TEMME:
        rest = rest + power * polynomial(eta, row)
        power = power / a
    rest = rest * xp.exp(-a * eta * eta / 2) / xp.sqrt(2 * math.pi * a)
    scaled = eta * xp.sqrt(a / 2)
    return xp.erfc(-scaled) / 2 - rest, xp.erfc(scaled) / 2 + rest


def _edges(xp: Namespace, a: Array, x: Array, out: Array, *, at_zero: float) -> Array:
    """``out`` with the limits at 0 and infinity; ``at_zero`` is the value at ``x = 0``."""
    out = xp.where(x == 0, at_zero, out)
    out = xp.where((a == 0) | xp.isinf(x), 1 - at_zero, out)
    out = xp.where(xp.isinf(a), at_zero, out)
    undefined = (a < 0) | (x < 0) | ((a == 0) & (x == 0)) | (xp.isinf(a) & xp.isinf(x)) | xp.isnan(a) | xp.isnan(x)
    return xp.where(undefined, math.nan, out)
