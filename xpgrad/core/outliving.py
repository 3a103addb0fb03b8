"""Computing what outlives a training step, all at once, on libraries that compute late.

There an array is a recipe, followed when somebody looks at the values. The recipes of parameters, gradients, optimizer
state and running statistics would come to hold those of every step before, and each look at one of them would do all
that work again. So what is written in place is remembered, and computed at the end of the next backward pass together
with its gradients and what it began at: one pass over the data for all.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from typing import Any

from xpgrad._typing import Array
from xpgrad.backends.base import Backend
from xpgrad.core.tensor_base import TensorBase

# What waits to be computed, by identity, since tensors compare by their elements.
remembered: dict[int, weakref.ref[TensorBase]] = {}


def rebind(tensor: TensorBase, array: Array) -> None:
    """Give ``tensor`` another array, as in-place operations do where arrays cannot be written."""
    tensor._array = array
    if tensor._place.backend.lazy:
        remember(tensor)


def remember(tensor: TensorBase) -> None:
    """Have ``tensor``, which is on a library that computes late, and its gradient computed before long."""
    remembered[id(tensor)] = weakref.ref(tensor)


def compute(*others: Iterable[Any]) -> None:
    """Compute what was remembered, and those of the ``others`` that are tensors of such libraries."""
    tensors = {id(x): x for group in others for x in group if isinstance(x, TensorBase)}
    while remembered:
        found = remembered.popitem()[1]()
        if found is not None:
            tensors[id(found)] = found
    arrays: dict[Backend, list[Array]] = {}
    for tensor in tensors.values():
        for x in (tensor, tensor._grad):
            if x is not None and x._place.backend.lazy:
                arrays.setdefault(x._place.backend, []).append(x._array)
    for backend, pending in arrays.items():
        backend.compute(pending)
