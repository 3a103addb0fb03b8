"""Products with logarithms that are 0 where their first factor is."""

from __future__ import annotations

from xpgrad._typing import Array, Namespace


def xlogy(xp: Namespace, x: Array, y: Array, /) -> Array:
    """``x * log(y)``, 0 where ``x`` is 0 unless ``y`` is NaN (`torch.special.xlogy`)."""
    zero = (x == 0) & (y == y)
    return xp.where(zero, 0.0, x * xp.log(xp.where(zero, 1.0, y)))


def xlog1py(xp: Namespace, x: Array, y: Array, /) -> Array:
    """``x * log1p(y)``, 0 where ``x`` is 0 unless ``y`` is NaN (`torch.special.xlog1py`)."""
    zero = (x == 0) & (y == y)
    return xp.where(zero, 0.0, x * xp.log1p(xp.where(zero, 0.0, y)))
