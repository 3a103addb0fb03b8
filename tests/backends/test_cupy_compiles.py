"""The CUDA source of CuPy's kernels as NVIDIA's compiler sees it: every kernel, for every float, without a GPU."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from typing import Any

import pytest

import xpgrad.backends

sys.path.append(str(Path(__file__).parent))
from nvrtc import CompileError, compiled, doubles

KERNELS = Path(xpgrad.backends.__file__).parent / "cupy_kernels"
MODULES = sorted(path.stem for path in KERNELS.glob("*.py") if 'extern "C" __global__' in path.read_text())
FLOATS = ("float16", "bfloat16", "float32", "float64")
# CUDA's trigonometric and Bessel functions reduce large arguments in double.
REDUCING = ("philox", "xpgrad_j0", "xpgrad_j1", "xpgrad_y0", "xpgrad_y1")

# What else some kernels are made for.
OTHERS = {
    "gather_windows": ["bool", "int8", "uint64", "complex64", "complex128"],
    "add_up_windows": ["int8", "uint64", "complex64", "complex128"],
    "pool_take": ["bool", "complex128"],
    "pool_maximum": ["int8", "uint64"],
    "pool_maximum_input": ["int8", "uint64"],
    "pool_average": ["complex64", "complex128"],
    "pool_average_input": ["complex64", "complex128"],
    "scatter_add": ["complex64", "complex128"],
    "put_rows": ["bool", "int8", "uint64", "complex64", "complex128"],
}

# What CuPy puts before an elementwise kernel, as far as the compiler has to know.
PRELUDE = """
struct Narrow {
    unsigned short bits;
    __device__ Narrow() {}
    __device__ Narrow(float x) : bits(__float_as_uint(x) >> 16) {}
    explicit __device__ Narrow(double x) : Narrow(static_cast<float>(x)) {}
    explicit __device__ Narrow(int x) : Narrow(static_cast<float>(x)) {}
    Narrow& operator=(const Narrow&) = default;
    template <class T> __device__ Narrow& operator=(const T& x) { return *this = static_cast<Narrow>(x); }
    __device__ operator float() const { return __uint_as_float(static_cast<unsigned int>(bits) << 16); }
};
struct float16 : Narrow { using Narrow::Narrow; using Narrow::operator=; };
struct bfloat16 : Narrow { using Narrow::Narrow; using Narrow::operator=; };
template <class T> struct CArray {
    T* data;
    long long count;
    __device__ long long size() const { return count; }
    __device__ T& operator[](long long i) const { return data[i]; }
};
struct CIndexer {
    long long count;
    __device__ long long size() const { return count; }
};
"""


def sources(module: str) -> list[str]:
    """The texts with kernels of a module."""
    values = vars(importlib.import_module(f"xpgrad.backends.cupy_kernels.{module}")).values()
    found = [v for v in values if isinstance(v, str) and 'extern "C" __global__' in v]
    assert found
    return found


@pytest.mark.slow
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("module", MODULES)
def test_kernels_compile(standin, module, dtype):
    from xpgrad.backends.cupy_kernels.launching import kernel

    if module == "philox" and dtype in ("float16", "bfloat16"):
        pytest.skip("random numbers are made in float32 and float64")
    for source in sources(module):
        ptx = compiled(kernel(source, "", dtype).code, "compute_80")
        assert ".entry" in ptx
        if dtype != "float64" and module not in REDUCING:
            assert doubles(ptx) == []
        # Unless they say so, kernels may take more registers than there are for blocks of 1024 threads.
        for entry in ptx.split(".entry")[1:] if "MOST_THREADS" in source else []:
            assert ".maxntid" in entry or ".shared" not in entry


@pytest.mark.slow
@pytest.mark.parametrize("arch", ["sm_75", "sm_90", "sm_100"])
@pytest.mark.parametrize("module", MODULES)
def test_kernels_compile_for_older_and_newer_devices(standin, module, arch):
    from xpgrad.backends.cupy_kernels.launching import kernel

    for source in sources(module):
        compiled(kernel(source, "", "float32").code, arch)


@pytest.mark.slow
@pytest.mark.parametrize("name", OTHERS)
def test_kernels_compile_for_other_dtypes(standin, name):
    from xpgrad.backends.cupy_kernels.launching import kernel

    (source,) = {s for module in MODULES for s in sources(module) if re.search(rf"void {name}\(", s)}
    for dtype in OTHERS[name]:
        compiled(kernel(source, name, dtype).code, "compute_80")


@pytest.mark.slow
@pytest.mark.parametrize("dtype", FLOATS)
def test_elementwise_kernels_compile(standin, cupy_place, dtype):
    ours = [k for k in standin.ElementwiseKernel.made if k.name.startswith("xpgrad_")]
    assert len(ours) > 20
    for kernel in ours:
        ptx = compiled(PRELUDE + kernel.cuda({"T": dtype}), "compute_80")
        assert ".entry" in ptx
        if dtype != "float64" and kernel.name not in REDUCING:
            assert doubles(ptx) == [], kernel.name


def test_the_compiler_refuses_and_warns():
    with pytest.raises(CompileError, match="undefined"):
        compiled('extern "C" __global__ void k(float* x) { x[0] = unknown; }', "compute_80")
    with pytest.raises(CompileError, match="never referenced"):
        compiled('extern "C" __global__ void k(float* x) { int y = 1; }', "compute_80")
    code = 'extern "C" __global__ void k(float* x) { x[0] = x[1] * 2.1; }'
    assert doubles(compiled(code, "compute_80"))
    assert not doubles(compiled(code.replace("2.1", "2.1f"), "compute_80"))


def test_all_modules_with_kernels_are_known() -> Any:
    assert {"softmax", "normalization", "loss", "philox", "scatter", "indexing"} <= set(MODULES)
