"""The kernels for CuPy as NVIDIA's compiler and CuPy itself see them, neither of which needs a GPU for that."""

from __future__ import annotations

import ctypes
import importlib
import importlib.util
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

FLOATS = ["float32", "float64", "float16", "bfloat16"]
# Where they are made for others.
WIDE = {"philox_bits", "philox_normal", "philox_uniform"}
OTHERS = {
    "gather_windows": ["bool", "int8", "uint64", "complex64", "complex128"],
    "add_up_windows": ["int8", "uint64", "complex64", "complex128"],
    "pool_take": ["bool", "complex128"],
    "pool_maximum": ["int8", "uint64"],
    "pool_maximum_input": ["int8", "uint64"],
    "pool_average": ["complex64", "complex128"],
    "pool_average_input": ["complex64", "complex128"],
}


@pytest.fixture(scope="module")
def nvrtc() -> ctypes.CDLL:
    """CUDA's run-time compiler, from PyPI: it makes machine code for GPUs that are not there."""
    spec = importlib.util.find_spec("nvidia")
    folders = spec.submodule_search_locations if spec is not None and spec.submodule_search_locations else ()
    for path in [p for folder in folders for p in Path(folder).glob("cuda_nvrtc/lib/libnvrtc.so.*")]:
        return ctypes.CDLL(str(path))
    pytest.skip("there is no compiler for CUDA (pip install nvidia-cuda-nvrtc-cu12)")


def compiled(nvrtc: ctypes.CDLL, code: str, architecture: str) -> str:
    """What the compiler complains of."""
    program, size = ctypes.c_void_p(), ctypes.c_size_t()
    assert not nvrtc.nvrtcCreateProgram(ctypes.byref(program), code.encode(), b"kernel.cu", 0, None, None)
    options = (ctypes.c_char_p * 3)(f"--gpu-architecture={architecture}".encode(), b"-std=c++17", b"-ftz=true")
    status = nvrtc.nvrtcCompileProgram(program, len(options), options)
    nvrtc.nvrtcGetProgramLogSize(program, ctypes.byref(size))
    log = ctypes.create_string_buffer(size.value)
    nvrtc.nvrtcGetProgramLog(program, log)
    nvrtc.nvrtcGetCUBINSize(program, ctypes.byref(size))
    nvrtc.nvrtcDestroyProgram(ctypes.byref(program))
    text = log.value.decode().strip()
    return text or ("" if not status and size.value else f"status {status}, {size.value} bytes")


def sources() -> Iterator[tuple[str, str]]:
    """Each CUDA source with the name of a kernel in it."""
    package = importlib.import_module("xpgrad.backends.cupy_kernels")
    for info in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        for value in vars(importlib.import_module(info.name)).values():
            if isinstance(value, str) and "__global__" in value:
                for name in re.findall(r'extern "C" __global__ void (\w+)\(', value):
                    yield value, name


@pytest.mark.slow
@pytest.mark.parametrize("architecture", ["sm_80", "sm_90", "sm_100"])
def test_every_kernel_compiles_without_a_word(nvrtc, standin, architecture):
    from xpgrad.backends.cupy_kernels.launching import kernel

    seen = set()
    for source, name in sources():
        dtypes = [*(FLOATS[:2] if name in WIDE else FLOATS), *OTHERS.get(name, ())]
        # The architecture decides about instructions, which the dtypes above have in common.
        for dtype in dtypes if architecture == "sm_80" else dtypes[:1]:
            assert compiled(nvrtc, kernel(source, name, dtype).code, architecture) == "", (name, dtype)
        seen.add(name)
    assert seen >= OTHERS.keys() | WIDE | {"depthwise", "depthwise_input", "depthwise_weight"}


# CuPy itself, in a process of its own: elsewhere here its name is the stand-in's.

REAL = """
import inspect, sys, warnings
warnings.simplefilter("error")
import cupy
from xpgrad import cuda
import xpgrad
from xpgrad.backends.registry import get_backend
backend = get_backend("cupy")
from xpgrad.backends.cupy_kernels import columns
from xpgrad.backends.cupy_kernels.launching import kernel
assert isinstance(kernel(columns._GATHER, "gather_windows", "float32"), cupy.RawKernel)
assert {"blocking"} <= inspect.signature(cupy.asarray).parameters.keys()
for path in (
    "alloc alloc_pinned_memory get_current_stream get_elapsed_time is_available pinned_memory.is_memory_pinned "
    "runtime.deviceCanAccessPeer runtime.getDevice runtime.getDeviceCount runtime.getDeviceProperties "
    "Device.cublas_handle Device.mem_info Device.synchronize Device.use Event.done Event.record Event.synchronize "
    "Stream.done Stream.null Stream.priority Stream.synchronize Stream.use Stream.wait_event"
).split():
    found = cupy.cuda
    for step in path.split("."):
        found = getattr(found, step)
assert cupy.cuda.Stream.null.ptr == 0
for pool in (cupy.get_default_memory_pool(), cupy.get_default_pinned_memory_pool()):
    pool.free_all_blocks
if not cupy.cuda.is_available():
    assert not cuda.is_available() and cuda.memory_stats() == {}
    x = xpgrad.ones(2)
    assert x.pin_memory() is x and not x.is_pinned()
"""


def test_cupy_has_what_is_called():
    done = subprocess.run([sys.executable, "-c", REAL], capture_output=True, text=True)
    if "No module named 'cupy'" in done.stderr:
        pytest.skip("CuPy is not installed")
    assert done.returncode == 0, done.stderr
