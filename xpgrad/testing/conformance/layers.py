"""The table of layers: how each is made and called, what it prints, and what its state dict holds."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Host = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class Layer:
    """A row.

    Attributes:
        make: Makes the layer from a module like ``torch.nn``.
        text: What it prints.
        inputs: The arguments of a call; floating ones take part in the gradients.
        state: The names in its state dict.
        training: Whether it is called while training.
        constants: Which inputs take no part in the gradients.
    """

    make: Callable[[Any], Any]
    text: str
    inputs: tuple[Any, ...] = ()
    state: tuple[str, ...] = ()
    training: bool = True
    constants: tuple[int, ...] = ()


def arguments(library: Any, layer: Layer) -> list[Any]:
    """The inputs as tensors of a library like ``torch``, those that take part in the gradients requiring grad."""
    made = [library.tensor(x.copy()) for x in layer.inputs]
    for i, x in enumerate(made):
        if x.is_floating_point() and i not in layer.constants:
            x.requires_grad_()
    return made


def results(library: Any, module: Any, layer: Layer) -> list[Host]:
    """The outputs of a call, then the gradients of inputs and parameters, then the buffers."""
    inputs = arguments(library, layer)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        out = module(*inputs)
    out = out if isinstance(out, tuple) else (out,)
    weighted = [(o * o.detach().cos()).sum() for o in out if o.requires_grad]
    if weighted:
        sum(weighted).backward()
    gradients = [x.grad for x in (*inputs, *module.parameters()) if x.grad is not None]
    return [t.detach().numpy() for t in (*out, *gradients, *module.buffers())]


def normal(*shape: int) -> Host:
    return np.random.default_rng(sum(shape)).standard_normal(shape).astype(np.float32)


def uniform(*shape: int) -> Host:
    return np.random.default_rng(sum(shape)).uniform(0.1, 0.9, shape).astype(np.float32)


def classes(count: int, *shape: int) -> Host:
    return np.random.default_rng(count).integers(0, count, shape)


def signs(*shape: int) -> Host:
    return np.random.default_rng(1).choice([-1.0, 1.0], shape).astype(np.float32)


WB = ("weight", "bias")
RUNNING = ("running_mean", "running_var", "num_batches_tracked")
CELL = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
V, L3, L4, L5 = normal(5, 6), normal(2, 4, 9), normal(2, 4, 6, 7), normal(2, 4, 5, 4, 6)

LAYERS = [
    # Affine.
    Layer(lambda nn: nn.Identity(54, unused=1), "Identity()", (V,)),
    Layer(lambda nn: nn.Linear(6, 3), "Linear(in_features=6, out_features=3, bias=True)", (V,), WB),
    Layer(
        lambda nn: nn.Linear(6, 3, bias=False), "Linear(in_features=6, out_features=3, bias=False)", (V,), ("weight",)
    ),
    Layer(lambda nn: nn.Linear(9, 3), "Linear(in_features=9, out_features=3, bias=True)", (L3,), WB),
    Layer(lambda nn: nn.Linear(6, 3), "Linear(in_features=6, out_features=3, bias=True)", (V[0],), WB),
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
    # Normalisation.
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
    # Dropout, in evaluation or with certainty.
    Layer(lambda nn: nn.Dropout(), "Dropout(p=0.5, inplace=False)", (V,), training=False),
    Layer(lambda nn: nn.Dropout(1.0), "Dropout(p=1.0, inplace=False)", (V,)),
    Layer(lambda nn: nn.Dropout1d(0.2), "Dropout1d(p=0.2, inplace=False)", (L3,), training=False),
    Layer(lambda nn: nn.Dropout2d(0.0), "Dropout2d(p=0.0, inplace=False)", (L4,)),
    Layer(lambda nn: nn.AlphaDropout(0.2), "AlphaDropout(p=0.2, inplace=False)", (V,), training=False),
    # Shapes and tables.
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
    # Activations.
    *(
        Layer(lambda nn, name=name, args=args: getattr(nn, name)(*args), text, (4 * V,))
        for name, args, text in (
            ("ReLU", (), "ReLU()"),
            ("ReLU6", (), "ReLU6()"),
            ("LeakyReLU", (0.2,), "LeakyReLU(negative_slope=0.2)"),
            ("ELU", (0.7,), "ELU(alpha=0.7)"),
            ("SELU", (), "SELU()"),
            ("CELU", (0.7,), "CELU(alpha=0.7)"),
            ("GELU", (), "GELU(approximate='none')"),
            ("GELU", ("tanh",), "GELU(approximate='tanh')"),
            ("SiLU", (), "SiLU()"),
            ("Mish", (), "Mish()"),
            ("Sigmoid", (), "Sigmoid()"),
            ("Tanh", (), "Tanh()"),
            ("Softplus", (2.0, 5.0), "Softplus(beta=2.0, threshold=5.0)"),
            ("Softsign", (), "Softsign()"),
            ("Hardtanh", (-2.0, 3.0), "Hardtanh(min_val=-2.0, max_val=3.0)"),
            ("Hardsigmoid", (), "Hardsigmoid()"),
            ("Hardswish", (), "Hardswish()"),
            ("LogSigmoid", (), "LogSigmoid()"),
            ("Softmax", (1,), "Softmax(dim=1)"),
            ("Softmin", (0,), "Softmin(dim=0)"),
            ("LogSoftmax", (-1,), "LogSoftmax(dim=-1)"),
            ("Threshold", (0.1, 20.0), "Threshold(threshold=0.1, value=20.0)"),
            ("Tanhshrink", (), "Tanhshrink()"),
            ("Softshrink", (), "Softshrink(0.5)"),
            ("Hardshrink", (0.3,), "Hardshrink(0.3)"),
            ("GLU", (), "GLU(dim=-1)"),
        )
    ),
    Layer(lambda nn: nn.Softmax2d(), "Softmax2d()", (L4,)),
    Layer(lambda nn: nn.PReLU(), "PReLU(num_parameters=1)", (V,), ("weight",)),
    Layer(lambda nn: nn.PReLU(4, init=0.1), "PReLU(num_parameters=4)", (L4,), ("weight",)),
    Layer(lambda nn: nn.RReLU(), "RReLU(lower=0.125, upper=0.3333333333333333)", (V,), training=False),
    # Padding and distances.
    Layer(lambda nn: nn.ZeroPad2d(1), "ZeroPad2d((1, 1, 1, 1))", (L4,)),
    Layer(lambda nn: nn.ConstantPad1d((2, -1), 3.5), "ConstantPad1d(padding=(2, -1), value=3.5)", (L3,)),
    Layer(lambda nn: nn.ReflectionPad1d((3, 1)), "ReflectionPad1d((3, 1))", (L3[0],)),
    Layer(lambda nn: nn.ReflectionPad2d((1, 2, 3, 0)), "ReflectionPad2d((1, 2, 3, 0))", (L4,)),
    Layer(lambda nn: nn.ReflectionPad3d(1), "ReflectionPad3d((1, 1, 1, 1, 1, 1))", (L5,)),
    Layer(lambda nn: nn.ReplicationPad2d((7, 2, 3, 0)), "ReplicationPad2d((7, 2, 3, 0))", (L4,)),
    Layer(lambda nn: nn.CircularPad2d((1, 2, 3, 0)), "CircularPad2d((1, 2, 3, 0))", (L4,)),
    Layer(lambda nn: nn.CosineSimilarity(dim=1), "CosineSimilarity()", (V, normal(5, 6) + 1)),
    Layer(lambda nn: nn.PairwiseDistance(p=1.0, keepdim=True), "PairwiseDistance()", (V, uniform(5, 6))),
    # Sequences.
    Layer(lambda nn: nn.RNNCell(6, 3), "RNNCell(6, 3)", (V,), CELL),
    Layer(lambda nn: nn.GRUCell(6, 3, bias=False), "GRUCell(6, 3, bias=False)", (V, normal(5, 3)), CELL[:2]),
    Layer(lambda nn: nn.LSTMCell(6, 3), "LSTMCell(6, 3)", (V,), CELL),
    Layer(
        lambda nn: nn.RNN(9, 3, 2, "relu", batch_first=True),
        "RNN(9, 3, num_layers=2, batch_first=True)",
        (L3, normal(2, 2, 3)),
        tuple(f"{name}_l{i}" for i in range(2) for name in CELL),
    ),
    Layer(
        lambda nn: nn.GRU(9, 3, bidirectional=True),
        "GRU(9, 3, bidirectional=True)",
        (L3,),
        tuple(f"{name}_l0{end}" for end in ("", "_reverse") for name in CELL),
    ),
    Layer(
        lambda nn: nn.MultiheadAttention(6, 3),
        "MultiheadAttention(\n  (out_proj): NonDynamicallyQuantizableLinear(in_features=6, out_features=6, bias=True)"
        "\n)",
        (normal(4, 2, 6), normal(5, 2, 6), normal(2, 5, 6).swapaxes(0, 1).copy()),
        ("in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias"),
    ),
    # Losses.
    *(
        Layer(
            lambda nn, name=name, options=options: getattr(nn, name)(**options),
            f"{name}()",
            inputs,
            constants=constants,
        )
        for reduction in ("mean", "sum", "none")
        for name, options, inputs, *constants in (
            ("MSELoss", {}, (V, normal(6, 5).T)),
            ("L1Loss", {}, (V, normal(6, 5).T)),
            ("SmoothL1Loss", {"beta": 0.5}, (V, normal(6, 5).T)),
            ("SmoothL1Loss", {"beta": 0}, (V, normal(6, 5).T)),
            ("HuberLoss", {"delta": 0.5}, (V, normal(6, 5).T)),
            ("SoftMarginLoss", {}, (V, signs(5, 6)), 1),
            ("CrossEntropyLoss", {}, (V, classes(6, 5))),
            ("CrossEntropyLoss", {"ignore_index": 2, "label_smoothing": 0.1}, (V, classes(6, 5))),
            ("CrossEntropyLoss", {"label_smoothing": 0.1}, (L4, classes(4, 2, 6, 7))),
            ("CrossEntropyLoss", {}, (V[0], np.asarray(2))),
            ("CrossEntropyLoss", {"label_smoothing": 0.2}, (V, uniform(5, 6))),
            ("NLLLoss", {}, (L3, classes(4, 2, 9))),
            ("BCELoss", {}, (uniform(5, 6), uniform(6, 5).T)),
            ("BCEWithLogitsLoss", {}, (V, uniform(5, 6))),
            ("KLDivLoss", {}, (V, uniform(5, 6))),
            ("KLDivLoss", {"log_target": True}, (V, V[::-1].copy())),
            ("PoissonNLLLoss", {"full": True}, (V, 3 * uniform(5, 6))),
            ("PoissonNLLLoss", {"log_input": False}, (uniform(5, 6), 3 * uniform(5, 6))),
            ("GaussianNLLLoss", {"full": True}, (V, normal(6, 5).T, uniform(5, 1))),
            ("GaussianNLLLoss", {}, (V, normal(6, 5).T, uniform(1, 6))),
            ("GaussianNLLLoss", {}, (V, normal(6, 5).T, uniform(5))),
            ("HingeEmbeddingLoss", {"margin": 0.5}, (V, signs(5, 6))),
            ("MarginRankingLoss", {"margin": 0.5}, (V, normal(6, 5).T, signs(5, 6))),
            ("CosineEmbeddingLoss", {"margin": -0.5}, (V, normal(6, 5).T, signs(5))),
            ("TripletMarginLoss", {"swap": True}, (V, normal(6, 5).T, uniform(5, 6))),
            ("MultiLabelSoftMarginLoss", {}, (V, uniform(5, 6))),
            ("MultiMarginLoss", {"p": 2}, (V, classes(6, 5))),
            ("MultiLabelMarginLoss", {}, (V, classes(7, 5, 6) - 1)),
            ("CTCLoss", {}, (L3, classes(8, 4, 2) + 1, np.full(4, 2), np.asarray([2, 1, 1, 0]))),
        )
        for options in ({"reduction": reduction} | options,)
    ),
]
