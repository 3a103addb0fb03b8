from types import SimpleNamespace

from cupy.cuda import device
from cupy.cuda.device import Device as Device

# What a test may set: how many devices there are.
device_count = 1


def is_available() -> bool:
    return device_count > 0


runtime = SimpleNamespace(getDeviceCount=lambda: device_count, getDevice=lambda: device.current())
