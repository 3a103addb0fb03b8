"""Storing a value in the memory of a tensor, and its history in the graph."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from xpgrad._typing import Array
from xpgrad.core.copy_slices import CopySlices, placed
from xpgrad.core.grad_mode import mode
from xpgrad.core.graph import Node, move_retained
from xpgrad.core.layout import covers_parts, positions_of
from xpgrad.core.outliving import rebind
from xpgrad.core.overlap import may_overlap, refuse_overlap
from xpgrad.core.tensor_base import INFERENCE, TensorBase
from xpgrad.core.views import View, aliases, array_of, chain_of, freshen, node_of, requires_grad, settle
from xpgrad.core.writes import Since, count_write
from xpgrad.errors import DtypeError, InferenceTensorError, InplaceError, ShapeError

_rebinding = threading.Lock()


def write(target: TensorBase, value: TensorBase, *, uniform: bool = False) -> None:
    """Store ``value`` in ``target`` and, while recording, make its history that of ``target``.

    Elements of ``target`` may share memory only if those of ``value`` are all the same, which ``uniform`` claims.

    Raises:
        InplaceError: They are on different devices, or elements of ``target`` share memory.
        InferenceTensorError: ``target`` was made in inference mode, which is off now.
        ShapeError: They have different shapes.
        DtypeError: They have different dtypes.
    """
    place, array = target._place, array_of(value)
    own = target._array
    if (
        array.shape != own.shape
        or array.dtype is not own.dtype
        or value._place is not place
        or target._cell is INFERENCE
    ):
        _check(target, value, array)
    base, chain = target, _NO_VIEWS
    if target._view is not None:
        settle(target)
        base, chain = chain_of(target)
    if chain and not uniform and may_overlap(target, chain):
        refuse_overlap(target)
    if place.mutable and (not chain or aliases(target, base)):
        _store(target, array, base, chain)
    elif place.mutable:
        _store_through(target, array, base, chain)
    elif chain:
        with _rebinding:
            # Another thread may be writing to another view of the same base.
            rebind(base, _rebuilt(base, chain, array))
    else:
        rebind(target, array)
    count_write(target._cell)
    if mode.grad:
        node = node_of(value)
        if getattr(node, "c_out", None) is value._cell:
            # The rule needs the result, which is in the memory of `target` now.
            node.c_out = Since(target._cell)
        take_history(target, node)
    if chain:
        if mode.grad and requires_grad(target):
            node_of(target)
        else:
            freshen(target)


def _rebuilt(base: TensorBase, chain: Sequence[View], array: Array) -> Array:
    """The array of ``base`` with ``array`` in the part that the views show."""
    place = base._place
    views = [view for view in chain if view.op.forward.__name__ != "detach"]
    if not views:
        # All of it, as every parameter is of the tensor that it was made of.
        return array
    if len(views) == 1 and views[0].op.forward.__name__ == "getitem":
        return place.xp.assign(base._array, array, index=views[0].arguments[0])
    return placed(place, base._array, array, positions_of(base, chain), covers_parts(chain))


# Of a tensor that is a view of nothing.
_NO_VIEWS: list[View] = []


def take_history(target: TensorBase, node: Node | None) -> None:
    """Make ``node`` the history of ``target``, or of that part of its base if it is a view."""
    owner, path = chain_of(target, tracked=True)
    if node is None and owner._node is None:
        return
    if path:
        node = CopySlices(owner._node, node, owner, path, target)
    move_retained(owner, node)
    owner._node = node


def _store(target: TensorBase, array: Array, base: TensorBase, chain: Sequence[View]) -> None:
    place = target._place
    try:
        place.backend.write(target._array, array)
    except ValueError as error:
        # Libraries hand out views that only read, as NumPy does of diagonals, of memory that can be written to.
        try:
            _store_through(target, array, base, chain)
        except ValueError:
            # A read-only array that `from_numpy` or DLPack brought in.
            raise InplaceError(
                f"in-place: the tensor's memory cannot be written to ({error}); work on a clone()"
            ) from error


def _store_through(target: TensorBase, array: Array, base: TensorBase, chain: Sequence[View]) -> None:
    """Write to the memory of ``base`` where that of ``target``, a view of it, will not do."""
    place = target._place
    whole = placed(place, base._array, array, positions_of(base, chain), covers_parts(chain))
    place.backend.write(base._array, whole)


def _check(target: TensorBase, value: TensorBase, array: Array) -> None:
    place, shape = target._place, target._array.shape
    if target._cell is INFERENCE and not mode.inference:
        raise InferenceTensorError(
            "Inplace update to inference tensor outside InferenceMode is not allowed. "
            "You can make a clone() to get a normal tensor before doing the in-place update."
        )
    if value._place is not place:
        raise InplaceError(
            f"in-place: the result is on {value._place.device} but the tensor to hold it is on {place.device}; "
            "move one with .to(...)"
        )
    if array.shape != shape:
        raise ShapeError(
            f"output with shape {list(shape)} doesn't match the broadcast shape {list(array.shape)}: an in-place "
            "operation cannot change the shape of the tensor it writes to"
        )
    if array.dtype != target._array.dtype:
        raise DtypeError(
            f"result type {place.dtype(array.dtype).name} can't be cast to the desired output type "
            f"{place.dtype(target._array.dtype).name} in place; use the out-of-place operation"
        )
