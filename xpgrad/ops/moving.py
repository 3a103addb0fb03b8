"""Transfers between devices and backends; gradients flow back the other way."""

from __future__ import annotations

from typing import Any, final

from xpgrad._typing import Array, Namespace
from xpgrad.backends.base import Place
from xpgrad.backends.registry import transfer
from xpgrad.core.grad_mode import mode, trace
from xpgrad.core.graph import Node
from xpgrad.core.tensor_base import TensorBase, make_tensor
from xpgrad.core.views import array_of, node_of


def move(x: TensorBase, place: Place, *, non_blocking: bool = False) -> TensorBase:
    """``x`` on another device, perhaps of another backend, perhaps before its memory has been read (see `transfer`)."""
    array = transfer(array_of(x), x._place, place, non_blocking=non_blocking)
    return _recorded(x, make_tensor(array, place))


def pin(x: TensorBase, place: Place) -> TensorBase:
    """A copy of ``x``, which is NumPy's, in page-locked memory that the device of ``place`` reads by itself."""
    return _recorded(x, make_tensor(place.backend.pin(array_of(x)), x._place))


def _recorded(x: TensorBase, moved: TensorBase) -> TensorBase:
    node = node_of(x)
    if node is not None and mode.grad:
        moved._node = ToCopyBackward0(node, x._place, moved)
    return moved


@final
class ToCopyBackward0(Node):
    """A transfer: not an op, since an op runs on one device."""

    __slots__ = ("source",)

    def __init__(self, node: Node, source: Place, moved: TensorBase) -> None:
        self.next = (node,)
        self.source = source
        self.place = moved._place
        self.shape = moved._array.shape
        self.dtype = moved._array.dtype
        self.hooks = None
        self.freed = False
        self.trace = trace()

    def backward(self, xp: Namespace, g: Array) -> tuple[Array]:
        """The gradient, moved back."""
        return (transfer(g, self.place, self.source),)

    def backward_recorded(self, xp: Namespace, g: Any) -> tuple[Any]:
        """The gradient, moved back and recorded."""
        return (move(g, self.source),)
