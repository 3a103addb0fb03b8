"""Special functions under ``torch.special``'s names."""

from __future__ import annotations

from typing import Any

from xpgrad.array_api.operands import floating as as_floating
from xpgrad.functions.pointwise import digamma, erf, erfc, erfinv, exp2, expm1, log1p, round
from xpgrad.functions.pointwise import lgamma as gammaln
from xpgrad.functions.pointwise import sigmoid as expit
from xpgrad.functions.reduction import log_softmax, logsumexp, softmax
from xpgrad.ops import special

__all__ = [
    "digamma", "erf", "erfc", "erfinv", "exp2", "expit", "expm1", "gammaln", "log1p", "log_softmax", "logsumexp",
    "polygamma", "psi", "round", "softmax",
]  # fmt: skip

psi = digamma


def polygamma(n: int, input: Any) -> Any:
    """The ``n``-th derivative of `digamma`. Mirrors ``torch.special.polygamma``."""
    return special.polygamma.apply(as_floating(input), n=n)
