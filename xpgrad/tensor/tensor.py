"""The class Tensor."""

from __future__ import annotations

from xpgrad.core.tensor_base import late
from xpgrad.tensor.operators import Operators


class Tensor(Operators):
    """An array that knows how it was computed. Mirrors ``torch.Tensor``."""

    __slots__ = ("__dict__",)


late.tensor = Tensor
