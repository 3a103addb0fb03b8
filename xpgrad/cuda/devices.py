"""Which CUDA devices there are, what they can do, and which of them is meant."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, final

from xpgrad.backends.base import Place
from xpgrad.backends.base import device as _device
from xpgrad.backends.registry import get_backend, resolve
from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import BackendError, UnknownDeviceError

DeviceLike = _device | str | int | None


def places() -> list[Place]:
    """CuPy's devices, none without CuPy or without a GPU."""
    try:
        return [place for place in get_backend("cupy").places() if place.device.type == "cuda"]
    except BackendError:
        return []


def place_of(device: DeviceLike) -> Place:
    """The device ``device``, the current one if it is None.

    Raises:
        BackendError: There is no such device.
    """
    place = resolve("cuda" if device is None else device)
    if place.device.type != "cuda":
        raise UnknownDeviceError(f"Expected a cuda device, but got: {place.device}")
    return place


def cupys(place: Place) -> Any:
    """CuPy's object for the device: a context in which it is the current one."""
    return place.handle


def is_available() -> bool:
    """True if CuPy is installed and finds a device; never raises."""
    return bool(places())


def is_initialized() -> bool:
    """Whether there is a device to use: CuPy sets it up by itself."""
    return is_available()


def init() -> None:
    """Nothing: CuPy sets devices up when they are first used."""


def device_count() -> int:
    """How many CUDA devices there are."""
    return len(places())


def current_device() -> int:
    """The index of the device that ``"cuda"`` means."""
    return place_of(None).device.index or 0


def set_device(device: DeviceLike) -> None:
    """Make ``device`` what ``"cuda"`` means in this thread; nothing if its index is negative.

    Raises:
        BackendError: There is no such device.
    """
    if not _is_nobody(device):
        cupys(place_of(device)).use()


@final
class device:  # noqa: N801
    """A context in which ``"cuda"`` means ``device``; nothing changes if its index is negative.

    Raises:
        BackendError: There is no such device.
    """

    def __init__(self, device: Any) -> None:
        self._handle: Any = None if _is_nobody(device) else cupys(place_of(device))

    def __enter__(self) -> None:
        if self._handle is not None:
            self._handle.__enter__()

    def __exit__(self, *raised: Any) -> None:
        if self._handle is not None:
            self._handle.__exit__(*raised)


def device_of(obj: Any) -> device:
    """A context in which ``"cuda"`` means the device of the tensor ``obj``; nothing changes if that is on no such."""
    is_there = isinstance(obj, TensorBase) and obj._place.device.type == "cuda"
    return device(obj._place.device if is_there else -1)


def synchronize(device: DeviceLike = None) -> None:
    """Wait until the device has done everything asked of it.

    Raises:
        BackendError: There is no such device.
    """
    place = place_of(device)
    place.backend.synchronize(place.handle)


def get_device_properties(device: DeviceLike = None) -> SimpleNamespace:
    """What the device is, under PyTorch's names: ``name``, ``total_memory`` in bytes, ``multi_processor_count``, ...

    Raises:
        BackendError: There is no such device.
    """
    place = place_of(device)
    found = place.backend.runtime.runtime.getDeviceProperties(place.device.index or 0)
    return SimpleNamespace(
        name=found["name"].decode(),
        major=found["major"],
        minor=found["minor"],
        total_memory=found["totalGlobalMem"],
        multi_processor_count=found["multiProcessorCount"],
        warp_size=found["warpSize"],
        max_threads_per_block=found["maxThreadsPerBlock"],
        shared_memory_per_block=found["sharedMemPerBlock"],
        regs_per_multiprocessor=found["regsPerMultiprocessor"],
        max_threads_per_multi_processor=found["maxThreadsPerMultiProcessor"],
        L2_cache_size=found["l2CacheSize"],
        is_integrated=found["integrated"],
    )


def get_device_name(device: DeviceLike = None) -> str:
    """What the device is called.

    Raises:
        BackendError: There is no such device.
    """
    return str(get_device_properties(device).name)


def get_device_capability(device: DeviceLike = None) -> tuple[int, int]:
    """The compute capability of the device, such as (9, 0).

    Raises:
        BackendError: There is no such device.
    """
    found = get_device_properties(device)
    return found.major, found.minor


def can_device_access_peer(device: DeviceLike, peer_device: DeviceLike) -> bool:
    """Whether ``device`` can read the memory of ``peer_device`` by itself.

    Raises:
        BackendError: There is no such device.
    """
    one, other = place_of(device), place_of(peer_device)
    return bool(one.backend.runtime.runtime.deviceCanAccessPeer(one.device.index or 0, other.device.index or 0))


def is_bf16_supported(including_emulation: bool = True) -> bool:
    """Whether there is a device with bfloat16: all have it, those of compute capability 8 in hardware."""
    return is_available() and (including_emulation or get_device_capability()[0] >= 8)


def _is_nobody(device: Any) -> bool:
    return isinstance(device, int) and device < 0
