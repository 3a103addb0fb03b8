"""dask.array as a backend of xpgrad: gradients of computations on arrays larger than memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import dask
import dask.array as da
import numpy as np

from xpgrad._typing import Array, RawDtype
from xpgrad.backends.base import Backend
from xpgrad.backends.numpy import ML_DTYPES, ml_dtype
from xpgrad.core.tensor_base import TensorBase
from xpgrad.core.views import array_of
from xpgrad.errors import ArgumentTypeError
from xpgrad_dask.blocks import fits
from xpgrad_dask.namespace import KERNELS, XP

__all__ = ["DaskBackend", "to_dask"]

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
    protocol: ClassVar[int] = 1
    lazy: ClassVar[bool] = True
    in_host_memory: ClassVar[bool] = False
    xp: Any = XP
    array_types: tuple[type, ...] = (da.Array,)
    kernels: Mapping[str, Any] = KERNELS
    rare_dtypes: Mapping[str, str] = ML_DTYPES

    def to_host(self, array: Array) -> np.ndarray[Any, Any]:
        return np.array(_computed([array])[0], copy=True)

    def from_host(self, array: np.ndarray[Any, Any], handle: Any) -> Array:
        # A copy, since what is computed late would see what happens to the memory until then.
        return da.from_array(np.array(array, copy=True), chunks="auto" if array.size else -1, name=False)

    def admit(self, array: Array) -> Array:
        """With lengths: those of what dask has picked by a mask are not known before it is computed."""
        return array.copy().compute_chunk_sizes() if np.isnan(array.shape).any() else array

    def raw_dtypes(self, handle: object) -> Mapping[str, RawDtype]:
        return {name: np.dtype(raw) for name, raw in super().raw_dtypes(handle).items()}

    def rare_dtype(self, name: str, handle: object) -> RawDtype | None:
        return ml_dtype(name)

    def compute(self, arrays: Sequence[Array]) -> None:
        _computed([x for x in arrays if fits(x) and len(x.dask.layers) > 1])

    def version(self) -> str:
        return str(dask.__version__)


def to_dask(x: TensorBase) -> da.Array:
    """The dask array of a tensor, to store it, to look at its graph, or to go on with dask.

    >>> import xpgrad
    >>> to_dask(xpgrad.zeros(3, 2, device="dask:cpu")).chunks
    ((3,), (2,))

    Raises:
        ArgumentTypeError: It is on another backend.
    """
    if not isinstance(x._place.backend, DaskBackend):
        raise ArgumentTypeError(f"to_dask: expected a tensor on dask:cpu, got one on {x._place.device}; move it first")
    return array_of(x)


def _computed(arrays: Sequence[Array]) -> Sequence[Any]:
    """The values of ``arrays``; those that fit into a chunk begin at them from now on."""
    layers = max((len(x.dask.layers) for x in arrays), default=0)
    values: Sequence[Any] = dask.compute(*arrays, optimize_graph=layers <= _MOST_FUSED)
    for x, value in zip(arrays, values, strict=True):
        if layers > 1 and fits(x):
            # The same array by name and chunks, so that nothing that was made of it has to know.
            x.dask = da.from_array(value, chunks=x.chunks, name=x.name).dask
    return values
