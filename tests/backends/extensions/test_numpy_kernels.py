"""NumPy's kernels of the extension functions: the same as the fallbacks, whatever the layout they choose."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from xpgrad.backends.fallbacks import FALLBACKS
from xpgrad.backends.numpy_kernels import KERNELS, channels_first, channels_last, depthwise, pooling, special
from xpgrad.backends.numpy_kernels.blocks import Windows
from xpgrad.errors import IndexRangeError


@pytest.fixture(params=["whole", "image by image"])
def block(request, monkeypatch):
    """Whether the batch is worked on as a whole, as it is while it is small, or in as many parts as there can be."""
    if request.param == "image by image":
        for module in (channels_first, channels_last, depthwise, pooling):
            monkeypatch.setattr(module, "_BLOCK", 1)


def agree(name, *arrays, **settings):
    """The result of a kernel, checked against the fallback's and for being an array of its own."""
    before = [array.copy() for array in arrays]
    got = KERNELS[name](np, *arrays, **settings)
    expected = FALLBACKS[name](np, *arrays, **settings)
    for ours, theirs in zip(*((out if isinstance(out, tuple) else (out,)) for out in (got, expected)), strict=True):
        single = ours.dtype in (np.float32, np.complex64)
        assert ours.dtype == theirs.dtype
        assert ours.shape == theirs.shape
        assert ours.flags.c_contiguous
        assert ours.flags.writeable
        assert not any(np.may_share_memory(ours, array) for array in arrays)
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-4 if single else 1e-12)
    for array, kept in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(array, kept)
    return got


def variants(array):
    """An array in the memory layouts that kernels meet: usual, read-only, transposed, backwards, every other one."""
    fixed = array.copy()
    fixed.setflags(write=False)
    return [
        array,
        fixed,
        np.ascontiguousarray(array.T).T,
        np.ascontiguousarray(array[..., ::-1])[..., ::-1],
        np.repeat(array, 2, axis=1)[:, ::2],
    ]


@pytest.mark.parametrize("name", sorted(KERNELS.keys() & FALLBACKS.keys()))
def test_kernels_have_the_signatures_of_the_fallbacks(name):
    ours, theirs = (
        [(p.name, p.kind) for p in inspect.signature(functions[name]).parameters.values()]
        for functions in (KERNELS, FALLBACKS)
    )
    assert ours == theirs


def test_every_kernel_is_an_extension_function_or_numpys_own():
    assert [name for name in KERNELS if name not in FALLBACKS and not hasattr(np, name)] == []


# Convolution


@pytest.mark.usefixtures("block")
@pytest.mark.parametrize("dtype", ["float64", "float32", "complex64", "int64"])
def test_convolution(convolution_case, dtype):
    case = convolution_case
    x, w = case.arrays(dtype)
    g = case.output(dtype)
    agree("convolution", x, w, **case.settings)
    agree("convolution_input", g, w, size=case.x[2:], **case.settings)
    agree("convolution_weight", g, x, size=case.w[2:], **case.settings)


def test_convolution_of_any_memory_layout(convolution_case):
    case = convolution_case
    x, w = case.arrays()
    g = case.output()
    for x_, w_, g_ in zip(variants(x), variants(w), [*variants(g)[:-1], np.broadcast_to(2.0, g.shape)], strict=True):
        agree("convolution", x_, w_, **case.settings)
        agree("convolution_input", g_, w_, size=case.x[2:], **case.settings)
        agree("convolution_weight", g_, x_, size=case.w[2:], **case.settings)


def test_every_layout_agrees(convolution_case):
    """Those that the choice passes over, too."""
    case = convolution_case
    x, w = case.arrays()
    g = case.output()
    expected = FALLBACKS["convolution"](np, x, w, **case.settings)
    to_x = FALLBACKS["convolution_input"](np, g, w, size=case.x[2:], **case.settings)
    to_w = FALLBACKS["convolution_weight"](np, g, x, size=case.w[2:], **case.settings)
    windows = Windows(case.w[2:], g.shape[2:], case.stride, case.padding, case.dilation)
    np.testing.assert_allclose(channels_first.forward(x, w, windows, case.groups), expected, atol=1e-12)
    got = channels_first.transpose_input(g, w, case.x[2:], windows, case.groups)
    np.testing.assert_allclose(got, to_x, atol=1e-12)
    np.testing.assert_allclose(channels_first.transpose_weight(g, x, windows, case.groups), to_w, atol=1e-12)
    if case.groups == 1:
        np.testing.assert_allclose(channels_last.forward(x, w, windows), expected, atol=1e-12)
        np.testing.assert_allclose(channels_last.transpose_input(g, w, case.x[2:], windows), to_x, atol=1e-12)
        np.testing.assert_allclose(channels_last.transpose_weight(g, x, windows), to_w, atol=1e-12)


