"""CuPy's kernels of convolutions and pooling on the stand-in, CUDA source and all: the answers of the fallbacks."""

from __future__ import annotations

import functools
import itertools
from typing import Any

import numpy as np
import pytest

from xpgrad.backends.fallbacks import FALLBACKS
from xpgrad.errors import ShapeError

DTYPES = ["float32", "float64", "float16", "bfloat16", "complex64", "complex128", "int8", "int64", "uint16"]

# A unit in the last place of each, for numbers that are about one.
ROUNDING = {"float16": 1e-3, "bfloat16": 8e-3, "float32": 1e-6, "complex64": 1e-6}


class Plain:
    """NumPy with the fallbacks, and nothing that is quicker."""

    def __getattr__(self, name: str) -> Any:
        return functools.partial(FALLBACKS[name], self) if name in FALLBACKS else getattr(np, name)


PLAIN = Plain()


@pytest.fixture(params=["whole, in order", "image by image, in reverse"])
def kernels(request, cupy_place, standin, monkeypatch) -> Any:
    """CuPy's kernels, on columns of many images or few, and on threads in one order or the other."""
    from xpgrad.backends.cupy_kernels import KERNELS, columns

    if request.param == "image by image, in reverse":
        monkeypatch.setattr(columns, "_BLOCK", 1)
        monkeypatch.setattr(standin._kernels, "reverse", True)

    def run(name: str, *arrays: Any, **settings: Any) -> Any:
        given = [cupy_place.backend.from_host(a, cupy_place.handle) for a in arrays]
        out = KERNELS[name](cupy_place.xp, *given, **settings)
        for array, before in zip(given, arrays, strict=True):
            np.testing.assert_array_equal(array.get().astype("complex128"), before.astype("complex128"))
        for made in out if isinstance(out, tuple) else (out,):
            assert made.flags.c_contiguous
        return tuple(o.get() for o in out) if isinstance(out, tuple) else out.get()

    return run


def agree(kernels: Any, name: str, *arrays: Any, scale: float = 1.0, **settings: Any) -> Any:
    """What the kernel answers, which is what the fallback does in a wider dtype, but for rounding."""
    dtype = arrays[0].dtype
    wide = {"f": np.float64, "V": np.float64, "c": np.complex128}.get(dtype.kind, dtype)
    expected = FALLBACKS[name](PLAIN, *(a.astype(wide) if a.dtype == dtype else a for a in arrays), **settings)
    got = kernels(name, *arrays, **settings)
    for g, e in zip(*((o if isinstance(o, tuple) else (o,)) for o in (got, expected)), strict=True):
        assert g.shape == e.shape
        assert g.dtype == (dtype if e.dtype == wide else e.dtype)
        # Compared as integers these must be equal, wrapped around and all.
        bound = scale * ROUNDING.get(dtype.name, 1e-12 if dtype.kind in "fc" else 0)
        np.testing.assert_allclose(g.astype(e.dtype), e, rtol=bound, atol=bound)
    return got


def rounded(array: Any, name: str) -> Any:
    """``array`` in the dtype called ``name``."""
    if name == "bfloat16":
        return array.astype(pytest.importorskip("ml_dtypes").bfloat16)
    return array.astype(name)


def numbers(case: Any, name: str) -> tuple[Any, Any, Any]:
    """Inputs, kernels and gradients of one convolution."""
    base = np.int64 if np.dtype(name if name != "bfloat16" else "float32").kind in "iu" else np.complex128
    arrays = (*case.arrays(base), case.output(base))
    return tuple(rounded(a if name.startswith("complex") or base is np.int64 else a.real, name) for a in arrays)


# Convolution.


@pytest.mark.parametrize("dtype", DTYPES)
def test_convolution(kernels, convolution_case, dtype):
    case = convolution_case
    x, w, g = numbers(case, dtype)
    agree(kernels, "convolution", x, w, scale=100, **case.settings)
    agree(kernels, "convolution_input", g, w, scale=100, size=case.x[2:], **case.settings)
    agree(kernels, "convolution_weight", g, x, scale=300, size=case.w[2:], **case.settings)


