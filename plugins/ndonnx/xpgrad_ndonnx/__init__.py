"""ndonnx as a backend of xpgrad: what tensors go through is recorded, and becomes an ONNX model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import ndonnx
import numpy as np

from xpgrad.backends.base import Backend
from xpgrad.errors import ArgumentTypeError, ShapeError
from xpgrad_ndonnx.export import argument, save, to_onnx
from xpgrad_ndonnx.kernels import KERNELS

__all__ = ["NdonnxBackend", "argument", "save", "to_onnx"]


class NdonnxBackend(Backend):
    """ndonnx arrays: nodes of an ONNX graph, with a value where it is known.

    Their device is called ``onnx``, since nobody knows yet where the graph will run, and since xpgrad then does not look
    at values that it can do without, as it does on the CPU to name an index that is out of range.
    """

    name: ClassVar[str] = "ndonnx"
    protocol: ClassVar[int] = 1
    in_host_memory: ClassVar[bool] = False
    xp: Any = ndonnx
    array_types: tuple[type, ...] = (ndonnx.Array,)
    kernels: Mapping[str, Callable[..., Any]] = KERNELS

    def devices(self) -> Mapping[str, object]:
        """The only one."""
        return {"onnx": None}

    def raw_dtypes(self, handle: Any) -> Mapping[str, Any]:
        """As ndonnx lists them, which it does only when asked for a kind."""
        return {**ndonnx.__array_namespace_info__().dtypes(kind=None), "float16": ndonnx.float16}

    def admit(self, array: Any) -> Any:
        """``array``, whose shape must be numbers.

        Raises:
            ShapeError: A dimension is symbolic.
        """
        if None in array.shape:
            raise ShapeError(
                f"ndonnx: tensors have shapes of numbers, but this array has the shape {array.shape}, where None is a "
                "dimension known only later; give ndonnx.argument a number for it, and export a model for each"
            )
        return array

    def to_host(self, array: Any) -> np.ndarray[Any, Any]:
        """The value of ``array``.

        Raises:
            ArgumentTypeError: It has none before the model runs.
        """
        try:
            value: np.ndarray[Any, Any] = array.unwrap_numpy()
        except ValueError:
            raise ArgumentTypeError(
                f"ndonnx: the values of a tensor {array.shape} of {array.dtype} were asked for, but it depends on an "
                "argument and has none before the model runs; make it an output of the model, or keep what "
                "looks at values out of what is exported"
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
