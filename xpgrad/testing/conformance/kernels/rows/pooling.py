"""Maxima and means of windows, and their transposes."""

from __future__ import annotations

import itertools
from typing import Any, Final, NamedTuple

import numpy as np

from xpgrad.backends.windows import pooling_size
from xpgrad.testing.conformance.kernels.row import FLOATS, Call, Row, random
from xpgrad.testing.conformance.subject import Host


class Pooling(NamedTuple):
    """Shape and settings of one pooling."""

    x: tuple[int, ...]
    window: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...]
    ceil_mode: bool

    @property
    def settings(self) -> dict[str, Any]:
        """Those of the maximum."""
        return {**self.sum_settings, "dilation": self.dilation}

    @property
    def sum_settings(self) -> dict[str, Any]:
        """Those that maximum and average share."""
        return {
            "window": self.window,
            "stride": self.stride,
            "padding": self.padding,
            "ceil_mode": self.ceil_mode,
        }

    def array(self, kind: str = "numbers") -> Host:
        """Numbers in the shape of the input: any, with ties, with NaN, or nearly all minus infinity."""
        rng = np.random.default_rng(0)
        x = rng.standard_normal(self.x)
        if kind == "ties":
            return np.round(x)
        if kind == "nan":
            x[rng.random(self.x) < 0.2] = np.nan
        if kind == "-inf":
            x[rng.random(self.x) < 0.8] = -np.inf
        return x

    def output(self, *, dilated: bool = True) -> Host:
        """Numbers in the shape of the result."""
        dilation = self.dilation if dilated else (1,) * len(self.window)
        size = pooling_size(self.x, self.window, self.stride, self.padding, dilation, ceil_mode=self.ceil_mode)
        return random(*self.x[:2], *size)


KINDS: Final = ("numbers", "ties", "nan", "-inf")

POOLINGS: Final = [
    Pooling(shape, window, stride, padding, dilation, ceil_mode)
    for (shape, window, stride, padding, dilation), ceil_mode in itertools.product(
        [
            ((2, 3, 9), (3,), (2,), (1,), (1,)),
            ((2, 3, 8), (2,), (3,), (1,), (1,)),
            ((2, 3, 6, 7), (2, 2), (2, 2), (0, 0), (1, 1)),
            ((2, 3, 6, 7), (3, 2), (2, 1), (1, 1), (1, 1)),
            ((2, 3, 6, 7), (3, 3), (3, 2), (1, 0), (1, 2)),
            ((2, 3, 6, 7), (2, 3), (4, 2), (1, 1), (2, 1)),
            ((2, 3, 6, 7), (1, 1), (1, 1), (0, 0), (1, 1)),
            ((2, 3, 6, 7), (1, 1), (2, 3), (0, 0), (1, 1)),
            ((2, 3, 6, 7), (6, 7), (1, 1), (0, 0), (1, 1)),
            ((0, 3, 6, 7), (2, 2), (2, 2), (0, 0), (1, 1)),
            ((2, 2, 4, 5, 4), (2, 3, 2), (1, 2, 2), (0, 1, 1), (1, 1, 1)),
        ],
        (False, True),
    )
]

AVERAGES: Final = [
    {"count_include_pad": include, "divisor_override": divisor} for include in (True, False) for divisor in (None, 5)
]

_MANY: Final = {"window": (290,), "stride": (1,), "padding": (0,), "dilation": (1,), "ceil_mode": False}


def _indices(case: Pooling) -> Host:
    """An index for each window: of any element that it can reach."""
    spatial = int(np.prod(case.x[2:]))
    return np.asarray(np.random.default_rng(3).integers(0, spatial, case.output().shape))


def _winners(case: Pooling) -> Host:
    """The index of the first element of each window that is no padding."""
    flat = np.arange(int(np.prod(case.x[2:]))).reshape(case.x[2:])
    places = np.empty(case.output().shape, np.int64)
    for at in np.ndindex(*places.shape[2:]):
        axes = zip(at, case.stride, case.padding, case.dilation, strict=True)
        starts = (i * s - p + d * max(0, -((i * s - p) // d)) for i, s, p, d in axes)
        places[(..., *at)] = flat[tuple(starts)]
    return places


ROWS: Final = {
    "max_pool": Row(
        [
            *(Call((case.array(kind),), case.settings) for case in POOLINGS for kind in KINDS),
            Call((random(2, 1, 300),), _MANY),
        ],
        (*FLOATS, "int64", "int32"),
    ),
    "max_pool_input": Row(
        [Call((case.output(), _winners(case)), {**case.settings, "size": case.x[2:]}) for case in POOLINGS]
    ),
    "pool_gather": Row(
        [Call((case.array("nan"), _indices(case)), {}) for case in POOLINGS], (*FLOATS, "int64"), exact=True
    ),
    "pool_scatter": Row([Call((case.output(), _indices(case)), {"size": case.x[2:]}) for case in POOLINGS]),
    "avg_pool": Row([Call((case.array(),), {**case.sum_settings, **how}) for case in POOLINGS for how in AVERAGES]),
    "avg_pool_input": Row(
        [
            Call((case.output(dilated=False),), {**case.sum_settings, **how, "size": case.x[2:]})
            for case in POOLINGS
            for how in AVERAGES
        ]
    ),
}
