"""Convolutions by cuDNN on CuPy's arrays, streams and memory, where it is installed.

What it has nothing for is left to others in silence; if it fails, one warning says so and it is asked no more.
"""

from __future__ import annotations

import functools
import math
import sys
import threading
import warnings
from typing import Any, Final

import cupy

from xpgrad._typing import Array, Shape
from xpgrad.backends import cudnn, determinism
from xpgrad.backends.cudnn.library import CudnnError, Library, UnsupportedByCudnnError, find
from xpgrad.backends.cudnn.plans import DTYPES, Handle, Kind, Plan, Problem
from xpgrad.backends.cupy_kernels.problem import Convolution

# Plans that are kept: more than networks have distinct layers, times three for their gradients.
_CAPACITY: Final = 1024
# cuDNN counts elements in 32 bits, and reads sixteen bytes at a time.
_LARGEST: Final = 2**31 - 1
_ALIGNMENT: Final = 16


class _Session:
    """What one thread has of cuDNN on one device: a handle, which follows CuPy's current stream."""

    def __init__(self, found: Library) -> None:
        self._handle = Handle(found.cudnnCreate, _unless_exiting(found.cudnnDestroy))
        self._set_stream = found.cudnnSetStream
        self._stream = 0

    def handle(self) -> int | None:
        stream = cupy.cuda.get_current_stream().ptr
        if stream != self._stream:
            self._set_stream(self._handle.value, stream)
            self._stream = stream
        return self._handle.value


class _Sessions(threading.local):
    """The sessions of the calling thread, by device."""

    def __init__(self) -> None:
        self._found: dict[int, _Session] = {}

    def on(self, device: int, found: Library) -> _Session:
        session = self._found.get(device)
        if session is None:
            self._found[device] = session = _Session(found)
        return session


_sessions = _Sessions()


def convolve(kind: Kind, problem: Convolution, first: Array, second: Array, shape: Shape) -> Array | None:
    """``first`` and ``second``, C-contiguous, convolved or transposed to ``shape``; None if cuDNN is not to do it."""
    if not cudnn.enabled or first.dtype.name not in DTYPES or not _reaches(problem):
        return None
    found = _library()
    if found is None:
        return None
    try:
        device = first.device.id
        deterministic = cudnn.deterministic or determinism.wanted
        plan = _plan(found, kind, _flat(problem, first.dtype.name), deterministic, cudnn.allow_tf32, device)
        if plan is None:
            return None
        workspace = cupy.cuda.alloc(plan.workspace) if plan.workspace else None
        first, second, out = _aligned(first), _aligned(second), cupy.empty(shape, first.dtype)
        handle = _sessions.on(device, found).handle()
        # Freed in the order of the stream: the pool gives the workspace to nobody who could use it earlier.
        plan.run(handle, first.data.ptr, second.data.ptr, out.data.ptr, 0 if workspace is None else workspace.ptr)
        return out
    except (UnsupportedByCudnnError, MemoryError):
        # Of memory others need less.
        return None
    except CudnnError as error:
        _give_up(error)
        return None


def _reaches(problem: Convolution) -> bool:
    """Whether cuDNN can count the elements, of which there are some."""
    sizes = [math.prod(shape) for shape in problem[:3]]
    return min(sizes) > 0 and max(sizes) <= _LARGEST and min(problem.padding) >= 0


def _flat(problem: Convolution, dtype: str) -> Problem:
    """``problem`` as cuDNN takes it: images have two axes at least."""
    if len(problem.stride) > 1:
        return Problem(*problem, dtype)
    x, w, y = ((*shape[:2], 1, shape[2]) for shape in problem[:3])
    return Problem(x, w, y, (1, *problem.stride), (0, *problem.padding), (1, *problem.dilation), problem.groups, dtype)


@functools.lru_cache(maxsize=_CAPACITY)
def _plan(found: Library, kind: Kind, problem: Problem, deterministic: bool, tf32: bool, device: int) -> Plan | None:
    handle = _sessions.on(device, found).handle()
    try:
        return Plan(found, handle, kind, problem, deterministic=deterministic, tf32=tf32)
    except UnsupportedByCudnnError:
        return None


def _aligned(array: Array) -> Array:
    return array.copy() if array.data.ptr % _ALIGNMENT else array


_failed = False


def _library() -> Library | None:
    if _failed:
        return None
    try:
        return find()
    except CudnnError as error:
        _give_up(error)
        return None


def _give_up(error: CudnnError) -> None:
    global _failed
    _failed = True
    warnings.warn(
        f"{error}. Convolutions go on without cuDNN, by products of matrices; to say so from the start, set "
        "xpgrad.backends.cudnn.enabled = False",
        RuntimeWarning,
        stacklevel=2,
    )


def _unless_exiting(destroy: Any) -> Any:
    """``destroy``, but nothing once Python is about to end: CUDA may be gone before."""
    return lambda handle: None if sys.is_finalizing() else destroy(handle)
