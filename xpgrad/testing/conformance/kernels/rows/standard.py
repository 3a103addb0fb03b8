"""Functions of the standard that kernels replace, asked of the library's own; random bits and steps of optimizers."""

from __future__ import annotations

import itertools
import math
from typing import Any, Final

import numpy as np

from xpgrad.testing.conformance.kernels.row import FLOATS, NUMBERS, Call, DeviceSetting, DtypeSetting, Row, random

X: Final = random(4, 5, 3)
EDGES: Final = np.asarray([[math.nan, 1.0, -0.0], [math.inf, -math.inf, 2.0]])
_AXES: Final[list[Any]] = [None, 0, -1, (0, 2), ()]
_SAME: Final = DtypeSetting()


def _reduced(*, edges: bool = True, **settings: Any) -> list[Call]:
    calls = [
        Call((X,), {"axis": axis, "keepdims": keepdims, **settings})
        for axis, keepdims in itertools.product(_AXES, (False, True))
    ]
    empty = [Call((random(3, 0),), {"axis": 0, **settings})]
    return [*calls, *empty, *([Call((EDGES,), {"axis": 1, **settings})] if edges else [])]


_MASKS: Final = [X > 0, X[..., :1] > 0, np.asarray(True), X[::-1] > 0]
_LARGE: Final = random(40, 64)
_LARGE_EDGES: Final = np.where(random(64, 40).T > 1.5, math.nan, np.where(_LARGE < -1.5, -0.0, _LARGE))


def _where() -> list[Call]:
    others: list[Any] = [0.0, -0.0, 2.5, math.nan, X[::-1].copy(), X[0], np.asarray(3.0)]
    small = [Call((mask, *pair)) for mask, y in itertools.product(_MASKS, others) for pair in ((X, y), (y, X))]
    large = [Call((_LARGE > 0, *pair)) for y in others[:4] for pair in ((_LARGE_EDGES, y), (y, _LARGE_EDGES))]
    return [*small, *large]


_KEY: Final = {"key": 2**70 + 12345, "counter": 2**64 - 3, "device": DeviceSetting()}


def _draws(**counts: Any) -> list[Call]:
    ((name, numbers),) = counts.items()
    return [Call((), {**_KEY, name: n, "dtype": _SAME}) for n in numbers]


def _sgd() -> list[Call]:
    p, g, buffer = X, X[::-1].copy(), random(3, 5, 4).T.copy()
    return [
        Call((p, g, before), {"lr": 0.1, "momentum": momentum, "dampening": dampening, "nesterov": nesterov})
        for before, momentum, dampening, nesterov in (
            (None, 0.0, 0.0, False),
            (None, 0.9, 0.0, False),
            (buffer, 0.9, 0.0, False),
            (buffer, 0.9, 0.1, False),
            (buffer, 0.9, 0.0, True),
        )
    ]


def _adam() -> list[Call]:
    p, g, mean, square = X, X[::-1].copy(), random(3, 5, 4).T.copy(), random(4, 5, 3, low=0.1, high=1.0)
    return [
        Call((p, g, mean, square, peak), {"step": step, "lr": 0.1, "betas": (0.9, 0.99), "eps": 1e-8})
        for peak, step in ((None, 1.0), (None, 7.0), (square[::-1].copy(), 3.0))
    ]


