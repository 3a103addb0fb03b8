"""Every kernel against the fallback over the standard, and what is declined."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from xpgrad.backends.fallbacks import FALLBACKS
from xpgrad.errors import ShapeError
from xpgrad_onednn import activation, convolution, matmul, normalization, pooling
from xpgrad_onednn.threads import session

SUBJECTS = (activation, convolution, matmul, normalization, pooling)
KERNELS = {name: kernel for subject in SUBJECTS for name, kernel in subject.KERNELS.items()}


pytestmark = pytest.mark.usefixtures("onednn")


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def check(name, *arrays, rtol=1e-5, **settings):
    """The kernel's answer is the fallback's in double precision; returns it. Inputs are left alone."""
    copies = [None if a is None else a.copy() for a in arrays]
    got = KERNELS[name](np, *arrays, **settings)
    assert got is not NotImplemented, f"{name} declined"
    wide = [a.astype(np.float64) if a is not None and a.dtype == np.float32 else a for a in arrays]
    expected = FALLBACKS[name](_namespace(), *wide, **settings)
    pairs = zip(got, expected, strict=True) if isinstance(got, tuple) else [(got, expected)]
    for one, other in pairs:
        if other is None:
            assert one is None
            continue
        assert one.dtype == (np.float32 if other.dtype == np.float64 else other.dtype)
        assert one.flags.c_contiguous
        np.testing.assert_allclose(one, _summed_to(other, one.shape), rtol=rtol, atol=rtol * np.abs(other).max())
    for array, copy in zip(arrays, copies, strict=True):
        np.testing.assert_array_equal(array, copy)
    return got


def _summed_to(array, shape):
    return array.sum(tuple(range(array.ndim - len(shape)))).reshape(shape)


def _namespace():
    """NumPy with the extensions that a fallback calls."""

    class Namespace:
        def __getattr__(self, name):
            if name in FALLBACKS:
                return lambda *arrays, **settings: FALLBACKS[name](self, *arrays, **settings)
            return getattr(np, name)

    return Namespace()


def three_ways(rng, x_shape, w_shape, stride, padding, dilation, groups, ask):
    """Ask for the convolution, with bias too, and both its transposes."""
    n = len(x_shape) - 2
    settings = {
        "stride": (stride,) * n if isinstance(stride, int) else stride,
        "padding": (padding,) * n if isinstance(padding, int) else padding,
        "dilation": (dilation,) * n if isinstance(dilation, int) else dilation,
        "groups": groups,
    }
    x, w = (rng.standard_normal(shape, np.float32) for shape in (x_shape, w_shape))
    bias = rng.standard_normal(w_shape[0], np.float32)
    g = np.empty(FALLBACKS["convolution"](np, x, w, **settings).shape, np.float32)
    g[...] = rng.standard_normal(g.shape)
    ask("convolution", x, w, **settings)
    ask("biased_convolution", x, w, bias, **settings)
    ask("convolution_input", g, w, size=x_shape[2:], **settings)
    ask("convolution_weight", g, x, size=w_shape[2:], **settings)


# x, w, stride, padding, dilation, groups
ALWAYS = [
    ((2, 64, 9, 11), (64, 64, 3, 3), 1, 1, 1, 1),
    ((2, 32, 8, 8), (32, 32, 1, 1), 1, 0, 1, 1),
]
ALL_THREE = [
    *ALWAYS,
    ((2, 16, 9), (32, 16, 3), 1, 1, 1, 1),
    ((2, 16, 20), (16, 16, 3), 2, 0, 2, 1),
    ((2, 16, 9, 11), (16, 16, 3, 3), 1, 1, 1, 1),
    ((1, 32, 12, 13), (64, 32, 3, 3), 2, 1, 1, 1),
    ((3, 32, 12, 13), (32, 32, 3, 2), (2, 1), (0, 1), (1, 2), 1),
    ((2, 32, 8, 8), (16, 32, 5, 5), 1, 4, 1, 1),
    ((2, 24, 8, 8), (40, 24, 1, 1), 1, 0, 1, 1),
    ((2, 32, 9, 9), (64, 32, 1, 1), 2, 0, 1, 1),
    ((2, 3, 40, 40), (64, 3, 7, 7), 2, 3, 1, 1),
    ((2, 1, 28, 28), (16, 1, 5, 5), 1, 2, 1, 1),
    ((2, 16, 14, 14), (1, 16, 3, 3), 1, 1, 1, 1),
    ((2, 17, 10, 9), (33, 17, 3, 3), 1, 1, 1, 1),
    ((3, 32, 10, 9), (64, 16, 3, 3), 1, 1, 1, 2),
    ((2, 32, 10, 10), (32, 1, 3, 3), 1, 1, 1, 32),
    ((2, 24, 10, 10), (24, 1, 3, 3), 2, 1, 1, 24),
    ((2, 16, 5, 6, 7), (16, 16, 3, 3, 3), 1, 1, 1, 1),
    ((1, 16, 8, 8, 8), (32, 16, 2, 3, 2), 2, 1, 1, 1),
]


@pytest.mark.parametrize("case", ALL_THREE, ids=str)
def test_convolutions(rng, case):
    def ask(name, *arrays, **settings):
        if KERNELS[name](np, *arrays, **settings) is NotImplemented:
            assert case not in ALWAYS  # which of the others oneDNN has quick code for depends on the processor
        else:
            check(name, *arrays, **settings)

    three_ways(rng, *case, ask)


def test_a_batch_in_parts_has_the_same_answer(rng, monkeypatch):
    monkeypatch.setattr(convolution, "_BLOCK", 1 << 14)
    three_ways(rng, (7, 32, 10, 10), (32, 1, 3, 3), 1, 1, 1, 32, check)
    three_ways(rng, (5, 3, 30, 30), (64, 3, 7, 7), 2, 3, 1, 1, check)


def test_layouts_that_are_not_plain_are_copied(rng):
    x = rng.standard_normal((4, 9, 10, 32), np.float32).transpose(0, 3, 1, 2)
    w = rng.standard_normal((3, 3, 16, 32), np.float32).T[:, ::-1]
    settings = {"stride": (1, 1), "padding": (1, 1), "dilation": (1, 1), "groups": 2}
    assert not x.flags.c_contiguous
    check("convolution", x, w, **settings)
    check("convolution", np.broadcast_to(x[:1], x.shape), w, **settings)
    check("convolution", np.repeat(x, 2, axis=0)[::-2], w, **settings)


# Shapes and settings that are left to NumPy, each with its reason.
DECLINED = {
    "no images": ((0, 16, 8, 8), (16, 16, 3, 3), 1, 1, 1, 1),
    "no outputs": ((2, 16, 8, 8), (0, 16, 3, 3), 1, 1, 1, 1),
    "four dimensions": ((1, 16, 3, 3, 3, 3), (16, 16, 1, 1, 1, 1), 1, 0, 1, 1),
}


@pytest.mark.parametrize("case", DECLINED.values(), ids=DECLINED)
def test_declined_convolutions(rng, case):
    def ask(name, *arrays, **settings):
        assert KERNELS[name](np, *arrays, **settings) is NotImplemented

    three_ways(rng, *case, ask)


@pytest.mark.parametrize("dtype", [np.float64, np.float16, np.int32, np.complex64, ">f4"])
def test_other_dtypes_are_declined(dtype):
    x, w = np.ones((2, 16, 8, 8), dtype), np.ones((16, 16, 3, 3), dtype)
    settings = {"stride": (1, 1), "padding": (1, 1), "dilation": (1, 1), "groups": 1}
    for name, arrays, more in (
        ("convolution", (x, w), {}),
        ("biased_convolution", (x, w, w[:, 0, 0, 0]), {}),
        ("convolution_input", (x, w), {"size": (8, 8)}),
        ("convolution_weight", (x, x), {"size": (3, 3)}),
    ):
        assert KERNELS[name](np, *arrays, **settings, **more) is NotImplemented
    pool = {"window": (2, 2), "stride": (2, 2), "padding": (0, 0), "ceil_mode": False}
    assert KERNELS["max_pool"](np, x, **pool, dilation=(1, 1)) is NotImplemented
    assert KERNELS["avg_pool"](np, x, **pool, count_include_pad=True, divisor_override=None) is NotImplemented
    large = np.ones((256, 256), dtype)
    assert KERNELS["sigmoid"](np, large) is NotImplemented
    assert KERNELS["softmax"](np, large, axis=-1) is NotImplemented
    assert KERNELS["layer_norm"](np, large, None, None, ndim=1, eps=1e-5) is NotImplemented


def test_mixed_dtypes_are_declined():
    x, w = np.ones((2, 16, 8, 8), np.float32), np.ones((16, 16, 3, 3))
    settings = {"stride": (1, 1), "padding": (1, 1), "dilation": (1, 1), "groups": 1}
    assert KERNELS["convolution"](np, x, w, **settings) is NotImplemented


def test_more_elements_than_an_int32_counts_are_declined():
    x = np.broadcast_to(np.float32(0.0), (2**16, 16, 64, 64))
    w = np.zeros((16, 16, 3, 3), np.float32)
    settings = {"stride": (1, 1), "padding": (1, 1), "dilation": (1, 1), "groups": 1}
    assert KERNELS["convolution"](np, x, w, **settings) is NotImplemented
    assert KERNELS["convolution_weight"](np, x, x, size=(3, 3), **settings) is NotImplemented
    assert KERNELS["softmax"](np, x, axis=-1) is NotImplemented
    assert KERNELS["layer_norm"](np, x, None, None, ndim=1, eps=1e-5) is NotImplemented


def test_a_bias_of_another_length_is_left_to_the_error_of_numpy():
    x, w = np.ones((2, 16, 8, 8), np.float32), np.ones((16, 16, 3, 3), np.float32)
    settings = {"stride": (1, 1), "padding": (1, 1), "dilation": (1, 1), "groups": 1}
    assert KERNELS["biased_convolution"](np, x, w, w[0, :3, 0, 0], **settings) is NotImplemented


def test_wrong_shapes_raise_as_everywhere():
    x, w = np.ones((2, 16, 8, 8), np.float32), np.ones((16, 15, 3, 3), np.float32)
    with pytest.raises(ShapeError, match="to have 15 channels, but got 16"):
        KERNELS["convolution"](np, x, w, stride=(1, 1), padding=(1, 1), dilation=(1, 1), groups=1)


# x, window, stride, padding, dilation, ceil_mode
POOLS = [
    ((2, 3, 9), (3,), (2,), (1,), (1,), False),
    ((2, 16, 8, 8), (2, 2), (2, 2), (0, 0), (1, 1), False),
    ((1, 5, 9, 11), (3, 2), (2, 1), (1, 0), (1, 1), True),
    ((2, 5, 9, 11), (3, 3), (2, 2), (1, 1), (2, 2), False),
    ((3, 4, 7, 7), (7, 7), (7, 7), (0, 0), (1, 1), False),
    ((2, 3, 5, 6, 7), (2, 3, 2), (2, 2, 1), (1, 1, 0), (1, 1, 1), False),
    ((2, 3, 10, 10), (2, 2), (3, 3), (0, 0), (1, 1), True),
]


@pytest.mark.parametrize("case", POOLS, ids=str)
def test_max_pool(rng, case):
    shape, window, stride, padding, dilation, ceil_mode = case
    x = np.round(rng.standard_normal(shape, np.float32), 1)  # with equal elements, of which the first wins
    settings = {"window": window, "stride": stride, "padding": padding, "dilation": dilation, "ceil_mode": ceil_mode}
    values, indices = KERNELS["max_pool"](np, x, **settings)
    expected, at = FALLBACKS["max_pool"](np, x, **settings)
    np.testing.assert_array_equal(values, expected)
    np.testing.assert_array_equal(indices, at)
    assert (values.dtype, indices.dtype) == (np.float32, np.int64)


@pytest.mark.parametrize("value", [np.nan, -np.inf])
def test_max_pool_declines_what_onednn_sees_differently(value):
    x = np.ones((1, 1, 4, 4), np.float32)
    x[0, 0, 1, 2] = value
    settings = {"window": (2, 2), "stride": (2, 2), "padding": (0, 0), "dilation": (1, 1), "ceil_mode": False}
    assert KERNELS["max_pool"](np, x, **settings) is NotImplemented


@pytest.mark.parametrize("count_include_pad", [True, False])
@pytest.mark.parametrize("case", [case for case in POOLS if max(case[4]) == 1], ids=str)
def test_avg_pool(rng, case, count_include_pad):
    shape, window, stride, padding, _, ceil_mode = case
    x = rng.standard_normal(shape, np.float32)
    settings = {
        "window": window, "stride": stride, "padding": padding, "ceil_mode": ceil_mode,
        "count_include_pad": count_include_pad, "divisor_override": None,
    }  # fmt: skip
    out = FALLBACKS["avg_pool"](np, x, **settings)
    g = rng.standard_normal(out.shape, np.float32)
    if KERNELS["avg_pool"](np, x, **settings) is NotImplemented:
        assert ceil_mode and count_include_pad, "only windows that end beyond the padding are declined"
        assert KERNELS["avg_pool_input"](np, g, size=shape[2:], **settings) is NotImplemented
        return
    check("avg_pool", x, **settings)
    check("avg_pool_input", g, size=shape[2:], **settings)


def test_avg_pool_declines_a_divisor():
    x = np.ones((1, 1, 4, 4), np.float32)
    settings = {"window": (2, 2), "stride": (2, 2), "padding": (0, 0), "ceil_mode": False, "count_include_pad": True}
    assert KERNELS["avg_pool"](np, x, **settings, divisor_override=3) is NotImplemented


def test_sigmoid(rng):
    x = 10 * rng.standard_normal((300, 300), np.float32)
    check("sigmoid", x)
    x[0, :3] = np.nan, np.inf, -np.inf
    np.testing.assert_array_equal(KERNELS["sigmoid"](np, x)[0, :3], [np.nan, 1.0, 0.0])
    assert KERNELS["sigmoid"](np, x.T) is NotImplemented
    assert KERNELS["sigmoid"](np, x[:10]) is NotImplemented


@pytest.mark.parametrize("shape", [(64, 1000), (4, 8, 40, 37), (1, 70000), (40000, 1)], ids=str)
def test_softmax(rng, shape):
    x, g = (5 * rng.standard_normal(shape, np.float32) for _ in range(2))
    out = check("softmax", x, axis=-1)
    check("softmax_input", g, out, axis=len(shape) - 1)
    check("log_softmax_input", g, np.log(out), axis=-1, rtol=1e-4)


def test_softmax_of_infinities(rng):
    x = rng.standard_normal((64, 1000), np.float32)
    x[:, ::3] = -np.inf
    check("softmax", x, axis=-1)
    for value in (np.nan, np.inf):
        x[3, 5] = value
        assert KERNELS["softmax"](np, x, axis=-1) is NotImplemented
    x[3] = -np.inf
    assert KERNELS["softmax"](np, x, axis=-1) is NotImplemented
    assert KERNELS["softmax"](np, np.ones((1000, 64), np.float32), axis=0) is NotImplemented


@pytest.mark.parametrize(
    ("shape", "ndim"), [((200, 100), 1), ((4, 50, 96), 1), ((5, 60, 7, 11), 2), ((3, 17000), 1)], ids=str
)
@pytest.mark.parametrize(("weight", "bias"), list(itertools.product([True, False], repeat=2)))
def test_layer_norm(rng, shape, ndim, weight, bias):
    features, kept = shape[-ndim:], (*shape[:-ndim], *(1,) * ndim)
    x, g = (rng.standard_normal(shape, np.float32) + 2 for _ in range(2))
    w = rng.standard_normal(features, np.float32) if weight else None
    b = rng.standard_normal(features, np.float32) if bias else None
    _, mean, inverse = check("layer_norm", x, w, b, ndim=ndim, eps=1e-5)
    none = np.zeros(kept, np.float32)
    for needs in ((True, weight, bias), (True, False, False)):
        check("layer_norm_gradients", g, none, none, x, w, mean, inverse, ndim=ndim, needs=needs, rtol=1e-4)
    more = (g, none + 1, none, x, w, mean, inverse)
    assert KERNELS["layer_norm_gradients"](np, *more, ndim=ndim, needs=(True, False, False)) is NotImplemented


def test_equal_elements_have_no_deviation():
    x = np.full((64, 512), 3.0, np.float32)
    out, mean, inverse = KERNELS["layer_norm"](np, x, None, None, ndim=1, eps=1e-5)
    np.testing.assert_allclose(out, 0.0, atol=1e-4)
    np.testing.assert_allclose(mean, 3.0)
    np.testing.assert_allclose(inverse, 1e-5**-0.5, rtol=1e-5)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((100, 70), (70, 90)),
        ((4, 50, 80), (80, 90)),
        ((3, 1, 64, 80), (2, 80, 90)),
        ((70, 80), (5, 80, 90)),
        ((1, 3000), (3000, 200)),
        ((3000, 1), (1, 2000)),
    ],
    ids=str,
)
def test_matmul(rng, one, other):
    x, y = rng.standard_normal(one, np.float32), rng.standard_normal(other, np.float32)
    turned = [np.swapaxes(np.ascontiguousarray(np.swapaxes(a, -1, -2)), -1, -2) for a in (x, y)]
    for a, b in ((x, y), (turned[0], y), (x, turned[1]), turned, (x[..., ::-1, :], y), (x, y[..., ::-1])):
        got = KERNELS["matmul"](np, a, b)
        expected = np.matmul(a.astype(np.float64), b)
        np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-4)
        assert got.dtype == np.float32


def test_matmul_declines_what_openblas_does_on_one_thread(rng):
    small = rng.standard_normal((30, 30), np.float32)
    large = rng.standard_normal((300, 300), np.float32)
    for x, y in (
        (small, small), (large[:0], large), (large[0], large), (large.astype(np.float64), large), (large, large[:200]),
        (np.stack([large] * 2), np.stack([large] * 3)),
    ):  # fmt: skip
        assert KERNELS["matmul"](np, x, y) is NotImplemented


@pytest.mark.parametrize("shape", [(90,), (1, 90), (100, 1), (100, 90), (1,), ()], ids=str)
def test_addmm(rng, shape):
    x, y = rng.standard_normal((100, 70), np.float32), rng.standard_normal((90, 70), np.float32)
    b = np.asarray(rng.standard_normal(shape, np.float32), np.float32)
    check("addmm", b, x, y.T)
    assert KERNELS["addmm"](np, b.astype(np.float64), x, y.T) is NotImplemented
    assert KERNELS["addmm"](np, np.zeros(89, np.float32), x, y.T) is NotImplemented
    assert KERNELS["addmm"](np, np.zeros((2, 100, 90), np.float32), x, y.T) is NotImplemented


def test_what_is_kept_is_used_again(rng):
    x, w = rng.standard_normal((2, 16, 8, 8), np.float32), rng.standard_normal((16, 16, 3, 3), np.float32)
    settings = {"stride": (1, 1), "padding": (1, 1), "dilation": (1, 1), "groups": 1}
    first = KERNELS["convolution"](np, x, w, **settings)
    before = dict(session().plans)
    np.testing.assert_array_equal(KERNELS["convolution"](np, x, w, **settings), first)
    assert dict(session().plans) == before
