"""The accelerator of this machine: CUDA devices, or none. Mirrors the names of ``torch.accelerator``."""

from __future__ import annotations

from xpgrad import cuda
from xpgrad.backends.base import device
from xpgrad.cuda import device_count, empty_cache, is_available, memory_allocated, synchronize
from xpgrad.errors import NoDeviceError

__all__ = [
    "current_accelerator",
    "current_device_index",
    "device_count",
    "empty_cache",
    "is_available",
    "memory_allocated",
    "synchronize",
]


def current_accelerator(check_available: bool = False) -> device | None:
    """The kind of device, None without one; looked for in any case."""
    return device("cuda") if is_available() else None


def current_device_index() -> int:
    """The index of the device that ``"cuda"`` means.

    Raises:
        NoDeviceError: There is none.
    """
    if not is_available():
        raise NoDeviceError("Cannot access accelerator device when none is available: ask is_available() first")
    return cuda.current_device()
