"""A part of an array put into the whole, and the gradients of that."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, final

from xpgrad._typing import Array, Namespace, Shape
from xpgrad.backends.base import Place
from xpgrad.backends.registry import host_place
from xpgrad.core.grad_mode import trace
from xpgrad.core.graph import Node
from xpgrad.core.layout import covers_parts, is_complex, positions_of
from xpgrad.core.tensor_base import TensorBase, make_tensor
from xpgrad.core.views import View


def _cover(shape: Shape, positions: Array) -> tuple[Array, Array]:
    """Which of the base's elements a view covers, and for each of them (flattened) its place in the view."""
    xp = host_place().xp
    flat = xp.reshape(positions, (-1,))
    mask = xp.zeros(math.prod(shape), dtype=xp.bool)
    order = xp.zeros(math.prod(shape), dtype=xp.int64)
    mask[flat] = True
    order[flat] = xp.arange(flat.shape[0])
    return xp.reshape(mask, shape), order


def placed(place: Place, base: Array, value: Array, positions: Array, of_parts: bool) -> Array:
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
