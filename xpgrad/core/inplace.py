"""In-place operations: the pure op, recorded, followed by a write into the memory of its first operand.

One mechanism for every ``add_``, ``x[i] = v`` and ``out=``. A write through a view is recorded on its base
(`CopySlices`, PyTorch's name); views of that base take up the new history when they are next used.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

from xpgrad._typing import Array, Namespace
from xpgrad.core.direct import store
from xpgrad.core.grad_mode import mode, trace
from xpgrad.core.graph import AccumulateGrad, Node, NoHistory, move_retained
from xpgrad.core.overlap import refuse_partial_overlap
from xpgrad.core.tensor_base import INFERENCE, TensorBase, make_tensor
from xpgrad.core.views import (
    Turned,
    View,
    array_of,
    chain_of,
    fixed_view,
    freshen,
    node_of,
    refresh,
    refuse_fixed,
    requires_grad,
    settle,
)
from xpgrad.core.writes import count_write
from xpgrad.core.writing import write
from xpgrad.errors import InplaceError


def inplace(function: Callable[..., TensorBase], target: TensorBase, *args: Any, **settings: Any) -> Any:
    """``target`` after taking the value and the history of ``function(target, *args, **settings)``.

    Raises:
        InplaceError: ``target`` is a leaf that requires grad, or a view that cannot take the history.
        ShapeError: The result has another shape than ``target``.
    """
    if target._view is not None:
        freshen(target)
    cell = target._cell
    given = (*args, *settings.values()) if settings else args
    for x in given:
        if isinstance(x, TensorBase) and x._cell is cell and x is not target:
            refuse_partial_overlap(target, x)
    if not mode.grad or not _any_requires_grad(target, given):
        value = function(target, *args, **settings)
        if not store(target, value):
            write(target, value)
        return target
    refuse(target)
    write(target, _recorded(function, target, args, settings, given))
    return target


def _recorded(
    function: Callable[..., TensorBase],
    target: TensorBase,
    args: Sequence[Any],
    settings: dict[str, Any],
    given: Sequence[Any],
) -> TensorBase:
    """The result of ``function`` on values of ``target`` that the write to come leaves alone.

    Rules may save the operand, which then has to be a copy. Of a function that may be asked twice (`repeatable`),
    whether they did shows in who holds the operand's version cell, and from then on it gets a copy at once.
    """
    place, node, array = target._place, node_of(target), target._array
    if node is not None and type(target._view) is View and target._view.op.forward.__name__ == "as_strided":
        # What was there before is the base's, also where the view was made of another view without these elements.
        node = target._view.again(target._view.base)._node
    if not place.mutable:
        return function(make_tensor(array, place, node), *args, **settings)
    which = any(isinstance(x, TensorBase) and x._node is not None for x in given)
    savers: set[bool] | None = function.__dict__.get("saves_operand")
    if savers is not None and which not in savers:
        operand = make_tensor(array, place, node)
        cell = operand._cell
        result = function(operand, *args, **settings)
        if sys.getrefcount(cell) <= _SOLE_OWNER:
            return result
        savers.add(which)
    return function(make_tensor(place.backend.copy(array), place, node), *args, **settings)


def repeatable(function: Callable[..., TensorBase]) -> Callable[..., TensorBase]:
    """``function``, marked as one without effects, so that `inplace` may call it twice to spare most calls a copy."""
    # With what it saves its operand: other tensors that require grad among the arguments, or none.
    function.__dict__["saves_operand"] = set()
    return function


def _sole_owner_count() -> int:
    """The reference count that `_recorded` sees for the cell of an operand that nobody else holds."""
    operand = make_tensor(None, _Nowhere)  # type: ignore[arg-type]
    cell = operand._cell
    return sys.getrefcount(cell)


class _Nowhere:
    array_type = type(None)


# Without the interpreter's lock a count says nothing of other threads, so that every operand is copied.
_SOLE_OWNER = _sole_owner_count() if getattr(sys, "_is_gil_enabled", lambda: True)() else -1


def _any_requires_grad(target: TensorBase, others: Sequence[Any]) -> bool:
    """Whether one of them requires grad."""
    for x in others:
        if isinstance(x, TensorBase):
            if x._node is not None or (x._view is not None and requires_grad(x)):
                return True
        elif isinstance(x, (tuple, list)) and _any_requires_grad(target, x):
            return True
    return target._node is not None or (target._view is not None and requires_grad(target))


def overwrite(target: TensorBase, value: TensorBase, name: str = "CopyBackwards", *, uniform: bool = False) -> Any:
    """``target`` after taking the value and the history of ``value``, of the same shape; its own history gets zeros.

    Args:
        target: The tensor to write to.
        value: What to write.
        name: What to call the node, as PyTorch has several.
        uniform: All elements of ``value`` are the same, or it is ``target``.

    Raises:
        InplaceError: ``target`` is a leaf that requires grad, or a view that cannot take the history.
    """
    if value._cell is target._cell and value is not target:
        refuse_partial_overlap(target, value)
    if mode.grad and (requires_grad(target) or requires_grad(value)):
        refuse(target)
        if value._view is not None:
            refresh(value)
        old, new = node_of(target), node_of(value)
        if not chain_of(target, tracked=True)[1]:
            value = make_tensor(array_of(value), value._place, _OVERWRITES[name](old, new, target))
    write(target, value, uniform=uniform)
    return target


def overwrite_with_number(target: TensorBase, number: complex, name: str) -> Any:
    """`overwrite` with one number everywhere, which the dtype of ``target`` holds."""
    if target._view is not None or not target._place.mutable or target._cell is INFERENCE:
        place = target._place
        filled = place.xp.full(target._array.shape, number, dtype=target._array.dtype, device=place.handle)
        return overwrite(target, make_tensor(filled, place), name, uniform=True)
    if mode.grad and target._node is not None:
        refuse(target)
        node = _OVERWRITES[name](target._node, None, target)
        move_retained(target, node)
        target._node = node
    target._place.backend.fill(target._array, number)
    count_write(target._cell)
    return target


def refuse(target: TensorBase) -> None:
    """Raise if a recorded in-place operation on ``target`` would lose a gradient.

    Raises:
        InplaceError: It is a leaf that requires grad, a view of one, or a view that takes no new history.
    """
    if not mode.grad:
        return
    settle(target)
    base, chain = chain_of(target, tracked=True)
    if chain and all(type(view) is Turned for view in chain):
        # To users it is no view, and has had this history since the last write.
        node_of(target)
    if chain:
        fixed = fixed_view(target)
        if fixed is not None:
            refuse_fixed(target, fixed, indirect=False)
        requires = requires_grad(target)
        if requires and (base._node is None or isinstance(base._node, (AccumulateGrad, NoHistory))):
            raise InplaceError(
                "a view of a leaf Variable that requires grad is being used in an in-place operation. "
                "Update leaves under no_grad(), or work on a clone()."
            )
        if target._view is not None and target._view.seen == target._cell[0]:
            requires = False
    else:
        requires = isinstance(target._node, AccumulateGrad)
    if requires and (target._node is None or isinstance(target._node, AccumulateGrad)):
        # In PyTorch, a view that was recorded nowhere since its base got a history counts as a leaf too.
        raise InplaceError(
            "a leaf Variable that requires grad is being used in an in-place operation. "
            "Update leaves under no_grad(), or work on a clone()."
        )


class _Overwrite(Node):
    """A value written over all of a tensor: what was there before gets zeros."""

    __slots__ = ()

    def __init__(self, old: Node | None, value: Node | None, target: TensorBase) -> None:
        self.next = (old, value)
        self.place = target._place
        self.shape = target._array.shape
        self.dtype = target._array.dtype
        self.hooks = None
        self.freed = False
        self.trace = trace()

    def backward(self, xp: Namespace, g: Array) -> Sequence[Array | None]:
        return (None if self.next[0] is None else xp.zeros_like(g), g)

    backward_recorded = backward


_OVERWRITES: dict[str, type[_Overwrite]] = {
    name: type(name, (_Overwrite,), {"__slots__": (), "__doc__": _Overwrite.__doc__})
    for name in (
        "BernoulliBackward1", "BernoulliBackward2", "CauchyBackward0", "CopyBackwards", "ExponentialBackward0",
        "FillBackward2", "FillBackward3", "GeometricBackward0", "LogNormalBackward0", "NormalBackward0",
        "RandomBackward0", "RandomBackward1", "RandomBackward2", "UniformBackward0", "ZeroBackward0",
    )
}  # fmt: skip
