"""NumPy's kernels: what the conformance kit, which asks them all for the fallbacks' answers, does not ask."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from xpgrad.backends.fallbacks import FALLBACKS
from xpgrad.backends.numpy_kernels import KERNELS, channels_first, channels_last, depthwise, pooling, special
from xpgrad.backends.numpy_kernels.blocks import Windows
from xpgrad.errors import IndexRangeError
from xpgrad.testing.conformance.kernels.asking import plain_namespace
from xpgrad.testing.conformance.kernels.table import KERNELS as ROWS
from xpgrad.testing.conformance.levels.kernels import QUESTIONS, gives_the_fallbacks_answer
from xpgrad.testing.conformance.subject import Subject


def agree(name, *arrays, **settings):
    """The result of a kernel, checked against the fallback's and for being an array of its own."""
    before = [array.copy() for array in arrays]
    got = KERNELS[name](np, *arrays, **settings)
    expected = FALLBACKS[name](plain_namespace(Subject.named("numpy").place), *arrays, **settings)
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


CHOICES = ["convolution", "convolution_input", "convolution_weight", "max_pool", "avg_pool_input", "pool_scatter"]


@pytest.mark.parametrize("name", CHOICES)
def test_image_by_image(name, monkeypatch):
    """A small batch is worked on as a whole, a large one in parts: here in as many as there can be."""
    for module in (channels_first, channels_last, depthwise, pooling):
        monkeypatch.setattr(module, "_BLOCK", 1)
    for dtype in ("float64", "float32"):
        gives_the_fallbacks_answer(Subject.named("numpy"), QUESTIONS[f"{name}/{dtype}"])


@pytest.mark.parametrize("name", CHOICES)
def test_results_lie_in_row_major_order_in_memory_of_their_own(name):
    for call in ROWS[name].calls:
        arrays = [array.T.copy().T for array in call.arrays]
        agree(name, *arrays, **call.settings)


def test_convolution_of_one_number_everywhere(convolution_case):
    case = convolution_case
    x, w = case.arrays()
    g = np.broadcast_to(2.0, case.output().shape)
    agree("convolution_input", g, w, size=case.x[2:], **case.settings)
    agree("convolution_weight", g, x, size=case.w[2:], **case.settings)


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


def test_max_pool_of_unsigned_numbers():
    x = np.random.default_rng(0).integers(0, 5, (2, 3, 6, 7)).astype("uint8")
    settings = {"window": (3, 2), "stride": (2, 2), "padding": (1, 1), "dilation": (1, 1), "ceil_mode": True}
    _, indices = agree("max_pool", x, **settings)
    agree("pool_gather", x, indices)
    agree("pool_scatter", x[..., :4, :4], indices, size=x.shape[2:])


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


@pytest.mark.parametrize("count", [3, 100])
def test_positions_from_the_end_are_refused_where_they_mean_nothing(count):
    with pytest.raises(IndexRangeError, match="index -1 is out of bounds for dimension 1 with size 200"):
        KERNELS["checked_positions"](np, np.arange(-1, count), length=200, axis=1, from_end=False)
