"""CuPy's kernels of the loss of classification, run on a CPU: the answers of the fallbacks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from xpgrad.backends.fallbacks import FALLBACKS
from xpgrad.backends.registry import host_place

ROUNDING = {"float16": 1e-3, "bfloat16": 8e-3, "float32": 1e-5, "float64": 1e-13}


@pytest.fixture(params=ROUNDING)
def dtype(request: pytest.FixtureRequest) -> Any:
    return np.dtype(pytest.importorskip("ml_dtypes").bfloat16 if request.param == "bfloat16" else request.param)


def expect(name: str, *arrays: Any, **settings: Any) -> Any:
    """What the fallback makes of the same numbers in float64."""
    wide = [a if a is None or a.dtype.kind == "i" else a.astype(np.float64) for a in arrays]
    with np.errstate(all="ignore"):
        return np.asarray(FALLBACKS[name](host_place().xp, *wide, **settings))


def close(got: Any, expected: Any, dtype: Any) -> None:
    assert (got.dtype, got.shape) == (dtype, expected.shape)
    bound = ROUNDING[dtype.name]
    np.testing.assert_allclose(got.astype(np.float64), expected, rtol=bound, atol=bound)


@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("ignore_index", [None, 2, -100])
@pytest.mark.parametrize(("shape", "axis"), [((5,), 0), ((7, 5), 1), ((300, 3), 1), ((2, 4, 3), 1), ((2, 5, 3, 4), 1)])
def test_losses_and_gradients(run, shape, axis, ignore_index, weighted, reduction, dtype):
    random = np.random.default_rng(0)
    x = random.normal(size=shape).astype(dtype)
    target = random.integers(0, shape[axis], shape[:axis] + shape[axis + 1 :])
    if ignore_index == -100 and target.ndim:
        target[..., ::3] = -100
    weight = random.uniform(0.5, 2, shape[axis]).astype(dtype) if weighted else None
    settings = {"axis": axis, "ignore_index": ignore_index, "reduction": reduction}
    expected = expect("nll_loss", x, target, weight, **settings)
    close(run("nll_loss", x, target, weight, **settings), expected, dtype)
    g = random.normal(size=expected.shape).astype(dtype)
    to_x = expect("nll_loss_input", g, target, weight, shape=shape, **settings)
    counts_differ = reduction == "mean" and (weighted or ignore_index is not None)
    close(run("nll_loss_input", g, target, weight, shape=shape, launches=1 + counts_differ, **settings), to_x, dtype)


def test_large_batches_are_summed_in_parts(run):
    random = np.random.default_rng(0)
    x, target = random.normal(size=(20_000, 3)).astype("float32"), random.integers(0, 3, 20_000)
    weight = random.uniform(0.5, 2, 3).astype("float32")
    for reduction in ("sum", "mean"):
        settings = {"axis": 1, "ignore_index": 1, "reduction": reduction}
        expected = expect("nll_loss", x, target, weight, **settings)
        got = run("nll_loss", x, target, weight, launches=2, **settings)
        np.testing.assert_allclose(got, expected, rtol=1e-5)
    g = np.ones((), "float32")
    expected = expect("nll_loss_input", g, target, weight, shape=x.shape, **settings)
    got = run("nll_loss_input", g, target, weight, shape=x.shape, launches=3, **settings)
    np.testing.assert_allclose(got, expected, rtol=1e-5)


def test_what_is_ignored_may_be_infinite(run):
    x = np.array([[-np.inf, 1.0], [0.5, 0.25]])
    settings = {"axis": 1, "ignore_index": 0, "reduction": "mean"}
    assert run("nll_loss", x, np.array([0, 1]), None, **settings) == -0.25
    assert np.isnan(run("nll_loss", x, np.array([0, 0]), None, **settings))
    g = run("nll_loss_input", np.ones(()), np.array([0, 0]), None, shape=(2, 2), launches=2, **settings)
    np.testing.assert_array_equal(g, np.zeros((2, 2)))


@pytest.mark.parametrize("wrong", [-1, 2, 2**40])
def test_a_target_that_is_no_class_shows_and_reads_nothing(run, wrong):
    x, target = np.zeros((3, 2)), np.array([0, wrong, 1])
    each = run("nll_loss", x, target, np.ones(2), axis=1, ignore_index=None, reduction="none")
    np.testing.assert_array_equal(np.isnan(each), [False, True, False])
    assert np.isnan(run("nll_loss", x, target, None, axis=1, ignore_index=-100, reduction="mean"))


@pytest.mark.filterwarnings("ignore:Mean of empty slice", "ignore:invalid value")
@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
def test_no_targets(run, reduction):
    settings = {"axis": 1, "ignore_index": None, "reduction": reduction}
    x, target = np.zeros((0, 3), "float32"), np.zeros(0, "int64")
    got = run("nll_loss", x, target, None, launches=None, **settings)
    assert got.shape == ((0,) if reduction == "none" else ())
    assert np.isnan(got).all() == (reduction != "sum")


def test_a_small_grid_does_all_the_work(run, monkeypatch):
    from xpgrad.backends.cupy_kernels import launching

    monkeypatch.setattr(launching, "MOST_BLOCKS", 2)
    random = np.random.default_rng(0)
    x, target = random.normal(size=(700, 5)), random.integers(0, 5, 700)
    settings = {"axis": 1, "ignore_index": None, "reduction": "none"}
    np.testing.assert_array_equal(run("nll_loss", x, target, None, **settings), -x[np.arange(700), target])
    expected = expect("nll_loss_input", x[:, 0], target, None, shape=x.shape, **settings)
    got = run("nll_loss_input", np.ascontiguousarray(x[:, 0]), target, None, shape=x.shape, **settings)
    np.testing.assert_array_equal(got, expected)
