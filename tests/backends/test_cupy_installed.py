"""What the CuPy backend calls, asked of CuPy itself, which needs no GPU for that."""

from __future__ import annotations

import subprocess
import sys

import pytest

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
assert [*inspect.signature(cupy.lib.stride_tricks.as_strided).parameters] == ["x", "shape", "strides"]
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
