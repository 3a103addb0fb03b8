"""The standard's functions that compat has to piece together, where a kernel does it at once."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import array_api_compat.cupy as compat

from xpgrad._typing import Array, Namespace
from xpgrad.backends.cupy_kernels.elementwise import elementwise
from xpgrad.backends.cupy_kernels.rows import same_floats

# What it re-exports, types do not know.
_COMPAT: Any = compat

_CLIP: Final = elementwise(
    "clip",
    "T x, float64 low, float64 high",
    "T result",
    "result = Real(x) < Real(low) ? T(Real(low)) : Real(x) > Real(high) ? T(Real(high)) : x;",
)


def clip(xp: Namespace, x: Array, /, min: Any = None, max: Any = None) -> Array:
    """``x`` between bounds, which are Python's numbers or None where this is one launch instead of fifteen."""
    bounds = (min, max)
    # What a bound of NaN asks for is NaN.
    if not same_floats(x) or not all(type(b) in (int, float, type(None)) and b == b for b in bounds):
        return _COMPAT.clip(x, min, max)
    high = math.inf if max is None else float(max)
    # Between bounds that are the wrong way round, the upper one counts.
    low = -math.inf if min is None else float(high if min > high else min)
    return _CLIP(x, low, high)


KERNELS: dict[str, Callable[..., Any]] = {"clip": clip}
