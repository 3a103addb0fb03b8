"""Kernels of CuPy for random numbers and sums at given positions, run on a CPU."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import xpgrad
from xpgrad.backends import determinism
from xpgrad.backends.fallbacks import FALLBACKS
from xpgrad.backends.registry import host_place

# Random numbers.

KEYS = [0, 1, (987654321 << 64) + 123456789, 2**128 - 1]
# Words that are about to carry into the next ones.
COUNTERS = [0, 7, 2**64 - 3, 2**128 - 2, 2**192 - 1, 2**256 - 4]


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("counter", COUNTERS)
def test_bits_are_numpys(run, key, counter):
    generator = np.random.Philox(key=key, counter=counter)
    expected = generator.random_raw(4 * 9)
    words = run("philox_bits", key=key, counter=counter, blocks=9, dtype=np.dtype("int64"))
    np.testing.assert_array_equal(words.view(np.uint64), expected)
    halves = run("philox_bits", key=key, counter=counter, blocks=9, dtype=np.dtype("int32"))
    np.testing.assert_array_equal(halves.view(np.uint32)[0::2], expected & 0xFFFFFFFF)
    np.testing.assert_array_equal(halves.view(np.uint32)[1::2], expected >> 32)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 7, 8, 9, 16, 1000, 70_001])
def test_numbers_are_those_of_other_backends(run, count, dtype):
    settings = {"key": 5 << 70, "counter": 2**64 - 2, "count": count, "dtype": np.dtype(dtype)}
    uniform = run("philox_uniform", **settings)
    assert uniform.shape == (count,)
    np.testing.assert_array_equal(uniform, host_place().xp.philox_uniform(**settings), strict=True)
    normal = run("philox_normal", **settings)
    # The logarithm near 1, sines near their zeros: equal to rounding of the numbers that they are made from.
    bound = 1e-6 if dtype == "float32" else 1e-14
    np.testing.assert_allclose(normal, host_place().xp.philox_normal(**settings), rtol=0, atol=bound, strict=True)


def test_no_numbers_launch_nothing(run):
    for name in ("philox_uniform", "philox_normal"):
        assert run(name, key=0, counter=0, count=0, dtype=np.dtype("float32"), launches=0).shape == (0,)
    assert run("philox_bits", key=0, counter=0, blocks=0, dtype=np.dtype("int64"), launches=0).shape == (0,)


def test_numbers_are_made_on_the_device_that_is_named(standin, cupy_place, monkeypatch):
    monkeypatch.setattr(standin.cuda, "device_count", 2)
    other = standin.cuda.Device(1)
    made = cupy_place.xp.philox_uniform(key=0, counter=0, count=3, dtype=np.dtype("float64"), device=other)
    assert made.device == other
    assert standin.cuda.Device().id == 0


def test_dropout_is_the_same_on_every_backend(cupy_place):
    def dropped(device: str) -> Any:
        xpgrad.manual_seed(3)
        return xpgrad.nn.functional.dropout(xpgrad.ones(5, 7, device=device), 0.3).tolist()

    assert dropped("cuda") == dropped("cpu")


# Sums at given positions.


@pytest.fixture
def in_order(monkeypatch):
    monkeypatch.setattr(determinism, "wanted", True)


def dtype_of(name: str) -> Any:
    return np.dtype(pytest.importorskip("ml_dtypes").bfloat16) if name == "bfloat16" else np.dtype(name)


@pytest.mark.usefixtures("in_order")
@pytest.mark.parametrize(
    "dtype",
    [
        "float16",
        "bfloat16",
        "float32",
        "float64",
        "complex64",
        "complex128",
        "int8",
        "int64",
        "uint8",
        "uint32",
        "bool",
    ],
)
@pytest.mark.parametrize("rest", [(), (3,), (2, 3), (0,)])
def test_sums_in_order_agree_with_the_fallback(run, dtype, rest):
    random = np.random.default_rng(0)
    updates = random.integers(-4, 5, (300, *rest)).astype("complex64" if "complex" in dtype else "int64")
    updates = (updates * (1 - 2j) if "complex" in dtype else updates).astype(dtype_of(dtype))
    indices = random.integers(0, 20, 300)
    indices[indices == 11] = 3
    got = run("scatter_add", updates, indices, size=23, launches=None)
    wide = "complex128" if "complex" in dtype else "int64"
    expected = FALLBACKS["scatter_add"](np, updates.astype(wide), indices, size=23).astype(updates.dtype)
    assert (got.dtype, got.shape) == (updates.dtype, (23, *rest))
    np.testing.assert_array_equal(got.astype("complex128"), expected.astype("complex128"))


@pytest.mark.usefixtures("in_order")
def test_sums_in_order_are_sums_one_by_one(run):
    updates = np.random.default_rng(0).normal(size=(2000, 2)).astype("float32")
    indices = np.random.default_rng(1).integers(0, 3, 2000)
    expected = np.zeros((3, 2), "float32")
    for row, at in zip(updates, indices, strict=True):
        expected[at] += row
    np.testing.assert_array_equal(run("scatter_add", updates, indices, size=3, launches=3), expected)
    np.testing.assert_array_equal(run("scatter_add", updates[::-1][::-1], indices, size=3, launches=None), expected)
    np.testing.assert_array_equal(run("scatter_add", updates, indices.astype("int32"), size=3, launches=4), expected)


@pytest.mark.usefixtures("in_order")
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_sums_in_order_are_wide(run, dtype):
    ones, zeros = np.ones(4096, dtype_of(dtype)), np.zeros(4096, "int64")
    assert run("scatter_add", ones, zeros, size=1, launches=3).tolist() == [4096.0]


@pytest.mark.usefixtures("in_order")
@pytest.mark.parametrize(("count", "size"), [(0, 3), (0, 0), (1, 1), (5, 1)])
def test_sums_in_order_of_little(run, count, size):
    updates, indices = np.ones((count, 2), "float32"), np.zeros(count, "int64")
    expected = FALLBACKS["scatter_add"](np, updates, indices, size=size)
    np.testing.assert_array_equal(run("scatter_add", updates, indices, size=size, launches=None), expected)


def test_pytorchs_switch_chooses_sums_in_order(cupy_place):
    from cupy import _launches

    def gradient() -> tuple[Any, list[str]]:
        table = xpgrad.ones(4, 3, device="cuda").requires_grad_()
        found = xpgrad.nn.functional.embedding(xpgrad.tensor([1, 3, 1], device="cuda"), table)
        with _launches.counted() as log:
            found.backward(xpgrad.ones(3, 3, device="cuda"))
        return table.grad.tolist(), log

    usual, log = gradient()
    assert "add.at" in log
    xpgrad.use_deterministic_algorithms(True)
    try:
        repeatable, log = gradient()
    finally:
        xpgrad.use_deterministic_algorithms(False)
    assert "add.at" not in log
    assert "scatter_add" in log
    assert repeatable == usual


@pytest.mark.usefixtures("in_order")
def test_a_small_grid_does_all_the_work(run, monkeypatch):
    from xpgrad.backends.cupy_kernels import launching

    monkeypatch.setattr(launching, "MOST_BLOCKS", 2)
    settings = {"key": 3, "counter": 9, "count": 5001, "dtype": np.dtype("float32")}
    for name in ("philox_uniform", "philox_normal"):
        np.testing.assert_allclose(run(name, **settings), getattr(host_place().xp, name)(**settings), atol=1e-6)
    bits = run("philox_bits", key=3, counter=9, blocks=2000, dtype=np.dtype("int64"))
    np.testing.assert_array_equal(bits.view(np.uint64), np.random.Philox(key=3, counter=9).random_raw(8000))
    updates, indices = np.arange(6000.0).reshape(2000, 3), np.arange(2000) % 777
    expected = FALLBACKS["scatter_add"](np, updates, indices, size=800)
    np.testing.assert_array_equal(run("scatter_add", updates, indices, size=800, launches=3), expected)
    rows = run("put_rows", np.zeros((800, 3)), indices, updates, launches=3)
    np.testing.assert_array_equal(rows, FALLBACKS["put_rows"](np, np.zeros((800, 3)), indices, updates))
