"""Moving arrays between devices and libraries, always by copying."""

from __future__ import annotations

import numpy as np

from xpgrad._typing import Array
from xpgrad.backends.base import Place


def transfer(array: Array, source: Place, target: Place, *, non_blocking: bool = False) -> Array:
    """A copy of ``array``, which is on ``source``, on ``target``; the array itself if they are the same place.

    Two libraries on the same kind of accelerator hand over by DLPack; everything else goes through the host. With
    ``non_blocking``, page-locked memory of the host may still be read after this has returned.

    Raises:
        DtypeError: ``target`` does not have the dtype.
    """
    if source is target:
        return array
    # An error about dtypes now is better than one from deep inside the library.
    target.raw_dtype(source.dtype(array.dtype))
    if _by_dlpack(array, source, target):
        return target.backend.copy(target.xp.from_dlpack(array))
    host = source.backend.to_host(array)
    if source.backend.in_host_memory and target.backend.in_host_memory:
        # Both may see this very memory, and a write on one side must not show on the other.
        host = np.array(host, copy=True)
    if non_blocking and source.backend.in_host_memory and target.backend.is_pinned(host):
        return target.backend.from_pinned(host, target.handle)
    return target.backend.from_host(host, target.handle)


def _by_dlpack(array: Array, source: Place, target: Place) -> bool:
    """Whether both sides have arrays of one kind of accelerator and say so by DLPack."""
    return (
        source.backend is not target.backend
        and source.device.type == target.device.type
        and source.device.index == target.device.index
        and source.device.type != "cpu"
        and hasattr(array, "__dlpack__")
    )
