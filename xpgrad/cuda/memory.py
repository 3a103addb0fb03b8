"""The memory of CUDA devices, as CuPy's pools count it."""

from __future__ import annotations

from xpgrad.cuda.devices import DeviceLike, is_available, place_of

# What running out of memory raises: CuPy's error is one.
OutOfMemoryError = MemoryError


def memory_allocated(device: DeviceLike = None) -> int:
    """Bytes in use by arrays on the device, 0 without one."""
    return _statistics(device).get("used_bytes", 0)


def memory_reserved(device: DeviceLike = None) -> int:
    """Bytes that the memory pool holds on the device, in use or not, 0 without one."""
    return _statistics(device).get("reserved_bytes", 0)


def max_memory_allocated(device: DeviceLike = None) -> int:
    """Bytes that the pool holds on the device, 0 without one: no less than the peak, which CuPy does not record."""
    return memory_reserved(device)


def max_memory_reserved(device: DeviceLike = None) -> int:
    """The same as `max_memory_allocated`."""
    return memory_reserved(device)


def reset_peak_memory_stats(device: DeviceLike = None) -> None:
    """Begin to look for the peak anew: give back what is not in use, so that the pool grows from here."""
    if is_available():
        empty_cache()


def empty_cache() -> None:
    """Give memory that the pools keep for arrays to come back to the current device and to the host."""
    if is_available():
        place = place_of(None)
        place.backend.empty_cache(place.handle)


def mem_get_info(device: DeviceLike = None) -> tuple[int, int]:
    """Bytes that are free on the device, and bytes that it has.

    Raises:
        BackendError: There is no such device.
    """
    place = place_of(device)
    found = place.backend.memory_stats(place.handle)
    return found["free_bytes"], found["total_bytes"]


def memory_stats(device: DeviceLike = None) -> dict[str, int]:
    """What CuPy counts, under PyTorch's names; empty without a device."""
    found = _statistics(device)
    if not found:
        return {}
    used, reserved = found["used_bytes"], found["reserved_bytes"]
    return {
        "allocated_bytes.all.current": used,
        "allocated_bytes.all.peak": reserved,
        "reserved_bytes.all.current": reserved,
        "reserved_bytes.all.peak": reserved,
        "inactive_split_bytes.all.current": reserved - used,
    }


def memory_summary(device: DeviceLike = None, abbreviated: bool = False) -> str:
    """`memory_stats` as lines to be printed."""
    return "\n".join(f"{name:<36} {count:>18,d} B" for name, count in memory_stats(device).items())


def _statistics(device: DeviceLike) -> dict[str, int]:
    if not is_available():
        return {}
    place = place_of(device)
    return place.backend.memory_stats(place.handle)
