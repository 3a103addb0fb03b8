"""The tensor as the graph core knows it: slots, and no behaviour of its own.

`xpgrad.tensor.Tensor` adds operators and methods. Results are made by `core`, which learns that class
through one late binding, `bind`, called once right under the class.
"""

from __future__ import annotations

from typing import Any, final

from xpgrad._typing import Array, Namespace
from xpgrad.backends.base import Place
from xpgrad.core.grad_mode import mode

# The version cell that all inference tensors share: a write to any of them makes all their views look again.
INFERENCE: list[Any] = [0]

new = object.__new__


class TensorBase:
    """What the graph needs of a tensor.

    Attributes:
        _array: The raw array. Read it through `array_of` unless `_view` is known to be None.
        _place: The device it is on, and through it the backend.
        _node: Where its gradient goes: the node that made it, or the `AccumulateGrad` of a leaf that
            requires grad, or None if it does not require grad.
        _cell: A list of one count, shared by all tensors on the same memory; in-place writes add one.
        _view: For a view, how to make it again from its base (`core.views`); else None.
        _grad: The accumulated gradient, a tensor or None.
    """

    __slots__ = ("__weakref__", "_array", "_cell", "_grad", "_node", "_place", "_view")

    _array: Array
    _place: Place
    _node: Any
    _cell: list[Any]
    _view: Any
    _grad: TensorBase | None


@final
class _Late:
    """What `core` uses of the layers above it, set once by each when it is imported."""

    tensor: type[TensorBase] = TensorBase
    # The recorded namespace: the names of a raw one, over tensors.
    recorded: Namespace = None


late = _Late()


def make_tensor(array: Array, place: Place, node: Any = None) -> Any:
    """A tensor around ``array``, without a copy."""
    tensor = new(late.tensor)
    tensor._array = array if type(array) is place.array_type else place.wrap(array)
    tensor._place = place
    tensor._node = node
    tensor._cell = INFERENCE if mode.inference else [0]
    tensor._view = None
    tensor._grad = None
    return tensor
