"""array-api-strict as a backend of xpgrad: NumPy, and an error for whatever the standard does not promise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import array_api_strict
import numpy as np
from array_api_strict import Device

from xpgrad.backends.base import Backend

__all__ = ["StrictBackend"]

# The version of the standard that xpgrad keeps to. The library's default moves on with its releases.
_STANDARD = "2024.12"

# Not all releases have the last two; none of them can list its devices in a way that survives the releases.
_DEVICES = ("device1", "device2", "no_float64", "no_x64")


class StrictBackend(Backend):
    """Arrays that do what the standard says and nothing else, on devices that refuse to be mixed.

    The devices besides ``cpu`` are make-believe: ``device1`` finds each creation that forgets its device, ``device2``
    has another default dtype, ``no_float64`` and ``no_x64`` lack dtypes as accelerators do. Arrays count as immutable,
    so in-place methods rebind.

    Making an instance sets the library's version of the standard for the whole process, as the library has it.
    """

    name: ClassVar[str] = "strict"
    protocol: ClassVar[int] = 1
    xp: Any = array_api_strict
    array_types: tuple[type, ...] = (type(array_api_strict.empty(0)),)

    def __init__(self) -> None:
        array_api_strict.set_array_api_strict_flags(api_version=_STANDARD)

    def devices(self) -> Mapping[str, object]:
        """The CPU and the make-believe devices of this release."""
        found = {"cpu": Device("CPU_DEVICE")}
        for name in _DEVICES:
            try:
                found[name] = Device(name)
            except ValueError:
                continue
        return found

    def to_host(self, array: Any) -> np.ndarray[Any, Any]:
        """Only arrays on the CPU convert to NumPy."""
        return np.asarray(array.to_device(Device("CPU_DEVICE")))
