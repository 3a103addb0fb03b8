"""Parameters as one vector, and back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import ArgumentTypeError, MixedBackendsError, ShapeError
from xpgrad.functions.joining import cat


def parameters_to_vector(parameters: Iterable[Any]) -> Any:
    """All elements of all parameters, one after the other; gradients flow back.

    Raises:
        MixedBackendsError: They are on several devices.
    """
    parts = list(parameters)
    if len({p._place for p in parts}) > 1:
        raise MixedBackendsError("parameters_to_vector", [str(p.device) for p in parts])
    return cat([p.reshape(-1) for p in parts])


def vector_to_parameters(vec: Any, parameters: Iterable[Any]) -> None:
    """Set the parameters to the elements of ``vec``, in order.

    Raises:
        ArgumentTypeError: ``vec`` is not a tensor.
        ShapeError: It has fewer elements than the parameters.
    """
    if not isinstance(vec, TensorBase):
        raise ArgumentTypeError(f"expected torch.Tensor, but got: {type(vec).__name__}")
    values: Any = vec
    start = 0
    for p in parameters:
        stop = start + p.numel()
        if stop > values.numel():
            raise ShapeError(f"vector_to_parameters: {values.numel()} elements do not fill the parameters")
        p.data = values[start:stop].reshape(p.shape).data
        start = stop
