"""Special functions in elementary ones.

Polynomials interpolate at Chebyshev nodes; ``docs/design/special_coefficients.py`` derives their coefficients.
float64 results are accurate to about 1e-15 relative, away from zeros other than those at simple arguments;
float32 is computed in float32.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from xpgrad._typing import Array, Namespace
from xpgrad.errors import ArgumentError

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
# log gamma(x) / ((x - 1) (x - 2)) in 2 x - 3, on x in [1, 2].
_LOG_GAMMA = (
    0.4831289505409809,
    -0.07297994795715304,
    0.01572785026864542,
    -0.003913560937627712,
    0.0010498186643114226,
    -0.00029455070147065866,
    8.510090557578434e-05,
    -2.5094329288815257e-05,
    7.511379855481206e-06,
    -2.274243403133106e-06,
    6.948877197562772e-07,
    -2.138781508158277e-07,
    6.613648184278213e-08,
    -2.0587178010528767e-08,
    6.5744295616983814e-09,
    -2.0645205106753336e-09,
    5.338892309612246e-10,
    -1.6832632347974095e-10,
    1.0811060848639768e-10,
    -3.44138388395326e-11,
)
# The Bernoulli numbers B_2, B_4, ...
_BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798, -174611 / 330)


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


def gammaln(xp: Namespace, x: Array, /) -> Array:
    """The logarithm of the absolute value of the gamma function of real ``x`` (`torch.special.gammaln`)."""
    negative = x < 0
    z = xp.where(negative, 1 - x, x)

    # Down to gamma(v + 1) with v in [0, 1]; v, not v + 1, keeps what is left of arguments near 1 and 2.
    v = xp.where(z < 1, z, xp.minimum(z, 8.0) - 1)
    product = xp.where(z < 1, z, 1)
    for _ in range(6):
        high = v > 1
        product = xp.where(high, product * v, product)
        v = xp.where(high, v - 1, v)
    log = xp.log(product)
    small = xp.where(z < 1, -log, log) + v * (v - 1) * _polynomial(2 * v - 1, _LOG_GAMMA)

    v = xp.maximum(z, 8.0)
    series = [b / (2 * k * (2 * k - 1)) for k, b in enumerate(_BERNOULLI, 1)]
    large = (v - 0.5) * (xp.log(v) - 1) + (math.log(2 * math.pi) - 1) / 2 + _polynomial(1 / (v * v), series) / v

    out = xp.where(z < 8, small, large)
    sine = xp.abs(xp.sin(math.pi * (x - xp.round(x))))
    out = xp.where(negative, math.log(math.pi) - xp.log(sine) - out, out)
    return xp.where(xp.isinf(x) | (negative & (x == xp.floor(x))), math.inf, out)


def digamma(xp: Namespace, x: Array, /) -> Array:
    """The derivative of `gammaln` (`torch.special.digamma`): infinite at 0, NaN at the negative integers."""
    negative = x < 0
    z = xp.where(negative, 1 - x, x)
    total = xp.zeros_like(x)
    for _ in range(10):
        low = z < 10
        total = xp.where(low, total - 1 / z, total)
        z = xp.where(low, z + 1, z)
    inverse = 1 / (z * z)
    series = _polynomial(inverse, [b / (2 * k) for k, b in enumerate(_BERNOULLI, 1)])
    total = total + xp.log(z) - 0.5 / z - inverse * series
    fraction = x - xp.round(x)
    mirrored = xp.where(fraction == 0, math.nan, total - math.pi / xp.tan(math.pi * fraction))
    return xp.where(negative, mirrored, total)


def polygamma(xp: Namespace, x: Array, /, *, n: int) -> Array:
    """The ``n``-th derivative of `digamma` (`torch.special.polygamma`): for n > 0 infinite at 0, -1, -2, ...

    Raises:
        ArgumentError: if ``n`` is negative.
    """
    if n < 0:
        raise ArgumentError(f"polygamma(n, x) does not support negative n. Got n={n}; gammaln is the order before 0.")
    if n == 0:
        return digamma(xp, x)
    negative = x < 0
    z = xp.where(negative, 1 - x, x)
    # Hurwitz's zeta function of n + 1 by the sum formula of Euler and Maclaurin, which converges for large z.
    enough = 10 + n
    total = xp.zeros_like(x)
    for _ in range(enough):
        low = z < enough
        total = xp.where(low, total + z ** -(n + 1), total)
        z = xp.where(low, z + 1, z)
    series, rising = [], n + 1.0
    for k, b in enumerate(_BERNOULLI, 1):
        series.append(b * rising / math.factorial(2 * k))
        rising *= (n + 2 * k) * (n + 2 * k + 1)
    inverse = 1 / z
    total = total + z**-n * (1 / n + inverse * (0.5 + inverse * _polynomial(inverse * inverse, series)))
    factor = math.exp(math.lgamma(n + 1)) if n > 20 else float(math.factorial(n))
    sign = 1.0 if n % 2 else -1.0
    out = total * (sign * factor)
    fraction = x - xp.round(x)
    near, far = math.pi * fraction, math.pi * (0.5 - xp.abs(fraction))
    cotangent = xp.where(xp.abs(fraction) < 0.25, 1 / xp.tan(near), xp.sign(fraction) * xp.tan(far))
    mirrored = -sign * out - math.pi ** (n + 1) * _polynomial(cotangent, _cotangent_derivative(n))
    pole = (x <= 0) & (x == xp.floor(x))
    return xp.where(pole, sign * math.inf, xp.where(negative, mirrored, out))


def _erf_ratio(xp: Namespace, a: Array) -> Array:
    """``erf(a) / a`` for ``a`` in [0, 1]."""
    a = xp.minimum(a, 1.0)
    return _polynomial(2 * a * a - 1, _ERF)


def _erfc_positive(xp: Namespace, a: Array) -> Array:
    """``erfc(a)`` for ``a >= 0``."""
    a = xp.minimum(a, 30.0)
    # exp(-a**2) from two factors: `rough` has few digits, so its square is exact.
    rough = xp.floor(a * 16) / 16
    decay = xp.exp(-rough * rough) * xp.exp((rough - a) * (rough + a))
    return decay * _polynomial((a - 3) / (a + 3), _ERFC) / (1 + 2 * a)


def _polynomial(x: Array, coefficients: Sequence[float]) -> Array:
    """The sum of ``coefficients[k] * x**k``, by Horner's rule."""
    *lower, top = coefficients
    out = x * 0 + top
    for c in reversed(lower):
        out = out * x + c
    return out


def _cotangent_derivative(n: int) -> list[float]:
    """The ``n``-th derivative of the cotangent as a polynomial in the cotangent: cot' = -1 - cot**2."""
    terms = [0, 1]
    for _ in range(n):
        slope = [k * c for k, c in enumerate(terms)][1:]
        terms = [-(low + high) for low, high in zip([*slope, 0, 0], [0, 0, *slope], strict=True)]
    return [float(c) for c in terms]
