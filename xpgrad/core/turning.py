"""Changes of shape in place: the tensor becomes a view of what it was."""

from __future__ import annotations

from typing import Any

from xpgrad.core.grad_mode import mode
from xpgrad.core.graph import AccumulateGrad, move_retained
from xpgrad.core.inplace import refuse
from xpgrad.core.tensor_base import TensorBase, make_tensor
from xpgrad.core.views import Turned, chain_of, node_of, requires_grad
from xpgrad.core.writes import count_write


def turn(target: TensorBase, op: Any, **settings: Any) -> Any:
    """``target`` as the view of itself that ``op`` makes: ``t_()``, ``unsqueeze_()`` and their kin.

    Views of ``target`` stay views of what it was.

    Raises:
        InplaceError: ``target`` is a leaf that requires grad, or a view that cannot take the history.
    """
    before = set_aside(target)
    become(target, op.apply(before, **settings), before)
    return target


def set_aside(target: TensorBase) -> Any:
    """What ``target`` is now, as another tensor, before it becomes a view of that.

    Raises:
        InplaceError: ``target`` is a leaf that requires grad, or a view that cannot take the history.
    """
    if mode.grad and requires_grad(target):
        refuse(target)
    node = node_of(target)
    before = make_tensor(target._array, target._place, node)
    before._cell, before._view = target._cell, target._view
    return before


def become(target: TensorBase, after: TensorBase, before: TensorBase) -> None:
    """Make ``target`` what ``after`` is, a view of the memory of ``before``, which `set_aside` made of it."""
    count_write(target._cell)
    view, node = after._view, after._node
    if view is not None:
        record = Turned()
        record.base, record.op, record.arguments, record.before = view.base, view.op, view.arguments, before
        record.seen = record.since = target._cell[0]
        record.is_tracked = bool(mode.grad) or any(type(v) is not Turned for v in chain_of(before, tracked=True)[1])
        view = record
    if not mode.grad:
        # What is not recorded leaves the history alone, also where that then has another shape; a view takes up that
        # of its base when it is next used.
        node = target._node
        if view is not None and view.is_tracked:
            view.seen -= 1
    move_retained(target, node)
    target._array, target._node, target._cell, target._view = after._array, node, after._cell, view
    if isinstance(node, AccumulateGrad):
        node.describe(target)
