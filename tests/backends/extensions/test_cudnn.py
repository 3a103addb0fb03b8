"""Convolutions through cuDNN's C interface: on a library that computes on the CPU, and described to the real one."""

from __future__ import annotations

import ctypes
import gc
import hashlib
import importlib.util
import shutil
import subprocess
import sys
import threading
import warnings
from ctypes import byref, c_int, c_longlong
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from xpgrad.backends import cudnn
from xpgrad.backends.cudnn import library as loading
from xpgrad.backends.cudnn.library import CudnnError, Library, Performance
from xpgrad.backends.cudnn.plans import Problem, describe_array, describe_kernels, describe_settings
from xpgrad.backends.fallbacks import FALLBACKS

HERE = Path(__file__).parents[2]
SOURCE = HERE / "standin" / "cudnn" / "cudnn_on_cpu.cpp"
CACHE = HERE.parent / ".pytest_cache" / "cudnn-on-cpu"

SETTINGS = {"stride": (2, 1), "padding": (1, 0), "dilation": (1, 2), "groups": 2}


class Last(ctypes.Structure):
    """What the make-believe cuDNN ran last."""

    _fields_ = [
        *((name, c_int) for name in ("kind", "algorithm", "arithmetic", "compute", "groups")),
        ("stream", ctypes.c_void_p),
    ]


def compiled(version: int = 92800) -> str:
    """The path of the make-believe cuDNN, which claims to be of that version."""
    compiler = shutil.which("g++")
    if compiler is None or sys.platform != "linux":
        pytest.skip("there is no g++ to compile a cuDNN for the CPU")
    name = hashlib.sha256(f"{version} {SOURCE.read_text()}".encode()).hexdigest()[:20]
    made = CACHE / f"{name}.so"
    if not made.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        unfinished = made.with_suffix(f".{threading.get_native_id()}")
        flags = ("-std=c++17", "-O1", "-shared", "-fPIC", "-fvisibility=hidden", f"-DVERSION={version}")
        subprocess.run([compiler, *flags, SOURCE, "-o", unfinished], check=True)
        unfinished.replace(made)
    return str(made)


@pytest.fixture
def fake(cupy_place, monkeypatch) -> Any:
    """CuPy's kernels find the make-believe cuDNN."""
    from xpgrad.backends.cupy_kernels import cudnn as kernels

    path = compiled()
    monkeypatch.setattr(loading, "_candidates", lambda: iter([path]))
    monkeypatch.setattr(kernels, "_failed", False)
    monkeypatch.setattr(kernels, "_sessions", kernels._Sessions())
    loading.find.cache_clear()
    kernels._plan.cache_clear()
    calls = ctypes.CDLL(path)
    calls.fake_runs.restype = calls.fake_live.restype = c_longlong
    calls.fake_last.restype = ctypes.POINTER(Last)
    yield calls
    calls.fake_set_status(0)
    loading.find.cache_clear()
    kernels._plan.cache_clear()


def convolve(place: Any, name: str, *arrays: Any, **settings: Any) -> Any:
    from xpgrad.backends.cupy_kernels import KERNELS

    return KERNELS[name](place.xp, *(place.backend.from_host(a, place.handle) for a in arrays), **settings).get()


def example(dtype: Any = np.float32) -> tuple[Any, Any]:
    random = np.random.default_rng(0)
    return random.normal(size=(2, 4, 6, 7)).astype(dtype), random.normal(size=(6, 2, 3, 2)).astype(dtype)


@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16"])
def test_it_computes_what_the_fallbacks_do(fake, cupy_place, convolution_case, dtype):
    case = convolution_case
    if dtype == "bfloat16":
        dtype = pytest.importorskip("ml_dtypes").bfloat16
    x, w = (a.astype(dtype) for a in case.arrays())
    g = case.output().astype(dtype)
    wide, runs = np.float64, fake.fake_runs()
    bound = {"float32": 1e-4, "float64": 1e-12}.get(str(x.dtype), 0.4)
    for name, first, second, more in (
        ("convolution", x, w, {}),
        ("convolution_input", g, w, {"size": case.x[2:]}),
        ("convolution_weight", g, x, {"size": case.w[2:]}),
    ):
        got = convolve(cupy_place, name, first, second, **case.settings, **more)
        expected = FALLBACKS[name](np, first.astype(wide), second.astype(wide), **case.settings, **more)
        assert got.dtype == x.dtype
        np.testing.assert_allclose(got.astype(wide), expected, rtol=bound, atol=bound)
    is_depthwise = 1 < case.groups == case.x[1]
    assert fake.fake_runs() - runs == (0 if is_depthwise or 0 in case.x else 3)