ROWS: Final = {
    # Reductions.
    "sum": Row(_reduced(), NUMBERS[:-1]),
    "prod": Row(_reduced(), NUMBERS[:-1]),
    "mean": Row(_reduced(edges=False)[:-1], NUMBERS[:-1]),
    "max": Row([call for call in _reduced() if call.arrays[0].size], (*FLOATS, "int64"), exact=True),
    "min": Row([call for call in _reduced() if call.arrays[0].size], (*FLOATS, "int64"), exact=True),
    "all": Row([Call((X > -1.9,), {"axis": axis}) for axis in _AXES], ("bool",), exact=True),
    "any": Row([Call((X > 1.9,), {"axis": axis}) for axis in _AXES], ("bool",), exact=True),
    "var": Row(_reduced(edges=False, correction=1.0)[:-1], FLOATS[:2]),
    "std": Row(_reduced(edges=False, correction=0.0)[:-1], FLOATS[:2]),
    "cumulative_sum": Row([Call((X,), {"axis": axis}) for axis in (0, 1, -1)], FLOATS),
    "cumulative_prod": Row([Call((X,), {"axis": axis}) for axis in (0, 1, -1)], FLOATS),
    # Products.
    "matmul": Row(
        [
            Call(pair)
            for pair in (
                (random(5, 4), random(4, 2)),
                (random(4), random(4, 2)),
                (random(5, 4), random(4)),
                (random(4), random(1, 4)[0]),
                (random(2, 5, 4), random(4, 3)),
                (random(2, 5, 4), random(2, 4, 3)),
                (random(5, 4), random(2, 4, 3)),
                (random(3, 0), random(0, 2)),
                (random(80, 64), random(64, 81)),
                (random(2, 70, 64), random(2, 64, 70)),
            )
        ],
        NUMBERS,
    ),
    # Shapes.
    "reshape": Row(
        [Call((X, shape)) for shape in ((60,), (-1, 3), (2, 2, 15), (4, 5, 3, 1))], exact=True, is_view=True
    ),
    "permute_dims": Row([Call((X, axes)) for axes in ((2, 0, 1), (0, 1, 2))], exact=True, is_view=True),
    "matrix_transpose": Row([Call((X,)), Call((X[0],))], exact=True, is_view=True),
    "expand_dims": Row([Call((X,), {"axis": axis}) for axis in (0, 2, 3, -1, -4)], exact=True, is_view=True),
    "squeeze": Row([Call((X[:, :1, :1], axis)) for axis in (1, -1, (1, 2))], exact=True, is_view=True),
    "broadcast_to": Row(
        [Call((X[0], (2, 5, 3))), Call((X[:, :1], (4, 6, 3))), Call((np.asarray(0.5), (2, 3))), Call((X, X.shape))],
        exact=True,
        is_view=True,
    ),
    "moveaxis": Row([Call((X, *ends)) for ends in ((0, 2), (-1, 0), ((0, 1), (1, 0)))], exact=True, is_view=True),
    "flip": Row([Call((X,), {"axis": axis}) for axis in (None, 0, -1, (0, 2))], exact=True, is_view=True),
    "roll": Row(
        [Call((X, shift), {"axis": axis}) for shift, axis in ((2, 0), (-1, 1), (7, None), (0, -1), ((1, 2), (0, 1)))],
        exact=True,
        is_view=True,
    ),
    "stack": Row([Call(([X, X[::-1].copy()],), {"axis": axis}) for axis in (0, 1, -1)], exact=True, layouts=False),
    "take": Row(
        [Call((X, np.asarray(at, np.int64)), {"axis": axis}) for at, axis in (([0, 2, 2], 1), ([3], 0), ([], -1))],
        exact=True,
    ),
    # Elements.
    "where": Row(_where(), (*FLOATS, "complex64"), exact=True),
    "astype": Row(
        [Call((X, DtypeSetting(name))) for name in ("float32", "int32")], FLOATS, exact=True, is_view=True, widens=False
    ),
    "isdtype": Row(
        [Call((DtypeSetting(), kind)) for kind in ("complex floating", "real floating", "integral", "numeric")],
        (*NUMBERS, "bool"),
        exact=True,
        layouts=False,
        widens=False,
    ),
    # Creation.
    "zeros_like": Row([Call((X,)), Call((X[0, 0, 0],))], exact=True, widens=False),
    "ones_like": Row([Call((X,)), Call((X[0, 0, 0],))], exact=True, widens=False),
    "ones": Row([Call((shape,), {"dtype": _SAME}) for shape in ((2, 3), (), 4)], exact=True, widens=False),
    "full": Row([Call((shape, 2.5), {"dtype": _SAME}) for shape in ((2, 3), (), 4)], exact=True, widens=False),
    # Random bits.
    "philox_bits": Row(_draws(blocks=(0, 1, 5)), ("int64", "int32"), exact=True, widens=False),
    "philox_uniform": Row(_draws(count=(0, 1, 7, 40)), FLOATS[:2], exact=True, widens=False),
    "philox_normal": Row(_draws(count=(0, 1, 7, 40)), FLOATS[:2], looseness=10, widens=False),
    # Steps of optimizers, in the memory of parameters and moments.
    "sgd_update": Row(_sgd(), FLOATS[:2], spent=(0, 2)),
    "adam_update": Row(_adam(), FLOATS[:2], spent=(0, 2, 3, 4)),
}
