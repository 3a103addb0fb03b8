"""The logarithm of the gamma function, its derivatives and Hurwitz's zeta function, in elementary functions.

A polynomial interpolates at Chebyshev nodes; ``docs/design/special_coefficients.py`` derives its coefficients.
float64 results are accurate to about 1e-15 relative, away from zeros other than those at simple arguments;
float32 is computed in float32.
"""

from __future__ import annotations

import math

from xpgrad._typing import Array, Namespace
from xpgrad.backends.fallbacks.series import polynomial
from xpgrad.errors import ArgumentError

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
    small = xp.where(z < 1, -log, log) + v * (v - 1) * polynomial(2 * v - 1, _LOG_GAMMA)

    v = xp.maximum(z, 8.0)
    series = [b / (2 * k * (2 * k - 1)) for k, b in enumerate(_BERNOULLI, 1)]
    large = (v - 0.5) * (xp.log(v) - 1) + (math.log(2 * math.pi) - 1) / 2 + polynomial(1 / (v * v), series) / v

    out = xp.where(z < 8, small, large)
    fraction = x - xp.round(x)
    sine = xp.abs(xp.sin(math.pi * xp.where(negative & (fraction != 0), fraction, 0.5)))
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
    series = polynomial(inverse, [b / (2 * k) for k, b in enumerate(_BERNOULLI, 1)])
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
    total = total + z**-n * (1 / n + inverse * (0.5 + inverse * polynomial(inverse * inverse, series)))
    factor = math.exp(math.lgamma(n + 1)) if n > 20 else float(math.factorial(n))
    sign = 1.0 if n % 2 else -1.0
    out = total * (sign * factor)
    fraction = x - xp.round(x)
    near, far = math.pi * fraction, math.pi * (0.5 - xp.abs(fraction))
    cotangent = xp.where(xp.abs(fraction) < 0.25, 1 / xp.tan(near), xp.sign(fraction) * xp.tan(far))
    mirrored = -sign * out - math.pi ** (n + 1) * polynomial(cotangent, _cotangent_derivative(n))
    pole = (x <= 0) & (x == xp.floor(x))
    return xp.where(pole, sign * math.inf, xp.where(negative, mirrored, out))


def zeta(xp: Namespace, x: Array, q: Array, /) -> Array:
    """Hurwitz's zeta function, the sum of ``(q + k)**-x`` over k = 0, 1, ... (`torch.special.zeta`).

    Infinite where ``x`` is 1 and where ``q`` is 0, -1, -2, ...; NaN where ``x`` is below 1, and where ``q`` is negative
    and ``x`` is not whole. The sum formula of Euler and Maclaurin (DLMF 25.11.28).
    """
    lowest = float(xp.min(xp.where(q < 0, q, 0.0))) if math.prod(q.shape) else 0.0
    steps = 12 + math.ceil(min(-lowest, 1000.0))
    whole = q == xp.floor(q)
    total = xp.zeros_like(x * q)
    s, base = xp.where(x > 1, x, 2.0), xp.where((q <= 0) & whole, 1.0, q)
    for k in range(steps):
        total = total + (base + k) ** -s
    end = base + steps
    inverse = 1 / (end * end)
    series, factor = 0.5 / xp.ones_like(total), s / end
    for k, b in enumerate(_BERNOULLI, 1):
        series = series + (b / math.factorial(2 * k)) * factor
        factor = factor * (s + (2 * k - 1)) * (s + 2 * k) * inverse
    total = total + end**-s * (end / (s - 1) + series)
    pole = (x == 1) | ((q <= 0) & whole & (x > 1))
    undefined = (x < 1) | ((q < 0) & ~whole & (x != xp.floor(x)) & (x != 1)) | xp.isnan(x) | xp.isnan(q)
    return xp.where(undefined, math.nan, xp.where(pole, math.inf, total))


def _cotangent_derivative(n: int) -> list[float]:
    """The ``n``-th derivative of the cotangent as a polynomial in the cotangent: cot' = -1 - cot**2."""
    terms = [0, 1]
    for _ in range(n):
        slope = [k * c for k, c in enumerate(terms)][1:]
        terms = [-(low + high) for low, high in zip([*slope, 0, 0], [0, 0, *slope], strict=True)]
    return [float(c) for c in terms]
