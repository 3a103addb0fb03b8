"""How many launches operations ask of a GPU, with CuPy's kernels and with the fallbacks alone.

``python docs/benchmarks/cupy_launches.py`` counts them on the stand-in for CuPy (`tests/standin`), so it needs a C++
compiler and no GPU. An operation that makes or writes an array is one launch, a view none; what CuPy's own functions
launch inside (a sort is several) is not seen.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "standin"))

import cupy
from cupy import _launches

import xpgrad
import xpgrad.nn.functional as F
from xpgrad import nn, optim
from xpgrad.backends.loading import get_backend

Work = Callable[[], Any]


def launches(work: Work) -> int:
    with _launches.counted() as log:
        work()
    return len(log)


def forward_and_backward(function: Callable[..., Any], *inputs: Any) -> tuple[int, int]:
    """The launches of ``function`` and of its gradients, for leaves that have none yet."""
    found: list[Any] = []
    forward = launches(lambda: found.append(function(*inputs)))
    g = xpgrad.ones_like(found[0])
    backward = launches(lambda: found[0].backward(g))
    for leaf in inputs:
        leaf.grad = None
    return forward, backward


def leaf(*shape: int) -> Any:
    return xpgrad.randn(*shape).abs().to("cuda").requires_grad_()


def differentiable() -> dict[str, tuple[int, int]]:
    """Of each function, with the launches forward and backward."""
    x, image, weight, bias = leaf(8, 16), leaf(2, 16, 4, 4), leaf(16), leaf(16)
    classes = xpgrad.arange(8).to("cuda")
    table = leaf(10, 4)
    return {
        "relu": forward_and_backward(F.relu, x),
        "sigmoid": forward_and_backward(xpgrad.sigmoid, x),
        "silu": forward_and_backward(F.silu, x),
        "gelu": forward_and_backward(F.gelu, x),
        "gelu, by tanh": forward_and_backward(lambda x: F.gelu(x, "tanh"), x),
        "softmax": forward_and_backward(lambda x: F.softmax(x, -1), x),
        "log_softmax": forward_and_backward(lambda x: F.log_softmax(x, -1), x),
        "cross_entropy": forward_and_backward(lambda x: F.cross_entropy(x, classes), x),
        "layer_norm": forward_and_backward(lambda x, w, b: F.layer_norm(x, (16,), w, b), x, weight, bias),
        "rms_norm": forward_and_backward(lambda x, w: F.rms_norm(x, (16,), w), x, weight),
        "batch_norm": forward_and_backward(
            lambda x, w, b: F.batch_norm(x, None, None, w, b, True), image, weight, bias
        ),
        "group_norm": forward_and_backward(lambda x, w, b: F.group_norm(x, 4, w, b), image, weight, bias),
        "attention with a mask": forward_and_backward(
            lambda q: F.scaled_dot_product_attention(q, q, q, is_causal=True), leaf(2, 4, 8)
        ),
        "dropout": forward_and_backward(lambda x: F.dropout(x, 0.5), x),
        "embedding": forward_and_backward(lambda table: F.embedding(classes, table), table),
        "hardtanh": forward_and_backward(F.hardtanh, x),
        "x[1:3]": forward_and_backward(lambda x: x[1:3], x),
        "erfinv": forward_and_backward(xpgrad.erfinv, leaf(3)),
        "digamma": forward_and_backward(xpgrad.digamma, x),
    }


def others() -> dict[str, int]:
    """Of each function without a gradient and of each optimizer's step of one parameter."""
    x = cupy.full((3,), 0.3)
    xp = get_backend("cupy").place("cuda:0").xp
    counts = {
        "rand": launches(lambda: xpgrad.rand(100, device="cuda")),
        "randn": launches(lambda: xpgrad.randn(100, device="cuda")),
        "gammainc": launches(lambda: xp.gammainc(x, x)),
        "betainc": launches(lambda: xp.betainc(x, x, x)),
        "put_rows": launches(lambda: xp.put_rows(x, cupy.arange(3), x)),
    }
    for kind, settings in {"SGD": {"momentum": 0.9}, "Adam": {}, "AdamW": {}}.items():
        p = leaf(4, 4)
        p.grad = xpgrad.ones_like(p)
        optimizer = getattr(optim, kind)([p], lr=0.1, **settings)
        optimizer.step()
        counts[f"{kind}.step"] = launches(optimizer.step)
    return counts


class Block(nn.Module):
    """One layer of a transformer, for (batch, words, 32)."""

    def __init__(self) -> None:
        super().__init__()
        self.norms = nn.ModuleList(nn.LayerNorm(32) for _ in range(2))
        self.mixed = nn.Linear(32, 96)
        self.out = nn.Linear(32, 32)
        self.wide = nn.Sequential(nn.Linear(32, 128), nn.GELU(), nn.Linear(128, 32), nn.Dropout(0.1))

    def forward(self, x: Any) -> Any:
        q, k, v = self.mixed(self.norms[0](x)).chunk(3, -1)
        x = x + self.out(F.scaled_dot_product_attention(q, k, v, is_causal=True))
        return x + self.wide(self.norms[1](x))


def steps() -> dict[str, int]:
    """Of whole training steps."""
    networks = {
        "MLP 784-256-10, SGD": (nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10)), (4, 784), "SGD"),
        "transformer of 2 layers, AdamW": (
            nn.Sequential(nn.Embedding(50, 32), Block(), Block(), nn.LayerNorm(32), nn.Linear(32, 50)),
            (2, 6),
            "AdamW",
        ),
    }
    return {title: _step(network.to("cuda"), shape, kind) for title, (network, shape, kind) in networks.items()}


def _step(network: Any, shape: tuple[int, ...], kind: str) -> int:
    """The launches of the second step of training ``network`` on words for AdamW, on numbers for SGD."""
    x = (xpgrad.randint(0, 50, shape) if kind == "AdamW" else xpgrad.randn(*shape)).to("cuda")
    target = x.reshape(-1) if kind == "AdamW" else xpgrad.arange(shape[0]).to("cuda")
    optimizer = getattr(optim, kind)(network.parameters(), lr=0.1)

    def step() -> None:
        optimizer.zero_grad()
        out = network(x)
        F.cross_entropy(out.reshape(-1, out.shape[-1]), target).backward()
        optimizer.step()

    step()
    return launches(step)


def main() -> None:
    backend = get_backend("cupy")
    kernels = backend.kernels
    tables = []
    for chosen in ({}, kernels):
        type(backend).kernels = chosen
        # A namespace keeps what it has looked up.
        backend._places.clear()
        vars(backend).pop("_sole", None)
        tables.append((differentiable(), others(), steps()))
    before, after = tables
    print("| | by fallbacks: forward | backward | by kernels: forward | backward |\n|---|---|---|---|---|")
    for name in before[0]:
        print(f"| {name} | {' | '.join(str(n) for n in (*before[0][name], *after[0][name]))} |")
    print("\n| | by fallbacks | by kernels |\n|---|---|---|")
    for name in (*before[1], *before[2]):
        print(f"| {name} | {({**before[1], **before[2]})[name]} | {({**after[1], **after[2]})[name]} |")


if __name__ == "__main__":
    main()
