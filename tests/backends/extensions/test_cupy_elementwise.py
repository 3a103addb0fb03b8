"""CuPy's elementwise kernels, indexing and optimizer steps, run on a CPU: the answers of the fallbacks."""

from __future__ import annotations

import functools
import inspect
from typing import Any

import numpy as np
import pytest

import xpgrad
from xpgrad.backends.fallbacks import FALLBACKS
from xpgrad.backends.registry import host_place

ROUNDING = {"float16": 2.0**-11, "bfloat16": 2.0**-8, "float32": 2.0**-24, "float64": 2.0**-53}


class Plain:
    """NumPy with the fallbacks, and nothing that is quicker."""

    def __getattr__(self, name: str) -> Any:
        return functools.partial(FALLBACKS[name], self) if name in FALLBACKS else getattr(np, name)


def dtype_of(name: str) -> Any:
    return np.dtype(pytest.importorskip("ml_dtypes").bfloat16) if name == "bfloat16" else np.dtype(name)


@pytest.fixture(params=ROUNDING)
def dtype(request: pytest.FixtureRequest) -> Any:
    return dtype_of(request.param)


def expect(name: str, *arrays: Any, **settings: Any) -> Any:
    """What the fallback makes of the same numbers in float64."""
    wide = [a if a is None or a.dtype.kind in "iub" else a.astype(np.float64) for a in arrays]
    with np.errstate(all="ignore"):
        return FALLBACKS[name](Plain(), *wide, **settings)


def close(got: Any, expected: Any, dtype: Any, scale: float = 1.0) -> None:
    assert (got.dtype, got.shape) == (dtype, expected.shape)
    bound = ROUNDING[dtype.name] * (1.5 if dtype.itemsize == 2 else 20.0) * scale
    with np.errstate(over="ignore"):
        expected = expected.astype(dtype).astype(np.float64)
    np.testing.assert_allclose(got.astype(np.float64), expected, rtol=bound, atol=bound * 0.1)


def test_kernels_have_the_signatures_of_the_fallbacks(cupy_place):
    def signature(function: Any) -> list[tuple[str, Any]]:
        return [(p.name, p.kind) for p in inspect.signature(function).parameters.values()]

    for name, kernel in cupy_place.backend.kernels.items():
        takes_any = [kind for _, kind in signature(kernel) if kind is inspect.Parameter.VAR_POSITIONAL]
        if name in FALLBACKS and not takes_any:
            assert signature(kernel) == signature(FALLBACKS[name]), name


# Activations.

ONE, TWO = ("gelu", "gelu_tanh", "sigmoid", "silu"), ("gelu_input", "gelu_tanh_input", "relu_input", "silu_input")
POINTS = np.array(
    [-np.inf, -1e4, -90.0, -20.0, -3.0, -1.0, -1e-3, -0.0, 0.0, 1e-7, 0.5, 2.0, 10.0, 88.0, 1e4, np.inf, np.nan]
)


@pytest.mark.parametrize("name", [*ONE, *TWO])
def test_activations(run, name, dtype):
    random = np.random.default_rng(0)
    x = np.concatenate([POINTS, random.normal(0, 3, 40)]).astype(dtype)
    g = random.normal(size=x.shape).astype(dtype)
    arrays = (x,) if name in ONE else (g, x)
    got, expected = run(name, *arrays), expect(name, *arrays)
    # Tails that are differences of numbers near 1 are as exact as those in the kernel's type.
    np.testing.assert_array_equal(np.isnan(got.astype(float)), np.isnan(expected))
    wide = np.fmax(abs(x.astype(float)), 1.0)
    bound = ROUNDING[dtype.name] * (1.5 if dtype.itemsize == 2 else 20.0)
    with np.errstate(over="ignore", invalid="ignore"):
        off = abs(got.astype(float) - expected.astype(dtype).astype(float))
        assert (np.isnan(off) | (off <= bound * np.maximum(abs(expected), wide * abs(g.astype(float)).max()))).all()


def test_activations_broadcast_and_take_strides(run):
    x = np.random.default_rng(0).normal(size=(4, 6))
    for view in (x.T, x[:, ::2], x[::-1], np.broadcast_to(x[0], x.shape)):
        close(run("silu", view), expect("silu", view), x.dtype)
        g = np.broadcast_to(np.float64(2.0), view.shape)
        close(run("silu_input", g, view), expect("silu_input", g, view), x.dtype)
    assert run("gelu", np.zeros((0, 3)), launches=0).shape == (0, 3)
    assert run("gelu", np.float32(1.0)[...]).shape == ()


