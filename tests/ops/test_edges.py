"""Gradients where differences have nothing to say: at ties, bounds, zeros, infinities. PyTorch gives these values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from case import Case
from derivatives import apply, first, host, tensors

from xpgrad.backends.base import Place
from xpgrad.ops import activation, arithmetic, cumulative, exponential, reductions, sorting, trigonometric

INF, NAN = float("inf"), float("nan")


def row(op: Any, *inputs: Any, **settings: Any) -> Case:
    return Case(op, tuple(np.asarray(x, dtype=float) if isinstance(x, list) else x for x in inputs), settings)


EDGES = {
    "abs at 0": (row(arithmetic.abs, [-0.0, 0.0, INF, -INF]), [[0, 0, 1, -1]]),
    "sqrt at 0": (row(exponential.sqrt, [0.0, 4.0]), [[INF, 0.25]]),
    "relu at 0 and NaN": (row(activation.relu, [0.0, NAN, -1.0, 2.0]), [[0, 1, 0, 1]]),
    "power of 0": (row(arithmetic.power, [0.0, 0.0, 0.0], [0.0, 1.0, 2.0]), [[0, 1, 0], [0, 0, 0]]),
    "power of negative": (row(arithmetic.power, [-2.0, -2.0], [2.0, 3.0]), [[-4, 12], [NAN, NAN]]),
    "power to scalar 0": (row(arithmetic.power, [0.0, 2.0, INF], 0.0), [[0, 0, 0]]),
    "power of scalar 0": (row(arithmetic.power, 0.0, [-1.0, 0.0, 1.0]), [[-INF, 0, 0]]),
    "maximum of equals": (row(arithmetic.maximum, [1.0, 2.0, 3.0], [2.0, 2.0, 2.0]), [[0, 0.5, 1], [1, 0.5, 0]]),
    "minimum of equals": (row(arithmetic.minimum, [1.0, 2.0, 3.0], [2.0, 2.0, 2.0]), [[1, 0.5, 0], [0, 0.5, 1]]),
    "clip at scalar bounds": (row(arithmetic.clip, [-2.0, -1.0, 0.0, 1.0, NAN], -1.0, 1.0), [[0, 1, 1, 1, 0]]),
    "clip at array bounds": (
        row(arithmetic.clip, [0.0, 1.0, 2.0, 3.0, 4.0], [1.0] * 5, [3.0] * 5),
        [[0, 1, 1, 1, 0], [1, 0, 0, 0, 0], [0, 0, 0, 0, 1]],
    ),
    "clip between crossed bounds": (row(arithmetic.clip, [0.0, 3.0], [2.0] * 2, [1.0] * 2), [[0, 0], [0, 0], [1, 1]]),
    "copysign of 0": (row(arithmetic.copysign, [0.0, 1.0], [-1.0, -1.0]), [[0, -1], [0, 0]]),
    "remainder by multiples": (row(arithmetic.remainder, [4.0, -4.0], [2.0, 2.0]), [[1, 1], [-2, 2]]),
    "hypot at the origin": (row(trigonometric.hypot, [0.0, 3.0], [0.0, 4.0]), [[NAN, 0.6], [NAN, 0.8]]),
    "atan2 at the origin": (row(trigonometric.atan2, [0.0, 0.0], [0.0, 2.0]), [[0, 0.5], [0, 0]]),
    "logaddexp of infinities": (
        row(exponential.logaddexp, [INF, -INF, -1e3], [0.0, 0.0, 0.0]),
        [[1, 0, 0], [0, 1, 1]],
    ),
    "amax of equals": (
        row(reductions.amax, [[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]], axis=1),
        [[[0, 0.5, 0.5], [1 / 3] * 3]],
    ),
    "amin of equals": (row(reductions.amin, [1.0, 1.0, 3.0]), [[0.5, 0.5, 0]]),
    "prod with one 0": (row(reductions.prod, [0.0, 2.0, 3.0]), [[6, 0, 0]]),
    "prod with two 0": (row(reductions.prod, [0.0, 0.0, 3.0]), [[0, 0, 0]]),
    "cumulative_prod with 0": (row(cumulative.cumulative_prod, [2.0, 0.0, 3.0], axis=0), [[1, 8, 0]]),
    "var of one": (row(reductions.var, [5.0], correction=1.0), [[NAN]]),
    "std of equals": (row(reductions.std, [2.0, 2.0, 2.0]), [[0, 0, 0]]),
    "logsumexp of -inf": (row(activation.logsumexp, [-INF, 0.0]), [[0, 1]]),
    "softmax of -inf": (row(activation.softmax, [-INF, 0.0], axis=0), [[0, 0]]),
}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NumPy's, of overflows and divisions by 0
@pytest.mark.parametrize("name", EDGES)
def test_gradients_at_edges_are_those_of_pytorch(name: str, place: Place) -> None:
    case, expected = EDGES[name]
    arrays = case.arrays()
    out = host(place, apply(case, place, tensors(place, arrays))[0])
    found = first(case, place, arrays, [np.ones_like(out)])
    for g, e in zip(found, expected, strict=True):
        np.testing.assert_allclose(g, e)


def test_sorting_is_stable_in_both_directions(place: Place) -> None:
    for descending, order in ((False, [1, 3, 0, 2]), (True, [0, 2, 1, 3])):
        case = row(sorting.sort, [2.0, 1.0, 2.0, 1.0], descending=descending)
        values, indices = (host(place, r) for r in apply(case, place, tensors(place, case.arrays())))
        assert indices.tolist() == order
        assert values.tolist() == [[2.0, 1.0, 2.0, 1.0][i] for i in order]
        (gradient,) = first(case, place, case.arrays(), [np.asarray([1.0, 2.0, 3.0, 4.0])])
        assert gradient[order].tolist() == [1.0, 2.0, 3.0, 4.0]
