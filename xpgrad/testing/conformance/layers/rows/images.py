"""Windows, sizes and pooling."""

from __future__ import annotations

import numpy as np

from xpgrad.testing.conformance.layers.layer import L3, L4, L5, Layer, normal

ROWS = [
    # Windows and sizes.
    Layer(lambda nn: nn.Unfold((3, 2)), "Unfold(kernel_size=(3, 2), dilation=1, padding=0, stride=1)", (L4,)),
    Layer(
        lambda nn: nn.Unfold(2, dilation=2, padding=(1, 0), stride=2),
        "Unfold(kernel_size=2, dilation=2, padding=(1, 0), stride=2)",
        (L4[0],),
    ),
    Layer(
        lambda nn: nn.Fold((3, 6), (1, 2), stride=(1, 2)),
        "Fold(output_size=(3, 6), kernel_size=(1, 2), dilation=1, padding=0, stride=(1, 2))",
        (L3,),
    ),
    Layer(lambda nn: nn.Upsample(5), "Upsample(size=5, mode='nearest')", (L3,)),
    Layer(
        lambda nn: nn.Upsample(scale_factor=(1.5, 0.5), mode="bilinear"),
        "Upsample(scale_factor=(1.5, 0.5), mode='bilinear')",
        (L4,),
    ),
    Layer(
        lambda nn: nn.Upsample((4, 9), mode="bicubic", align_corners=True),
        "Upsample(size=(4, 9), mode='bicubic')",
        (L4,),
    ),
    Layer(
        lambda nn: nn.Upsample(scale_factor=2, mode="trilinear", recompute_scale_factor=True),
        "Upsample(scale_factor=2.0, mode='trilinear')",
        (L5[:, :1, :2],),
    ),
    Layer(lambda nn: nn.UpsamplingNearest2d(9), "UpsamplingNearest2d(size=9, mode='nearest')", (L4,)),
    Layer(
        lambda nn: nn.UpsamplingBilinear2d(scale_factor=2),
        "UpsamplingBilinear2d(scale_factor=2.0, mode='bilinear')",
        (L4,),
    ),
    Layer(lambda nn: nn.PixelShuffle(2), "PixelShuffle(upscale_factor=2)", (L4,)),
    Layer(lambda nn: nn.PixelUnshuffle(2), "PixelUnshuffle(downscale_factor=2)", (L4[..., :6],)),
    Layer(lambda nn: nn.ChannelShuffle(2), "ChannelShuffle(groups=2)", (L4,)),
    # Pooling.
    Layer(
        lambda nn: nn.MaxPool1d(3, 2, 1),
        "MaxPool1d(kernel_size=3, stride=2, padding=1, dilation=1, ceil_mode=False)",
        (L3,),
    ),
    Layer(
        lambda nn: nn.MaxPool2d(2), "MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)", (L4,)
    ),
    Layer(
        lambda nn: nn.MaxPool2d((3, 2), stride=(2, 1), padding=1, dilation=(1, 2), ceil_mode=True, return_indices=True),
        "MaxPool2d(kernel_size=(3, 2), stride=(2, 1), padding=1, dilation=(1, 2), ceil_mode=True)",
        (L4[0],),
    ),
    Layer(
        lambda nn: nn.MaxPool3d(2, ceil_mode=True),
        "MaxPool3d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=True)",
        (L5,),
    ),
    Layer(
        lambda nn: nn.MaxUnpool2d(2),
        "MaxUnpool2d(kernel_size=(2, 2), stride=(2, 2), padding=(0, 0))",
        (normal(1, 1, 2, 2), np.asarray([[[[0, 3], [9, 14]]]])),
    ),
    Layer(
        lambda nn: nn.MaxUnpool1d(2),
        "MaxUnpool1d(kernel_size=(2,), stride=(2,), padding=(0,))",
        (normal(1, 2, 2), np.asarray([[[0, 3], [1, 2]]])),
    ),
    Layer(
        lambda nn: nn.MaxUnpool3d(2),
        "MaxUnpool3d(kernel_size=(2, 2, 2), stride=(2, 2, 2), padding=(0, 0, 0))",
        (normal(1, 2, 1, 1, 2), np.asarray([[[[[0, 6]]], [[[13, 3]]]]])),
    ),
    Layer(lambda nn: nn.AvgPool1d(2), "AvgPool1d(kernel_size=(2,), stride=(2,), padding=(0,))", (L3,)),
    Layer(
        lambda nn: nn.AvgPool2d(3, 2, 1, count_include_pad=False),
        "AvgPool2d(kernel_size=3, stride=2, padding=1)",
        (L4,),
    ),
    Layer(
        lambda nn: nn.AvgPool2d((2, 3), ceil_mode=True, divisor_override=4),
        "AvgPool2d(kernel_size=(2, 3), stride=(2, 3), padding=0)",
        (L4,),
    ),
    Layer(lambda nn: nn.AvgPool3d(2, 1), "AvgPool3d(kernel_size=2, stride=1, padding=0)", (L5,)),
    Layer(lambda nn: nn.AdaptiveAvgPool1d(4), "AdaptiveAvgPool1d(output_size=4)", (L3,)),
    Layer(lambda nn: nn.AdaptiveAvgPool2d(1), "AdaptiveAvgPool2d(output_size=1)", (L4,)),
    Layer(lambda nn: nn.AdaptiveAvgPool2d((4, None)), "AdaptiveAvgPool2d(output_size=(4, None))", (L4,)),
    Layer(lambda nn: nn.AdaptiveAvgPool3d((2, 3, 4)), "AdaptiveAvgPool3d(output_size=(2, 3, 4))", (L5,)),
    Layer(lambda nn: nn.AdaptiveMaxPool1d(4, return_indices=True), "AdaptiveMaxPool1d(output_size=4)", (L3,)),
    Layer(lambda nn: nn.AdaptiveMaxPool2d((4, 3)), "AdaptiveMaxPool2d(output_size=(4, 3))", (L4,)),
    Layer(lambda nn: nn.AdaptiveMaxPool3d(2), "AdaptiveMaxPool3d(output_size=2)", (L5,)),
    Layer(
        lambda nn: nn.LPPool1d(2, 3, stride=2), "LPPool1d(norm_type=2, kernel_size=3, stride=2, ceil_mode=False)", (L3,)
    ),
    Layer(
        lambda nn: nn.LPPool2d(2, (2, 3)),
        "LPPool2d(norm_type=2, kernel_size=(2, 3), stride=None, ceil_mode=False)",
        (L4,),
    ),
    Layer(
        lambda nn: nn.LPPool3d(3, 2, ceil_mode=True),
        "LPPool3d(norm_type=3, kernel_size=2, stride=None, ceil_mode=True)",
        (np.abs(L5),),
    ),
    # With a single window, which lies at the end.
    Layer(lambda nn: nn.FractionalMaxPool2d((2, 3), output_ratio=0.2), "FractionalMaxPool2d()", (L4,)),
    Layer(lambda nn: nn.FractionalMaxPool3d(2, 1, return_indices=True), "FractionalMaxPool3d()", (L5,)),
]
