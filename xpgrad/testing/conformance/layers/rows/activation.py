"""Activations."""

from __future__ import annotations

from xpgrad.testing.conformance.layers.layer import L4, Layer, V

ROWS = [
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
]
