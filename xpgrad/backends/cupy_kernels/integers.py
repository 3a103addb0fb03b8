"""CuPy's own divisors, multiples and parts of floating numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cupy

from xpgrad._typing import Array, Namespace
from xpgrad.backends.fallbacks import integers as fallback


def gcd(xp: Namespace, x: Array, y: Array, /) -> Array:
    """As the fallback `xpgrad.backends.fallbacks.integers.gcd`."""
    return cupy.gcd(x, y)


def lcm(xp: Namespace, x: Array, y: Array, /) -> Array:
    """As the fallback `xpgrad.backends.fallbacks.integers.lcm`."""
    return cupy.lcm(x, y)


def frexp(xp: Namespace, x: Array, /) -> tuple[Array, Array]:
    """As the fallback `xpgrad.backends.fallbacks.integers.frexp`, with the exponents of NaN and infinities 0."""
    if x.dtype.kind != "f":
        return fallback.frexp(xp, x)
    mantissa, exponent = cupy.frexp(x)
    return mantissa, cupy.where(cupy.isfinite(x), exponent, 0).astype("int32", copy=False)


KERNELS: dict[str, Callable[..., Any]] = {"frexp": frexp, "gcd": gcd, "lcm": lcm}