def test_activations_of_other_dtypes_are_the_fallbacks(run):
    z = np.array([1 + 2j, -1j])
    np.testing.assert_allclose(run("sigmoid", z, launches=None), FALLBACKS["sigmoid"](np, z))


# Special functions.

RANGES = {
    "erf": (-6, 6),
    "erfc": (-6, 20),
    "erfcx": (-4, 60),
    "erfinv": (-1, 1),
    "gammaln": (-20, 60),
    "i0": (-30, 30),
    "i1": (-30, 30),
    "j0": (-30, 30),
    "j1": (-30, 30),
    "y0": (0.1, 30),
    "y1": (0.1, 30),
    "ndtri": (0, 1),
    "log_ndtr": (-30, 6),
    "digamma": (-5.4, 60),
    "k0": (0.1, 20),
    "k1": (0.1, 20),
}
# Where the functions have values of their own.
EDGES = {
    "erfinv": [-1.0, 0.0, 1.0, 1.5],
    "erf": [-np.inf, 0.0, np.inf],
    "erfc": [-np.inf, 0.0, np.inf],
    "erfcx": [0.0, np.inf],
    "gammaln": [-np.inf, -2.0, 0.0, 1.0, 2.0, np.inf],
    "ndtri": [0.0, 0.5, 1.0, -0.5],
    "log_ndtr": [-np.inf, 0.0, np.inf],
    "i0": [-np.inf, 0.0, np.inf],
    "i1": [-np.inf, 0.0, np.inf],
    "j0": [-np.inf, 0.0, np.inf],
    "j1": [-np.inf, 0.0, np.inf],
    "y0": [0.0, -1.0, np.inf],
    "y1": [0.0, -1.0, np.inf],
    "digamma": [0.0, np.inf],
    "k0": [0.0, -1.0, np.inf],
    "k1": [0.0, -1.0, np.inf],
}


@pytest.mark.parametrize("name", RANGES)
def test_special_functions(run, name, dtype):
    low, high = RANGES[name]
    x = np.concatenate([np.linspace(low, high, 61), EDGES[name], [np.nan]]).astype(dtype)
    converted = name in ("digamma", "k0", "k1") and dtype.itemsize == 2
    got, expected = run(name, x, launches=3 if converted else 1), expect(name, x)
    np.testing.assert_array_equal(np.isnan(got.astype(float)), np.isnan(expected))
    with np.errstate(over="ignore", invalid="ignore"):
        # What the function does to the rounding of its argument in float32 is not the kernel's.
        bound = max(ROUNDING[dtype.name], 1e-13) * 400
        np.testing.assert_allclose(got.astype(float), expected.astype(dtype).astype(float), rtol=bound, atol=bound)


@pytest.mark.parametrize("name", ["xlogy", "xlog1py"])
def test_products_with_logarithms(run, name, dtype):
    values = np.array([0.0, -0.0, 0.5, 2.0, np.inf, np.nan], dtype)
    x, y = (a.ravel() for a in np.meshgrid(values, values))
    close(run(name, x, y), expect(name, x, y), dtype, 4.0)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_special_functions_of_several_arguments(run, dtype):
    random = np.random.default_rng(0)
    a, b, x = (
        random.gamma(2, 3, 50).astype(dtype),
        random.gamma(2, 3, 50).astype(dtype),
        random.random(50).astype(dtype),
    )
    a[:2] = np.nan
    b[1:4] = [0, np.inf, np.nan]
    bound = 1e-4 if dtype == "float32" else 1e-11
    for name, arrays, launches in (
        ("gammainc", (a, b), 5),
        ("gammaincc", (a, b), 5),
        ("zeta", (a + 1, b + 1), 1),
        ("betainc", (a[4:], b[4:], x[4:]), 1),
    ):
        given = [array.astype(dtype) for array in arrays]
        got = run(name, *given, launches=launches)
        assert got.dtype == dtype
        # SciPy's, which CuPy's are; the fallbacks leave out some of the edges.
        expected = getattr(host_place().xp, name)(*(array.astype(np.float64) for array in given))
        np.testing.assert_allclose(got, expected, rtol=bound, atol=bound)


# Integers and parts of numbers.


@pytest.mark.parametrize("dtype", ["int8", "int32", "int64", "uint8"])
def test_divisors_and_multiples(run, dtype):
    x, y = (a.ravel().astype(dtype) for a in np.meshgrid(np.arange(0, 13), np.array([0, 1, 4, 6, 9])))
    for name in ("gcd", "lcm"):
        np.testing.assert_array_equal(run(name, x, y), FALLBACKS[name](Plain(), x, y), strict=True)


