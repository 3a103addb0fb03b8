"""Distances and similarities between vectors."""

from __future__ import annotations

from typing import Any

from xpgrad.nn.functional.distance import cosine_similarity, pairwise_distance
from xpgrad.nn.modules.module import Module


class CosineSimilarity(Module):
    """The cosine of the angle between two tensors along ``dim``. Mirrors ``torch.nn.CosineSimilarity``."""

    def __init__(self, dim: int = 1, eps: float = 1e-8) -> None:
        super().__init__()
        self.dim = dim
        self.eps = eps

    def forward(self, x1: Any, x2: Any) -> Any:
        """The cosines."""
        return cosine_similarity(x1, x2, self.dim, self.eps)


class PairwiseDistance(Module):
    """The ``p``-norm of the difference along the last dimension. Mirrors ``torch.nn.PairwiseDistance``."""

    def __init__(self, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> None:
        super().__init__()
        self.norm = p
        self.eps = eps
        self.keepdim = keepdim

    def forward(self, x1: Any, x2: Any) -> Any:
        """The distances."""
        return pairwise_distance(x1, x2, self.norm, self.eps, self.keepdim)