def test_convolution_in_single_precision_as_in_pytorch():
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    x, w = (rng.standard_normal(shape, np.float32) for shape in ((8, 16, 20, 20), (32, 16, 3, 3)))
    settings = {"stride": (1, 1), "padding": (1, 1), "dilation": (1, 1), "groups": 1}
    expected = torch.conv2d(torch.from_numpy(x), torch.from_numpy(w), padding=1)
    np.testing.assert_allclose(KERNELS["convolution"](np, x, w, **settings), expected, atol=1e-4)


# Pooling


@pytest.mark.usefixtures("block")
@pytest.mark.parametrize("kind", ["numbers", "ties", "nan", "-inf"])
def test_max_pool(pooling_case, kind):
    x = pooling_case.array(kind)
    values, indices = agree("max_pool", x, **pooling_case.settings)
    np.testing.assert_array_equal(values, FALLBACKS["max_pool"](np, x, **pooling_case.settings)[0])
    agree("pool_gather", x, indices)
    agree("pool_scatter", values, indices, size=x.shape[2:])


@pytest.mark.parametrize("dtype", ["float32", "int32", "uint8"])
def test_max_pool_of_other_dtypes(dtype):
    x = np.random.default_rng(0).integers(0, 5, (2, 3, 6, 7)).astype(dtype)
    settings = {"window": (3, 2), "stride": (2, 2), "padding": (1, 1), "dilation": (1, 1), "ceil_mode": True}
    for array in variants(x):
        _, indices = agree("max_pool", array, **settings)
        agree("pool_gather", array, indices)
        agree("pool_scatter", array[..., :4, :4], indices, size=x.shape[2:])


def test_max_pool_with_many_elements_in_a_window():
    x = np.random.default_rng(0).standard_normal((2, 1, 300))
    settings = {"window": (290,), "stride": (1,), "padding": (0,), "dilation": (1,), "ceil_mode": False}
    agree("max_pool", x, **settings)


@pytest.mark.parametrize("include", [True, False])
@pytest.mark.parametrize("divisor", [None, 5])
def test_avg_pool_input(pooling_case, include, divisor):
    settings = {**pooling_case.sum_settings, "count_include_pad": include, "divisor_override": divisor}
    g = np.random.default_rng(0).standard_normal(FALLBACKS["avg_pool"](np, pooling_case.array(), **settings).shape)
    for array in variants(g):
        agree("avg_pool_input", array, size=pooling_case.x[2:], **settings)


# Scattering and selecting


@pytest.mark.parametrize("rest", [(), (3,), (2, 3), (600,), (0,)], ids=str)
@pytest.mark.parametrize("indices", [[], [0], [3, 3, 3, 3], [5, 0, 5, 2, 0, 6]], ids=str)
@pytest.mark.parametrize("dtype", ["float32", "float64", "complex128", "int64"])
def test_scatter_add(indices, rest, dtype):
    indices = np.array(indices, np.int64)
    updates = np.random.default_rng(0).integers(-9, 10, (len(indices), *rest)).astype(dtype)
    agree("scatter_add", updates, indices, size=7)
    agree("scatter_add", updates[::-1], indices[::-1], size=7)


def test_scatter_add_of_many_short_rows():
    indices = np.random.default_rng(1).integers(0, 5, 300)
    for rest in ((2,), (3, 1), (2, 2)):
        updates = np.random.default_rng(0).integers(-9, 10, (300, *rest)).astype("float64")
        agree("scatter_add", updates, indices, size=7)
        agree("scatter_add", np.moveaxis(np.moveaxis(updates, 0, -1).copy(), -1, 0), indices, size=7)