@pytest.mark.parametrize("dtype", ["float32", "int64"])
def test_biased_convolution(kernels, cupy_place, convolution_case, dtype):
    case = convolution_case
    x, w, _ = numbers(case, dtype)
    bias = np.arange(len(w)).astype(dtype)
    settings = case.settings
    got = kernels("biased_convolution", x, w, bias, **settings)
    plain = FALLBACKS["convolution"](np, x, w, **settings)
    np.testing.assert_allclose(got, plain + bias.reshape(-1, *(1 for _ in plain.shape[2:])), rtol=1e-4, atol=1e-4)
    assert got.dtype == x.dtype


def test_a_bias_of_another_dtype_decides_like_the_fallback(kernels, cupy_place):
    x, w = np.ones((1, 1, 4), np.float32), np.ones((2, 1, 2), np.float32)
    settings = {"stride": (1,), "padding": (0,), "dilation": (1,), "groups": 1}
    got = kernels("biased_convolution", x, w, np.array([0.5, 1.5]), **settings)
    assert got.dtype == np.float64
    np.testing.assert_array_equal(got, [[[2.5] * 3, [3.5] * 3]])


def layouts(array: Any) -> list[Any]:
    """``array`` in the memory layouts that kernels meet: transposed, backwards, every other one, one for all."""
    return [
        np.ascontiguousarray(array.T).T,
        np.ascontiguousarray(array[..., ::-1])[..., ::-1],
        np.repeat(array, 2, axis=1)[:, ::2],
        np.broadcast_to(array[:1], array.shape),
    ]


def test_any_memory_layout(cupy_place):
    from xpgrad.backends.cupy_kernels import KERNELS

    random = np.random.default_rng(0)
    x, w = random.normal(size=(2, 4, 6, 7)), random.normal(size=(6, 2, 3, 2))
    settings = {"stride": (2, 1), "padding": (1, 1), "dilation": (1, 2), "groups": 2}
    pools = {"window": (3, 2), "stride": (2, 1), "padding": (1, 0), "ceil_mode": True}
    averages = {**pools, "count_include_pad": False, "divisor_override": None}
    g = FALLBACKS["convolution"](np, x, w, **settings)

    def same(name: str, *arrays: Any, **settings: Any) -> None:
        # Transposed there and not here, since what comes from the host is contiguous.
        given = [cupy_place.xp.asarray(a.base if a.base is not None else a) for a in arrays]
        views = [restored(a, d, cupy_place.xp) for a, d in zip(arrays, given, strict=True)]
        got = KERNELS[name](cupy_place.xp, *views, **settings)
        expected = FALLBACKS[name](PLAIN, *arrays, **settings)
        for one, other in zip(*((o if isinstance(o, tuple) else (o,)) for o in (got, expected)), strict=True):
            np.testing.assert_allclose(one.get(), other, rtol=1e-12, atol=1e-12)

    for x_, w_, g_ in zip(layouts(x), layouts(w), layouts(g), strict=True):
        same("convolution", x_, w_, **settings)
        same("convolution_input", g_, w_, size=x.shape[2:], **settings)
        same("convolution_weight", g_, x_, size=w.shape[2:], **settings)
        same("max_pool", x_, dilation=(1, 1), **pools)
        same("avg_pool", x_, **averages)
        pooled = FALLBACKS["avg_pool"](np, x, **averages)
        same("avg_pool_input", layouts(pooled)[0], size=x.shape[2:], **averages)


def restored(host: Any, base: Any, xp: Any) -> Any:
    """The view of ``base`` that ``host`` is of its own base."""
    if host.base is None:
        return base
    import cupy

    view = np.lib.stride_tricks.as_strided(base._host, host.shape, host.strides) if min(host.strides) >= 0 else None
    if view is None:
        return xp.flip(cupy.asarray(host[..., ::-1].copy()), axis=-1)
    return cupy._wrap(view)


def test_more_spatial_axes_than_kernels_have(kernels):
    x, w = np.random.default_rng(0).normal(size=(2, 2, 3, 3, 3, 3)), np.ones((1, 2, 2, 2, 2, 2))
    settings = {"stride": (1,) * 4, "padding": (1, 0, 0, 1), "dilation": (1,) * 4, "groups": 1}
    out = agree(kernels, "convolution", x, w, **settings)
    agree(kernels, "convolution_input", out, w, size=x.shape[2:], scale=10, **settings)
    agree(kernels, "convolution_weight", out, x, size=w.shape[2:], scale=100, **settings)