def test_a_bias_is_added(fake, cupy_place):
    x, w = example()
    bias = np.arange(6, dtype=np.float32)
    got = convolve(cupy_place, "biased_convolution", x, w, bias, **SETTINGS)
    plain = FALLBACKS["convolution"](np, x, w, **SETTINGS)
    np.testing.assert_allclose(got, plain + bias[:, None, None], rtol=1e-4, atol=1e-5)
    assert fake.fake_last().contents.kind == 0


@pytest.mark.parametrize(
    ("dtype", "choices", "algorithm", "arithmetic", "compute"),
    [
        ("float32", {}, 3, 0, 0),
        ("float32", {"allow_tf32": False}, 3, 3, 0),
        ("float32", {"deterministic": True}, 1, 3, 0),
        ("float64", {}, 3, 0, 1),
        ("bfloat16", {}, 3, 1, 0),
    ],
)
def test_algorithms_and_arithmetic(fake, cupy_place, monkeypatch, dtype, choices, algorithm, arithmetic, compute):
    """The quickest that works in what memory there is; when it must be the same every time, the quickest of those."""
    for name, value in choices.items():
        monkeypatch.setattr(cudnn, name, value)
    dtype = pytest.importorskip("ml_dtypes").bfloat16 if dtype == "bfloat16" else dtype
    convolve(cupy_place, "convolution", *example(dtype), **SETTINGS)
    last = fake.fake_last().contents
    assert (last.algorithm, last.arithmetic, last.compute, last.groups) == (algorithm, arithmetic, compute, 2)


def test_pytorchs_switch_for_repeatable_results(fake, cupy_place):
    import xpgrad

    xpgrad.use_deterministic_algorithms(True)
    try:
        convolve(cupy_place, "convolution", *example(), **SETTINGS)
    finally:
        xpgrad.use_deterministic_algorithms(False)
    assert fake.fake_last().contents.algorithm == 1


def test_it_works_on_the_current_stream(fake, cupy_place, standin):
    stream = standin.cuda.Stream()
    for current in (standin.cuda.Stream.null, stream, standin.cuda.Stream.null):
        with current:
            convolve(cupy_place, "convolution", *example(), **SETTINGS)
        assert (fake.fake_last().contents.stream or 0) == current.ptr


def test_memory_that_is_not_aligned_is_moved(fake, cupy_place):
    from xpgrad.backends.cupy_kernels import KERNELS

    x, w = example()
    padded = cupy_place.xp.asarray(np.concatenate([np.zeros(1, np.float32), x.reshape(-1)]))
    shifted = padded[1:].reshape(x.shape)
    assert shifted.data.ptr % 16
    runs = fake.fake_runs()
    got = KERNELS["convolution"](cupy_place.xp, shifted, cupy_place.xp.asarray(w), **SETTINGS)
    assert fake.fake_runs() == runs + 1
    np.testing.assert_allclose(got.get(), FALLBACKS["convolution"](np, x, w, **SETTINGS), rtol=1e-4, atol=1e-5)


def test_plans_are_made_once_and_destroyed(fake, cupy_place):
    from xpgrad.backends.cupy_kernels import cudnn as kernels

    before = fake.fake_live()
    for _ in range(3):
        convolve(cupy_place, "convolution", *example(), **SETTINGS)
    # Two descriptions of arrays, one of kernels, one of settings, and the handle.
    assert fake.fake_live() - before == 5
    assert kernels._plan.cache_info().hits == 2
    kernels._plan.cache_clear()
    gc.collect()
    assert fake.fake_live() - before == 1


