"""Gradients where differences have nothing to say: at ties, bounds, zeros, infinities. PyTorch gives these values."""

from __future__ import annotations

from typing import Any

import numpy as np

from xpgrad.ops import activation, arithmetic, cumulative, exponential, reductions, trigonometric
from xpgrad.testing.conformance.ops.case import Case

INF, NAN = float("inf"), float("nan")


def row(op: Any, *inputs: Any, **settings: Any) -> Case:
    return Case(op, tuple(np.asarray(x, dtype=float) if isinstance(x, list) else x for x in inputs), settings)


EDGES: dict[str, tuple[Case, Any]] = {
    "arithmetic.abs,at_0": (row(arithmetic.abs, [-0.0, 0.0, INF, -INF]), [[0, 0, 1, -1]]),
    "exponential.sqrt,at_0": (row(exponential.sqrt, [0.0, 4.0]), [[INF, 0.25]]),
    "activation.relu,at_0_and_NaN": (row(activation.relu, [0.0, NAN, -1.0, 2.0]), [[0, 1, 0, 1]]),
    "arithmetic.power,of_0": (row(arithmetic.power, [0.0, 0.0, 0.0], [0.0, 1.0, 2.0]), [[0, 1, 0], [0, 0, 0]]),
    "arithmetic.power,of_negative": (row(arithmetic.power, [-2.0, -2.0], [2.0, 3.0]), [[-4, 12], [NAN, NAN]]),
    "arithmetic.power,to_scalar_0": (row(arithmetic.power, [0.0, 2.0, INF], 0.0), [[0, 0, 0]]),
    "arithmetic.power,of_scalar_0": (row(arithmetic.power, 0.0, [-1.0, 0.0, 1.0]), [[-INF, 0, 0]]),
    "arithmetic.maximum,of_equals": (
        row(arithmetic.maximum, [1.0, 2.0, 3.0], [2.0, 2.0, 2.0]),
        [[0, 0.5, 1], [1, 0.5, 0]],
    ),
    "arithmetic.minimum,of_equals": (
        row(arithmetic.minimum, [1.0, 2.0, 3.0], [2.0, 2.0, 2.0]),
        [[1, 0.5, 0], [0, 0.5, 1]],
    ),
    "arithmetic.clip,at_scalar_bounds": (
        row(arithmetic.clip, [-2.0, -1.0, 0.0, 1.0, NAN], -1.0, 1.0),
        [[0, 1, 1, 1, 0]],
    ),
    "arithmetic.clip,at_array_bounds": (
        row(arithmetic.clip, [0.0, 1.0, 2.0, 3.0, 4.0], [1.0] * 5, [3.0] * 5),
        [[0, 1, 1, 1, 0], [1, 0, 0, 0, 0], [0, 0, 0, 0, 1]],
    ),
    "arithmetic.clip,between_crossed_bounds": (
        row(arithmetic.clip, [0.0, 3.0], [2.0] * 2, [1.0] * 2),
        [[0, 0], [0, 0], [1, 1]],
    ),
    "arithmetic.copysign,of_0": (row(arithmetic.copysign, [0.0, 1.0], [-1.0, -1.0]), [[0, -1], [0, 0]]),
    "arithmetic.remainder,by_multiples": (row(arithmetic.remainder, [4.0, -4.0], [2.0, 2.0]), [[1, 1], [-2, 2]]),
    "trigonometric.hypot,at_the_origin": (row(trigonometric.hypot, [0.0, 3.0], [0.0, 4.0]), [[NAN, 0.6], [NAN, 0.8]]),
    "trigonometric.atan2,at_the_origin": (row(trigonometric.atan2, [0.0, 0.0], [0.0, 2.0]), [[0, 0.5], [0, 0]]),
    "exponential.logaddexp,of_infinities": (
        row(exponential.logaddexp, [INF, -INF, -1e3], [0.0, 0.0, 0.0]),
        [[1, 0, 0], [0, 1, 1]],
    ),
    "reductions.amax,of_equals": (
        row(reductions.amax, [[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]], axis=1),
        [[[0, 0.5, 0.5], [1 / 3] * 3]],
    ),
    "reductions.amin,of_equals": (row(reductions.amin, [1.0, 1.0, 3.0]), [[0.5, 0.5, 0]]),
    "reductions.prod,with_one_0": (row(reductions.prod, [0.0, 2.0, 3.0]), [[6, 0, 0]]),
    "reductions.prod,with_two_0": (row(reductions.prod, [0.0, 0.0, 3.0]), [[0, 0, 0]]),
    "cumulative.cumulative_prod,with_0": (row(cumulative.cumulative_prod, [2.0, 0.0, 3.0], axis=0), [[1, 8, 0]]),
    "reductions.var,of_one": (row(reductions.var, [5.0], correction=1.0), [[NAN]]),
    "reductions.std,of_equals": (row(reductions.std, [2.0, 2.0, 2.0]), [[0, 0, 0]]),
    "activation.logsumexp,of_-inf": (row(activation.logsumexp, [-INF, 0.0]), [[0, 1]]),
    "activation.softmax,of_-inf": (row(activation.softmax, [-INF, 0.0], axis=0), [[0, 0]]),
}
