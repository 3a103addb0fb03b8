"""Writes that concern no history and go straight into memory, as those of optimizers and loops over plain tensors.

`write` and `inplace` do the same and more. Everything here may decline, and then leaves things as they were.
"""

from __future__ import annotations

from xpgrad._typing import Array
from xpgrad.core.grad_mode import mode
from xpgrad.core.tensor_base import INFERENCE, TensorBase
from xpgrad.core.views import requires_grad
from xpgrad.core.writes import calling_site

# Views that alias memory wherever it is mutable, and never show an element twice.
_ALIASES = frozenset({
    "detach", "expand_dims", "getitem", "imag", "matrix_transpose", "permute_dims", "real", "split", "squeeze",
    "unstack", "view_as_real",
})  # fmt: skip
# What array libraries raise, before they write, for operands that do not fit: the long way says it better.
UNFIT = (TypeError, ValueError, IndexError, OverflowError, RuntimeError)


def open_memory(target: TensorBase) -> Array | None:
    """The array of ``target`` if it may be written to just like that; tell `wrote` afterwards."""
    place = target._place
    if not place.mutable or place.guard is not None or target._cell is INFERENCE:
        return None
    recorded = (target._node is not None or target._view is not None) and mode.grad
    if recorded and target._node is not None:
        return None
    view = target._view
    while view is not None:
        if view.op.forward.__name__ not in _ALIASES:
            return None
        base = view.base
        if recorded:
            recorded = view.is_tracked
            if recorded and base._node is not None:
                return None
        view = base._view
    return target._array


def plain_value(target: TensorBase, other: TensorBase) -> Array | None:
    """The array of ``other`` if it has no history to take over, the dtype of ``target``, and memory of its own."""
    if (
        other._place is target._place
        and other._array.dtype is target._array.dtype
        and (other._cell is not target._cell or other is target)
        and (not mode.grad or (other._node is None and (other._view is None or not requires_grad(other))))
    ):
        return other._array
    return None


def store(target: TensorBase, value: TensorBase) -> bool:
    """Whether ``value``, which has just been computed, could be stored in ``target`` and has no history."""
    array, new = open_memory(target), value._array
    if array is None or new.dtype is not array.dtype or new.shape != array.shape or value._place is not target._place:
        return False
    if mode.grad and (value._node is not None or value._view is not None):
        return False
    return set_all(target, array, new)


def set_all(target: TensorBase, array: Array, value: Array | complex) -> bool:
    """Whether every element of ``array``, which `open_memory` gave for ``target``, could be set to ``value``."""
    try:
        array[...] = value
    except UNFIT:
        return False
    wrote(target)
    return True


def wrote(target: TensorBase) -> None:
    """Note that the memory that `open_memory` gave for ``target`` was written."""
    cell = target._cell
    cell[0] += 1
    cell[1:] = calling_site(3)
    if target._view is not None and mode.grad:
        # Nothing has a history, so that there is nothing to make again.
        target._view.seen = cell[0]
