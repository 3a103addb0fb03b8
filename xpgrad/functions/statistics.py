"""How rows vary together."""

from __future__ import annotations

from typing import Any

from xpgrad.functions.linalg import matmul
from xpgrad.functions.reduction import mean
from xpgrad.functions.shape import reshape, squeeze, unsqueeze


def cov(input: Any, *, correction: int = 1) -> Any:
    """The covariances of the rows of a matrix (variables, observations). Mirrors ``torch.cov``."""
    x = reshape(input, (1, -1)) if input._array.ndim < 2 else input
    centred = x - mean(x, 1, True)
    other = centred.conj() if x.dtype.is_complex else centred
    return squeeze(matmul(centred, other.t()) / max(x._array.shape[1] - correction, 0))


def corrcoef(input: Any) -> Any:
    """The correlations of the rows of a matrix (variables, observations). Mirrors ``torch.corrcoef``."""
    c = cov(input)
    if c._array.ndim == 0:
        return c / c
    deviations = c.diagonal().sqrt()
    return c / unsqueeze(deviations, 1) / unsqueeze(deviations, 0)
