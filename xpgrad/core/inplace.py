"""In-place operations: the pure op, recorded, followed by a write into the memory of its first operand.

One mechanism for every ``add_``, ``x[i] = v`` and ``out=``. A write through a view is recorded on its base
(`CopySlices`, PyTorch's name); views of that base take up the new history when they are next used.
"""

from __future__ import annotations

import itertools
import math
import threading
from collections.abc import Callable, Sequence
from typing import Any, final

from xpgrad._typing import Array, Namespace, Shape
from xpgrad.backends.base import Place
from xpgrad.backends.registry import host_place
from xpgrad.core.grad_mode import mode
from xpgrad.core.graph import AccumulateGrad, Node, move_retained
from xpgrad.core.tensor_base import INFERENCE, TensorBase, make_tensor
from xpgrad.core.views import Unrecorded, View, array_of, chain_of, node_of, refresh, settle
from xpgrad.core.writes import count_write
from xpgrad.errors import DtypeError, InferenceTensorError, InplaceError, ShapeError

_rebinding = threading.Lock()


def inplace(function: Callable[..., TensorBase], target: TensorBase, *args: Any, **settings: Any) -> Any:
    """``target`` after taking the value and the history of ``function(target, *args, **settings)``.

    Raises:
        InplaceError: ``target`` is a leaf that requires grad, or a view of one, and recording is on.
        ShapeError: The result has another shape than ``target``.
    """
    refuse_leaf(target)
    operand = target
    if mode.grad and any(isinstance(x, TensorBase) and node_of(x) is not None for x in (target, *args)):
        # Rules may save the operand, and what they save must outlive the write.
        array, place = array_of(target), target._place
        operand = make_tensor(place.backend.copy(array) if place.mutable else array, place, node_of(target))
    write(target, function(operand, *args, **settings))
    return target


def overwrite(target: TensorBase, value: TensorBase, name: str = "CopyBackwards") -> Any:
    """``target`` after taking the value and the history of ``value``, of the same shape; its own history gets zeros.

    Args:
        target: The tensor to write to.
        value: What to write.
        name: What to call the node, as PyTorch has several.

    Raises:
        InplaceError: ``target`` is a leaf that requires grad, or a view of one, and recording is on.
    """
    refuse_leaf(target)
    if mode.grad and not chain_of(target, tracked=True)[1]:
        old, new = node_of(target), node_of(value)
        if old is not None or new is not None:
            value = make_tensor(array_of(value), value._place, _OVERWRITES[name](old, new, target))
    write(target, value)
    return target


def refuse_leaf(target: TensorBase) -> None:
    """Raise if recording an in-place operation on ``target`` would lose a gradient."""
    if not mode.grad:
        return
    if isinstance(node_of(target), AccumulateGrad):
        raise InplaceError(
            "a leaf Variable that requires grad is being used in an in-place operation. "
            "Update leaves under no_grad(), or work on a clone()."
        )
    base, chain = chain_of(target, tracked=True)
    if chain and isinstance(base._node, AccumulateGrad):
        raise InplaceError(
            "a view of a leaf Variable that requires grad is being used in an in-place operation. "
            "Update leaves under no_grad(), or work on a clone()."
        )
    if isinstance(base._view, Unrecorded):
        raise InplaceError(
            "A view was created in no_grad mode and is being modified inplace with grad mode enabled. Make the view "
            "where its write is to be recorded, or write under no_grad() too."
        )


def write(target: TensorBase, value: TensorBase) -> None:
    """Store ``value`` in ``target`` and, while recording, make its history that of ``target``.

    Raises:
        InplaceError: They are on different devices, or elements of ``target`` share memory.
        InferenceTensorError: ``target`` was made in inference mode, which is off now.
        ShapeError: They have different shapes.
        DtypeError: They have different dtypes.
    """
    place, array = target._place, array_of(value)
    _check(target, value, array)
    settle(target)
    base, chain = chain_of(target)
    if chain and _may_overlap(target, chain):
        _refuse_overlap(_positions(base, chain))
    if place.mutable:
        _store(target, array, base, chain)
    elif chain:
        positions = _positions(base, chain)
        with _rebinding:
            # Another thread may be writing to another view of the same base.
            base._array = _placed(place, base._array, array, positions)
    else:
        target._array = array
    count_write(target._cell)
    if mode.grad:
        take_history(target, node_of(value))
    if chain:
        refresh(target)


