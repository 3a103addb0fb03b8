"""CuPy: NumPy's functions on CUDA devices.

Importing this module imports CuPy, which needs neither GPU nor driver; asking for its devices does.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from types import MappingProxyType, SimpleNamespace
from typing import Any, ClassVar

import array_api_compat.cupy as compat
import cupy
import cupyx
import numpy as np

from xpgrad._typing import Array, Namespace, RawDtype
from xpgrad.backends import arithmetic, cublas, dtypes
from xpgrad.backends.base import Backend, layered
from xpgrad.backends.cupy_kernels import KERNELS
from xpgrad.backends.numpy import ML_DTYPES, ml_dtype
from xpgrad.backends.numpy import finfo as limits
from xpgrad.errors import NoDeviceError

_CREATION = (
    *("arange", "asarray", "empty", "eye", "full", "linspace", "ones", "zeros"),
    *("empty_like", "full_like", "ones_like", "zeros_like"),
)


def _creation(function: Callable[..., Array]) -> Callable[..., Array]:
    """``function`` with the standard's ``device``: CuPy makes arrays on the current device."""

    def create(*args: Any, device: Any = None, **settings: Any) -> Array:
        if device is None:
            return function(*args, **settings)
        with cupy.cuda.Device(device):
            return function(*args, **settings)

    create.__name__ = create.__qualname__ = function.__name__
    create.__doc__ = function.__doc__
    return create


def matmul(x: Array, y: Array, /) -> Array:
    """The matrix product of ``x`` (..., n, k) and ``y`` (..., k, m), or of vectors; the leading axes broadcast."""
    # Of two matrices, too, where PyTorch's switch asks for TF32: CuPy's own is read once per process.
    if x.ndim < 3 and y.ndim < 3 and not (arithmetic.tf32 and x.ndim == y.ndim == 2):
        return cupy.matmul(x, y)
    dtype = cupy.result_type(x.dtype, y.dtype)
    if dtype.name not in cublas.DTYPES or 0 in (x.ndim, y.ndim):
        return cupy.matmul(x, y)
    x, y = x.astype(dtype, copy=False), y.astype(dtype, copy=False)
    if x.ndim > 2 and y.ndim <= 2 and x.flags.c_contiguous:
        # One product of matrices instead of many: a linear layer on a batch of sequences.
        flat = matmul(x.reshape(math.prod(x.shape[:-1]), x.shape[-1]), y)
        return flat.reshape(*x.shape[:-1], *y.shape[1:])
    if x.ndim == 1:
        return cupy.squeeze(cublas.batched_matmul(XP, x[None, :], y), axis=-2)
    if y.ndim == 1:
        return cupy.squeeze(cublas.batched_matmul(XP, x, y[:, None]), axis=-1)
    return cublas.batched_matmul(XP, x, y)


def finfo(type: Any, /) -> Any:
    """``numpy.finfo``, of an array and of bfloat16 too."""
    return limits(type.dtype if isinstance(type, cupy.ndarray) else type)


# Ours first, then array_api_compat's, which has what CuPy lacks and is CuPy's own function wherever that will do.
XP = layered(
    "cupy made standard",
    SimpleNamespace(
        **{name: _creation(getattr(cupy, name)) for name in _CREATION},
        matmul=matmul,
        finfo=finfo,
        linalg=SimpleNamespace(matmul=matmul),
    ),
    compat,
)


class CupyBackend(Backend):
    """CuPy arrays on CUDA devices."""

    name = "cupy"
    protocol = 1
    mutable: ClassVar[bool] = True
    in_host_memory: ClassVar[bool] = False
    plain_device_names: ClassVar[bool] = True
    kernels: Mapping[str, Callable[..., Any]] = MappingProxyType(KERNELS)
    rare_dtypes: Mapping[str, str] = ML_DTYPES

    runtime: Any = cupy.cuda

    xp: Namespace = XP
    array_types: tuple[type, ...] = (cupy.ndarray,)

    def to_host(self, array: Array) -> np.ndarray[Any, Any]:
        # On the current stream of its own device, which waits for what computes it.
        with array.device:
            return cupy.asnumpy(array)  # type: ignore[no-any-return]

    def from_host(self, array: np.ndarray[Any, Any], handle: Any) -> Array:
        # Page-locked memory is read later, and whoever asked for the copy may write there next; other memory is first
        # copied to some that is.
        with handle:
            return cupy.asarray(array, blocking=self.is_pinned(array))

    def from_pinned(self, array: np.ndarray[Any, Any], handle: Any) -> Array:
        with handle:
            return cupy.asarray(array)

    def pin(self, array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        pinned: np.ndarray[Any, Any] = cupyx.empty_pinned(array.shape, array.dtype)
        pinned[...] = array
        return pinned

    def is_pinned(self, array: np.ndarray[Any, Any]) -> bool:
        return (
            array.size > 0 and cupy.cuda.is_available() and cupy.cuda.pinned_memory.is_memory_pinned(array.ctypes.data)
        )

    def devices(self) -> Mapping[str, object]:
        if not cupy.cuda.is_available():
            raise NoDeviceError(
                f"CuPy {cupy.__version__} is installed, but finds no CUDA device. `nvidia-smi` must list one; if it "
                "does, its CUDA version must be at least that of the CuPy wheel (cupy-cuda12x, cupy-cuda13x)."
            )
        count = cupy.cuda.runtime.getDeviceCount()
        return {f"cuda:{i}": cupy.cuda.Device(i) for i in range(count)}

    def current_device(self) -> str:
        return f"cuda:{cupy.cuda.runtime.getDevice()}"

    def device_name(self, array: Array) -> str:
        return f"cuda:{array.device.id}"

    def guard(self, handle: Any) -> Callable[[], AbstractContextManager[Any]] | None:
        # CuPy computes on the current device and not on its arguments'; with one device they are the same.
        return None if len(self.device_names()) == 1 else lambda: handle

    def raw_dtypes(self, handle: object) -> Mapping[str, RawDtype]:
        return {name: np.dtype(name) for name in dtypes.BY_NAME if name not in ML_DTYPES}

    def rare_dtype(self, name: str, handle: object) -> RawDtype | None:
        return ml_dtype(name)

    def write(self, target: Array, value: Array) -> None:
        with target.device:
            target[...] = value

    def add_into(self, target: Array, value: Array) -> None:
        with target.device:
            target += value

    def copy(self, array: Array) -> Array:
        with array.device:
            return array.copy()

    def owns_memory(self, array: Array) -> bool:
        return array.base is None

    def shares_memory(self, view: Array, base: Array) -> bool:
        return bool(cupy.may_share_memory(view, base))

    def synchronize(self, handle: Any) -> None:
        handle.synchronize()

    def empty_cache(self, handle: Any) -> None:
        with handle:
            cupy.get_default_memory_pool().free_all_blocks()
        cupy.get_default_pinned_memory_pool().free_all_blocks()

    def memory_stats(self, handle: Any) -> dict[str, int]:
        with handle:
            pool = cupy.get_default_memory_pool()
            used, reserved = pool.used_bytes(), pool.total_bytes()
            free, total = handle.mem_info
        return {"used_bytes": used, "reserved_bytes": reserved, "free_bytes": free, "total_bytes": total}

    def version(self) -> str:
        return str(cupy.__version__)
