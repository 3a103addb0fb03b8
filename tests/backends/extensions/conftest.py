"""Array libraries, ways to call kernels, and tables of settings that the tests of fallbacks and of kernels share."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import array_api_strict as strict
import numpy as np
import pytest


class Library(NamedTuple):
    """An array library: its namespace, how to make an array from NumPy's and back, and how close results are."""

    xp: Any
    array: Callable[[Any], Any]
    host: Callable[[Any], Any]
    rtol: float


class Frozen:
    """NumPy with every result read-only, as immutable libraries are: a write anywhere raises."""

    def __getattr__(self, name: str) -> Any:
        value = getattr(np, name)
        if not callable(value) or isinstance(value, type):
            return value
        return lambda *args, **settings: freeze(value(*args, **settings))


def freeze(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        value.setflags(write=False)
    return value


DEVICE = strict.Device("device1")

LIBRARIES = {
    "numpy": Library(np, np.asarray, np.asarray, 1e-12),
    "read-only": Library(Frozen(), lambda x: freeze(np.array(x)), np.asarray, 1e-12),
    "strict": Library(strict, strict.asarray, np.asarray, 1e-12),
    "strict:device1": Library(
        strict,
        lambda x: strict.asarray(single(x), device=DEVICE),
        lambda x: np.asarray(x.to_device(strict.Device("CPU_DEVICE"))),
        1e-4,
    ),
}


def single(x: Any) -> Any:
    return x.astype(np.float32) if x.dtype == np.float64 else x


@pytest.fixture(params=LIBRARIES.values(), ids=LIBRARIES.keys())
def library(request: pytest.FixtureRequest) -> Iterator[Library]:
    with np.errstate(all="ignore"):
        yield request.param


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
        return {
            "stride": self.stride,
            "padding": self.padding,
            "dilation": self.dilation,
            "groups": self.groups,
        }

    def arrays(self, dtype: Any = np.float64) -> tuple[Any, Any]:
        rng = np.random.default_rng(0)
        return tuple(numbers(rng, shape, dtype) for shape in (self.x, self.w))

    def reference(self, x: Any, w: Any) -> Any:
        """The convolution of ``x`` with ``w``, one product per position and group."""
        x = np.pad(x, [(0, 0), (0, 0), *((p, p) for p in self.padding)])
        out, axes = self.output(x.dtype), tuple(range(1, x.ndim))
        for at in np.ndindex(*out.shape[2:]):
            spatial = zip(at, self.stride, self.w[2:], self.dilation, strict=True)
            window = x[(..., *(slice(i * s, i * s + (k - 1) * d + 1, d) for i, s, k, d in spatial))]
            for g in range(self.groups):
                inputs, outputs = (slice(g * n // self.groups, (g + 1) * n // self.groups) for n in (self.x[1], len(w)))
                out[(slice(None), outputs, *at)] = np.tensordot(window[:, inputs], w[outputs], (axes, axes))
        return out

    def output(self, dtype: Any = np.float64) -> Any:
        """Random numbers in the shape of the result."""
        spatial = zip(self.x[2:], self.w[2:], self.stride, self.padding, self.dilation, strict=True)
        size = ((s + 2 * p - d * (k - 1) - 1) // step + 1 for s, k, step, p, d in spatial)
        return numbers(np.random.default_rng(1), (self.x[0], self.w[0], *size), dtype)


def numbers(rng: np.random.Generator, shape: tuple[int, ...], dtype: Any) -> Any:
    if np.dtype(dtype).kind == "i":
        return rng.integers(-9, 10, shape, dtype=dtype)
    out = rng.standard_normal(shape)
    return (out + 1j * rng.standard_normal(shape) if np.dtype(dtype).kind == "c" else out).astype(dtype)


CONVOLUTIONS = [
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


@pytest.fixture(params=CONVOLUTIONS, ids=str)
def convolution_case(request: pytest.FixtureRequest) -> Convolution:
    return request.param


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

    def windows(self, x: Any) -> Iterator[tuple[tuple[int, ...], list[tuple[int, ...]]]]:
        """Each place of the result, with the positions in ``x`` that its window holds, in row-major order."""
        counts = []
        for size, k, step, p, d in zip(x.shape[2:], self.window, self.stride, self.padding, self.dilation, strict=True):
            room = size + 2 * p - d * (k - 1) - 1
            count = (math.ceil if self.ceil_mode else math.floor)(room / step) + 1
            counts.append(count - (self.ceil_mode and (count - 1) * step >= size + p))
        for at in np.ndindex(*counts):
            axes = zip(at, x.shape[2:], self.window, self.stride, self.padding, self.dilation, strict=True)
            along = [[q for j in range(k) if 0 <= (q := i * s - p + j * d) < size] for i, size, k, s, p, d in axes]
            yield at, list(itertools.product(*along))

    def array(self, kind: str = "numbers") -> Any:
        rng = np.random.default_rng(0)
        x = rng.standard_normal(self.x)
        if kind == "ties":
            return np.round(x)
        if kind == "nan":
            x[rng.random(self.x) < 0.2] = np.nan
        if kind == "-inf":
            x[rng.random(self.x) < 0.8] = -np.inf
        return x


POOLINGS = [
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


@pytest.fixture(params=POOLINGS, ids=str)
def pooling_case(request: pytest.FixtureRequest) -> Pooling:
    return request.param


@pytest.fixture
def run(cupy_place, monkeypatch) -> Any:
    """Call an extension function of CuPy's backend on NumPy arrays, and check what every kernel must hold."""
    import cupy
    from cupy import _kernels, _launches

    def run(name: str, *arrays: Any, launches: int | None = 1, **settings: Any) -> Any:
        given = [None if a is None else cupy._wrap(a) for a in arrays]
        function = getattr(cupy_place.xp, name)
        with _launches.counted() as log:
            got = function(*given, **settings)
        assert launches in (None, len(log)), log
        monkeypatch.setattr(_kernels, "reverse", True)
        again = function(*given, **settings)
        monkeypatch.setattr(_kernels, "reverse", False)
        results = got if isinstance(got, tuple) else (got,)
        for one, other in zip(results, again if isinstance(again, tuple) else (again,), strict=True):
            assert one is None or one.get().tobytes() == other.get().tobytes(), "the order of threads shows"
        for before, after in zip(arrays, given, strict=True):
            assert before is None or before.tobytes() == after.get().tobytes(), "an input was written to"
        hosts = tuple(None if r is None else r.get() for r in results)
        return hosts if isinstance(got, tuple) else hosts[0]

    return run
