"""Views: tensors on part of another's memory, made again from their base when that was written to.

A view remembers the op and arguments that made it from its base. Whoever uses a tensor compares the shared
version cell with the count the view has seen; if it moved, `refresh` runs the op again. That gives the view its
new history and, where the library's memory does not alias by itself (immutable arrays), its new values too.
"""

from __future__ import annotations

from typing import Any, final

from xpgrad._typing import Array
from xpgrad.core.tensor_base import TensorBase


@final
class View:
    """How a view comes from its base: ``op(base, *arguments)``.

    Attributes:
        base: The tensor viewed, itself perhaps a view.
        op: The op that made the view.
        arguments: Its further inputs, then its settings, in the op's order.
        seen: The version of the memory that the view's history belongs to.
    """

    __slots__ = ("arguments", "base", "op", "seen")

    base: TensorBase
    op: Any
    arguments: tuple[Any, ...]
    seen: int

    def again(self, base: TensorBase) -> TensorBase:
        """The same view of another tensor."""
        rest = len(self.op.inputs) - 1
        settings = dict(zip(self.op.settings, self.arguments[rest:], strict=True))
        made: TensorBase = self.op(base, *self.arguments[:rest], **settings)
        return made

    def raw(self, xp: Any, array: Array) -> Array:
        """The same view of a raw array."""
        rest = len(self.op.inputs) - 1
        settings = dict(zip(self.op.settings, self.arguments[rest:], strict=True))
        return self.op.forward(xp, array, *self.arguments[:rest], **settings)


def refresh(tensor: TensorBase) -> None:
    """Bring a view up to date with the writes to its memory; nothing happens to a tensor that is current."""
    stale = []
    while tensor._view is not None and tensor._view.seen != tensor._cell[0]:
        stale.append(tensor)
        tensor = tensor._view.base
    for view in reversed(stale):
        record = view._view
        assert record is not None
        made = record.again(record.base)
        view._node = made._node
        if not view._place.mutable:
            view._array = made._array
        record.seen = view._cell[0]


def array_of(tensor: TensorBase) -> Array:
    """The raw array of ``tensor``, up to date."""
    if tensor._view is not None:
        refresh(tensor)
    return tensor._array


def node_of(tensor: TensorBase) -> Any:
    """Where the gradient of ``tensor`` goes, up to date."""
    if tensor._view is not None:
        refresh(tensor)
    return tensor._node


def chain_of(tensor: TensorBase) -> tuple[TensorBase, list[View]]:
    """The base that ``tensor`` is finally a view of, and the views from there to it."""
    chain: list[View] = []
    while tensor._view is not None:
        chain.append(tensor._view)
        tensor = tensor._view.base
    return tensor, chain[::-1]
