"""Computing what outlives a training step, all at once, on libraries that compute late.

There an array is a recipe, followed when somebody looks at the values. The recipes of parameters, gradients, optimizer
state and running statistics would come to hold those of every step before, and each look at one of them would do all
that work again. So what is written in place is remembered, and computed at the end of the next backward pass together
with its gradients and what it began at: one pass over the data for all.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from contextlib import suppress
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
    """Compute what was remembered, and those of the ``others`` that are tensors of such libraries.

    What fails of that which was remembered fails again when somebody looks at it, and is no error here.
    """
    asked = {id(x): x for group in others for x in group if isinstance(x, TensorBase)}
    waiting = {}
    while remembered:
        found = remembered.popitem()[1]()
        if found is not None and id(found) not in asked:
            waiting[id(found)] = found
    mine, theirs = _recipes(asked.values()), _recipes(waiting.values())
    for backend in {**mine, **theirs}:
        own = mine.get(backend, [])
        try:
            backend.compute([*own, *theirs.get(backend, [])])
        except Exception:
            backend.compute(own)
            for x in theirs.get(backend, []):
                with suppress(Exception):
                    backend.compute([x])


def _recipes(tensors: Iterable[TensorBase]) -> dict[Backend, list[Array]]:
    """The arrays of ``tensors``, and of their gradients, that libraries compute late."""
    arrays: dict[Backend, list[Array]] = {}
    for tensor in tensors:
        for x in (tensor, tensor._grad):
            if x is not None and x._place.backend.lazy:
                arrays.setdefault(x._place.backend, []).append(x._array)
    return arrays
