"""Views: tensors on part of another's memory, made again from their base when that was written to.

A view remembers the op and arguments that made it from its base. Whoever uses a tensor compares the shared
version cell with the count the view has seen; if it moved, `refresh` runs the op again. That gives the view its
new history and, where the library's memory does not alias by itself (immutable arrays), its new values too.
A view made by an op without rules (`detach`) shares the memory only: its history is its own. Some views take no new
history, as in PyTorch: those made while nothing was recorded (`Unrecorded`), and several made at once (`Piece`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, final

from xpgrad._typing import Array
from xpgrad.backends.registry import host_place
from xpgrad.core.grad_mode import inference_mode, mode
from xpgrad.core.graph import AccumulateGrad, NoHistory, Output, move_retained
from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import InplaceError


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

    # Why no new history reaches such a view; empty for those that take it.
    fixed = ""

    @property
    def is_tracked(self) -> bool:
        """Whether the view's history goes through its base."""
        return bool(self.op.rules)

    def unrecorded(self, view: TensorBase) -> View:
        """The same for ``view``, as one made while nothing is recorded; it gets the end of the graph that it is."""
        if not self.op.rules:
            return self
        other = Unrecorded()
        other.base, other.op, other.arguments, other.seen = self.base, self.op, self.arguments, self.seen
        other.view = self
        other.in_inference = mode.inference
        other.fixed = self.fixed or _AMBIGUOUS.format("inference_mode" if mode.inference else "no_grad")
        if requires_grad(self.base):
            view._node = NoHistory(view)
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
class Turned(View):
    """What ``t_()`` and its like make of a tensor: a view of what it was before.

    Attributes:
        before: What it was.
        since: The version of the memory from then on: a view of the tensor that has seen less is one of what it was.
        is_tracked: Whether the history went along, as it does unless nothing was recorded.
    """

    __slots__ = ("before", "is_tracked", "since")

    before: TensorBase
    since: int
    is_tracked: bool


@final
class Unrecorded(View):
    """A view made under ``no_grad``: it takes no history from its base, and gives it none."""

    __slots__ = ("fixed", "in_inference", "view")

    view: View
    fixed: str
    in_inference: bool

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

    fixed = (
        "This view is the output of a function that returns multiple views. Such functions do not allow the output "
        "views to be modified inplace. You should replace the inplace operation by an out-of-place one."
    )

    def again(self, base: TensorBase) -> Any:
        """The same view of another tensor."""
        return super().again(base)[self.index]

    def raw(self, xp: Any, array: Array) -> Array:
        """The same view of a raw array."""
        return super().raw(xp, array)[self.index]


@final
class Through(View):
    """A view of ``base`` whose history goes through ``source``, another view of it.

    Attributes:
        source: The view that it was made of.
        make: What makes it of that again.
    """

    __slots__ = ("make", "source")

    source: TensorBase
    make: Callable[[TensorBase], TensorBase]

    def again(self, base: TensorBase) -> Any:
        """The same view of the source."""
        return self.make(self.source)


_AMBIGUOUS = (
    "Given that this use case is ambiguous and error-prone, it is forbidden. You can clarify your code by moving both "
    "the view and the inplace either both inside the {} block (if you don't want the inplace to be tracked) or both "
    "outside (if you want the inplace to be tracked)."
)


def fixed_view(tensor: TensorBase) -> View | None:
    """The first view, on the way from its base to ``tensor``, that takes no new history; None if all do."""
    return next((view for view in chain_of(tensor, tracked=True)[1] if view.fixed), None)


def refuse_fixed(tensor: TensorBase, view: View, *, indirect: bool) -> None:
    """Raise since history should go to or come from ``tensor``, which is ``view`` or a view of it.

    Raises:
        InplaceError: Always. With ``indirect`` the write was to the base or to another view of it.
    """
    node, inference = node_of(tensor), isinstance(view, Unrecorded) and view.in_inference
    what = "its base or another view of its base has been" if indirect else "is being"
    if view.fixed == Piece.fixed and node is not None and not isinstance(node, (AccumulateGrad, NoHistory)):
        of: Any = node.next[0] if isinstance(node, Output) else node
        index = node.index if isinstance(node, Output) else 0
        name = of.name().rpartition("Backward")[0]
        raise InplaceError(f"Output {index} of {name} is a view and {what} modified inplace. {view.fixed}")
    where = "in normal mode" if inference else "with grad mode enabled"
    raise InplaceError(
        f"A view was created in {'inference' if inference else 'no_grad'} mode and {what} modified inplace "
        f"{where}. {view.fixed}"
    )


def refresh(tensor: TensorBase) -> None:
    """Bring a view up to date with the writes to its memory, before it is used in something that may be recorded.

    Nothing happens to a tensor that is current.

    Raises:
        InplaceError: Recording is on, and the view is one of those that take no new history.
    """
    recorded = bool(mode.grad)
    _refresh(tensor, history=recorded, refuses=recorded)


def freshen(tensor: TensorBase) -> None:
    """`refresh` for its values only; a view that had no history yet learns of its base's when it is next recorded."""
    _refresh(tensor, history=False, refuses=False)


def _refresh(tensor: TensorBase, *, history: bool, refuses: bool) -> None:
    """Bring ``tensor`` up to date, and no view on the way to it: as in PyTorch, these do not learn of it yet."""
    stale = []
    while tensor._view is not None and tensor._view.seen != tensor._cell[0]:
        _repoint(tensor._view)
        stale.append(tensor)
        tensor = tensor._view.base
    for view in reversed(stale[1:]):
        tensor = _renewed(view, tensor)
    if stale:
        _renew(stale[0], tensor, history=history, refuses=refuses)


