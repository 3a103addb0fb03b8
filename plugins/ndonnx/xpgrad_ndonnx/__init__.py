"""ndonnx as a backend of xpgrad: what tensors go through is recorded, and becomes an ONNX model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, ClassVar

import ndonnx
import numpy as np

from xpgrad.backends.base import Backend
from xpgrad.errors import ArgumentTypeError
from xpgrad_ndonnx.export import argument, save, to_onnx
from xpgrad_ndonnx.kernels import KERNELS
from xpgrad_ndonnx.namespace import XP, refusals, sized

__all__ = ["NdonnxBackend", "argument", "save", "to_onnx"]


class NdonnxBackend(Backend):
    """ndonnx arrays: nodes of an ONNX graph, with a value where it is known.

    Their device is called ``onnx``, since nobody knows yet where the graph will run, and since xpgrad looks
    at some values on CPUs only, such as indices, to name those that are out of range.
    """

    name: ClassVar[str] = "ndonnx"
    protocol: ClassVar[int] = 1
    in_host_memory: ClassVar[bool] = False
    xp: Any = XP
    array_types: tuple[type, ...] = (ndonnx.Array,)
    kernels: Mapping[str, Callable[..., Any]] = KERNELS

    def devices(self) -> Mapping[str, object]:
        """The only one."""
        return {"onnx": None}

    def raw_dtypes(self, handle: Any) -> Mapping[str, Any]:
        """As ndonnx lists them, which it does only when asked for a kind."""
        return {**ndonnx.__array_namespace_info__().dtypes(kind=None), "float16": ndonnx.float16}

    def guard(self, handle: Any) -> Callable[[], AbstractContextManager[Any]]:
        """Not for a device: so that refusals of operations are of the types that xpgrad explains."""
        return refusals

    def admit(self, array: Any) -> Any:
        """``array``, whose shape must be numbers."""
        return sized(array)[0]

    def to_host(self, array: Any) -> np.ndarray[Any, Any]:
        """The value of ``array``.

        Raises:
            ArgumentTypeError: It has none before the model runs.
        """
        try:
            value: np.ndarray[Any, Any] = array.unwrap_numpy()
        except ValueError:
            raise ArgumentTypeError(
                f"ndonnx: the values of a tensor {array.shape} of {array.dtype} were asked for, but it has none: it "
                "depends on an argument, or ONNX Runtime cannot compute it; make it an output of the model, or keep "
                "what looks at values out of what is exported"
            ) from None
        return value.copy()

    def from_host(self, array: np.ndarray[Any, Any], handle: Any) -> Any:
        """A constant of the graph."""
        return ndonnx.asarray(array, copy=True)

    def copy(self, array: Any) -> Any:
        """``array``, since it never changes."""
        return array

    def version(self) -> str:
        return str(ndonnx.__version__)
