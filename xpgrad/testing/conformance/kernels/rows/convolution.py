"""Convolutions and their transposes."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np

from xpgrad.testing.conformance.kernels.row import NUMBERS, Call, Row
from xpgrad.testing.conformance.subject import Host


class Convolution(NamedTuple):
    """Shapes and settings of one convolution."""

    x: tuple[int, ...]
    w: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...]
    groups: int

    @property
    def settings(self) -> dict[str, Any]:
        """Those of the function."""
        return {
            "stride": self.stride,
            "padding": self.padding,
            "dilation": self.dilation,
            "groups": self.groups,
        }

    def arrays(self, dtype: Any = np.float64) -> tuple[Host, Host]:
        """Random numbers in the shapes of inputs and kernels."""
        rng = np.random.default_rng(0)
        return numbers(rng, self.x, dtype), numbers(rng, self.w, dtype)

    def output(self, dtype: Any = np.float64) -> Host:
        """Random numbers in the shape of the result."""
        spatial = zip(self.x[2:], self.w[2:], self.stride, self.padding, self.dilation, strict=True)
        size = ((s + 2 * p - d * (k - 1) - 1) // step + 1 for s, k, step, p, d in spatial)
        return numbers(np.random.default_rng(1), (self.x[0], self.w[0], *size), dtype)


def numbers(rng: np.random.Generator, shape: tuple[int, ...], dtype: Any) -> Host:
    """Normal numbers of a dtype, or small integers."""
    if np.dtype(dtype).kind == "i":
        return rng.integers(-9, 10, shape, dtype=dtype)
    out: Any = rng.standard_normal(shape)
    return np.asarray(out + 1j * rng.standard_normal(shape) if np.dtype(dtype).kind == "c" else out).astype(dtype)


CONVOLUTIONS: Final = [
    Convolution((2, 3, 9), (4, 3, 3), (1,), (1,), (1,), 1),
    Convolution((2, 4, 9), (6, 2, 4), (3,), (2,), (2,), 2),
    Convolution((2, 1, 7, 6), (5, 1, 3, 3), (1, 1), (1, 1), (1, 1), 1),
    Convolution((2, 1, 7, 6), (3, 1, 2, 4), (2, 1), (0, 3), (1, 1), 1),
    Convolution((3, 9, 7, 6), (4, 9, 3, 2), (1, 1), (1, 0), (1, 2), 1),  # channels last in NumPy's kernels
    Convolution((3, 9, 8, 7), (40, 9, 3, 2), (2, 3), (1, 2), (2, 1), 1),  # likewise, with the transpose by parts
    Convolution((2, 9, 5, 5), (40, 9, 2, 2), (1, 1), (0, 1), (1, 1), 1),
    Convolution((2, 4, 6, 7), (4, 1, 3, 3), (1, 1), (1, 0), (1, 2), 4),  # depthwise
    Convolution((2, 4, 6, 7), (4, 1, 3, 2), (2, 1), (1, 1), (1, 1), 4),
    Convolution((2, 4, 6, 7), (8, 1, 3, 2), (1, 1), (1, 1), (1, 1), 4),
    Convolution((2, 6, 5, 5), (4, 3, 3, 3), (2, 2), (1, 1), (1, 1), 2),
    Convolution((2, 6, 5, 5), (4, 6, 1, 1), (1, 1), (0, 0), (1, 1), 1),
    Convolution((2, 6, 5, 5), (4, 6, 1, 1), (3, 2), (2, 1), (1, 1), 1),  # padding beyond the kernel
    Convolution((2, 2, 5, 4), (3, 2, 5, 4), (1, 1), (0, 0), (1, 1), 1),  # one position
    Convolution((0, 2, 5, 4), (3, 2, 3, 3), (1, 1), (0, 0), (1, 1), 1),  # no image
    Convolution((0, 4, 5, 4), (4, 1, 3, 3), (1, 1), (0, 0), (1, 1), 4),
    Convolution((0, 9, 5, 4), (3, 9, 3, 3), (2, 1), (0, 0), (1, 1), 1),
    Convolution((2, 2, 4, 5, 4), (4, 2, 2, 3, 2), (1, 2, 1), (1, 1, 0), (1, 1, 2), 1),
    Convolution((2, 4, 3, 4, 4), (4, 1, 2, 3, 2), (1, 1, 1), (1, 1, 0), (1, 1, 2), 4),
    Convolution((2, 8, 4, 4, 4), (3, 8, 2, 2, 2), (2, 2, 2), (0, 1, 0), (1, 1, 1), 1),
]
# With as many channels as kernels written for a processor need to begin.
MANY_CHANNELS: Final = [
    Convolution((2, 32, 8, 8), (32, 32, 1, 1), (1, 1), (0, 0), (1, 1), 1),
    Convolution((2, 16, 7, 6), (32, 16, 3, 3), (1, 1), (1, 1), (1, 1), 1),
    Convolution((2, 32, 7, 6), (32, 16, 3, 3), (2, 1), (1, 1), (1, 1), 2),
    Convolution((2, 16, 9), (32, 16, 3), (1,), (1,), (1,), 1),
]
_ALL: Final = [*CONVOLUTIONS, *MANY_CHANNELS]


def _bias(case: Convolution) -> Host:
    return np.random.default_rng(2).standard_normal(case.w[0])


ROWS: Final = {
    "convolution": Row([Call(case.arrays(), case.settings) for case in _ALL], NUMBERS),
    "biased_convolution": Row([Call((*case.arrays(), _bias(case)), case.settings) for case in _ALL], NUMBERS),
    "convolution_input": Row(
        [Call((case.output(), case.arrays()[1]), {**case.settings, "size": case.x[2:]}) for case in _ALL], NUMBERS
    ),
    "convolution_weight": Row(
        [Call((case.output(), case.arrays()[0]), {**case.settings, "size": case.w[2:]}) for case in _ALL], NUMBERS
    ),
}
