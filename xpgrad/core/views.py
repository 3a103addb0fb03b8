"""Views: tensors on part of another's memory, made again from their base when that was written to.

A view remembers the op and arguments that made it from its base. Whoever uses a tensor compares the shared
version cell with the count the view has seen; if it moved, `refresh` runs the op again. That gives the view its
new history and, where the library's memory does not alias by itself (immutable arrays), its new values too.
A view made by an op without rules (`detach`), or while nothing was recorded (`Unrecorded`), shares the memory only:
its history is its own.
"""

from __future__ import annotations

from typing import Any, final

from xpgrad._typing import Array
from xpgrad.core.grad_mode import inference_mode
from xpgrad.core.graph import AccumulateGrad, move_retained
from xpgrad.core.tensor_base import TensorBase


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

    @property
    def is_tracked(self) -> bool:
        """Whether the view's history goes through its base."""
        return bool(self.op.rules)

    def unrecorded(self) -> View:
        """The same view, as one of a tensor that requires grad made while nothing was recorded."""
        other = Unrecorded()
        other.base, other.op, other.arguments, other.seen = self.base, self.op, self.arguments, self.seen
        other.view = self
        return other

    def again(self, base: TensorBase) -> Any:
        """The same view of another tensor."""
        return self._run(self.op, base)

    def raw(self, xp: Any, array: Array) -> Array:
        """The same view of a raw array."""
        return self._run(self.op.forward, xp, array)

    def _run(self, function: Any, *operands: Any) -> Any:
        rest = len(self.op.inputs) - 1
        settings = dict(zip(self.op.settings, self.arguments[rest:], strict=True))
        return function(*operands, *self.arguments[:rest], **settings)


@final
class Unrecorded(View):
    """A view of a tensor that requires grad, made under ``no_grad``: it stays outside the graph."""

    __slots__ = ("view",)

    view: View

    @property
    def is_tracked(self) -> bool:
        """Whether the view's history goes through its base."""
        return False

    def again(self, base: TensorBase) -> Any:
        """The same view of another tensor."""
        return self.view.again(base)

    def raw(self, xp: Any, array: Array) -> Array:
        """The same view of a raw array."""
        return self.view.raw(xp, array)


@final
class Piece(View):
    """One of the several views that ``op(base, *arguments)`` gives, the one at ``index``."""

    __slots__ = ("index",)

    index: int

    def again(self, base: TensorBase) -> Any:
        """The same view of another tensor."""
        return super().again(base)[self.index]

    def raw(self, xp: Any, array: Array) -> Array:
        """The same view of a raw array."""
        return super().raw(xp, array)[self.index]


def refresh(tensor: TensorBase) -> None:
    """Bring a view up to date with the writes to its memory; nothing happens to a tensor that is current."""
    stale = []
    while tensor._view is not None and tensor._view.seen != tensor._cell[0]:
        stale.append(tensor)
        tensor = tensor._view.base
    for view in reversed(stale):
        record: View = view._view
        if is_copy(view):
            view._view = None
            continue
        if not view._place.mutable or record.is_tracked:
            # Whatever the mode now: the new history is for the time when recording is on again.
            with inference_mode(False):
                made = record.again(record.base)
            if record.is_tracked and _takes_up(view, record.base):
                move_retained(view, made._node)
                view._node = made._node
            if not view._place.mutable:
                view._array = made._array
        record.seen = view._cell[0]


def is_copy(tensor: TensorBase) -> bool:
    """Whether a view is none after all: where memory has strides, `reshape` must copy some layouts."""
    place, view = tensor._place, tensor._view
    return view is not None and place.mutable and not place.backend.shares_memory(tensor._array, view.base._array)


def settle(tensor: TensorBase) -> None:
    """Make bases of those tensors on the way to the base of ``tensor`` that are copies."""
    while tensor._view is not None:
        base = tensor._view.base
        if is_copy(tensor):
            tensor._view = None
        tensor = base


def _takes_up(view: TensorBase, base: TensorBase) -> bool:
    """Whether a view takes up the history of its base: not where it has become a leaf, and the base has none."""
    return base._node is not None or not isinstance(view._node, AccumulateGrad)


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


def chain_of(tensor: TensorBase, *, tracked: bool = False) -> tuple[TensorBase, list[View]]:
    """The base that ``tensor`` is finally a view of, and the views from there to it; only `tracked` ones if asked."""
    chain: list[View] = []
    while tensor._view is not None and (tensor._view.is_tracked or not tracked):
        chain.append(tensor._view)
        tensor = tensor._view.base
    return tensor, chain[::-1]