def test_shapes_that_do_not_fit(kernels):
    x, w = np.ones((1, 3, 4, 4)), np.ones((2, 2, 3, 3))
    settings = {"stride": (1, 1), "padding": (0, 0), "dilation": (1, 1), "groups": 1}
    with pytest.raises(ShapeError, match=r"expected input\[1, 3, 4, 4\] to have 2 channels, but got 3 channels"):
        kernels("convolution", x, w, **settings)
    with pytest.raises(ShapeError, match="transposed convolution: input of size"):
        kernels("convolution_input", np.ones((1, 2, 9, 9)), w, size=(4, 4), **settings)
    with pytest.raises(ShapeError, match="transposed convolution: input of size"):
        kernels("convolution_weight", np.ones((1, 2, 9, 9)), x, size=(3, 3), **settings)
    with pytest.raises(ShapeError, match="transposed pooling: input of size"):
        window = {"window": (2, 2), "stride": (2, 2), "padding": (0, 0), "ceil_mode": False}
        kernels("max_pool_input", x, np.zeros(x.shape, np.int64), size=(4, 4), dilation=(1, 1), **window)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("groups", [1, 2, 64])
def test_narrow_floats_add_up_in_float32(kernels, dtype, groups):
    """4096 products of one and 2^-6: added up in the narrow type the sum stays at a fraction of it."""
    x = rounded(np.ones((16, 64, 16)), dtype)
    g = rounded(np.full((16, 64, 16), 2.0**-6), dtype)
    settings = {"stride": (1,), "padding": (0,), "dilation": (1,), "groups": groups}
    got = kernels("convolution_weight", g, x, size=(1,), **settings)
    np.testing.assert_array_equal(got.astype(np.float64), np.full((64, 64 // groups, 1), 4.0))


def test_sums_over_parts_of_a_batch_keep_their_last_bits(kernels, cupy_place, monkeypatch):
    from xpgrad.backends.cupy_kernels import columns

    monkeypatch.setattr(columns, "_BLOCK", 1)
    x, g = np.ones((4096, 1, 1), np.float16), np.ones((4096, 1, 1), np.float16)
    settings = {"stride": (1,), "padding": (0,), "dilation": (1,), "groups": 1}
    assert kernels("convolution_weight", g, x, size=(1,), **settings) == 4096.0


def test_few_launches(standin, cupy_place):
    from xpgrad.backends.cupy_kernels import KERNELS

    x, w, depthwise = (standin.ones(shape, "float32") for shape in ((2, 4, 8, 8), (6, 4, 3, 3), (4, 1, 3, 3)))
    bias = standin.ones(6, "float32")
    settings = {"stride": (1, 1), "padding": (1, 1), "dilation": (1, 1)}
    with standin._launches.counted() as launched:
        KERNELS["biased_convolution"](cupy_place.xp, x, w, bias, groups=1, **settings)
    assert launched == ["gather_windows", "matmul", "add"]
    with standin._launches.counted() as launched:
        KERNELS["convolution"](cupy_place.xp, x, depthwise, groups=4, **settings)
    assert launched == ["depthwise"]


# Pooling.


@pytest.mark.parametrize("kind", ["numbers", "ties", "nan", "-inf"])
def test_max_pool(kernels, pooling_case, kind):
    x = pooling_case.array(kind)
    values, indices = agree(kernels, "max_pool", x, **pooling_case.settings)
    np.testing.assert_array_equal(values, FALLBACKS["max_pool"](np, x, **pooling_case.settings)[0])
    g = np.random.default_rng(1).normal(size=values.shape)
    agree(kernels, "max_pool_input", g, indices, size=x.shape[2:], **pooling_case.settings)
    agree(kernels, "pool_gather", x, indices)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "int8", "int32", "uint8", "uint64"])
def test_max_pool_of_other_dtypes(kernels, dtype):
    x = rounded(np.random.default_rng(0).integers(0, 5, (2, 3, 6, 7)), dtype)
    settings = {"window": (3, 2), "stride": (2, 1), "padding": (1, 1), "dilation": (1, 1), "ceil_mode": True}
    values, indices = agree(kernels, "max_pool", x, **settings)
    agree(kernels, "max_pool_input", values, indices, size=x.shape[2:], **settings)
    agree(kernels, "pool_gather", x, indices)


@pytest.mark.parametrize(
    ("dtype", "include", "divisor"),
    [
        ("float64", True, None),
        ("float32", False, None),
        ("complex64", True, 5),
        ("complex128", False, None),
        ("float16", True, None),
        ("bfloat16", False, -3),
    ],
)
def test_avg_pool(kernels, pooling_case, dtype, include, divisor):
    settings = {**pooling_case.sum_settings, "count_include_pad": include, "divisor_override": divisor}
    x = pooling_case.array()
    x = rounded(x + 1j * x[::-1] if dtype.startswith("complex") else x, dtype)
    g = agree(kernels, "avg_pool", x, scale=10, **settings)
    agree(kernels, "avg_pool_input", g, scale=10, size=x.shape[2:], **settings)


def test_pooling_on_more_axes_than_kernels_have(kernels):
    x = np.random.default_rng(0).normal(size=(1, 2, 4, 4, 4, 4))
    settings = {"window": (2,) * 4, "stride": (2,) * 4, "padding": (0,) * 4, "ceil_mode": False}
    values, indices = agree(kernels, "max_pool", x, dilation=(1,) * 4, **settings)
    agree(kernels, "max_pool_input", values, indices, size=x.shape[2:], dilation=(1,) * 4, **settings)
    averages = {**settings, "count_include_pad": True, "divisor_override": None}
    agree(kernels, "avg_pool_input", agree(kernels, "avg_pool", x, **averages), size=x.shape[2:], **averages)


# What both stand on.


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_conversions_of_narrow_floats_are_numpys(cupy_place, standin, dtype):
    from xpgrad.backends.cupy_kernels.launching import kernel, launch

    source = 'extern "C" __global__ void {}(const {} in, {} out, long long n) {{ FOR_EACH(i, n) out[i] = {}(in[i]); }}'
    narrow = np.arange(2**16, dtype=np.uint16).view(rounded(np.zeros(1), dtype).dtype)
    wide = standin.empty(2**16, np.float32)
    text = source.format("widened", "Number*", "float*", "widen")
    launch(kernel(text, "widened", dtype), 2**16, standin.asarray(narrow), wide, 2**16)
    np.testing.assert_array_equal(wide.get(), narrow.astype(np.float32))
    # Each of them, what lies halfway between neighbours, and the floats beside that.
    numbers = np.sort(narrow.astype(np.float32))
    with np.errstate(all="ignore"):
        middle = (numbers[1:] + numbers[:-1]) / 2
        infinite = np.array([np.inf, -np.inf, np.nan, 65519, 65520, 3.39e38], np.float32)
        given = np.concatenate([numbers, *(np.nextafter(middle, to) for to in (np.inf, -np.inf)), middle, infinite])
        expected = given.astype(narrow.dtype)
    out = standin.empty(len(given), narrow.dtype)
    text = source.format("narrowed", "float*", "Number*", "narrow")
    launch(kernel(text, "narrowed", dtype), len(given), standin.asarray(given), out, len(given))
    np.testing.assert_array_equal(out.get().astype(np.float32), expected.astype(np.float32))
    np.testing.assert_array_equal(np.signbit(out.get()), np.signbit(expected))


def test_a_small_grid_does_all_the_work(kernels, monkeypatch):
    from xpgrad.backends.cupy_kernels import depthwise, launching

    for module in (launching, depthwise):
        monkeypatch.setattr(module, "MOST_BLOCKS", 2)
    x, w = np.random.default_rng(0).normal(size=(2, 4, 20, 20)), np.random.default_rng(1).normal(size=(8, 1, 3, 3))
    settings = {"stride": (1, 1), "padding": (1, 1), "dilation": (1, 1), "groups": 4}
    g = agree(kernels, "convolution", x, w, **settings)
    agree(kernels, "convolution_weight", g, x, size=(3, 3), scale=1000, **settings)
    agree(kernels, "convolution_input", g, w, size=(20, 20), scale=100, **settings)


def test_kernels_have_the_signatures_of_the_fallbacks(cupy_place):
    import inspect

    from xpgrad.backends.cupy_kernels import convolution, pooling

    for name, ours in itertools.chain(convolution.KERNELS.items(), pooling.KERNELS.items()):
        a, b = ([(p.name, p.kind) for p in inspect.signature(f).parameters.values()] for f in (ours, FALLBACKS[name]))
        assert a == b
