"""The standard's functions that compat has to piece together, where CuPy's own do it at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import array_api_compat.cupy as compat
import cupy

from xpgrad._typing import Array, Namespace

# What it re-exports, types do not know.
_COMPAT: Any = compat


def clip(xp: Namespace, x: Array, /, min: Any = None, max: Any = None) -> Array:
    """``x`` between bounds; of real floats between Python's numbers in two launches instead of fifteen."""
    if x.dtype.kind != "f" or not all(type(bound) in (int, float, type(None)) for bound in (min, max)):
        return _COMPAT.clip(x, min, max)
    out = x if min is None else cupy.maximum(x, min)
    out = out if max is None else cupy.minimum(out, max)
    return out.copy() if out is x else out


KERNELS: dict[str, Callable[..., Any]] = {"clip": clip}
