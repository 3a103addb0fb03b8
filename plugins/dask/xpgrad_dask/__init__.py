"""dask.array as a backend of xpgrad: gradients of computations on arrays larger than memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import dask.array as da
import numpy as np

from xpgrad.backends.base import Backend
from xpgrad_dask.namespace import KERNELS, XP

if not hasattr(da.Array, "device"):
    da.Array.device = "cpu"


class DaskBackend(Backend):
    name: ClassVar[str] = "dask"
    protocol: ClassVar[int] = 1
    xp: Any = XP
    array_types: tuple[type, ...] = (da.Array,)
    kernels: Mapping[str, Any] = KERNELS

    def raw_dtypes(self, handle: object) -> Mapping[str, Any]:
        return {name: np.dtype(raw) for name, raw in super().raw_dtypes(handle).items()}

    def from_host(self, array, handle):
        return da.from_array(array, chunks="auto" if array.size else -1)

    def version(self) -> str:
        import dask

        return str(dask.__version__)
