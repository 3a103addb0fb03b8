"""What a library may lack: each a name that a check can need, and how to find out whether it is there.

Nothing is declared by a plugin; each is found out by trying it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from xpgrad.backends.base import Place
from xpgrad.backends.dtypes import BY_NAME
from xpgrad.backends.fallbacks import FALLBACKS
from xpgrad.backends.packs import packs_for
from xpgrad.errors import DtypeError, XpgradError


def has(place: Place, capability: str) -> bool:
    """Whether the library has ``capability`` on this device.

    Args:
        place: The device.
        capability: The name of a dtype, one of `PROBES`, or ``kernel:NAME``, which is a function of the backend or of
            a pack in use that stands before the fallback of that name, or before the library's own function.

    Raises:
        KeyError: There is no such capability.
    """
    if capability in BY_NAME:
        return _has_dtype(place, capability)
    kind, _, name = capability.partition(":")
    if kind == "kernel":
        return _has_kernel(place, name)
    return _probed(place, capability)


def all_of(place: Place) -> dict[str, bool]:
    """Every capability, and whether the library has it."""
    return {name: has(place, name) for name in (*BY_NAME, *PROBES)}


def _has_dtype(place: Place, name: str) -> bool:
    try:
        place.raw_dtype(BY_NAME[name])
    except DtypeError:
        return False
    return True


def _has_kernel(place: Place, name: str) -> bool:
    own = place.backend.kernels.get(name)
    of_pack = any(name in pack.kernels for pack in packs_for(place.backend.name))
    return of_pack or (own is not None and own is not FALLBACKS.get(name))


@functools.cache
def _probed(place: Place, name: str) -> bool:
    return PROBES[name](place)


def _ones(place: Place) -> Any:
    return place.backend.from_host(np.ones(3, dtype=np.float32), place.handle)


# What says that a library has no such thing.
_ABSENT: Final = (AttributeError, NotImplementedError, BufferError, XpgradError)


def _has_data_dependent_shapes(place: Place) -> bool:
    try:
        return all(isinstance(n, int) for n in place.xp.nonzero(_ones(place))[0].shape)
    except _ABSENT:
        return False
    except Exception:
        return True


def _answers(try_it: Callable[[Place], Any]) -> Callable[[Place], bool]:
    def probe(place: Place) -> bool:
        try:
            try_it(place)
        except _ABSENT:
            return False
        except Exception:
            # Something is there, and broken: the checks that need it are asked, and say so.
            return True
        return True

    return probe


def _two_devices(place: Place) -> bool:
    return len(place.backend.device_names()) > 1


def _has_memory_stats(place: Place) -> bool:
    return bool(place.backend.memory_stats(place.handle))


PROBES: Final[dict[str, Callable[[Place], bool]]] = {
    "apart from NumPy": lambda place: place.backend.name != "numpy",
    "address": _answers(lambda place: place.backend.address(_ones(place))),
    "bitcast": _answers(lambda place: place.xp.bitcast(_ones(place), dtype=place.xp.int32)),
    "cpu": lambda place: place.device.type == "cpu",
    "data-dependent shapes": _has_data_dependent_shapes,
    "dlpack": _answers(lambda place: _ones(place).__dlpack__()),
    "fft": lambda place: hasattr(place.backend.xp, "fft"),
    "immutable": lambda place: not place.backend.mutable,
    "linalg": lambda place: hasattr(place.backend.xp, "linalg"),
    "memory statistics": _has_memory_stats,
    "mutable": lambda place: place.backend.mutable,
    "several devices": _two_devices,
}