@pytest.mark.parametrize("rest", [(), (3,), (0,)], ids=str)
@pytest.mark.parametrize("indices", [[], [3, 3, 3, 3], [5, 0, 5, 2, 0, 6]], ids=str)
@pytest.mark.parametrize("kind", ["prod", "max", "min"])
def test_scatter_reduce(kind, indices, rest):
    random = np.random.default_rng(0)
    x, updates = random.integers(-4, 5, (7, *rest)), random.integers(-4, 5, (len(indices), *rest))
    agree("scatter_reduce", x, np.array(indices, np.int64), updates, kind=kind)


@pytest.mark.parametrize("kind", ["max", "min"])
def test_running_extreme(kind):
    agree("running_extreme", np.random.default_rng(0).normal(size=(4, 5)), axis=1, kind=kind)


@pytest.mark.parametrize("count", [0, 3, 100])
def test_checked_positions(count):
    agree("checked_positions", np.arange(-count // 2, count // 2), length=60, axis=0)


@pytest.mark.parametrize("count", [3, 100])
def test_positions_from_the_end_are_refused_where_they_mean_nothing(count):
    with pytest.raises(IndexRangeError, match="index -1 is out of bounds for dimension 1 with size 200"):
        KERNELS["checked_positions"](np, np.arange(-1, count), length=200, axis=1, from_end=False)


NUMBERS = np.random.default_rng(0).standard_normal((64, 128))
NUMBERS[0, :4] = [np.nan, np.inf, -np.inf, -0.0]
MASK = np.random.default_rng(1).random((64, 128)) < 0.5


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "int64", "int32", "int8", "complex64"])
@pytest.mark.parametrize("other", [0, 1, 0.0, 2.5, -0.0, np.nan, "array", "row", "0-d", "double"], ids=str)
@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize(
    "mask", [MASK, MASK[:, ::-1], MASK[:1], MASK[0, 0], MASK.T[:, :].copy().T], ids=lambda m: m.shape
)
@pytest.mark.filterwarnings("ignore:invalid value encountered in cast")
def test_where(dtype, other, swapped, mask):
    x = NUMBERS.astype(dtype)
    y = {
        "array": x[::-1],
        "row": x[0],
        "0-d": np.array(3, dtype),
        "double": NUMBERS[::-1],
    }.get(other, other)
    arguments = (y, x) if swapped else (x, y)
    got, expected = KERNELS["where"](np, mask, *arguments), np.where(mask, *arguments)
    assert got.dtype == expected.dtype
    np.testing.assert_array_equal(got, expected)
    if got.dtype.kind == "f":
        np.testing.assert_array_equal(np.signbit(got), np.signbit(expected))


# Special functions


@pytest.mark.parametrize("installed", [True, False], ids=["with SciPy", "without SciPy"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", ["erf", "erfc", "erfinv", "gammaln", "digamma"])
def test_special_functions(name, dtype, installed, monkeypatch):
    if installed:
        pytest.importorskip("scipy")
    else:
        monkeypatch.setattr(special, "_scipy_special", lambda: None)
    few = np.array([np.nan, np.inf, -np.inf, 0.0, -1.0, -0.5, 0.5, 1.0, 2.0, 3.0, 20.0])
    many = np.concatenate([few, np.random.default_rng(0).uniform(-1 if name == "erfinv" else -5, 1, 40_000)])
    for x in (few, few[:4], many, many[::2]):
        x = x.astype(dtype)
        got = KERNELS[name](np, x)
        with np.errstate(all="ignore"):
            expected = FALLBACKS[name](np, x.astype(np.float64))
        assert got.dtype == dtype
        # Near their zeros, only an absolute error is small; near its poles, SciPy's digamma is off by that much.
        rtol = 1e-6 if dtype == "float32" else 1e-11 if name == "digamma" else 1e-13
        atol = 20 * rtol if name in ("gammaln", "digamma") else 0
        np.testing.assert_allclose(got, expected.astype(dtype), rtol=rtol, atol=atol)


def test_error_function_keeps_its_bounds_in_single_precision():
    x = np.concatenate([np.linspace(-6, 6, 100_001), [-0.0, 1e-30]]).astype(np.float32)
    got = KERNELS["erf"](np, x)
    assert got.min() == -1
    assert got.max() == 1
    assert np.signbit(got[-2])
    assert got[-1] == np.float32(1.1283791670955126e-30)
