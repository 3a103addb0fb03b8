"""CUDA devices, as far as a program asks before it uses one. Mirrors the names of ``torch.cuda``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from xpgrad.backends.base import Place, device
from xpgrad.backends.registry import get_backend, resolve
from xpgrad.errors import BackendError
from xpgrad.functions import generator
from xpgrad.functions.generator import initial_seed, manual_seed, seed

__all__ = [
    "current_device",
    "device_count",
    "empty_cache",
    "get_rng_state",
    "get_rng_state_all",
    "initial_seed",
    "is_available",
    "manual_seed",
    "manual_seed_all",
    "max_memory_allocated",
    "memory_allocated",
    "seed",
    "seed_all",
    "set_rng_state",
    "set_rng_state_all",
    "synchronize",
]

# One generator serves all devices: its numbers are the same on each.
manual_seed_all, seed_all = manual_seed, seed


def get_rng_state(device: device | str | int = "cuda") -> Any:
    """The state of the default generator, which draws for every device. Mirrors ``torch.cuda.get_rng_state``."""
    return generator.get_rng_state()


def set_rng_state(new_state: Any, device: device | str | int = "cuda") -> None:
    """Continue the default generator from ``new_state``. Mirrors ``torch.cuda.set_rng_state``."""
    generator.set_rng_state(new_state)


def get_rng_state_all() -> list[Any]:
    """The state of each device's generator, which is the same one. Mirrors ``torch.cuda.get_rng_state_all``."""
    return [generator.get_rng_state() for _ in _places()]


def set_rng_state_all(new_states: Iterable[Any]) -> None:
    """Continue from what `get_rng_state_all` returned. Mirrors ``torch.cuda.set_rng_state_all``."""
    for state in new_states:
        generator.set_rng_state(state)


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
