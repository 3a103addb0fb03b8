"""The error function and the normal distribution's, in elementary functions.

Polynomials interpolate at Chebyshev nodes; ``docs/design/special_coefficients.py`` derives their coefficients.
float64 results are accurate to about 1e-15 relative, float32 is computed in float32.
"""

from __future__ import annotations

import math

from xpgrad._typing import Array, Namespace
from xpgrad.backends.fallbacks.series import polynomial

# erf(x) / x in 2 x**2 - 1, on x in [0, 1].
_ERF = (
    0.9654687386698673,
    -0.1405360890227171,
    0.019852496688984218,
    -0.0022854855611440855,
    0.00021751715603563488,
    -1.75371694412802e-05,
    1.2233827638093572e-06,
    -7.51156925108609e-08,
    4.115751500265885e-09,
    -2.035231956483527e-10,
    9.21125018742823e-12,
    -3.80659122412214e-13,
)
# (1 + 2 x) exp(x**2) erfc(x) in (x - 3) / (x + 3), on x >= 0.
_ERFC = (
    1.2530080582697296,
    -0.13562110612458117,
    -0.04756229435345087,
    0.1296451587027606,
    -0.11927366341530699,
    0.06830802734397848,
    -0.023770514918645888,
    0.002529391816066239,
    0.0018886903591561553,
    -0.0007798322721083991,
    -0.00010515979981501177,
    0.00012509935235563107,
    4.949484992570595e-06,
    -2.0100567931289227e-05,
    -7.315105164159062e-07,
    3.472414602875686e-06,
    3.5683839153992204e-07,
    -6.166496077604353e-07,
    -1.4160064940265987e-07,
    1.0187000600072885e-07,
    4.180784698845582e-08,
    -1.3326364813003834e-08,
    -8.500397929772615e-09,
    9.885798831139365e-10,
    8.864219016427092e-10,
)


def erf(xp: Namespace, x: Array, /) -> Array:
    """The error function of real ``x`` (`torch.special.erf`)."""
    a = xp.abs(x)
    return xp.where(a < 1, x * _erf_ratio(xp, a), xp.sign(x) * (1 - _erfc_positive(xp, a)))


def erfc(xp: Namespace, x: Array, /) -> Array:
    """``1 - erf(x)`` of real ``x``, without cancellation (`torch.special.erfc`)."""
    a = xp.abs(x)
    positive = _erfc_positive(xp, a)
    return xp.where(a < 0.5, 1 - x * _erf_ratio(xp, a), xp.where(x < 0, 2 - positive, positive))


def erfinv(xp: Namespace, x: Array, /) -> Array:
    """The ``y`` with ``erf(y) == x``: infinite at -1 and 1, NaN beyond (`torch.special.erfinv`).

    Winitzki's estimate, good to 2e-3, and Halley's steps, each of which cubes the error.
    """
    a = xp.abs(x)
    curve = 0.147
    log = xp.log1p(-a * a)
    half = log / 2 + 2 / (math.pi * curve)
    y = xp.sqrt(-log / curve / (half + xp.sqrt(half * half - log / curve)))
    for _ in range(2):
        error = xp.where(a < 0.5, y * _erf_ratio(xp, y) - a, 1 - a - _erfc_positive(xp, y))
        step = error * xp.exp(y * y) * (math.sqrt(math.pi) / 2)
        y = y - step / (1 + y * step)
    y = xp.where(a == 1, math.inf, y)
    return xp.where(x == 0, x, xp.where(x < 0, -y, y))


def erfcx(xp: Namespace, x: Array, /) -> Array:
    """``exp(x**2) * erfc(x)`` of real ``x`` (`torch.special.erfcx`)."""
    positive = _scaled_positive(xp, xp.abs(x))
    return xp.where(x < 0, 2 * xp.exp(xp.minimum(x, 0.0) ** 2) - positive, positive)


def ndtri(xp: Namespace, x: Array, /) -> Array:
    """The ``y`` below which the standard normal distribution has the probability ``x`` (`torch.special.ndtri`).

    In the tails: Abramowitz & Stegun 26.2.23, good to 4.5e-4, and Halley's steps on the logarithm of the probability.
    """
    tail = xp.where(x > 0.5, 1 - x, x)
    middle = math.sqrt(2) * erfinv(xp, xp.clip(2 * x - 1, -0.9, 0.9))
    small = xp.minimum(tail, 0.1)
    log = xp.log(small)
    t = xp.sqrt(-2 * log)
    above = polynomial(t, (2.515517, 0.802853, 0.010328))
    y = t - above / polynomial(t, (1.0, 1.432788, 0.189269, 0.001308))
    for _ in range(3):
        # log Q(y), its slope -h and the slope of that, h (y - h), where Q is the upper tail.
        scaled = _scaled_positive(xp, y / math.sqrt(2))
        error = xp.log(scaled / 2) - y * y / 2 - log
        hazard = math.sqrt(2 / math.pi) / scaled
        step = error / hazard
        y = y + step / (1 + step * (y - hazard) / 2)
    y = xp.where(x > 0.5, y, -y)
    y = xp.where(tail > 0.05, middle, y)
    y = xp.where(x == 0, -math.inf, xp.where(x == 1, math.inf, y))
    return xp.where((x < 0) | (x > 1), math.nan, y)


def log_ndtr(xp: Namespace, x: Array, /) -> Array:
    """The logarithm of the standard normal distribution's probability below ``x`` (`torch.special.log_ndtr`)."""
    t = x / math.sqrt(2)
    low = xp.log(_scaled_positive(xp, xp.maximum(-t, 0.0)) / 2) - t * t
    return xp.where(x < -1, low, xp.log1p(-erfc(xp, xp.maximum(t, -1.0)) / 2))


def _erf_ratio(xp: Namespace, a: Array) -> Array:
    """``erf(a) / a`` for ``a`` in [0, 1]."""
    a = xp.minimum(a, 1.0)
    return polynomial(2 * a * a - 1, _ERF)


def _erfc_positive(xp: Namespace, a: Array) -> Array:
    """``erfc(a)`` for ``a >= 0``."""
    a = xp.minimum(a, 30.0)
    # exp(-a**2) from two factors: `rough` has few digits, so its square is exact.
    rough = xp.floor(a * 16) / 16
    decay = xp.exp(-rough * rough) * xp.exp((rough - a) * (rough + a))
    return decay * _scaled_positive(xp, a)


def _scaled_positive(xp: Namespace, a: Array) -> Array:
    """``exp(a**2) * erfc(a)`` for ``a >= 0``."""
    ratio = xp.where(xp.isinf(a), 1.0, (a - 3) / (a + 3))
    return polynomial(ratio, _ERFC) / (1 + 2 * a)
