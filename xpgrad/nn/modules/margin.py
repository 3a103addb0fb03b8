"""Losses that ask for a margin. Each computes the function of like name in `xpgrad.nn.functional`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xpgrad.errors import ArgumentError
from xpgrad.nn.functional import margin as F
from xpgrad.nn.modules.distance import PairwiseDistance
from xpgrad.nn.modules.loss import Loss, WeightedLoss


class HingeEmbeddingLoss(Loss):
    """The distance for target 1, how far it is below ``margin`` for -1. Mirrors ``torch.nn.HingeEmbeddingLoss``."""

    def __init__(
        self, margin: float = 1.0, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean"
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.margin = margin

    def forward(self, input: Any, target: Any) -> Any:
        """The loss of distances ``input`` against targets of -1 and 1."""
        return F.hinge_embedding_loss(input, target, margin=self.margin, reduction=self.reduction)


class MarginRankingLoss(Loss):
    """How far ``target * (input1 - input2)`` is below ``margin``. Mirrors ``torch.nn.MarginRankingLoss``."""

    def __init__(
        self, margin: float = 0.0, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean"
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.margin = margin

    def forward(self, input1: Any, input2: Any, target: Any) -> Any:
        """The loss of two scores against targets of -1 and 1."""
        return F.margin_ranking_loss(input1, input2, target, margin=self.margin, reduction=self.reduction)


class CosineEmbeddingLoss(Loss):
    """``1 - cos`` for target 1, ``cos - margin`` if positive for -1. Mirrors ``torch.nn.CosineEmbeddingLoss``."""

    def __init__(
        self, margin: float = 0.0, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean"
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.margin = margin

    def forward(self, input1: Any, input2: Any, target: Any) -> Any:
        """The loss of two batches of vectors against targets of -1 and 1."""
        return F.cosine_embedding_loss(input1, input2, target, margin=self.margin, reduction=self.reduction)


class TripletMarginLoss(Loss):
    """How far the positive is not nearer than the negative by ``margin``. Mirrors ``torch.nn.TripletMarginLoss``.

    Raises:
        ArgumentError: ``margin`` is not positive.
    """

    def __init__(
        self, margin: float = 1.0, p: float = 2.0, eps: float = 1e-6, swap: bool = False,
        size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean",
    ) -> None:  # fmt: skip
        super().__init__(size_average, reduce, reduction)
        if margin <= 0:
            raise ArgumentError(f"TripletMarginLoss: expected margin to be greater than 0, got {margin} instead")
        self.margin = margin
        self.p = p
        self.eps = eps
        self.swap = swap

    def forward(self, anchor: Any, positive: Any, negative: Any) -> Any:
        """The loss of three batches of vectors."""
        return F.triplet_margin_loss(
            anchor, positive, negative, margin=self.margin, p=self.p, eps=self.eps, swap=self.swap,
            reduction=self.reduction,
        )  # fmt: skip


class TripletMarginWithDistanceLoss(Loss):
    """`TripletMarginLoss` with any distance. Mirrors ``torch.nn.TripletMarginWithDistanceLoss``.

    Args:
        distance_function: A function of two batches of vectors, `PairwiseDistance` by default.
        margin: By how much the negative should be farther.
        swap: Whether the distance of positive and negative is taken if it is less.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``.

    Raises:
        ArgumentError: ``margin`` is not positive.
    """

    def __init__(
        self, *, distance_function: Callable[[Any, Any], Any] | None = None, margin: float = 1.0, swap: bool = False,
        reduction: str = "mean",
    ) -> None:  # fmt: skip
        super().__init__(reduction=reduction)
        if margin <= 0:
            raise ArgumentError(
                f"TripletMarginWithDistanceLoss: expected margin to be greater than 0, got {margin} instead"
            )
        self.distance_function = PairwiseDistance() if distance_function is None else distance_function
        self.margin = margin
        self.swap = swap

    def forward(self, anchor: Any, positive: Any, negative: Any) -> Any:
        """The loss of three batches of vectors."""
        return F.triplet_margin_with_distance_loss(
            anchor, positive, negative, distance_function=self.distance_function, margin=self.margin, swap=self.swap,
            reduction=self.reduction,
        )  # fmt: skip


class MultiLabelMarginLoss(Loss):
    """How far wrong classes are not below the right ones by 1. Mirrors ``torch.nn.MultiLabelMarginLoss``."""

    def forward(self, input: Any, target: Any) -> Any:
        """The loss of scores (N, C) against classes (N, C), each row of which counts up to its first -1."""
        return F.multilabel_margin_loss(input, target, reduction=self.reduction)


class MultiMarginLoss(WeightedLoss):
    """How far wrong classes are not below the right one by ``margin``. Mirrors ``torch.nn.MultiMarginLoss``.

    Raises:
        ArgumentError: ``p`` is neither 1 nor 2.
    """

    def __init__(
        self, p: int = 1, margin: float = 1.0, weight: Any = None, size_average: bool | None = None,
        reduce: bool | None = None, reduction: str = "mean",
    ) -> None:  # fmt: skip
        super().__init__(weight, size_average, reduce, reduction)
        if p not in (1, 2):
            raise ArgumentError(f"only p == 1 and p == 2 supported, got {p}")
        self.p = p
        self.margin = margin

    def forward(self, input: Any, target: Any) -> Any:
        """The loss of scores (N, C) against classes (N,)."""
        return F.multi_margin_loss(
            input, target, p=self.p, margin=self.margin, weight=self.weight, reduction=self.reduction
        )
