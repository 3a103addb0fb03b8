"""Distances and similarities between vectors. Mirrors ``torch.nn.functional``."""

from __future__ import annotations

from typing import Any

from xpgrad.functions.pointwise import clamp_min
from xpgrad.functions.shape import broadcast_tensors


def cosine_similarity(x1: Any, x2: Any, dim: int = 1, eps: float = 1e-8) -> Any:
    """The cosine of the angle between ``x1`` and ``x2`` along ``dim``; each norm counts at least ``eps``."""
    x1, x2 = broadcast_tensors(x1, x2)
    lengths = [clamp_min(x.norm(2, dim, keepdim=True), eps) for x in (x1, x2)]
    return (x1 / lengths[0] * (x2 / lengths[1])).sum(dim)


def pairwise_distance(x1: Any, x2: Any, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Any:
    """The ``p``-norm of ``x1 - x2 + eps`` along the last dimension."""
    return (x1 - x2 + eps).norm(p, -1, keepdim)