def test_parts_of_floating_numbers(run):
    x = np.array([0.0, -0.0, 1.0, -3.5, 1e-300, 5e-324, 1e300, np.inf, -np.inf, np.nan])
    for ours, theirs in zip(run("frexp", x, launches=None), FALLBACKS["frexp"](Plain(), x), strict=True):
        np.testing.assert_array_equal(ours, theirs, strict=True)


# Parts of arrays.


@pytest.mark.parametrize(
    "index",
    [
        (1,),
        (slice(None), 2),
        (slice(None, None, -1),),
        (..., slice(4, 0, -2)),
        (None, 0, ..., None),
        (0, 1, 2),
        (slice(2, 2),),
        (),
    ],
    ids=str,
)
def test_parts(run, index):
    x = np.arange(60.0).reshape(3, 4, 5)
    part = run("getitem", x, index=index, launches=0)
    np.testing.assert_array_equal(part, x[index], strict=type(x[index]) is np.ndarray)
    np.testing.assert_array_equal(
        run("embed", part, shape=x.shape, index=index, launches=None), expect("embed", part, shape=x.shape, index=index)
    )
    value = -np.ones(part.shape[-1:])
    got = run("assign", x, value, index=index, launches=None)
    np.testing.assert_array_equal(got, expect("assign", x, value, index=index))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64", "complex128", "int8", "int64", "bool"])
@pytest.mark.parametrize("rest", [(), (3,), (2, 2)])
def test_of_rows_at_one_place_the_last_counts(run, dtype, rest):
    random = np.random.default_rng(0)
    x, rows = (random.integers(0, 9, (n, *rest)).astype(dtype_of(dtype)) for n in (20, 500))
    positions = random.integers(0, 15, 500)
    expected = x.copy()
    for at, row in zip(positions, rows, strict=True):
        expected[at] = row
    got = run("put_rows", x, positions, rows, launches=3)
    assert got.dtype == x.dtype
    np.testing.assert_array_equal(got.astype("complex128"), expected.astype("complex128"))


def test_no_rows_and_no_places(run):
    x = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(run("put_rows", x, np.zeros(0, int), np.zeros((0, 3)), launches=None), x)
    np.testing.assert_array_equal(run("put_rows", x[:, :0], np.zeros(1, int), x[:1, :0], launches=None), x[:, :0])


@pytest.mark.parametrize(
    "widths", [((1, 2), (0, 3)), ((0, 0), (0, 0)), ((-1, 1), (2, -3)), ((-1, -1), (-2, 0)), ((-2, -2), (1, 1))]
)
@pytest.mark.parametrize("value", [0.0, 2.5])
def test_padding(run, widths, value):
    x = np.arange(20.0).reshape(4, 5)
    got = run("constant_pad", x, widths=widths, value=value, launches=None)
    np.testing.assert_array_equal(got, expect("constant_pad", x, widths=widths, value=value), strict=True)


def test_complex_numbers_as_pairs(run):
    z = (np.arange(12.0) + 1j).reshape(3, 4)
    for view, launches in ((z, 0), (z.T, 1), (z[:, ::2], 1), (z[0, 0], 0)):
        view = np.asarray(view)
        pairs = run("view_as_real", view, launches=launches)
        np.testing.assert_array_equal(pairs, np.stack([view.real, view.imag], -1), strict=True)
        np.testing.assert_array_equal(run("view_as_complex", pairs, launches=0), view, strict=True)


@pytest.mark.parametrize("bounds", [(-1, 1), (None, 0.5), (0.25, None), (2.0, 1.0), (None, None), (0, 6)])
def test_clipping(run, bounds, dtype):
    x = np.array([-2.0, -0.5, -0.0, 0.3, 7.0, np.nan, np.inf]).astype(dtype)
    low, high = (default if b is None else b for b, default in zip(bounds, (-np.inf, np.inf), strict=True))
    expected = np.minimum(np.maximum(x.astype(float), low), high).astype(dtype).astype(float)
    got = run("clip", x, min=bounds[0], max=bounds[1]).astype(float)
    np.testing.assert_array_equal(got, expected)
    assert np.signbit(got[2]) == (low <= 0 and low <= high)


def test_clipping_of_integers_and_between_arrays_is_compats(run):
    x = np.array([-2, 5, 7])
    np.testing.assert_array_equal(run("clip", x, min=0, max=6, launches=None), [0, 5, 6], strict=True)
    got = run("clip", x.astype(float), np.zeros(3), np.full(3, 6.0), launches=None)
    np.testing.assert_array_equal(got, [0.0, 5.0, 6.0], strict=True)


