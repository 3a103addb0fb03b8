"""Distances and similarities between vectors. Mirrors ``torch.nn.functional``."""

from __future__ import annotations

from xpgrad.functions.distance import cosine_similarity, pairwise_distance, pdist

__all__ = ["cosine_similarity", "pairwise_distance", "pdist"]
