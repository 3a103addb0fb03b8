"""CUDA devices, which CuPy knows: streams, events, memory. Mirrors the names of ``torch.cuda``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from xpgrad.cuda.devices import (
    can_device_access_peer,
    current_device,
    device,
    device_count,
    device_of,
    get_device_capability,
    get_device_name,
    get_device_properties,
    init,
    is_available,
    is_bf16_supported,
    is_initialized,
    places,
    set_device,
    synchronize,
)
from xpgrad.cuda.memory import (
    OutOfMemoryError,
    empty_cache,
    max_memory_allocated,
    max_memory_reserved,
    mem_get_info,
    memory_allocated,
    memory_reserved,
    memory_stats,
    memory_summary,
    reset_peak_memory_stats,
)
from xpgrad.cuda.streams import Event, Stream, StreamContext, current_stream, default_stream, set_stream, stream
from xpgrad.functions import generator
from xpgrad.functions.generator import initial_seed, manual_seed, seed

__all__ = [
    "Event",
    "OutOfMemoryError",
    "Stream",
    "StreamContext",
    "can_device_access_peer",
    "current_device",
    "current_stream",
    "default_stream",
    "device",
    "device_count",
    "device_of",
    "empty_cache",
    "get_device_capability",
    "get_device_name",
    "get_device_properties",
    "get_rng_state",
    "get_rng_state_all",
    "init",
    "initial_seed",
    "is_available",
    "is_bf16_supported",
    "is_initialized",
    "manual_seed",
    "manual_seed_all",
    "max_memory_allocated",
    "max_memory_reserved",
    "mem_get_info",
    "memory_allocated",
    "memory_reserved",
    "memory_stats",
    "memory_summary",
    "reset_peak_memory_stats",
    "seed",
    "seed_all",
    "set_device",
    "set_rng_state",
    "set_rng_state_all",
    "set_stream",
    "stream",
    "synchronize",
]

# One generator serves all devices: its numbers are the same on each.
manual_seed_all, seed_all = manual_seed, seed


def get_rng_state(device: Any = "cuda") -> Any:
    """The state of the default generator, which draws for every device. Mirrors ``torch.cuda.get_rng_state``."""
    return generator.get_rng_state()


def set_rng_state(new_state: Any, device: Any = "cuda") -> None:
    """Continue the default generator from ``new_state``. Mirrors ``torch.cuda.set_rng_state``."""
    generator.set_rng_state(new_state)


def get_rng_state_all() -> list[Any]:
    """The state of each device's generator, which is the same one. Mirrors ``torch.cuda.get_rng_state_all``."""
    return [generator.get_rng_state() for _ in places()]


def set_rng_state_all(new_states: Iterable[Any]) -> None:
    """Continue from what `get_rng_state_all` returned. Mirrors ``torch.cuda.set_rng_state_all``."""
    for state in new_states:
        generator.set_rng_state(state)
