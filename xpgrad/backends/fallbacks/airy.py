"""Airy's function of real arguments; ``docs/design/bessel_coefficients.py`` derives the series."""

from __future__ import annotations

import math

from xpgrad._typing import Array, Namespace
from xpgrad.backends.fallbacks import coefficients as c
from xpgrad.backends.fallbacks.series import chebyshev

_ZETA_POSITIVE, _ZETA_NEGATIVE = 2 / 3 * 2.0**1.5, 2 / 3 * 4.0**1.5


def airy_ai(xp: Namespace, x: Array, /) -> Array:
    """The solution of ``y'' = x y`` that decays for positive ``x`` (`torch.special.airy_ai`).

    float64 is accurate to about 1e-15, relative for positive ``x`` and of the amplitude for negative. NaN at
    infinity, as PyTorch has it.
    """
    middle = chebyshev((xp.minimum(xp.maximum(x, -4.0), 2.0) + 1) / 3, c.AIRY_MIDDLE)

    a = xp.minimum(xp.maximum(x, 2.0), 120.0)
    zeta = a * xp.sqrt(a) * (2 / 3)
    root = xp.sqrt(xp.sqrt(a)) * (2 * math.sqrt(math.pi))
    decay = xp.exp(-zeta) * chebyshev(2 * _ZETA_POSITIVE / zeta - 1, c.AIRY_DECAY) / root

    a = xp.maximum(-x, 4.0)
    zeta = a * xp.sqrt(a) * (2 / 3)
    root = xp.sqrt(xp.sqrt(a)) * math.sqrt(math.pi)
    t = 2 * (_ZETA_NEGATIVE / zeta) ** 2 - 1
    angle = zeta - math.pi / 4
    wave = (chebyshev(t, c.AIRY_P) * xp.cos(angle) + chebyshev(t, c.AIRY_Q) / zeta * xp.sin(angle)) / root

    out = xp.where(x < -4, wave, xp.where(x > 2, decay, middle))
    return xp.where(xp.isinf(x), math.nan, out)
