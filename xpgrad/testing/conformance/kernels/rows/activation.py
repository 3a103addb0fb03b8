"""Activations, normalisation and losses, and their gradients."""

from __future__ import annotations

import itertools
import math
from typing import (
    Any,
    Final,
)

import numpy as np

from xpgrad.testing.conformance.kernels.row import (
    FLOATS,
    Call,
    Row,
    random,
    whole,
)
from xpgrad.testing.conformance.subject import (
    Host,
)

EDGES: Final = np.asarray([math.nan, math.inf, -math.inf, 0.0, -0.0, 1e-30, -60.0, 60.0, 1.0, -1.0])
X, G = random(5, 7, low=-6, high=6), random(7, 5).T.copy()
# Enough elements, and long enough lines, for kernels that decline what is small.
LARGE, LARGE_G = random(64, 520, low=-6, high=6), random(520, 64).T.copy()
EMPTY: Final = np.zeros((0, 3))
_SOFT: Final = {"axis": -1}
# Which gradients are asked for.
_NEEDS: Final = ((True, True, True), (True, False, False), (False, True, True))


def _softmax(x: Host, axis: int = -1) -> Host:
    e = np.exp(x - x.max(axis, keepdims=True))
    return np.asarray(e / e.sum(axis, keepdims=True))


def _pairs(*, edges: bool = True) -> list[Call]:
    """Gradients and what they belong to."""
    calls = [Call((G, X)), Call((LARGE_G, LARGE)), Call((EMPTY, EMPTY)), Call((G[0, 0], X[0, 0]))]
    return [*calls, Call((np.ones_like(EDGES), EDGES))] if edges else calls


def _single(x: Any) -> list[Call]:
    return [Call((x,)), Call((EDGES,)), Call((EMPTY,)), Call((np.asarray(0.7),)), Call((LARGE,))]


_LINES: Final = [
    *((X, axis) for axis in (0, 1, -1)),
    (random(2, 3, 4, low=-30, high=30), 1),
    (random(2, 3, 4), -1),
    (LARGE, -1),
    (EMPTY, 1),
]
_NOT_FINITE: Final = [np.asarray([[math.nan, 0.0, 1.0], [math.inf, 0.0, 1.0], [-math.inf, 0.0, 1.0], [-math.inf] * 3])]


def _norm_calls() -> list[Call]:
    calls = []
    for x, ndim in ((X, 1), (random(2, 3, 4, 5), 2), (LARGE, 1), (random(3, 0, 4), 1)):
        shape = x.shape[x.ndim - ndim :]
        weight, bias = random(*shape, low=0.5, high=1.5), random(*shape)
        for w, b in ((weight, bias), (weight, None), (None, bias), (None, None)):
            calls.append(Call((x, w, b), {"ndim": ndim, "eps": 1e-5}))
    return calls


def _norm_gradient_calls() -> list[Call]:
    calls = []
    for x, ndim in ((X, 1), (random(2, 3, 4, 5), 2), (LARGE, 1)):
        shape, kept = x.shape[x.ndim - ndim :], x.shape[: x.ndim - ndim] + (1,) * ndim
        axes = tuple(range(x.ndim - ndim, x.ndim))
        mean, inverse = x.mean(axes, keepdims=True), (x.var(axes, keepdims=True) + 1e-5) ** -0.5
        weight, none, some = random(*shape, low=0.5, high=1.5), np.zeros(kept), random(*kept)
        for w, gs, needs in itertools.product(
            (weight, None),
            ((none, none), (some, some)),
            ((True, True, True), (True, False, False), (False, True, True)),
        ):
            g = random(*x.shape[::-1]).T.copy()
            calls.append(Call((g, *gs, x, w, mean, inverse), {"ndim": ndim, "needs": needs}))
    return calls


def _summed(call: Call, results: list[Any]) -> list[Any]:
    """The gradients of weight and bias over the axes that these lack, whether or not the function took them there."""
    ndim = call.settings["ndim"]
    return [
        result if i == 0 or result is None else result.sum(tuple(range(result.ndim - ndim)))
        for i, result in enumerate(results)
    ]


