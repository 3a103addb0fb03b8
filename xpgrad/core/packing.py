"""Hooks for saved values: what is saved goes through one function, and comes back through another when a rule asks.

A node whose values were packed changes its class for a twin, in which the slots of these values are properties that
unpack. So neither recording nor a backward pass costs anything where no hooks are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, final

from xpgrad._typing import Array
from xpgrad.backends.base import Place
from xpgrad.core.grad_mode import mode, no_grad, trace
from xpgrad.core.graph import Node
from xpgrad.core.tensor_base import TensorBase, make_tensor
from xpgrad.core.views import array_of
from xpgrad.core.writes import Cell
from xpgrad.errors import ArgumentTypeError, GradientError, MixedBackendsError

Hooks = tuple[Callable[[Any], Any], Callable[[Any], Any]]


@final
class Packed:
    """A saved value as its hook made it.

    Attributes:
        value: What the hook that packs returned.
        unpack: The hook that makes a tensor of it again.
        place: Where that tensor must be.
    """

    __slots__ = ("place", "unpack", "value")

    def __init__(self, hooks: Hooks, array: Array, place: Place, cell: Cell) -> None:
        pack, self.unpack = hooks
        self.place = place
        tensor = make_tensor(array, place)
        tensor._cell = cell
        seen = cell[0]
        with no_grad():
            self.value = pack(tensor)
        if cell[0] != seen:
            raise GradientError(
                "A saved tensor pack hook is modifying its input in place. Tensors provided as input to pack hook can "
                "not be modified by in-place operations as this can lead to unexpected side-effects: modify a clone()"
            )

    def open(self) -> Array:
        """The raw array of what the hook that unpacks returns.

        Raises:
            ArgumentTypeError: It is no tensor.
            MixedBackendsError: It is on another device.
        """
        tensor = self.unpack(self.value)
        if not isinstance(tensor, TensorBase):
            raise ArgumentTypeError(
                "Output of saved tensor unpack_hook expected to be a Tensor but got result of type "
                f"{type(tensor).__name__}"
            )
        if tensor._place is not self.place:
            raise MixedBackendsError("an unpack_hook", [str(self.place.device), str(tensor._place.device)])
        return array_of(tensor)


def noted(node: Node) -> str | None:
    """Pack what a new ``node`` has saved, if there are hooks for that; returns where it was made, if that is traced."""
    hooks = mode.saved_hooks
    if hooks is not None and node.saved:
        _pack(node, hooks)
    return trace()


def _pack(node: Any, hooks: Hooks) -> None:
    """Put what the hooks make of them in place of the arrays that ``node`` has saved."""
    place = node.place
    for name in node.saved:
        array, cell = getattr(node, f"s_{name}", None), getattr(node, f"c_{name}", None)
        if array is None or cell is None:
            continue
        if isinstance(array, tuple):
            packed: Any = tuple([Packed(hooks, a, place, c) for a, c in zip(array, cell, strict=True)])
            fresh: Any = [[0] for _ in array]
        else:
            packed, fresh = Packed(hooks, array, place, cell), [0]
        setattr(node, f"s_{name}", packed)
        # What was packed cannot be followed further: whether it still has the value is the hooks' affair.
        setattr(node, f"c_{name}", fresh)
        if name != "out":
            setattr(node, f"v_{name}", 0)
    node.__class__ = _twin(type(node))


_twins: dict[type[Node], type[Node]] = {}


def _twin(kind: type[Node]) -> type[Node]:
    """The subclass of ``kind``, of the same name, that unpacks."""
    found = _twins.get(kind)
    if found is None:
        members = {f"s_{name}": _unpacking(getattr(kind, f"s_{name}")) for name in kind.saved}
        found = _twins[kind] = type(kind.__name__, (kind,), {"__slots__": (), "__doc__": kind.__doc__, **members})
    return found


def _unpacking(slot: Any) -> property:
    def opened(value: Any) -> Any:
        return value.open() if type(value) is Packed else value

    def read(node: Node) -> Any:
        value = slot.__get__(node)
        return tuple(map(opened, value)) if isinstance(value, tuple) else opened(value)

    return property(read, slot.__set__)
