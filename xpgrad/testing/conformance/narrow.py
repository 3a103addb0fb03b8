"""Asking a device without 64-bit types: with the widest that it has, and as exactly as these can answer."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from xpgrad.backends.base import Place
from xpgrad.testing.conformance import capabilities

_NARROWER: Final = {"float64": "float32", "complex128": "complex64", "int64": "int32", "uint64": "uint32"}
# Of second derivatives, whose conditioning multiplies a rounding error of 6e-8 by some thousands.
_TOLERANCE_OF_FLOAT32: Final = 5e-4


def narrow(place: Place, array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """A copy of ``array``, of a narrower dtype if the device lacks its own."""
    name = array.dtype.name
    return array.astype(name if capabilities.has(place, name) else _NARROWER.get(name, name))


def tolerance(place: Place, asked: float) -> float:
    """How far answers of the device may be off: ``asked``, or what float32 can do."""
    return asked if capabilities.has(place, "float64") else max(asked, _TOLERANCE_OF_FLOAT32)


def kinds(*names: str) -> frozenset[str]:
    """What a question on arrays of the dtypes ``names`` needs: complex numbers of some width, and narrow dtypes."""
    return frozenset(_NARROWER.get(name, name) for name in names)