# Optimizers.


def after(cupy_place: Any, name: str, arrays: list[Any], **settings: Any) -> tuple[list[Any], int]:
    """The results of one step on CuPy, which must lie in the memory of what it was given, and the launches."""
    import cupy
    from cupy import _launches

    given = [None if a is None else cupy.asarray(a) for a in arrays]
    with _launches.counted() as log:
        results = getattr(cupy_place.xp, name)(*given, **settings)
    kept = [given[0], *given[2:]]
    assert all(r is g for r, g in zip(results, kept, strict=True) if g is not None)
    np.testing.assert_array_equal(given[1].get(), arrays[1])
    return [None if r is None else r.get() for r in results], len(log)


@pytest.mark.parametrize("settings", [(0, 0, False), (0.9, 0, False), (0.9, 0.5, False), (0.9, 0, True)])
def test_steps_of_gradient_descent(cupy_place, settings, dtype):
    random = np.random.default_rng(0)
    p, g = (random.normal(size=(3, 5)).astype(dtype) for _ in range(2))
    named = {"lr": 0.1, **dict(zip(("momentum", "dampening", "nesterov"), settings, strict=True))}
    buffer = None
    for step in range(3):
        expected = expect("sgd_update", p, g, buffer, **named)
        (p, buffer), launches = after(cupy_place, "sgd_update", [p, g, buffer], **named)
        assert launches == (2 if step == 0 and settings[0] else 1)
        for ours, theirs in zip((p, buffer), expected, strict=True):
            assert (ours is None) == (theirs is None)
            if ours is not None:
                close(ours, theirs, dtype, 4.0)


@pytest.mark.parametrize("amsgrad", [False, True])
def test_steps_of_adam(cupy_place, amsgrad, dtype):
    random = np.random.default_rng(0)
    p = random.normal(size=(4, 3)).astype(dtype)
    state = [np.zeros_like(p), np.zeros_like(p), np.zeros_like(p) if amsgrad else None]
    for step in range(1, 5):
        g = random.normal(size=p.shape).astype(dtype)
        named = {"step": float(step), "lr": 0.05, "betas": (0.9, 0.99), "eps": 1e-3}
        expected = expect("adam_update", p, g, *state, **named)
        (p, *state), launches = after(cupy_place, "adam_update", [p, g, *state], **named)
        assert launches == 1
        for ours, theirs in zip((p, *state), expected, strict=True):
            assert (ours is None) == (theirs is None)
            if ours is not None:
                close(ours, theirs, dtype, 4.0)


def test_nan_stays_in_the_greatest_moment(cupy_place):
    arrays = [np.ones(2), np.array([np.nan, 1.0]), np.zeros(2), np.zeros(2), np.full(2, 5.0)]
    named = {"step": 1.0, "lr": 0.1, "betas": (0.9, 0.99), "eps": 1e-3}
    results, _ = after(cupy_place, "adam_update", arrays, **named)
    np.testing.assert_array_equal(np.isnan(results), [[True, False]] * 4)


def test_moments_of_another_dtype_are_the_fallbacks(cupy_place):
    import cupy

    p, g, moments = cupy.ones(3, "float16"), cupy.ones(3, "float16"), [cupy.zeros(3, "float32") for _ in range(2)]
    named = {"step": 1.0, "lr": 0.1, "betas": (0.9, 0.99), "eps": 1e-3}
    stepped, *_ = cupy_place.xp.adam_update(p, g, *moments, None, **named)
    assert stepped.dtype == "float32"


@pytest.mark.parametrize("kind", ["SGD", "Adam", "AdamW"])
def test_optimizers_train_as_on_numpy(cupy_place, kind):
    def train(device: str) -> list[float]:
        xpgrad.manual_seed(0)
        x = xpgrad.randn(32, 6).to(device)
        layer = xpgrad.nn.Linear(6, 3).to(device)
        settings = {"momentum": 0.9, "weight_decay": 0.01} if kind == "SGD" else {}
        optimizer = getattr(xpgrad.optim, kind)(layer.parameters(), lr=0.05, **settings)
        losses = []
        for _ in range(10):
            optimizer.zero_grad()
            loss = xpgrad.nn.functional.gelu(layer(x)).square().mean()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return losses

    np.testing.assert_allclose(train("cuda"), train(str(host_place().device)), rtol=1e-4)
