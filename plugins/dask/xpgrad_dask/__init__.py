"""dask.array as a backend of xpgrad: gradients of computations on arrays larger than memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import dask
import dask.array as da
import numpy as np
from dask.utils import parse_bytes

from xpgrad._typing import Array, RawDtype
from xpgrad.backends.base import Backend
from xpgrad.backends.numpy import ML_DTYPES, ml_dtype
from xpgrad_dask.namespace import KERNELS, XP

__all__ = ["DaskBackend"]

# The standard has it of every array, and dask makes its arrays itself: there is no other place to put it.
if not hasattr(da.Array, "device"):
    da.Array.device = "cpu"

# Fusing what is done to each chunk takes time with the square of the number of layers; from here on it does not pay.
_MOST_FUSED = 200


class DaskBackend(Backend):
    """Arrays in chunks, computed when somebody looks at them.

    What fits into a chunk (``dask.config``'s ``array.chunk-size``) is kept once it is computed; larger arrays are
    computed anew each time.
    """

    name: ClassVar[str] = "dask"
    protocol: ClassVar[int] = 2
    lazy: ClassVar[bool] = True
    in_host_memory: ClassVar[bool] = False
    xp: Any = XP
    array_types: tuple[type, ...] = (da.Array,)
    kernels: Mapping[str, Any] = KERNELS
    rare_dtypes: Mapping[str, str] = ML_DTYPES

    def to_host(self, array: Array) -> np.ndarray[Any, Any]:
        self.compute([array])
        return np.array(array.compute(optimize_graph=_pays(array)), copy=True)

    def from_host(self, array: np.ndarray[Any, Any], handle: Any) -> Array:
        # A copy, since what is computed late would see what happens to the memory until then.
        return da.from_array(np.array(array, copy=True), chunks="auto" if array.size else -1, name=False)

    def raw_dtypes(self, handle: object) -> Mapping[str, RawDtype]:
        return {name: np.dtype(raw) for name, raw in super().raw_dtypes(handle).items()}

    def rare_dtype(self, name: str, handle: object) -> RawDtype | None:
        return ml_dtype(name)

    def compute(self, arrays: Sequence[Array]) -> None:
        most = parse_bytes(dask.config.get("array.chunk-size"))
        pending = [x for x in arrays if x.nbytes <= most and len(x.dask.layers) > 1]
        if pending:
            for x, computed in zip(pending, dask.persist(*pending, optimize_graph=_pays(*pending)), strict=True):
                # The same array by name, so that nothing else has to know.
                x.dask = computed.dask

    def version(self) -> str:
        return str(dask.__version__)


def _pays(*arrays: Array) -> bool:
    return max(len(x.dask.layers) for x in arrays) <= _MOST_FUSED
