"""Losses."""

from __future__ import annotations

from typing import Any

import numpy as np

from xpgrad.testing.conformance.layers.layer import L3, L4, Layer, V, classes, normal, signs, uniform


def _loss(
    name: str, options: dict[str, Any], *inputs: Any, constants: Any = (), note: str = "", contents: str = ""
) -> list[Layer]:
    """A row for each way to reduce."""
    return [
        Layer(
            lambda nn, options={**options, "reduction": reduction}: getattr(nn, name)(**options),
            f"{name}({contents})",
            inputs,
            constants=constants,
            note=note,
        )
        for reduction in ("mean", "sum", "none")
    ]


def _cosine_distance(x: Any, y: Any) -> Any:
    return 1 - (x * y).sum(-1) / ((x * x).sum(-1) * (y * y).sum(-1)).sqrt()


W = normal(6, 5).T

ROWS = [
    *_loss("MSELoss", {}, V, W),
    *_loss("L1Loss", {}, V, W),
    *_loss("SmoothL1Loss", {"beta": 0.5}, V, W),
    *_loss("SmoothL1Loss", {"beta": 0}, V, W),
    *_loss("HuberLoss", {"delta": 0.5}, V, W),
    *_loss("SoftMarginLoss", {}, V, signs(5, 6), constants=(1,)),
    *_loss("CrossEntropyLoss", {}, V, classes(6, 5)),
    *_loss("CrossEntropyLoss", {"ignore_index": 2, "label_smoothing": 0.1}, V, classes(6, 5)),
    *_loss("CrossEntropyLoss", {"label_smoothing": 0.1}, L4, classes(4, 2, 6, 7)),
    *_loss("CrossEntropyLoss", {}, V[0], np.asarray(2), note="one"),
    *_loss("CrossEntropyLoss", {"label_smoothing": 0.2}, V, uniform(5, 6)),
    *_loss("NLLLoss", {}, L3, classes(4, 2, 9)),
    *_loss("BCELoss", {}, uniform(5, 6), uniform(6, 5).T),
    *_loss("BCEWithLogitsLoss", {}, V, uniform(5, 6)),
    *_loss("KLDivLoss", {}, V, uniform(5, 6)),
    *_loss("KLDivLoss", {"log_target": True}, V, V[::-1].copy()),
    *_loss("PoissonNLLLoss", {"full": True}, V, 3 * uniform(5, 6)),
    *_loss("PoissonNLLLoss", {"log_input": False}, uniform(5, 6), 3 * uniform(5, 6)),
    *_loss("GaussianNLLLoss", {"full": True}, V, W, uniform(5, 1)),
    *_loss("GaussianNLLLoss", {}, V, W, uniform(1, 6), note="variance-by-column"),
    *_loss("GaussianNLLLoss", {}, V, W, uniform(5), note="variance-by-row"),
    *_loss("HingeEmbeddingLoss", {"margin": 0.5}, V, signs(5, 6)),
    *_loss("MarginRankingLoss", {"margin": 0.5}, V, W, signs(5, 6)),
    *_loss("CosineEmbeddingLoss", {"margin": -0.5}, V, W, signs(5)),
    *_loss("TripletMarginLoss", {"swap": True}, V, W, uniform(5, 6)),
    *_loss(
        "TripletMarginWithDistanceLoss",
        {"margin": 0.3},
        V,
        W,
        uniform(5, 6),
        contents="\n  (distance_function): PairwiseDistance()\n",
    ),
    *_loss("TripletMarginWithDistanceLoss", {"distance_function": _cosine_distance}, V, W, uniform(5, 6)),
    *_loss("MultiLabelSoftMarginLoss", {}, V, uniform(5, 6)),
    *_loss("MultiMarginLoss", {"p": 2}, V, classes(6, 5)),
    *_loss("MultiLabelMarginLoss", {}, V, classes(7, 5, 6) - 1),
    *_loss("CTCLoss", {}, L3, classes(8, 4, 2) + 1, np.full(4, 2), np.asarray([2, 1, 1, 0])),
    Layer(
        lambda nn: nn.LinearCrossEntropyLoss(6, 4, bias=True, ignore_index=2, label_smoothing=0.1),
        "",
        (V, classes(4, 5)),
        ("linear.weight", "linear.bias"),
    ),
    Layer(
        lambda nn: nn.AdaptiveLogSoftmaxWithLoss(6, 9, [2, 5], 2.0, head_bias=True),
        "",
        (V, np.asarray([0, 4, 8, 1, 5])),
        ("head.weight", "head.bias", *(f"tail.{i}.{j}.weight" for i in range(2) for j in range(2))),
    ),
]