def test_threads_have_handles_of_their_own_that_end_with_them(fake, cupy_place):
    convolve(cupy_place, "convolution", *example(), **SETTINGS)
    before, meanwhile = fake.fake_live(), []

    def work() -> None:
        convolve(cupy_place, "convolution", *example(), **SETTINGS)
        meanwhile.append(fake.fake_live())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    gc.collect()
    assert meanwhile == [before + 1]
    assert fake.fake_live() == before


# When it cannot.


def test_what_it_has_nothing_for_is_computed_otherwise(fake, cupy_place):
    """The make-believe library convolves no float16 in groups."""
    x, w = example(np.float16)
    runs = fake.fake_runs()
    got = convolve(cupy_place, "convolution", x, w, **SETTINGS)
    assert fake.fake_runs() == runs
    expected = FALLBACKS["convolution"](np, x.astype(float), w.astype(float), **SETTINGS)
    np.testing.assert_allclose(got.astype(float), expected, rtol=1e-2, atol=1e-2)


def test_off(fake, cupy_place, monkeypatch):
    monkeypatch.setattr(cudnn, "enabled", False)
    runs = fake.fake_runs()
    convolve(cupy_place, "convolution", *example(), **SETTINGS)
    assert fake.fake_runs() == runs


def test_a_failure_is_one_warning_and_the_result_all_the_same(fake, cupy_place):
    x, w = example()
    expected = FALLBACKS["convolution"](np, x, w, **SETTINGS)
    fake.fake_set_status(5000)
    with pytest.warns(RuntimeWarning) as caught:
        first = convolve(cupy_place, "convolution", x, w, **SETTINGS)
    assert [str(w.message) for w in caught] == [
        "cuDNN 92800: cudnnConvolutionForward returned CUDNN_STATUS_EXECUTION_FAILED (5000). Convolutions go on "
        "without cuDNN, by products of matrices; to say so from the start, set xpgrad.backends.cudnn.enabled = False"
    ]
    fake.fake_set_status(0)
    runs = fake.fake_runs()
    with warnings.catch_warnings(action="error"):
        second = convolve(cupy_place, "convolution", x, w, **SETTINGS)
    assert fake.fake_runs() == runs
    for got in (first, second):
        np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("status", [3000, 4004])
def test_a_call_that_it_declines_is_done_elsewhere_in_silence(fake, cupy_place, status):
    x, w = example()
    expected = FALLBACKS["convolution"](np, x, w, **SETTINGS)
    fake.fake_set_status(status)
    with warnings.catch_warnings(action="error"):
        declined = convolve(cupy_place, "convolution", x, w, **SETTINGS)
        fake.fake_set_status(0)
        runs = fake.fake_runs()
        served = convolve(cupy_place, "convolution", x, w, **SETTINGS)
    assert fake.fake_runs() == runs + 1
    for got in (declined, served):
        np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-5)


def test_another_version_is_not_used(fake, cupy_place, monkeypatch):
    path = compiled(version=8907)
    monkeypatch.setattr(loading, "_candidates", lambda: iter([path]))
    loading.find.cache_clear()
    with pytest.warns(RuntimeWarning, match=r"is version 8907; only 9 can be used\. Convolutions go on without cuDNN"):
        convolve(cupy_place, "convolution", *example(), **SETTINGS)
    assert cudnn.version() is None
    assert not cudnn.is_available()


def test_a_library_that_does_not_load_or_is_another_one(tmp_path, monkeypatch):
    for content, message in ((b"nothing", "cannot be loaded"), (None, "lacks a function")):
        path = tmp_path / "libcudnn.so.9"
        if content is not None:
            path.write_bytes(content)
        monkeypatch.setattr(
            loading, "_candidates", lambda path=path, c=content: iter([str(path) if c else "libc.so.6"])
        )
        loading.find.cache_clear()
        with pytest.raises(CudnnError, match=message):
            loading.find()
    loading.find.cache_clear()


def test_where_there_is_none_nothing_is_said(cupy_place, monkeypatch):
    monkeypatch.setattr(loading, "SONAME", "libcudnn-that-nobody-has.so.9")
    monkeypatch.setattr(loading, "_candidates", lambda: iter([loading.SONAME]))
    loading.find.cache_clear()
    assert not cudnn.is_available()
    convolve(cupy_place, "convolution", *example(), **SETTINGS)
    loading.find.cache_clear()


