"""Extension functions written over the Array API standard alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xpgrad.backends.fallbacks import indexing, optim, philox, scatter, special

FALLBACKS: dict[str, Callable[..., Any]] = {
    **indexing.FALLBACKS,
    **optim.FALLBACKS,
    **philox.FALLBACKS,
    "scatter_add": scatter.scatter_add,
    **{name: getattr(special, name) for name in ("erf", "erfc", "erfinv", "gammaln", "digamma", "polygamma")},
}
