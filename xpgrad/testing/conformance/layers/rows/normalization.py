"""Normalisation and dropout."""

from __future__ import annotations

from xpgrad.testing.conformance.layers.layer import L3, L4, L5, RUNNING, WB, Layer, V

ROWS = [
    Layer(
        lambda nn: nn.BatchNorm1d(6),
        "BatchNorm1d(6, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)",
        (V,),
        WB + RUNNING,
    ),
    Layer(
        lambda nn: nn.BatchNorm1d(4, momentum=None),
        "BatchNorm1d(4, eps=1e-05, momentum=None, affine=True, bias=True, track_running_stats=True)",
        (L3,),
        WB + RUNNING,
    ),
    Layer(
        lambda nn: nn.BatchNorm2d(4, affine=False),
        "BatchNorm2d(4, eps=1e-05, momentum=0.1, affine=False, bias=False, track_running_stats=True)",
        (L4,),
        RUNNING,
    ),
    Layer(
        lambda nn: nn.BatchNorm2d(4, eps=0.01, momentum=0.3),
        "BatchNorm2d(4, eps=0.01, momentum=0.3, affine=True, bias=True, track_running_stats=True)",
        (L4,),
        WB + RUNNING,
        training=False,
    ),
    Layer(
        lambda nn: nn.BatchNorm3d(4, track_running_stats=False),
        "BatchNorm3d(4, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=False)",
        (L5,),
        WB,
        training=False,
    ),
    Layer(
        lambda nn: nn.InstanceNorm1d(4),
        "InstanceNorm1d(4, eps=1e-05, momentum=0.1, affine=False, bias=False, track_running_stats=False)",
        (L3[0],),
    ),
    Layer(
        lambda nn: nn.InstanceNorm2d(4, affine=True, track_running_stats=True),
        "InstanceNorm2d(4, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)",
        (L4,),
        WB + RUNNING,
    ),
    Layer(
        lambda nn: nn.InstanceNorm3d(4, momentum=0.3, track_running_stats=True),
        "InstanceNorm3d(4, eps=1e-05, momentum=0.3, affine=False, bias=False, track_running_stats=True)",
        (L5,),
        RUNNING,
    ),
    Layer(lambda nn: nn.LayerNorm(6), "LayerNorm((6,), eps=1e-05, elementwise_affine=True, bias=True)", (V,), WB),
    Layer(
        lambda nn: nn.LayerNorm([6, 7], bias=False),
        "LayerNorm((6, 7), eps=1e-05, elementwise_affine=True, bias=False)",
        (L4,),
        ("weight",),
    ),
    Layer(
        lambda nn: nn.LayerNorm(9, elementwise_affine=False),
        "LayerNorm((9,), eps=1e-05, elementwise_affine=False, bias=False)",
        (L3,),
    ),
    Layer(lambda nn: nn.RMSNorm(6), "RMSNorm((6,), eps=None, elementwise_affine=True)", (V,), ("weight",)),
    Layer(lambda nn: nn.GroupNorm(2, 4), "GroupNorm(2, 4, eps=1e-05, affine=True, bias=True)", (L4,), WB),
    Layer(lambda nn: nn.LocalResponseNorm(3), "LocalResponseNorm(3, alpha=0.0001, beta=0.75, k=1.0)", (L4,)),
    # PyTorch's gradient of this one is not that of what it computes.
    Layer(
        lambda nn: nn.CrossMapLRN2d(3, 0.5),
        "CrossMapLRN2d(3, alpha=0.5, beta=0.75, k=1)",
        (L4,),
        constants=(0,),
    ),
    Layer(
        lambda nn: nn.CrossMapLRN2d(2, 0.5, 1, 2),
        "CrossMapLRN2d(2, alpha=0.5, beta=1, k=2)",
        (L4,),
        constants=(0,),
    ),
    # Dropout: with PyTorch only in evaluation or with certainty.
    Layer(lambda nn: nn.Dropout(), "Dropout(p=0.5, inplace=False)", (V,), training=False),
    Layer(lambda nn: nn.Dropout(1.0), "Dropout(p=1.0, inplace=False)", (V,)),
    Layer(lambda nn: nn.Dropout1d(0.2), "Dropout1d(p=0.2, inplace=False)", (L3,), training=False),
    Layer(lambda nn: nn.Dropout2d(0.0), "Dropout2d(p=0.0, inplace=False)", (L4,)),
    Layer(lambda nn: nn.Dropout3d(0.5), "Dropout3d(p=0.5, inplace=False)", (L5,), training=False),
    Layer(lambda nn: nn.FeatureAlphaDropout(), "FeatureAlphaDropout(p=0.5, inplace=False)", (L4,), training=False),
    Layer(lambda nn: nn.AlphaDropout(0.2), "AlphaDropout(p=0.2, inplace=False)", (V,), training=False),
]
