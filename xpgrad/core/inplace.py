"""In-place operations: the pure op, recorded, followed by a write into the memory of its first operand.

One mechanism for every ``add_``, ``x[i] = v`` and ``out=``. A write through a view is recorded on its base
(`CopySlices`, PyTorch's name); views of that base take up the new history when they are next used.
"""

from __future__ import annotations

import itertools
import math
import sys
import threading
from collections.abc import (
    Callable,
    Sequence,
)
from typing import (
    Any,
    final,
)

from xpgrad._typing import (
    Array,
    Namespace,
    Shape,
)
from xpgrad.backends.base import (
    Place,
)
from xpgrad.backends.registry import (
    host_place,
)
from xpgrad.core.grad_mode import (
    mode,
    trace,
)
from xpgrad.core.graph import (
    AccumulateGrad,
    Node,
    NoHistory,
    move_retained,
)
from xpgrad.core.layout import (
    covers_parts,
    is_complex,
    layout_of,
    positions_of,
    strides_of,
)
from xpgrad.core.tensor_base import (
    INFERENCE,
    TensorBase,
    make_tensor,
)
from xpgrad.core.views import (
    Turned,
    View,
    array_of,
    chain_of,
    fixed_view,
    freshen,
    node_of,
    refuse_fixed,
    requires_grad,
    settle,
)
from xpgrad.core.writes import (
    Since,
    count_write,
)
from xpgrad.errors import (
    DtypeError,
    InferenceTensorError,
    InplaceError,
    ShapeError,
)

_rebinding = threading.Lock()


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
        write(target, function(target, *args, **settings))
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
        uniform: All elements of ``value`` are the same.

    Raises:
        InplaceError: ``target`` is a leaf that requires grad, or a view that cannot take the history.
    """
    if value._cell is target._cell and value is not target:
        refuse_partial_overlap(target, value)
    if mode.grad:
        if requires_grad(target) or requires_grad(value):
            refuse(target)
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
    if chain and not uniform and _may_overlap(target, chain):
        _refuse_overlap(target)
    if place.mutable:
        _store(target, array, base, chain)
    elif chain:
        positions = positions_of(base, chain)
        with _rebinding:
            # Another thread may be writing to another view of the same base.
            base._array = _placed(place, base._array, array, positions, covers_parts(chain))
    else:
        target._array = array
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
            whole = _placed(place, base._array, array, positions_of(base, chain), covers_parts(chain))
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


def _may_overlap(target: TensorBase, chain: Sequence[View]) -> bool:
    """Whether some view on the way to ``target`` has more elements than what it is a view of, or strides of its own."""
    if any(view.op.forward.__name__ == "as_strided" for view in chain):
        return True
    counts = [math.prod(view.base._array.shape) for view in chain] + [math.prod(target._array.shape)]
    return any(after > before for before, after in itertools.pairwise(counts))


def refuse_partial_overlap(target: TensorBase, other: TensorBase) -> None:
    """Raise if ``other``, on the memory of ``target``, overlaps it without being the same elements in the same places.

    As in PyTorch, only tensors without gaps are looked at.

    Raises:
        InplaceError: They do.
    """
    mine, theirs = (_extent(x) for x in (target, other))
    if mine is None or theirs is None or mine == theirs:
        return
    (start, stop, _), (other_start, other_stop, _) = mine, theirs
    if start < other_stop and other_start < stop:
        raise InplaceError(
            "unsupported operation: some elements of the input tensor and the written-to tensor refer to a single "
            "memory location. Please clone() the tensor before performing the operation."
        )


def _extent(tensor: TensorBase) -> tuple[int, int, tuple[int, ...]] | None:
    """Where the elements of a tensor without gaps lie: from, to, and in which steps. None for one with gaps."""
    steps, start = layout_of(tensor)
    count = math.prod(tensor._array.shape)
    moving = sorted((step, n) for n, step in zip(tensor._array.shape, steps, strict=True) if n != 1)
    expected = 1
    for step, n in moving:
        if step != expected:
            return None
        expected *= n
    return (start, start + count, tuple(s for s, n in zip(steps, tensor._array.shape, strict=True) if n != 1))


def _refuse_overlap(target: TensorBase) -> None:
    """Raise if ``target`` repeats elements along a dimension; that others overlap is not looked for, as in PyTorch."""
    if any(n > 1 and not step for n, step in zip(target._array.shape, strides_of(target), strict=True)):
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


def _placed(place: Place, base: Array, value: Array, positions: Array, of_parts: bool) -> Array:
    """``base`` with ``value`` at ``positions``, as a new array."""
    if 0 in positions.shape:
        return base
    xp, host = place.xp, place.backend.from_host
    is_complex = of_parts and place.dtype(base.dtype).is_complex
    if of_parts:
        base, value = (xp.view_as_real(a) if place.dtype(a.dtype).is_complex else a for a in (base, value))
    mask, order = (host(a, place.handle) for a in _cover(tuple(base.shape), positions))
    taken = xp.take(xp.reshape(value, (-1,)), order, axis=0)
    whole = xp.where(mask, xp.reshape(taken, base.shape), base)
    return xp.view_as_complex(whole) if is_complex else whole


@final
class CopySlices(Node):
    """The base of a view after a write through the view: the old base outside it, the written value inside."""

    __slots__ = ("of_parts", "positions", "value_is_complex", "value_shape")

    def __init__(
        self,
        base_node: Node | None,
        value_node: Node | None,
        base: TensorBase,
        chain: Sequence[View],
        value: TensorBase,
    ) -> None:
        self.next = (base_node, value_node)
        self.place = base._place
        self.shape = base._array.shape
        self.dtype = base._array.dtype
        self.hooks = None
        self.freed = False
        self.trace = trace()
        self.positions = positions_of(base, chain)
        self.of_parts = covers_parts(chain)
        self.value_shape = tuple(value._array.shape)
        self.value_is_complex = is_complex(value)

    def backward(self, xp: Namespace, g: Array) -> Sequence[Array | None]:
        return self._rules(xp, g, lambda array: self.place.backend.from_host(array, self.place.handle))

    def backward_recorded(self, xp: Namespace, g: Any) -> Sequence[Any]:
        host = self.place.backend.from_host
        return self._rules(xp, g, lambda array: make_tensor(host(array, self.place.handle), self.place))

    def _rules(self, xp: Namespace, g: Any, bring: Callable[[Array], Any]) -> Sequence[Any]:
        to_base, to_value = self.next
        g_base = g_value = None
        base_is_complex = self.place.dtype(self.dtype).is_complex
        if self.of_parts and base_is_complex:
            # Inside, the gradient of a complex number is that of its real part minus i times that of the other.
            g = xp.view_as_real(xp.conj(g))
        if to_base is not None:
            mask, _ = _cover(tuple(g.shape), self.positions)
            g_base = xp.where(bring(mask), 0.0, g)
            if self.of_parts and base_is_complex:
                g_base = xp.conj(xp.view_as_complex(g_base))
        if to_value is not None:
            flat = host_place().xp.reshape(self.positions, (-1,))
            g_value = xp.take(xp.reshape(g, (-1,)), bring(flat), axis=0)
            if self.of_parts and self.value_is_complex:
                g_value = xp.conj(xp.view_as_complex(xp.reshape(g_value, (*self.value_shape, 2))))
            g_value = xp.reshape(g_value, self.value_shape)
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
