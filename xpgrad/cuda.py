"""CUDA devices, as far as a program asks before it uses one. Mirrors the names of ``torch.cuda``."""

from __future__ import annotations

from xpgrad.backends.base import Place, device
from xpgrad.backends.registry import get_backend, resolve
from xpgrad.errors import BackendError
from xpgrad.functions.random import manual_seed

__all__ = [
    "current_device",
    "device_count",
    "empty_cache",
    "is_available",
    "manual_seed",
    "manual_seed_all",
    "max_memory_allocated",
    "memory_allocated",
    "synchronize",
]

manual_seed_all = manual_seed


def _places() -> list[Place]:
    try:
        return [place for place in get_backend("cupy").places() if place.device.type == "cuda"]
    except BackendError:
        return []


def is_available() -> bool:
    """True if CuPy is installed and finds a device; never raises."""
    return bool(_places())


def device_count() -> int:
    """How many CUDA devices there are."""
    return len(_places())


def current_device() -> int:
    """The index of the device that ``"cuda"`` means."""
    return resolve("cuda").device.index or 0


def synchronize(device: device | str | int | None = None) -> None:
    """Wait until the device has done everything asked of it.

    Raises:
        BackendError: There is no CUDA device.
    """
    place = resolve("cuda" if device is None else device)
    place.backend.synchronize(place.handle)


def memory_allocated(device: device | str | int | None = None) -> int:
    """Bytes in use by arrays on the device, 0 without one."""
    return _memory(device).get("used_bytes", 0)


def max_memory_allocated(device: device | str | int | None = None) -> int:
    """Bytes that the memory pool has reserved on the device, the closest that CuPy tells to a peak; 0 without one."""
    return _memory(device).get("reserved_bytes", 0)


def empty_cache() -> None:
    """Accepted for PyTorch's sake: the memory pool gives back what is not in use when it has to."""


def _memory(device: device | str | int | None) -> dict[str, int]:
    if not is_available():
        return {}
    place = resolve("cuda" if device is None else device)
    return place.backend.memory_stats(place.handle)
