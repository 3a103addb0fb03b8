"""Bessel functions of orders 0 and 1, ordinary and modified, of real arguments.

Chebyshev series on a short interval, and of the slowly varying factors of the asymptotic expansions beyond it;
``docs/design/bessel_coefficients.py`` derives them. float64 results are accurate to about 1e-15 of the larger of the
result and, for oscillating functions, the amplitude. At infinity the results are NaN, as PyTorch's are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from xpgrad._typing import Array, Namespace
from xpgrad.backends.fallbacks import coefficients as c
from xpgrad.backends.fallbacks.series import chebyshev, polynomial

_TWO_OVER_PI = 2 / math.pi


# Modified, of the first kind.


def i0(xp: Namespace, x: Array, /) -> Array:
    """The modified Bessel function of the first kind, order 0 (`torch.special.i0`)."""
    return _grown(xp, i0e(xp, x), x)


def i0e(xp: Namespace, x: Array, /) -> Array:
    """``exp(-abs(x)) * i0(x)`` (`torch.special.i0e`)."""
    a = xp.abs(x)
    return _first_kind(xp, a, chebyshev(xp.minimum(a, 8.0) / 4 - 1, c.I0_SMALL), c.I0_LARGE)


def i1(xp: Namespace, x: Array, /) -> Array:
    """The modified Bessel function of the first kind, order 1 (`torch.special.i1`)."""
    return _grown(xp, i1e(xp, x), x)


def i1e(xp: Namespace, x: Array, /) -> Array:
    """``exp(-abs(x)) * i1(x)`` (`torch.special.i1e`)."""
    a = xp.abs(x)
    near = xp.minimum(a, 8.0)
    out = _first_kind(xp, a, near * chebyshev(near / 4 - 1, c.I1_SMALL), c.I1_LARGE)
    return xp.where(x < 0, -out, out)


def _first_kind(xp: Namespace, a: Array, small: Array, large: Sequence[float]) -> Array:
    far = xp.maximum(a, 8.0)
    return xp.where(a <= 8, small, chebyshev(16 / far - 1, large) / xp.sqrt(far))


def _grown(xp: Namespace, scaled: Array, x: Array) -> Array:
    """``exp(abs(x)) * scaled``, the factor in two halves, since it overflows before the product does."""
    half = xp.exp(xp.abs(x) / 2)
    return scaled * half * half


# Modified, of the second kind.


def k0(xp: Namespace, x: Array, /) -> Array:
    """The modified Bessel function of the second kind, order 0 (`torch.special.modified_bessel_k0`)."""
    return _second_kind(xp, x, _k0_small(xp, x), c.K0_LARGE, scaled=False)


def k0e(xp: Namespace, x: Array, /) -> Array:
    """``exp(x) * k0(x)`` (`torch.special.scaled_modified_bessel_k0`)."""
    return _second_kind(xp, x, _k0_small(xp, x) * xp.exp(_between(xp, x, 0.0, 2.0)), c.K0_LARGE, scaled=True)


def k1(xp: Namespace, x: Array, /) -> Array:
    """The modified Bessel function of the second kind, order 1 (`torch.special.modified_bessel_k1`)."""
    return _second_kind(xp, x, _k1_small(xp, x), c.K1_LARGE, scaled=False)


def k1e(xp: Namespace, x: Array, /) -> Array:
    """``exp(x) * k1(x)`` (`torch.special.scaled_modified_bessel_k1`)."""
    return _second_kind(xp, x, _k1_small(xp, x) * xp.exp(_between(xp, x, 0.0, 2.0)), c.K1_LARGE, scaled=True)


def _k0_small(xp: Namespace, x: Array) -> Array:
    near = _between(xp, x, 0.0, 2.0)
    return chebyshev(near * near / 2 - 1, c.K0_SMALL) - xp.log(near / 2) * i0(xp, near)


def _k1_small(xp: Namespace, x: Array) -> Array:
    near = _between(xp, x, 0.0, 2.0)
    product = xp.where(near == 0, 0.0, xp.log(near / 2) * i1(xp, near))
    return product + chebyshev(near * near / 2 - 1, c.K1_SMALL) / near


def _second_kind(xp: Namespace, x: Array, small: Array, large: Sequence[float], *, scaled: bool) -> Array:
    far = xp.maximum(x, 2.0)
    out = chebyshev(4 / far - 1, large) / xp.sqrt(far)
    out = xp.where(x <= 2, small, out if scaled else out * xp.exp(-far))
    return xp.where(x == 0, math.inf, xp.where(x < 0, math.nan, out))


# Ordinary.


def j0(xp: Namespace, x: Array, /) -> Array:
    """The Bessel function of the first kind, order 0 (`torch.special.bessel_j0`)."""
    a = xp.abs(x)
    p, q, angle = _wave(xp, a, c.P0, c.Q0, 0.25)
    return xp.where(a <= 8, _j0_small(xp, a), p * xp.cos(angle) - q * xp.sin(angle))


def j1(xp: Namespace, x: Array, /) -> Array:
    """The Bessel function of the first kind, order 1 (`torch.special.bessel_j1`)."""
    a = xp.abs(x)
    p, q, angle = _wave(xp, a, c.P1, c.Q1, 0.75)
    out = xp.where(a <= 8, _j1_small(xp, a), p * xp.cos(angle) - q * xp.sin(angle))
    return xp.where(x < 0, -out, out)


def y0(xp: Namespace, x: Array, /) -> Array:
    """The Bessel function of the second kind, order 0 (`torch.special.bessel_y0`)."""
    near = _between(xp, x, 0.0, 8.0)
    small = chebyshev(near * near / 32 - 1, c.Y0_SMALL) + _TWO_OVER_PI * xp.log(near) * _j0_small(xp, near)
    p, q, angle = _wave(xp, x, c.P0, c.Q0, 0.25)
    return _of_positive(xp, x, small, p * xp.sin(angle) + q * xp.cos(angle))


def y1(xp: Namespace, x: Array, /) -> Array:
    """The Bessel function of the second kind, order 1 (`torch.special.bessel_y1`)."""
    near = _between(xp, x, 0.0, 8.0)
    small = near * chebyshev(near * near / 32 - 1, c.Y1_SMALL)
    small = small + _TWO_OVER_PI * (xp.log(near) * _j1_small(xp, near) - 1 / near)
    p, q, angle = _wave(xp, x, c.P1, c.Q1, 0.75)
    return _of_positive(xp, x, small, p * xp.sin(angle) + q * xp.cos(angle))


def spherical_j0(xp: Namespace, x: Array, /) -> Array:
    """``sin(x) / x``, the spherical Bessel function of order 0 (`torch.special.spherical_bessel_j0`)."""
    near = xp.abs(x) < 0.5
    powers = [(-1) ** k / math.factorial(2 * k + 1) for k in range(8)]
    small = polynomial(xp.where(near, x, 0.0) ** 2, powers)
    out = xp.where(near, small, xp.sin(x) / xp.where(near, 1.0, x))
    return xp.where(xp.isinf(x), 0.0, out)


def _between(xp: Namespace, x: Array, low: float, high: float) -> Array:
    return xp.minimum(xp.maximum(x, low), high)


def _j0_small(xp: Namespace, a: Array) -> Array:
    square = xp.minimum(a, 8.0) ** 2
    first, second = c.J0_ZEROS
    return (square - first) * (square - second) * chebyshev(square / 32 - 1, c.J0_SMALL)


def _j1_small(xp: Namespace, a: Array) -> Array:
    near = xp.minimum(a, 8.0)
    square = near * near
    first, second = c.J1_ZEROS
    return near * (square - first) * (square - second) * chebyshev(square / 32 - 1, c.J1_SMALL)


def _wave(
    xp: Namespace, x: Array, cosine: Sequence[float], sine: Sequence[float], phase: float
) -> tuple[Array, Array, Array]:
    """The amplitudes and the angle of the wave that the function is beyond 8."""
    far = xp.maximum(x, 8.0)
    t, scale = 128 / (far * far) - 1, xp.sqrt(_TWO_OVER_PI / far)
    return scale * chebyshev(t, cosine), scale * chebyshev(t, sine) / far, far - phase * math.pi


def _of_positive(xp: Namespace, x: Array, small: Array, wave: Array) -> Array:
    out = xp.where(x <= 8, small, wave)
    return xp.where(x == 0, -math.inf, xp.where(x < 0, math.nan, out))