def _renewed(view: TensorBase, base: TensorBase) -> TensorBase:
    """What ``view`` of ``base`` would be, up to date: itself unless it would take a new history."""
    record: View = view._view
    if record.is_tracked and requires_grad(base) and not is_copy(view) and fixed_view(view) is None:
        with inference_mode(False):
            return record.again(base)  # type: ignore[no-any-return]
    _renew(view, base, history=False, refuses=False)
    return view


def _renew(view: TensorBase, base: TensorBase, *, history: bool, refuses: bool) -> None:
    """Bring ``view`` up to date with ``base``, which is what it is a view of, up to date."""
    record: View = view._view
    if is_copy(view):
        own(view)
        return
    shared = aliases(view, base)
    has_history = record.is_tracked and requires_grad(base)
    if has_history and (fixed := fixed_view(view)) is not None:
        if refuses:
            refuse_fixed(view, fixed, indirect=True)
        if not shared:
            view._array = record.raw(view._place.xp, base._array)
        if view._node is None:
            view._node = NoHistory(view)
        # It stays stale, so that a recorded use of it is noticed.
        return
    if has_history and view._node is None and not history:
        if not shared:
            view._array = record.raw(view._place.xp, base._array)
        return
    if has_history or (record.is_tracked and _has_history(view)):
        # Whatever the mode now: the new history is for the time when recording is on again.
        with inference_mode(False):
            made = record.again(base)
        move_retained(view, made._node)
        view._node = made._node
        if not shared:
            view._array = made._array
    elif not shared:
        view._array = record.raw(view._place.xp, base._array)
    record.seen = view._cell[0]


def _repoint(record: View) -> None:
    """Make ``record``, stale, name the base that its view was made of, where that has been turned since."""
    turned = record.base._view
    while type(turned) is Turned and record.seen < turned.since:
        record.base = turned.before
        turned = record.base._view


def is_copy(tensor: TensorBase) -> bool:
    """Whether a view is none after all: where memory has strides, `reshape` must copy some layouts.

    Where it has none, what counts is whether it would have to, for memory in row-major order.
    """
    view = tensor._view
    if view is None or view.op.forward.__name__ != "reshape":
        return False
    if tensor._place.mutable:
        return not aliases(tensor, view.base)
    if view.base._view is None:
        return False
    host = host_place()
    _, before = stand_ins(view.base)
    return not host.backend.shares_memory(view.raw(host.xp, before), before)


def aliases(view: TensorBase, base: TensorBase) -> bool:
    """Whether the arrays of ``view`` and ``base`` share memory, so that a write to one shows in the other.

    They do not where arrays are immutable, nor where a library gives a copy for a view (PyTorch has no negative steps).
    """
    place = view._place
    return place.mutable and (place.backend.shares_memory(view._array, base._array) or 0 in view._array.shape)


def own(tensor: TensorBase) -> None:
    """Note that ``tensor``, taken for a view, has memory of its own."""
    tensor._view = None
    if isinstance(tensor._node, NoHistory):
        tensor._node = None


def stand_ins(tensor: TensorBase) -> tuple[Array, Array]:
    """Arrays on the host, without meaning, that lie in memory as the base of ``tensor`` and as ``tensor`` itself."""
    host = host_place()
    xp = host.xp
    base, chain = chain_of(tensor)
    kind = base._place.dtype(base._array.dtype)
    dtype = xp.float16 if kind.name == "bfloat16" else host.raw_dtype(kind)
    whole = _laid_out_as(xp, base, dtype)
    array = whole
    for view in chain:
        array = view.raw(xp, array)
    return whole, array


def _laid_out_as(xp: Any, base: TensorBase, dtype: Any) -> Array:
    """An array of the shape of ``base``, its axes in memory in the same order as those of a library with strides."""
    shape = tuple(base._array.shape)
    strides = base._place.backend.strides(base._array) if base._place.mutable else None
    if strides is None:
        return xp.empty(shape, dtype=dtype)
    order = sorted(range(len(shape)), key=lambda axis: -strides[axis])
    dense = xp.empty(tuple(shape[axis] for axis in order), dtype=dtype)
    return xp.permute_dims(dense, tuple(order.index(axis) for axis in range(len(shape))))


def settle(tensor: TensorBase) -> None:
    """Make bases of those tensors on the way to the base of ``tensor`` that are copies."""
    while tensor._view is not None:
        base = tensor._view.base
        if is_copy(tensor):
            own(tensor)
        tensor = base


def _has_history(view: TensorBase) -> bool:
    """Whether a view has a history that its base gave it, and not one of its own since it has become a leaf."""
    return view._node is not None and not isinstance(view._node, AccumulateGrad)


def array_of(tensor: TensorBase) -> Array:
    """The raw array of ``tensor``, up to date."""
    if tensor._view is not None:
        freshen(tensor)
    return tensor._array


def node_of(tensor: TensorBase) -> Any:
    """Where the gradient of ``tensor`` goes, up to date."""
    if tensor._view is not None:
        _refresh(tensor, history=True, refuses=False)
    return tensor._node


def requires_grad(tensor: TensorBase) -> bool:
    """Whether ``tensor`` or what it is a view of requires grad."""
    return tensor._node is not None or (
        tensor._view is not None and chain_of(tensor, tracked=True)[0]._node is not None
    )


def chain_of(tensor: TensorBase, *, tracked: bool = False) -> tuple[TensorBase, list[View]]:
    """The base that ``tensor`` is finally a view of, and the views from there to it; only `tracked` ones if asked."""
    chain: list[View] = []
    while tensor._view is not None and (tensor._view.is_tracked or not tracked):
        chain.append(tensor._view)
        tensor = tensor._view.base
    return tensor, chain[::-1]
