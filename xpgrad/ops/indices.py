"""Basic indices, as arithmetic on shapes: no array is touched here."""

from __future__ import annotations

import operator
from typing import Any, TypeAlias

from xpgrad._typing import Shape
from xpgrad.errors import ArgumentError, IndexingError

# One entry for each axis in turn, and None for each new one; positive steps. An ellipsis ends one that leaves no axis,
# since NumPy would answer that with a scalar instead of a view.
Index: TypeAlias = tuple[Any, ...]

FULL = slice(None)


def along(ndim: int, axis: int, item: Any) -> Index:
    """The index of an array of ``ndim`` axes that is ``item`` on ``axis`` and leaves the others alone."""
    axis = axis % ndim
    rest = ndim - axis - 1
    return (*(FULL,) * axis, item, *(FULL,) * rest) if ndim > 1 or isinstance(item, slice) else (item, ...)


def integer(item: Any, length: int, axis: int) -> int:
    """``item`` as a position on an axis of ``length``, negative ones counted from its end.

    Raises:
        IndexingError: It is beyond either end.
    """
    i = operator.index(item)
    if -length <= i < length:
        return i if i >= 0 else i + length
    raise IndexingError(f"index {i} is out of bounds for dimension {axis} with size {length}")


def span(item: slice, length: int) -> tuple[slice, bool]:
    """``item`` within an axis of ``length``, with a positive step, and whether the result has to be reversed."""
    start, stop, step = item.indices(length)
    count = len(range(start, stop, step))
    if count == 0:
        return slice(0, 0, 1), False
    if step > 0:
        return (FULL if count == length else slice(start, stop, step)), False
    last = start + (count - 1) * step
    return slice(last, start + 1, -step), True


def counts(index: Index, shape: Shape) -> list[tuple[int, int, int] | None]:
    """For each axis of ``shape`` the start, step and count that ``index`` takes of it, None if all of it."""
    taken: list[tuple[int, int, int] | None] = []
    for item in index:
        if item is None or item is Ellipsis:
            continue
        length = shape[len(taken)]
        if item is FULL or item == FULL:
            taken.append(None)
        elif isinstance(item, slice):
            start, stop, step = item.indices(length)
            taken.append((start, step, len(range(start, stop, step))))
        else:
            taken.append((item, 1, 1))
    return taken


def at_axis(axis: int, ndim: int, name: str = "axis") -> int:
    """``axis`` counted from the front.

    Raises:
        IndexingError: There is no such axis among ``ndim``; as in PyTorch, a 0-d array may be asked for axis 0 or -1.
    """
    least = max(ndim, 1)
    if not -least <= axis < least:
        raise IndexingError(
            f"Dimension out of range (expected to be in range of [{-least}, {least - 1}], but got {axis} for {name})"
        )
    return axis % least
