"""The class Tensor: its parts, and the late binding through which the core makes results."""

from __future__ import annotations

from typing import Any

from xpgrad.core.promotion import get_default_dtype
from xpgrad.core.tensor_base import late
from xpgrad.core.views import array_of
from xpgrad.tensor.attributes import Attributes
from xpgrad.tensor.conversion import Conversion
from xpgrad.tensor.graph_methods import GraphMethods
from xpgrad.tensor.methods import (
    ArithmeticMethods,
    CreationMethods,
    InplaceMethods,
    ReductionMethods,
    ShapeMethods,
)
from xpgrad.tensor.operators import Operators
from xpgrad.tensor.printing import tensor_text


class Tensor(
    Operators,
    Attributes,
    Conversion,
    GraphMethods,
    ArithmeticMethods,
    ReductionMethods,
    ShapeMethods,
    CreationMethods,
    InplaceMethods,
):
    """An array that knows how it was computed. Mirrors ``torch.Tensor``."""

    __slots__ = ("__dict__",)

    def __repr__(self, *, tensor_contents: Any = None) -> str:
        node = self.grad_fn
        suffixes = [f"grad_fn=<{node.name()}>"] if node else ["requires_grad=True"] if self.requires_grad else []
        device = None if self._place.device.type == "cpu" else str(self._place.device)
        return tensor_text(
            self._place.backend.to_host(array_of(self)),
            dtype=self.dtype.name,
            default_dtype=get_default_dtype().name,
            device=device,
            suffixes=suffixes,
        )

    __hash__ = object.__hash__


late.tensor = Tensor