# The real one.


@pytest.fixture(scope="module")
def real() -> Library:
    """The real library, in whose interface descriptions can be made and read without a GPU."""
    loading.find.cache_clear()
    found = loading.find() or _from_the_wheel()
    loading.find.cache_clear()
    if found is None:
        pytest.skip("cuDNN 9 is not installed (pip install nvidia-cudnn-cu12)")
    return found


def _from_the_wheel() -> Library | None:
    """CuPy's search wants cuBLAS beside it, which descriptions do not."""
    spec = importlib.util.find_spec("nvidia")
    for folder in spec.submodule_search_locations if spec is not None and spec.submodule_search_locations else ():
        path = Path(folder) / "cudnn" / "lib" / loading.SONAME
        if path.exists():
            return Library(str(path))
    return None


def test_sizes_of_structures_are_those_of_the_header():
    assert ctypes.sizeof(Performance) == 48
    assert (Performance.workspace.offset, Performance.is_deterministic.offset) == (16, 24)


@pytest.mark.parametrize(
    ("dtype", "tf32", "number", "arithmetic"),
    [("float32", True, 0, 0), ("float32", False, 0, 3), ("float64", True, 1, 0), ("float16", False, 2, 1),
     ("bfloat16", True, 9, 1)],
)  # fmt: skip
def test_descriptions_hold_what_was_described(real, convolution_case, dtype, tf32, number, arithmetic):
    case = convolution_case
    if len(case.stride) == 1 or 0 in case.x:
        pytest.skip("never described: one axis becomes two, and without images there is nothing to compute")
    y = case.output().shape
    problem = Problem(case.x, case.w, y, case.stride, case.padding, case.dilation, case.groups, dtype)
    x, w, settings = (
        describe_array(real, case.x, problem), describe_kernels(real, problem), describe_settings(real, problem, tf32)
    )  # fmt: skip
    calls, axes = ctypes.CDLL(real.path), len(case.x)
    numbers = c_int * axes
    kind, count, shape, strides, form = c_int(), c_int(), numbers(), numbers(), c_int()
    pointer = ctypes.c_void_p
    assert not calls.cudnnGetTensorNdDescriptor(pointer(x.value), axes, byref(kind), byref(count), shape, strides)
    steps = np.empty(case.x, np.int8).strides
    assert (kind.value, tuple(shape), tuple(strides)) == (number, case.x, steps)
    assert not calls.cudnnGetFilterNdDescriptor(pointer(w.value), axes, byref(kind), byref(form), byref(count), shape)
    assert (kind.value, form.value, tuple(shape)) == (number, 0, case.w)
    out = numbers()
    assert not calls.cudnnGetConvolutionNdForwardOutputDim(
        pointer(settings.value), pointer(x.value), pointer(w.value), axes, out
    )
    assert tuple(out) == y
    along = [(c_int * (axes - 2))() for _ in range(3)]
    mode, compute, groups, found = c_int(), c_int(), c_int(), c_int()
    assert not calls.cudnnGetConvolutionNdDescriptor(
        pointer(settings.value), axes - 2, byref(count), *along, byref(mode), byref(compute)
    )
    assert [tuple(a) for a in along] == [case.padding, case.stride, case.dilation]
    assert (mode.value, compute.value) == (1, 1 if dtype == "float64" else 0)
    assert not calls.cudnnGetConvolutionGroupCount(pointer(settings.value), byref(groups))
    assert not calls.cudnnGetConvolutionMathType(pointer(settings.value), byref(found))
    assert (groups.value, found.value) == (case.groups, arithmetic)


def test_errors_name_the_function_and_the_status(real):
    with pytest.raises(CudnnError, match=r"cuDNN 9\d{4}: cudnnSetFilterNdDescriptor returned CUDNN_STATUS_BAD_PARAM"):
        real.cudnnSetFilterNdDescriptor(None, 0, 0, 4, (c_int * 4)(1, 1, 1, 1))
