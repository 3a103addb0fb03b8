"""The special functions written over the standard against SciPy's, in double and in single precision."""

from __future__ import annotations

import inspect
import math

import numpy as np
import pytest

from xpgrad.backends.fallbacks import FALLBACKS
from xpgrad.backends.numpy_kernels import KERNELS, special

scipy = pytest.importorskip("scipy.special")

NAN, INF = math.nan, math.inf
POSITIVE, BOTH, UNIT = (1e-3, 60.0), (-60.0, 60.0), (1e-9, 1 - 1e-9)

# Where the function is asked, the scale its error is relative to (None for the value itself), SciPy's function.
FUNCTIONS = {
    "airy_ai": ((-40.0, 30.0), 0.5, lambda x: scipy.airy(x)[0]),
    "erfcx": ((-9.0, 60.0), None, scipy.erfcx),
    "i0": (BOTH, None, scipy.i0),
    "i0e": (BOTH, None, scipy.i0e),
    "i1": (BOTH, None, scipy.i1),
    "i1e": (BOTH, None, scipy.i1e),
    "j0": (BOTH, 1.0, scipy.j0),
    "j1": (BOTH, 1.0, scipy.j1),
    "k0": (POSITIVE, None, scipy.k0),
    "k0e": (POSITIVE, None, scipy.k0e),
    "k1": (POSITIVE, None, scipy.k1),
    "k1e": (POSITIVE, None, scipy.k1e),
    "log_ndtr": ((-40.0, 5.0), None, scipy.log_ndtr),
    "ndtri": (UNIT, 1.0, scipy.ndtri),
    "y0": (POSITIVE, 1.0, scipy.y0),
    "y1": (POSITIVE, 1.0, scipy.y1),
}


def points(name, count=2000):
    """As many inside of the interval as near the end where most happens."""
    low, high = FUNCTIONS[name][0]
    random = np.random.default_rng(0)
    even, near = random.uniform(low, high, count), random.uniform(0, 1, count) ** 6
    return np.concatenate([even, near * high if low < 0 else low + near * (high - low)])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_as_in_scipy(name):
    _, scale, reference = FUNCTIONS[name]
    x = points(name)
    got, expected = FALLBACKS[name](np, x), reference(x)
    np.testing.assert_allclose(got, expected, rtol=2e-13, atol=2e-14 * (scale or 0))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_in_single_precision(name):
    _, scale, reference = FUNCTIONS[name]
    x = points(name).astype(np.float32)
    got, expected = FALLBACKS[name](np, x), reference(x.astype(np.float64))
    assert got.dtype == np.float32
    fits = abs(expected) < 1e38
    # Exponentials and waves of large arguments are as inexact as these.
    np.testing.assert_allclose(got[fits], expected[fits], rtol=2e-4, atol=1e-4 * (scale or 0) + 1e-30)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_at_the_edges(name):
    x = np.asarray([NAN, INF, -INF, 0.0, 1.0, 2.0, 8.0])
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(FALLBACKS[name](np, x), KERNELS[name](np, x), rtol=1e-12)


GRID = [0.0, 1e-6, 0.3, 1.0, 2.5, 17.0, 29.9, 30.1, 33.0, 100.0, 1e4, INF, -1.0, NAN]


class Standard:
    """NumPy with the fallbacks, not its kernels, for extensions."""

    def __getattr__(self, name):
        if name in FALLBACKS:
            return lambda *arrays: FALLBACKS[name](self, *arrays)
        return getattr(np, name)


@pytest.mark.parametrize("name", ["gammainc", "gammaincc"])
def test_incomplete_gamma_functions(name):
    random = np.random.default_rng(0)
    a = np.concatenate([random.uniform(0, 60, 2000), 10 ** random.uniform(-4, 4, 2000)])
    x = a * np.exp(random.normal(0, 0.5, a.size))
    got, expected = FALLBACKS[name](Standard(), a, x), getattr(scipy, name)(a, x)
    np.testing.assert_allclose(got, expected, rtol=1e-10, atol=1e-290)
    a, x = (grid.ravel() for grid in np.meshgrid(GRID, GRID))
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(
            FALLBACKS[name](Standard(), a, x), getattr(scipy, name)(a, x), rtol=1e-9, atol=1e-290
        )


def test_zeta():
    random = np.random.default_rng(0)
    x, q = random.uniform(1.001, 30, 2000), 10 ** random.uniform(-3, 4, 2000)
    np.testing.assert_allclose(FALLBACKS["zeta"](np, x, q), scipy.zeta(x, q), rtol=1e-13)
    x, q = np.asarray([1.0, 0.5, 2.0, 2.0, 2.5, 3.0]), np.asarray([2.0, 2.0, 0.0, -3.0, -0.5, -0.5])
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(FALLBACKS["zeta"](np, x, q), [INF, NAN, INF, INF, NAN, -8 + 8.414398322117159])


@pytest.mark.parametrize("single", [False, True])
def test_degrees_beyond_the_limit_are_nan(single):
    x = np.asarray([0.5], np.float32 if single else np.float64)
    for family in ("hermite_h", "hermite_he"):
        got = FALLBACKS["orthogonal_polynomial"](np, x, np.asarray([600.0], x.dtype), family=family)
        assert np.isnan(got).all()


def test_frexp():
    x = np.asarray([0.0, 1.0, -1.0, 0.75, 1e-300, 1.7e308, 5e-324, 2.0**-1022, -3e10, NAN, INF, -INF])
    for got, expected in zip(FALLBACKS["frexp"](np, x), KERNELS["frexp"](np, x), strict=True):
        np.testing.assert_array_equal(got, expected)
        assert got.dtype == expected.dtype


def test_divisors():
    x, y = np.meshgrid(np.arange(-20, 21), np.arange(-20, 21))
    for name in ("gcd", "lcm"):
        np.testing.assert_array_equal(FALLBACKS[name](np, x, y), getattr(np, name)(x, y))


def test_kernels_without_scipy(monkeypatch):
    """NumPy alone gives the fallbacks' answers."""
    monkeypatch.setattr(special, "_scipy_special", lambda: None)
    x = np.linspace(0.1, 0.9, 7)
    for name in special.KERNELS:
        count = sum(p.kind is p.POSITIONAL_ONLY for p in inspect.signature(FALLBACKS[name]).parameters.values())
        arrays = (x,) * (count - 1)
        np.testing.assert_allclose(KERNELS[name](Standard(), *arrays), FALLBACKS[name](Standard(), *arrays), rtol=1e-14)