def _channel_calls() -> list[Call]:
    calls = []
    for x in (X, random(4, 3, 5, 6), random(16, 8, 12, 12), random(2, 3, 9)):
        weight, bias = random(x.shape[1], low=0.5, high=1.5), random(1, x.shape[1])[0]
        for w, b in ((weight, bias), (weight, None), (None, None)):
            calls.append(Call((x, w, b), {"eps": 1e-5}))
    return calls


def _channel_gradient_calls() -> list[Call]:
    calls = []
    for x in (X, random(4, 3, 5, 6), random(2, 3, 9)):
        axes = (0, *range(2, x.ndim))
        weight, some = random(x.shape[1], low=0.5, high=1.5), random(2, x.shape[1])
        for w, gs, needs in itertools.product((weight, None), (0 * some, some), _NEEDS):
            g = random(*x.shape[::-1]).T.copy()
            arrays = (g, gs[0], gs[1], x, w, x.mean(axes), x.var(axes))
            calls.append(Call(arrays, {"eps": 1e-5, "needs": needs}))
    return calls


def _loss_calls(*, gradient: bool) -> list[Call]:
    calls = []
    for shape, axis in (((6, 5), 1), ((2, 5, 3), 1), ((5,), 0)):
        rest = tuple(n for i, n in enumerate(shape) if i != axis)
        x, target = random(*shape), whole(*rest, low=0, high=5)
        for weight, ignored, reduction in itertools.product(
            (None, random(5, low=0.2, high=2.0)), (None, 2, -100), ("none", "sum", "mean")
        ):
            settings: dict[str, Any] = {"axis": axis, "ignore_index": ignored, "reduction": reduction}
            first: Any = x
            if gradient:
                settings["shape"] = shape
                first = random(*rest) if reduction == "none" else np.asarray(0.7)
            calls.append(Call((first, target, weight), settings))
    return calls


ROWS: Final = {
    "relu": Row([*_single(X), Call((X[:, ::2],))], (*FLOATS, "int64")),
    "relu_input": Row(_pairs(), exact=True),
    "sigmoid": Row(_single(X)),
    "silu": Row(_single(X)),
    "silu_input": Row(_pairs(edges=False)),
    "gelu": Row(_single(X)),
    "gelu_input": Row(_pairs(edges=False)),
    "gelu_tanh": Row(_single(X), looseness=10),
    "gelu_tanh_input": Row(_pairs(edges=False), looseness=10),
    "softmax": Row(
        [
            *(Call((x,), {"axis": axis}) for x, axis in _LINES),
            *(Call((x,), _SOFT) for x in _NOT_FINITE),
        ]
    ),
    "safe_softmax": Row(
        [
            *(Call((x,), {"axis": axis}) for x, axis in _LINES[:-1]),
            *(Call((x,), _SOFT) for x in _NOT_FINITE),
        ]
    ),
    "softmax_input": Row([Call((g, _softmax(x)), _SOFT) for g, x in ((G, X), (LARGE_G, LARGE))]),
    "log_softmax": Row(
        [
            *(Call((x,), {"axis": axis}) for x, axis in _LINES),
            *(Call((x,), _SOFT) for x in _NOT_FINITE),
        ]
    ),
    "log_softmax_input": Row([Call((g, np.log(_softmax(x))), _SOFT) for g, x in ((G, X), (LARGE_G, LARGE))]),
    "layer_norm": Row(_norm_calls(), ("float64", "float32"), looseness=10),
    "layer_norm_gradients": Row(
        _norm_gradient_calls(), ("float64", "float32"), looseness=10, look=_summed, is_view=True
    ),
    "batch_norm": Row(_channel_calls(), ("float64", "float32"), looseness=10),
    "batch_norm_gradients": Row(_channel_gradient_calls(), ("float64", "float32"), looseness=10),
    "nll_loss": Row(_loss_calls(gradient=False)),
    "nll_loss_input": Row(_loss_calls(gradient=True)),
}
