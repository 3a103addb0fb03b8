"""The class Tensor: its parts, and the late binding through which the core makes results."""

from __future__ import annotations

import copy
from typing import Any

from xpgrad.core.graph import AccumulateGrad
from xpgrad.core.promotion import get_default_dtype
from xpgrad.core.tensor_base import TensorBase, late, new
from xpgrad.core.views import array_of, node_of
from xpgrad.errors import GradientError
from xpgrad.tensor.attributes import Attributes
from xpgrad.tensor.conversion import Conversion, tensor
from xpgrad.tensor.elementwise_methods import ElementwiseInplaceMethods, SpecialMethods
from xpgrad.tensor.graph_methods import GraphMethods
from xpgrad.tensor.kinds import Kinds
from xpgrad.tensor.legacy import construct
from xpgrad.tensor.methods import (
    ArithmeticMethods,
    CreationMethods,
    InplaceMethods,
    MatrixMethods,
    ReductionMethods,
    ShapeMethods,
)
from xpgrad.tensor.operators import Operators
from xpgrad.tensor.printing import tensor_text


class Tensor(
    Operators,
    Attributes,
    Conversion,
    Kinds,
    GraphMethods,
    ArithmeticMethods,
    SpecialMethods,
    ReductionMethods,
    ShapeMethods,
    CreationMethods,
    InplaceMethods,
    MatrixMethods,
    ElementwiseInplaceMethods,
):
    """An array that knows how it was computed. Mirrors ``torch.Tensor``.

    Made by `tensor`, `zeros`, `randn` and their like, and by operations on tensors. The constructor is PyTorch's
    legacy one: ``Tensor(2, 3)`` has that shape and arbitrary values, ``Tensor([1, 2])`` those values as floats.

    Example:
        >>> import xpgrad
        >>> x = xpgrad.tensor([1.0, 2.0], requires_grad=True)
        >>> (x * x).sum().backward()
        >>> x.grad
        tensor([2., 4.])
    """

    __slots__ = ("__dict__",)
    # Where people find it, which is what `type(x)` prints; the same for the other classes of this kind.
    __module__ = "xpgrad"

    def __new__(cls, *args: Any, device: Any = None) -> Any:
        made = construct(get_default_dtype(), args, device)
        return made if cls is Tensor else made.as_subclass(cls)

    def as_subclass(self, cls: type) -> Any:
        """The same tensor as an instance of ``cls``, a subclass of Tensor; memory and history are shared."""
        made: Any = new(cls)
        for slot in ("_array", "_place", "_node", "_cell", "_view", "_grad"):
            setattr(made, slot, getattr(self, slot))
        if isinstance(made._node, AccumulateGrad):
            made._node = AccumulateGrad(made)
        return made

    def __repr__(self, *, tensor_contents: Any = None) -> str:
        node = self.grad_fn
        suffixes = [f"grad_fn=<{node.name()}>"] if node else ["requires_grad=True"] if self.requires_grad else []
        return tensor_text(
            self._place.backend.to_host(array_of(self)),
            dtype=self.dtype.name,
            default_dtype=get_default_dtype().name,
            device=None if self._place.device.type == "cpu" else str(self._place.device),
            suffixes=suffixes,
        )

    def __copy__(self) -> Any:
        """The same memory and history in another object, as ``copy.copy`` gives it in PyTorch."""
        made = self.as_subclass(type(self))
        made.__dict__.update(self.__dict__)
        return made

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        node = node_of(self)
        if node is not None and not isinstance(node, AccumulateGrad):
            raise GradientError(
                "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the "
                "moment. If you were attempting to deepcopy a module, use detach() on the tensors it holds."
            )
        made: Any = new(type(self))
        made._array = self._place.backend.copy(array_of(self))
        made._place, made._cell, made._view = self._place, [0], None
        made._node = None if node is None else AccumulateGrad(made)
        memo[id(self)] = made
        made._grad = copy.deepcopy(self._grad, memo)
        made.__dict__.update(copy.deepcopy(self.__dict__, memo))
        return made

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        node = node_of(self)
        if node is not None and not isinstance(node, AccumulateGrad):
            raise GradientError("only leaf tensors can be pickled; use detach() first")
        host = self._place.backend.to_host(array_of(self))
        return (_restore, (type(self), host, str(self._place.device), node is not None, self.__dict__))


def _restore(cls: type, host: Any, device: str, requires_grad: bool, attributes: dict[str, Any]) -> Any:
    made = tensor(host, device=device)
    made = made if cls is Tensor else made.as_subclass(cls)
    made.__dict__.update(attributes)
    return made.requires_grad_(requires_grad)


late.tensor = Tensor


def is_tensor(obj: object) -> bool:
    """Whether ``obj`` is a Tensor. Mirrors ``torch.is_tensor``."""
    return isinstance(obj, TensorBase)
