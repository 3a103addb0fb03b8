"""Kernels of CuPy that combine rows, run on a CPU: the fallbacks' answers, whatever the dtype, shape and layout."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from xpgrad.backends.fallbacks import FALLBACKS
from xpgrad.backends.registry import host_place

# Unit roundoff: results are rounded once, from what was computed in float32 or float64.
ROUNDING = {"float16": 2.0**-11, "bfloat16": 2.0**-8, "float32": 2.0**-24, "float64": 2.0**-53}
# What is added up and exponentiated on the way rounds a few times more.
SLACK = {"float16": 1.5, "bfloat16": 1.5, "float32": 40.0, "float64": 40.0}


def dtype_of(name: str) -> Any:
    return np.dtype(pytest.importorskip("ml_dtypes").bfloat16) if name == "bfloat16" else np.dtype(name)


@pytest.fixture(params=ROUNDING)
def dtype(request: pytest.FixtureRequest) -> Any:
    return dtype_of(request.param)


def expect(name: str, *arrays: Any, **settings: Any) -> Any:
    """What the fallback makes of the same numbers in float64."""
    wide = [None if a is None else a.astype(np.float64) for a in arrays]
    with np.errstate(all="ignore"):
        return FALLBACKS[name](host_place().xp, *wide, **settings)


def close(got: Any, expected: Any, dtype: Any, scale: float = 1.0) -> None:
    assert (got.dtype, got.shape) == (dtype, expected.shape)
    bound = ROUNDING[dtype.name] * SLACK[dtype.name] * scale
    np.testing.assert_allclose(got.astype(np.float64), expected, rtol=bound, atol=bound)


def numbers(shape: tuple[int, ...], dtype: Any, seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


# Which gradients are asked for: of the input, the weight and the bias.
NEEDS = [(True, True, True), (True, False, False), (False, True, False), (False, False, True)]

# Softmax.

SHAPES = [
    ((5, 7), 1),
    ((5, 7), 0),
    ((5, 7), -2),
    ((1,), 0),
    ((3,), 0),
    ((4, 1, 3), 1),
    ((3, 40, 5), 1),
    ((2, 3, 70), -1),
    ((300, 3), 1),
    ((3, 2, 150), 0),
    ((2, 33, 40), 1),
    ((1, 4500), 1),
    ((2, 300, 2), 1),
]


@pytest.mark.parametrize(("shape", "axis"), SHAPES)
def test_safe_softmax(run, shape, axis):
    x = numbers(shape, "float32")
    x[x < 0.5] = -np.inf
    close(run("safe_softmax", x, axis=axis), expect("safe_softmax", x, axis=axis), x.dtype)


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
@pytest.mark.parametrize(("shape", "axis"), SHAPES)
def test_softmax(run, name, shape, axis, dtype):
    x = (3 * numbers(shape, dtype)).astype(dtype)
    out = expect(name, x, axis=axis)
    close(run(name, x, axis=axis), out, dtype, max(1.0, abs(out).max() if name == "log_softmax" else 1.0))
    g, out = numbers(shape, dtype, 1), out.astype(dtype)
    close(run(f"{name}_input", g, out, axis=axis), expect(f"{name}_input", g, out, axis=axis), dtype, 8.0)


@pytest.mark.parametrize("name", ["softmax", "safe_softmax", "log_softmax"])
def test_softmax_of_what_is_not_finite(run, name, dtype):
    inf, nan = np.inf, np.nan
    most = np.finfo(np.float16 if dtype.name == "float16" else np.float32).max
    rows = [
        [1, 2, inf],
        [1, -inf, 2],
        [-inf, -inf, -inf],
        [1, nan, 2],
        [inf, nan, 1],
        [-inf, nan, -inf],
        [most, -most, 0],
        [inf, inf, inf],
    ]
    x = np.array(rows).astype(dtype)
    # As wide as the kernel computes, in which the greatest number less its opposite may be infinite.
    expected = expect(name, x, axis=1)
    got = run(name, x, axis=1)
    np.testing.assert_array_equal(np.isnan(got.astype(float)), np.isnan(expected))
    rounding = ROUNDING[dtype.name]
    with np.errstate(over="ignore"):
        np.testing.assert_allclose(
            got.astype(float), expected.astype(dtype).astype(float), rtol=8 * rounding, atol=8 * rounding
        )


def test_softmax_of_strided_arrays(run):
    x = numbers((4, 6, 10), "float64")
    for view in (x[:, :, ::2], x.transpose(2, 0, 1), x[::-1], np.broadcast_to(x[:1], x.shape), x[1:, 2:]):
        for axis in range(3):
            copies = 0 if view.flags.c_contiguous else 1
            close(run("softmax", view, axis=axis, launches=1 + copies), expect("softmax", view, axis=axis), x.dtype)


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0), (2, 0, 3)])
def test_softmax_of_nothing_launches_nothing(run, shape):
    for axis in range(len(shape)):
        for name, count in (("softmax", 1), ("log_softmax", 1), ("softmax_input", 2), ("log_softmax_input", 2)):
            arrays = [np.zeros(shape, "float32")] * count
            assert run(name, *arrays, axis=axis, launches=0).shape == shape


def test_softmax_of_other_dtypes_is_the_fallback(run):
    x = numbers((3, 4), "float64")
    z = x + 1j * x[::-1]
    got = run("softmax", z, axis=1, launches=5)
    np.testing.assert_allclose(got, np.exp(z) / np.exp(z).sum(1, keepdims=True))


def test_sums_of_half_precision_are_made_in_single(run):
    x = np.zeros((1, 60_000), "float16")
    np.testing.assert_array_equal(run("softmax", x, axis=1), np.float16(1 / 60_000))
    np.testing.assert_array_equal(run("log_softmax", x, axis=1), np.float16(-np.log(60_000)))


# Layers.

LAYERS = [
    ((4, 6), 1),
    ((3, 2, 5), 2),
    ((2, 3, 4), 3),
    ((7, 1), 1),
    ((1, 300), 1),
    ((300, 5), 1),
    ((70, 40), 1),
    ((2, 4100), 1),
]


@pytest.mark.parametrize(("shape", "ndim"), LAYERS)
@pytest.mark.parametrize("affine", ["weight and bias", "neither"])
def test_layer_norm(run, shape, ndim, affine, dtype):
    x = (2 * numbers(shape, dtype) + np.asarray(3, dtype)).astype(dtype)
    inner, kept = shape[len(shape) - ndim :], (*shape[: len(shape) - ndim], *(1,) * ndim)
    weight = numbers(inner, dtype, 1) if "weight" in affine else None
    bias = numbers(inner, dtype, 2) if "bias" in affine else None
    settings = {"ndim": ndim, "eps": 1e-5}
    got = run("layer_norm", x, weight, bias, **settings)
    expected = expect("layer_norm", x, weight, bias, **settings)
    close(got[0], expected[0], dtype, 30.0 if np.prod(inner) == 1 else 4.0)
    close(got[1], expected[1], dtype, 4.0)
    close(got[2], expected[2], dtype, 400.0 if np.prod(inner) == 1 else 4.0)
    if np.prod(inner) == 1:
        return
    g, g_mean, g_inverse = numbers(shape, dtype, 3), numbers(kept, dtype, 4), numbers(kept, dtype, 5)
    mean, inverse = (r.astype(dtype) for r in expected[1:])
    arrays = (g, g_mean, g_inverse, x, weight, mean, inverse)
    for needs in NEEDS:
        wanted = expect("layer_norm_gradients", *arrays, ndim=ndim, needs=needs)
        made = run("layer_norm_gradients", *arrays, ndim=ndim, needs=needs, launches=None)
        assert [m is not None for m in made] == list(needs)
        if needs[0]:
            close(made[0], wanted[0], dtype, 16.0)
        for m, w in zip(made[1:], wanted[1:], strict=True):
            if m is not None:
                total = w.reshape(-1, *inner).sum(0)
                close(m, total, dtype, 4.0 * max(1.0, abs(total).max()))


def test_gradients_of_layers_are_few_launches(run):
    x, w = numbers((512, 64), "float32"), numbers((64,), "float32")
    arrays = (x, x[:, :1].copy(), x[:, 1:2].copy(), x, w, x[:, :1].copy(), x[:, 1:2].copy())
    # One for the input, one for parts of the sums over the rows, and one each to add those up.
    run("layer_norm_gradients", *arrays, ndim=1, needs=(True, True, True), launches=4)
    run("layer_norm_gradients", *arrays, ndim=1, needs=(True, False, False), launches=1)


def test_a_layer_with_parameters_of_another_dtype_is_the_fallback(run):
    x, w = numbers((4, 6), "float32"), numbers((6,), "float64")
    got = run("layer_norm", x, w, None, ndim=1, eps=1e-5, launches=None)
    assert got[0].dtype == np.float64
    np.testing.assert_allclose(got[0], expect("layer_norm", x, w, None, ndim=1, eps=1e-5)[0], atol=1e-5)


@pytest.mark.filterwarnings("ignore:Mean of empty slice", "ignore:invalid value")
@pytest.mark.parametrize("shape", [(0, 3), (3, 0)])
def test_layers_of_nothing(run, shape):
    x = np.zeros(shape, "float32")
    out, mean, inverse = run("layer_norm", x, None, None, ndim=1, eps=1e-5, launches=None)
    assert (out.shape, mean.shape, inverse.shape) == (shape, (shape[0], 1), (shape[0], 1))


# Channels.

BATCHES = [
    (4, 3),
    (64, 5),
    (3, 70),
    (1200, 2),
    (2, 3, 5),
    (3, 4, 2, 3),
    (2, 3, 8, 9),
    (5, 2, 1, 1),
    (2, 2, 3, 2, 2),
    (3, 40, 2),
    (1, 2, 70, 60),
]


@pytest.mark.parametrize("shape", BATCHES, ids=str)
@pytest.mark.parametrize("affine", ["weight and bias", "neither"])
def test_batch_norm(run, shape, affine, dtype):
    x = (2 * numbers(shape, dtype) + np.asarray(3, dtype)).astype(dtype)
    channels = shape[1:2]
    weight = numbers(channels, dtype, 1) if "weight" in affine else None
    bias = numbers(channels, dtype, 2) if "bias" in affine else None
    expected = expect("batch_norm", x, weight, bias, eps=1e-5)
    for ours, theirs in zip(run("batch_norm", x, weight, bias, eps=1e-5), expected, strict=True):
        close(ours, theirs, dtype, 6.0)
    g, g_mean, g_variance = numbers(shape, dtype, 3), numbers(channels, dtype, 4), numbers(channels, dtype, 5)
    arrays = (g, g_mean, g_variance, x, weight, *(r.astype(dtype) for r in expected[1:]))
    for needs in NEEDS:
        wanted = expect("batch_norm_gradients", *arrays, eps=1e-5, needs=needs)
        made = run("batch_norm_gradients", *arrays, eps=1e-5, needs=needs)
        assert [m is not None for m in made] == list(needs)
        for ours, theirs in zip(made, wanted, strict=True):
            if ours is not None:
                close(ours, theirs, dtype, 8.0 * max(1.0, abs(theirs).max()))


@pytest.mark.parametrize("given", [(True, False), (False, True)])
def test_a_weight_or_a_bias_alone(run, given):
    x, weight, bias = numbers((6, 4), "float64"), numbers((4,), "float64", 1), numbers((4,), "float64", 2)
    parameters = [p if is_given else None for p, is_given in zip((weight, bias), given, strict=True)]
    for name, settings in (("layer_norm", {"ndim": 1}), ("batch_norm", {})):
        expected = expect(name, x, *parameters, eps=0.1, **settings)
        close(run(name, x, *parameters, eps=0.1, **settings)[0], expected[0], x.dtype, 4.0)


def test_batches_of_any_layout(run):
    x = numbers((4, 6, 5), "float64")
    for view in (x[:, ::2], x.transpose(2, 0, 1), x[::-1], np.broadcast_to(x[:, :1], x.shape)):
        expected = expect("batch_norm", view, None, None, eps=0.1)
        for ours, theirs in zip(
            run("batch_norm", view, None, None, eps=0.1, launches=2 - view.flags.c_contiguous), expected, strict=True
        ):
            close(ours, theirs, x.dtype, 4.0)


def test_statistics_of_half_precision_are_made_in_single(run):
    x = np.full((60_000, 2), 200, "float16")
    x[::2, 1] = 202
    out, mean, variance = run("batch_norm", x, None, None, eps=0.0 + 1e-6)
    assert (mean.tolist(), variance.tolist()) == ([200.0, 201.0], [0.0, 1.0])
    np.testing.assert_allclose(out[:2], [[0, 1], [0, -1]], atol=1e-3)


def test_a_small_grid_does_all_the_work(run, monkeypatch):
    from xpgrad.backends.cupy_kernels import rows

    monkeypatch.setattr(rows, "_MOST_BLOCKS", 2)
    for shape, axis in (((2000, 3), 1), ((3, 4, 600), 1)):
        x = numbers(shape, "float64")
        out = expect("softmax", x, axis=axis)
        close(run("softmax", x, axis=axis), out, x.dtype)
        for name in ("softmax", "log_softmax"):
            given = out if name == "softmax" else np.log(out)
            expected = expect(f"{name}_input", x, given, axis=axis)
            close(run(f"{name}_input", x, given, axis=axis), expected, x.dtype, 8.0)
            close(run(name, x, axis=axis), given, x.dtype, 8.0)
    x = numbers((2000, 3), "float64")
    out, mean, inverse = expect("layer_norm", x, None, None, ndim=1, eps=0.1)
    close(run("layer_norm", x, None, None, ndim=1, eps=0.1)[0], out, x.dtype, 4.0)
    arrays = (x[::-1], mean, inverse, x, None, mean, inverse)
    expected = expect("layer_norm_gradients", *arrays, ndim=1, needs=(True, True, True))
    got = run("layer_norm_gradients", *arrays, ndim=1, needs=(True, True, True), launches=None)
    for ours, theirs in zip(got, (expected[0], expected[1].sum(0), expected[2].sum(0)), strict=True):
        close(ours, theirs, x.dtype, 4.0 * max(1.0, abs(theirs).max()))
    x = numbers((3, 700), "float64")
    out, mean, variance = expect("batch_norm", x, None, None, eps=0.1)
    close(run("batch_norm", x, None, None, eps=0.1)[0], out, x.dtype, 4.0)
    arrays = (x[::-1], mean, variance, x, None, mean, variance)
    expected = expect("batch_norm_gradients", *arrays, eps=0.1, needs=(True, True, True))
    got = run("batch_norm_gradients", *arrays, eps=0.1, needs=(True, True, True), launches=None)
    for ours, theirs in zip(got, expected, strict=True):
        close(ours, theirs, x.dtype, 8.0)
    # Columns beyond the grid, too.
    x, wide = numbers((3, 700), "float64"), numbers((3, 1), "float64", 1)
    arrays = (x, wide, wide, x, None, wide, abs(wide))
    got = run("layer_norm_gradients", *arrays, ndim=1, needs=(False, True, True), launches=None)
    np.testing.assert_allclose(got[1], (x * (x - wide) * abs(wide)).sum(0), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(got[2], x.sum(0), rtol=1e-12, atol=1e-12)
