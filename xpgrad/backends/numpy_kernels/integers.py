"""NumPy's own divisors, multiples and parts of floating numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from xpgrad._typing import Namespace
from xpgrad.backends.numpy_kernels.blocks import Ndarray


def gcd(xp: Namespace, x: Ndarray, y: Ndarray, /) -> Ndarray:
    """As the fallback `xpgrad.backends.fallbacks.integers.gcd`."""
    return np.asarray(np.gcd(x, y))


def lcm(xp: Namespace, x: Ndarray, y: Ndarray, /) -> Ndarray:
    """As the fallback `xpgrad.backends.fallbacks.integers.lcm`."""
    return np.asarray(np.lcm(x, y))


def frexp(xp: Namespace, x: Ndarray, /) -> tuple[Ndarray, Ndarray]:
    """As the fallback `xpgrad.backends.fallbacks.integers.frexp`, with the exponents of NaN and infinities 0."""
    mantissa, exponent = np.frexp(x)
    return np.asarray(mantissa), np.where(np.isfinite(x), exponent, 0).astype(np.int32)


KERNELS: dict[str, Callable[..., Any]] = {"frexp": frexp, "gcd": gcd, "lcm": lcm}
