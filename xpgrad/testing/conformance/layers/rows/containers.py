"""What holds other layers and parameters."""

from __future__ import annotations

from xpgrad.testing.conformance.layers.layer import L4, WB, Layer, V

ROWS = [
    Layer(
        lambda nn: nn.Sequential(nn.Linear(6, 4), nn.Tanh(), nn.Linear(4, 3)),
        "Sequential(\n  (0): Linear(in_features=6, out_features=4, bias=True)\n  (1): Tanh()\n"
        "  (2): Linear(in_features=4, out_features=3, bias=True)\n)",
        (V,),
        tuple(f"{i}.{name}" for i in (0, 2) for name in WB),
    ),
    Layer(
        lambda nn: nn.Sequential(nn.Conv2d(4, 2, 3), nn.BatchNorm2d(2), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()),
        "",
        (L4,),
        ("0.weight", "0.bias", *(f"1.{s}" for s in (*WB, "running_mean", "running_var", "num_batches_tracked"))),
    ),
    Layer(
        lambda nn: nn.ModuleList([nn.Linear(6, 4), nn.Linear(6, 3, bias=False)]),
        "ModuleList(\n  (0): Linear(in_features=6, out_features=4, bias=True)\n"
        "  (1): Linear(in_features=6, out_features=3, bias=False)\n)",
        (V,),
        ("0.weight", "0.bias", "1.weight"),
        call=lambda torch, layers, x: [layer(x) for layer in layers],
    ),
    Layer(
        lambda nn: nn.ModuleDict({"a": nn.Linear(6, 4), "b": nn.Softmax(1)}),
        "ModuleDict(\n  (a): Linear(in_features=6, out_features=4, bias=True)\n  (b): Softmax(dim=1)\n)",
        (V,),
        ("a.weight", "a.bias"),
        call=lambda torch, layers, x: layers["b"](layers["a"](x)),
    ),
    Layer(
        lambda nn: nn.ParameterList([nn.Linear(6, 4).weight, nn.Linear(6, 4).bias]),
        "ParameterList(\n    (0): Parameter containing: [torch.float32 of size 4x6]\n"
        "    (1): Parameter containing: [torch.float32 of size 4]\n)",
        (V,),
        ("0", "1"),
        call=lambda torch, p, x: x @ p[0].T + p[1],
    ),
    Layer(
        lambda nn: nn.ParameterDict({"w": nn.Linear(6, 4).weight, "b": nn.Linear(6, 4).bias}),
        "ParameterDict(\n    (b): Parameter containing: [torch.FloatTensor of size 4]\n"
        "    (w): Parameter containing: [torch.FloatTensor of size 4x6]\n)",
        (V,),
        ("b", "w"),
        call=lambda torch, p, x: x @ p["w"].T + p["b"],
    ),
]
