"""Affine layers and convolutions."""

from __future__ import annotations

from xpgrad.testing.conformance.layers.layer import L3, L4, L5, WB, Layer, V, normal

ROWS = [
    # Affine.
    Layer(lambda nn: nn.Identity(54, unused=1), "Identity()", (V,)),
    Layer(lambda nn: nn.Linear(6, 3), "Linear(in_features=6, out_features=3, bias=True)", (V,), WB),
    Layer(
        lambda nn: nn.Linear(6, 3, bias=False), "Linear(in_features=6, out_features=3, bias=False)", (V,), ("weight",)
    ),
    Layer(lambda nn: nn.Linear(9, 3), "Linear(in_features=9, out_features=3, bias=True)", (L3,), WB),
    Layer(lambda nn: nn.Linear(6, 3), "Linear(in_features=6, out_features=3, bias=True)", (V[0],), WB, note="vector"),
    Layer(
        lambda nn: nn.Bilinear(6, 9, 2),
        "Bilinear(in1_features=6, in2_features=9, out_features=2, bias=True)",
        (V, normal(5, 9)),
        WB,
    ),
    # Convolutions.
    Layer(lambda nn: nn.Conv1d(4, 3, 2), "Conv1d(4, 3, kernel_size=(2,), stride=(1,))", (L3,), WB),
    Layer(
        lambda nn: nn.Conv1d(4, 6, 3, padding="same", groups=2),
        "Conv1d(4, 6, kernel_size=(3,), stride=(1,), padding=same, groups=2)",
        (L3,),
        WB,
    ),
    Layer(
        lambda nn: nn.Conv2d(4, 3, 2, padding="same"),
        "Conv2d(4, 3, kernel_size=(2, 2), stride=(1, 1), padding=same)",
        (L4,),
        WB,
    ),
    Layer(
        lambda nn: nn.Conv2d(4, 3, (3, 2), stride=(1, 2), padding=(1, 0), dilation=(2, 1), bias=False),
        "Conv2d(4, 3, kernel_size=(3, 2), stride=(1, 2), padding=(1, 0), dilation=(2, 1), bias=False)",
        (L4,),
        ("weight",),
    ),
    Layer(
        lambda nn: nn.Conv2d(4, 3, 3, padding="valid"),
        "Conv2d(4, 3, kernel_size=(3, 3), stride=(1, 1), padding=valid)",
        (L4[0],),
        WB,
    ),
    *(
        Layer(
            lambda nn, mode=mode: nn.Conv2d(4, 3, 3, padding=(1, 2), padding_mode=mode),
            f"Conv2d(4, 3, kernel_size=(3, 3), stride=(1, 1), padding=(1, 2), padding_mode={mode})",
            (L4,),
            WB,
        )
        for mode in ("reflect", "replicate", "circular")
    ),
    Layer(
        lambda nn: nn.Conv2d(4, 4, 3, padding="same", padding_mode="reflect", groups=4),
        "Conv2d(4, 4, kernel_size=(3, 3), stride=(1, 1), padding=same, groups=4, padding_mode=reflect)",
        (L4,),
        WB,
    ),
    Layer(
        lambda nn: nn.Conv3d(4, 2, (1, 2, 3), stride=2),
        "Conv3d(4, 2, kernel_size=(1, 2, 3), stride=(2, 2, 2))",
        (L5,),
        WB,
    ),
    Layer(
        lambda nn: nn.ConvTranspose1d(4, 3, 3, stride=2, output_padding=1),
        "ConvTranspose1d(4, 3, kernel_size=(3,), stride=(2,), output_padding=(1,))",
        (L3,),
        WB,
    ),
    Layer(
        lambda nn: nn.ConvTranspose2d(4, 6, 3, stride=2, padding=1, groups=2),
        "ConvTranspose2d(4, 6, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1), groups=2)",
        (L4,),
        WB,
    ),
    Layer(
        lambda nn: nn.ConvTranspose2d(4, 2, 2, dilation=2, bias=False),
        "ConvTranspose2d(4, 2, kernel_size=(2, 2), stride=(1, 1), dilation=(2, 2), bias=False)",
        (L4[1],),
        ("weight",),
    ),
    Layer(
        lambda nn: nn.ConvTranspose1d(4, 2, 2, padding=1, output_padding=2, dilation=3),
        "ConvTranspose1d(4, 2, kernel_size=(2,), stride=(1,), padding=(1,), dilation=(3,), output_padding=(2,))",
        (L3,),
        WB,
    ),
    Layer(
        lambda nn: nn.ConvTranspose3d(4, 1, 2),
        "ConvTranspose3d(4, 1, kernel_size=(2, 2, 2), stride=(1, 1, 1))",
        (L5,),
        WB,
    ),
]
