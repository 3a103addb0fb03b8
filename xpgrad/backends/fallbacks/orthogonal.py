"""Classical orthogonal polynomials, by their recurrences over the degree (DLMF 18.9.1, 18.9.2)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from xpgrad._typing import Array, Namespace


class Family(NamedTuple):
    """What tells one family from another.

    Attributes:
        first: The polynomial of degree 1, of ``x``.
        next: The polynomial of degree k + 1, of k, ``x`` and those of degrees k and k - 1.
        shifted: The argument is ``2 x - 1``.
        limit: Degrees beyond are NaN, as PyTorch gives them; None if there is no such limit.
    """

    first: Callable[[Array], Array]
    next: Callable[[int, Array, Array, Array], Array]
    shifted: bool = False
    limit: dict[str, int] | None = None


def _twice(k: int, x: Array, p: Array, before: Array) -> Array:
    return 2 * x * p - before


_HERMITE = {"float32": 128, "float64": 512}

FAMILIES = {
    "chebyshev_t": Family(lambda x: x, _twice),
    "chebyshev_u": Family(lambda x: 2 * x, _twice),
    "chebyshev_v": Family(lambda x: 2 * x - 1, _twice),
    "chebyshev_w": Family(lambda x: 2 * x + 1, _twice),
    "hermite_h": Family(lambda x: 2 * x, lambda k, x, p, before: 2 * (x * p - k * before), limit=_HERMITE),
    "hermite_he": Family(lambda x: x, lambda k, x, p, before: x * p - k * before, limit=_HERMITE),
    "laguerre_l": Family(lambda x: 1 - x, lambda k, x, p, before: ((2 * k + 1 - x) * p - k * before) / (k + 1)),
    "legendre_p": Family(lambda x: x, lambda k, x, p, before: ((2 * k + 1) * x * p - k * before) / (k + 1)),
    "shifted_chebyshev_t": Family(lambda x: x, _twice, shifted=True),
    "shifted_chebyshev_u": Family(lambda x: 2 * x, _twice, shifted=True),
    "shifted_chebyshev_v": Family(lambda x: 2 * x - 1, _twice, shifted=True),
    "shifted_chebyshev_w": Family(lambda x: 2 * x + 1, _twice, shifted=True),
}


def orthogonal_polynomial(xp: Namespace, x: Array, n: Array, /, *, family: str) -> Array:
    """The polynomial of degree ``n``, rounded towards 0, of a family at ``x``; 0 for negative ``n``."""
    described = FAMILIES[family]
    degree = xp.trunc(n)
    if described.shifted:
        x = 2 * x - 1
    out = xp.where(degree < 0, 0.0, xp.ones_like(x * n))
    limit = None if described.limit is None else described.limit["float32" if x.dtype == xp.float32 else "float64"]
    known = xp.where(xp.isfinite(degree) & (degree <= (limit or math.inf)), degree, 0.0)
    highest = int(xp.max(known)) if math.prod(known.shape) else 0
    before, p = xp.ones_like(x), described.first(x)
    for k in range(1, highest + 1):
        out = xp.where(degree == k, p, out)
        before, p = p, described.next(k, x, p, before)
    if limit is not None:
        out = xp.where(degree > limit, math.nan, out)
    return xp.where(xp.isnan(x), math.nan, out)