def take_history(target: TensorBase, node: Node | None) -> None:
    """Make ``node`` the history of ``target``, or of that part of its base if it is a view."""
    owner, path = chain_of(target, tracked=True)
    if node is None and owner._node is None:
        return
    if path:
        node = CopySlices(owner._node, node, owner, _positions(owner, path), target._array.shape)
    move_retained(owner, node)
    owner._node = node


def _store(target: TensorBase, array: Array, base: TensorBase, chain: Sequence[View]) -> None:
    place = target._place
    try:
        place.backend.write(target._array, array)
    except ValueError as error:
        # Libraries hand out views that only read, as NumPy does of diagonals, of memory that can be written to.
        try:
            whole = _placed(place, base._array, array, _positions(base, chain))
            place.backend.write(base._array, whole)
        except ValueError:
            # A read-only array that `from_numpy` or DLPack brought in.
            raise InplaceError(
                f"in-place: the tensor's memory cannot be written to ({error}); work on a clone()"
            ) from error


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


def _positions(base: TensorBase, chain: Sequence[View]) -> Array:
    """For each element of the view, in order, its position in the flattened base.

    On the host, since the standard has no strides to look at: a view of an array of positions.
    """
    xp = host_place().xp
    shape = tuple(base._array.shape)
    positions = xp.reshape(xp.arange(math.prod(shape), dtype=xp.int64), shape)
    for view in chain:
        positions = view.raw(xp, positions)
    return positions


def _may_overlap(target: TensorBase, chain: Sequence[View]) -> bool:
    """Whether some view on the way to ``target`` has more elements than what it is a view of."""
    counts = [math.prod(view.base._array.shape) for view in chain] + [math.prod(target._array.shape)]
    return any(after > before for before, after in itertools.pairwise(counts))


def _refuse_overlap(positions: Array) -> None:
    xp = host_place().xp
    if xp.unique_values(positions).shape[0] != math.prod(positions.shape):
        raise InplaceError(
            "unsupported operation: more than one element of the written-to tensor refers to a single memory location. "
            "Please clone() the tensor before performing the operation."
        )


def _cover(shape: Shape, positions: Array) -> tuple[Array, Array]:
    """Which of the base's elements a view covers, and for each of them (flattened) its place in the view."""
    xp = host_place().xp
    flat = xp.reshape(positions, (-1,))
    mask = xp.zeros(math.prod(shape), dtype=xp.bool)
    order = xp.zeros(math.prod(shape), dtype=xp.int64)
    mask[flat] = True
    order[flat] = xp.arange(flat.shape[0])
    return xp.reshape(mask, shape), order


def _placed(place: Place, base: Array, value: Array, positions: Array) -> Array:
    """``base`` with ``value`` at ``positions``, as a new array."""
    if 0 in positions.shape:
        return base
    xp, host = place.xp, place.backend.from_host
    mask, order = (host(a, place.handle) for a in _cover(tuple(base.shape), positions))
    taken = xp.take(xp.reshape(value, (-1,)), order, axis=0)
    return xp.where(mask, xp.reshape(taken, base.shape), base)


@final
class CopySlices(Node):
    """The base of a view after a write through the view: the old base outside it, the written value inside."""

    __slots__ = ("positions", "value_shape")

    def __init__(
        self, base_node: Node | None, value_node: Node | None, base: TensorBase, positions: Array, value_shape: Shape
    ) -> None:
        self.next = (base_node, value_node)
        self.place = base._place
        self.shape = base._array.shape
        self.dtype = base._array.dtype
        self.hooks = None
        self.freed = False
        record = mode.grad
        self.trace = record() if callable(record) else None
        self.positions = positions
        self.value_shape = tuple(value_shape)

    def backward(self, xp: Namespace, g: Array) -> Sequence[Array | None]:
        return self._rules(xp, g, lambda array: self.place.backend.from_host(array, self.place.handle))

    def backward_recorded(self, xp: Namespace, g: Any) -> Sequence[Any]:
        host = self.place.backend.from_host
        return self._rules(xp, g, lambda array: make_tensor(host(array, self.place.handle), self.place))

    def _rules(self, xp: Namespace, g: Any, bring: Callable[[Array], Any]) -> Sequence[Any]:
        to_base, to_value = self.next
        g_base = g_value = None
        if to_base is not None:
            mask, _ = _cover(tuple(g.shape), self.positions)
            g_base = xp.where(bring(mask), 0.0, g)
        if to_value is not None:
            flat = host_place().xp.reshape(self.positions, (-1,))
            g_value = xp.reshape(xp.take(xp.reshape(g, (-1,)), bring(flat), axis=0), self.value_shape)
        return (g_base, g_value)


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
        record = mode.grad
        self.trace = record() if callable(record) else None

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
