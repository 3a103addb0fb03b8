"""Array libraries, ways to call kernels, and the conformance kit's cases, for the tests of fallbacks and of kernels."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import array_api_strict as strict
import numpy as np
import pytest

from xpgrad.testing.conformance.kernels.rows.convolution import CONVOLUTIONS, Convolution
from xpgrad.testing.conformance.kernels.rows.pooling import POOLINGS, Pooling


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


@pytest.fixture(params=CONVOLUTIONS, ids=str)
def convolution_case(request: pytest.FixtureRequest) -> Convolution:
    return request.param


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
