from types import SimpleNamespace

import numpy as np

from cupy.cuda import device as device
from cupy.cuda import pinned_memory as pinned_memory
from cupy.cuda import stream as stream
from cupy.cuda.device import Device as Device
from cupy.cuda.stream import Event as Event
from cupy.cuda.stream import Stream as Stream
from cupy.cuda.stream import get_current_stream as get_current_stream
from cupy.cuda.stream import get_elapsed_time as get_elapsed_time

# What a test may set: how many devices there are.
device_count = 1


def is_available() -> bool:
    return device_count > 0


def _properties(number):
    return {
        "name": b"Stand-in GPU",
        "totalGlobalMem": 20_000,
        "major": 9,
        "minor": 0,
        "multiProcessorCount": 2,
        "warpSize": 32,
        "maxThreadsPerBlock": 1024,
        "sharedMemPerBlock": 49152,
        "regsPerMultiprocessor": 65536,
        "maxThreadsPerMultiProcessor": 2048,
        "l2CacheSize": 1 << 20,
        "integrated": 0,
    }


runtime = SimpleNamespace(
    getDeviceCount=lambda: device_count,
    getDevice=device.current,
    setDevice=device.use,
    getDeviceProperties=_properties,
    deviceCanAccessPeer=lambda one, other: int(one != other),
)


class MemoryPointer:
    def __init__(self, size: int) -> None:
        self.mem = np.full(size + 512, 0xFF, np.uint8)
        start = self.mem.__array_interface__["data"][0]
        self.ptr = start + -start % 512


def alloc(size: int) -> MemoryPointer:
    return MemoryPointer(size)
