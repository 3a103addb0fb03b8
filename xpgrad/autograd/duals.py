"""Tensors with a history of their own that leads back into another: the pieces of forward mode and of `func`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, final

from xpgrad.core.graph import AccumulateGrad, Node
from xpgrad.core.tensor_base import TensorBase
from xpgrad.core.views import node_of


def closed(tensor: Any, inner: Sequence[Node | None]) -> Any:
    """``tensor`` without its history if that leads to no leaf but the ``inner`` ones."""
    seen: set[Node] = set()
    stack = [node_of(tensor)]
    while stack:
        node = stack.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if isinstance(node, AccumulateGrad) and node not in inner:
            return tensor.view_as(tensor)
        stack.extend(node.next)
    return tensor.detach()


@final
class Dual(Node):
    """Where a tensor becomes a dual one: the gradient passes."""

    __slots__ = ()

    def __init__(self, tensor: TensorBase) -> None:
        self.next = (node_of(tensor),)
        self.place = tensor._place
        self.shape = tensor._array.shape
        self.dtype = tensor._array.dtype
        self.hooks = None
        self.freed = False
        self.trace = None

    def backward(self, xp: Any, g: Any) -> Sequence[Any]:
        return (g,)

    backward_recorded = backward
