"""The special functions of `cupyx` that xpgrad calls, by SciPy, whose algorithms they are."""

from __future__ import annotations

from typing import Any

import scipy.special as _scipy

import cupy


def _function(name: str) -> Any:
    function = getattr(_scipy, name)

    def call(*arrays: Any) -> Any:
        dtypes = {a.dtype.name for a in arrays}
        if len(dtypes) != 1 or not dtypes <= {"float32", "float64"}:
            raise TypeError(f"{name} is given {dtypes}: CuPy's own would be computed in float64")
        return cupy._compute(function, *arrays)

    return call


betainc, digamma, gammainc, gammaincc, k0, k1, zeta = map(
    _function, ("betainc", "digamma", "gammainc", "gammaincc", "k0", "k1", "zeta")
)
