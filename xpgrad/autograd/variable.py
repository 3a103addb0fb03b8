"""The old name for a tensor that can require grad."""

from __future__ import annotations

from typing import Any

from xpgrad.core.tensor_base import TensorBase
from xpgrad.tensor.conversion import tensor
from xpgrad.tensor.tensor import Tensor


class _VariableMeta(type):
    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, TensorBase)


class Variable(metaclass=_VariableMeta):
    """``Variable(x, requires_grad=True)`` is a tensor on the memory of ``x``. Mirrors ``torch.autograd.Variable``."""

    def __new__(cls, data: Any, requires_grad: bool = False, volatile: bool = False) -> Any:
        source = data if isinstance(data, Tensor) else tensor(data)
        return source.data.requires_grad_(requires_grad and not volatile)
