"""Layers that find the size of their input."""

from __future__ import annotations

from xpgrad.testing.conformance.layers.layer import L3, L4, L5, RUNNING, WB, Layer, V

_BY_DIMENSION = {1: L3, 2: L4, 3: L5}

ROWS = [
    Layer(lambda nn: nn.LazyLinear(3), "LazyLinear(in_features=0, out_features=3, bias=True)", (V,), WB),
    *(
        Layer(lambda nn, n=n: getattr(nn, f"LazyConv{n}d")(6, 2, groups=2), "", (x,), WB)
        for n, x in _BY_DIMENSION.items()
    ),
    *(
        Layer(lambda nn, n=n: getattr(nn, f"LazyConvTranspose{n}d")(6, 2, bias=False), "", (x,), ("weight",))
        for n, x in _BY_DIMENSION.items()
    ),
    *(
        Layer(lambda nn, n=n: getattr(nn, f"LazyBatchNorm{n}d")(), "", (x,), WB + RUNNING)
        for n, x in _BY_DIMENSION.items()
    ),
    *(
        Layer(
            lambda nn, n=n: getattr(nn, f"LazyInstanceNorm{n}d")(track_running_stats=True),
            "",
            (x,),
            WB + RUNNING,
        )
        for n, x in _BY_DIMENSION.items()
    ),
]
