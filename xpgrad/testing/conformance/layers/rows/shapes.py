"""Shapes, tables, padding and distances."""

from __future__ import annotations

import numpy as np

from xpgrad.testing.conformance.layers.layer import L3, L4, L5, Layer, V, classes, normal, uniform

ROWS = [
    Layer(lambda nn: nn.Flatten(), "Flatten(start_dim=1, end_dim=-1)", (L4,)),
    Layer(lambda nn: nn.Unflatten(1, (2, 3)), "Unflatten(dim=1, unflattened_size=(2, 3))", (V,)),
    Layer(lambda nn: nn.Embedding(5, 3), "Embedding(5, 3)", (classes(5, 2, 4),), ("weight",)),
    Layer(
        lambda nn: nn.Embedding(5, 3, padding_idx=-2, max_norm=1.0, norm_type=1.0, scale_grad_by_freq=True),
        "Embedding(5, 3, padding_idx=3, max_norm=1.0, norm_type=1.0, scale_grad_by_freq=True)",
        (classes(5, 2, 4),),
        ("weight",),
    ),
    Layer(lambda nn: nn.EmbeddingBag(5, 3), "EmbeddingBag(5, 3, mode='mean')", (classes(5, 2, 4),), ("weight",)),
    Layer(
        lambda nn: nn.EmbeddingBag(5, 3, mode="max", padding_idx=-2),
        "EmbeddingBag(5, 3, mode='max', padding_idx=3)",
        (classes(5, 8), np.asarray([0, 3, 3])),
        ("weight",),
    ),
    Layer(
        lambda nn: nn.EmbeddingBag(5, 3, max_norm=1.0, norm_type=1.0, mode="sum", include_last_offset=True),
        "EmbeddingBag(5, 3, max_norm=1.0, norm_type=1.0, mode='sum')",
        (classes(5, 8), np.asarray([0, 3, 8]), normal(8)),
        ("weight",),
    ),
    Layer(lambda nn: nn.ZeroPad2d(1), "ZeroPad2d((1, 1, 1, 1))", (L4,)),
    Layer(lambda nn: nn.ConstantPad1d((2, -1), 3.5), "ConstantPad1d(padding=(2, -1), value=3.5)", (L3,)),
    Layer(lambda nn: nn.ZeroPad1d((1, 2)), "ZeroPad1d((1, 2))", (L3,)),
    Layer(lambda nn: nn.ZeroPad3d(1), "ZeroPad3d((1, 1, 1, 1, 1, 1))", (L5[:, :1],)),
    Layer(lambda nn: nn.ConstantPad2d(2, 0.5), "ConstantPad2d(padding=(2, 2, 2, 2), value=0.5)", (L4[0],)),
    Layer(lambda nn: nn.ConstantPad3d(1, -1.0), "ConstantPad3d(padding=(1, 1, 1, 1, 1, 1), value=-1.0)", (L5[:, :1],)),
    Layer(lambda nn: nn.ReflectionPad1d((3, 1)), "ReflectionPad1d((3, 1))", (L3[0],)),
    Layer(lambda nn: nn.ReflectionPad2d((1, 2, 3, 0)), "ReflectionPad2d((1, 2, 3, 0))", (L4,)),
    Layer(lambda nn: nn.ReflectionPad3d(1), "ReflectionPad3d((1, 1, 1, 1, 1, 1))", (L5,)),
    Layer(lambda nn: nn.ReplicationPad2d((7, 2, 3, 0)), "ReplicationPad2d((7, 2, 3, 0))", (L4,)),
    Layer(lambda nn: nn.ReplicationPad1d((2, 1)), "ReplicationPad1d((2, 1))", (L3,)),
    Layer(lambda nn: nn.ReplicationPad3d((1, 2, 0, 1, 2, 1)), "ReplicationPad3d((1, 2, 0, 1, 2, 1))", (L5[:, :1],)),
    Layer(lambda nn: nn.CircularPad1d((4, 2)), "CircularPad1d((4, 2))", (L3,)),
    Layer(lambda nn: nn.CircularPad3d(1), "CircularPad3d((1, 1, 1, 1, 1, 1))", (L5[:, :1],)),
    Layer(lambda nn: nn.CircularPad2d((1, 2, 3, 0)), "CircularPad2d((1, 2, 3, 0))", (L4,)),
    Layer(lambda nn: nn.CosineSimilarity(dim=1), "CosineSimilarity()", (V, normal(5, 6) + 1)),
    Layer(lambda nn: nn.PairwiseDistance(p=1.0, keepdim=True), "PairwiseDistance()", (V, uniform(5, 6))),
]
