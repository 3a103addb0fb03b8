"""Reading and writing parts of arrays, without a write: every function makes a new array.

A basic index is a tuple of integers, slices, None and at most one ellipsis, within the bounds of the array; axes that
it does not mention are taken whole.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xpgrad._typing import Array, Namespace, Shape
from xpgrad.backends.fallbacks.places import device_of
from xpgrad.backends.fallbacks.slicing import pad, spread
from xpgrad.errors import IndexRangeError

Index = tuple[Any, ...]


def getitem(xp: Namespace, x: Array, /, *, index: Index) -> Array:
    """``x[index]`` for a basic ``index``, with arrays even for single elements."""
    forwards, flips = forwards_and_flips(index, x.shape)
    return xp.flip(x[forwards], axis=flips) if flips else x[forwards]


def forwards_and_flips(index: Index, shape: Shape) -> tuple[Index, tuple[int, ...]]:
    """A basic ``index`` with only positive steps, and the axes of what it takes along which that has to be turned."""
    full: list[Any] = []
    flips: list[int] = []
    kept = 0
    for item, length in zip(*_entries(index, shape), strict=True):
        if isinstance(item, slice):
            start, step, count = _span(item, length)
            full.append(slice(start, start + (count - 1) * abs(step) + 1, abs(step)) if count else slice(0, 0, 1))
            if step < 0:
                flips.append(kept)
        else:
            full.append(item)
        kept += item is None or isinstance(item, slice)
    return tuple(full) if kept else (*full, ...), tuple(flips)


def embed(xp: Namespace, x: Array, /, *, shape: Shape, index: Index) -> Array:
    """Zeros of ``shape`` with ``x`` at the basic ``index``: the transpose of `getitem`."""
    spans = [
        _span(item, length) if isinstance(item, slice) else (item + length if item < 0 else item, 1, 1)
        for item, length in zip(*_entries(index, shape), strict=True)
        if item is not None
    ]
    x = xp.reshape(x, tuple(count for _, _, count in spans))
    flips = tuple(axis for axis, (_, step, _) in enumerate(spans) if step < 0)
    if flips:
        x = xp.flip(x, axis=flips)
    for axis, ((start, step, count), length) in enumerate(zip(spans, shape, strict=True)):
        if count != length:
            x = spread(xp, x, axis, start, abs(step), length)
    return x


def assign(xp: Namespace, x: Array, value: Array, /, *, index: Index) -> Array:
    """``x`` with ``value``, of the shape of the part or one that broadcasts to it, at the basic ``index``."""
    part = getitem(xp, x, index=index)
    inside = embed(xp, xp.ones(part.shape, dtype=xp.bool, device=device_of(x)), shape=x.shape, index=index)
    return xp.where(inside, embed(xp, xp.broadcast_to(value, part.shape), shape=x.shape, index=index), x)


def put_rows(xp: Namespace, x: Array, positions: Array, rows: Array, /) -> Array:
    """``x`` (n, *rest) with ``rows`` (m, *rest) at ``positions`` (m,) of its first axis; of duplicates the last counts.

    Args:
        xp: The namespace of the arrays.
        x: The array.
        positions: Where each row goes: integers in [0, n), not checked.
        rows: What goes there, in the dtype of ``x``.
    """
    if not positions.shape[0]:
        return xp.asarray(x, copy=True)
    order = xp.argsort(positions, stable=True)
    ordered = xp.take(positions, order)
    targets = xp.arange(x.shape[0], dtype=positions.dtype, device=device_of(x))
    last = xp.searchsorted(ordered, targets, side="right") - 1
    last = xp.where(last < 0, 0, last)
    met = xp.reshape(xp.take(ordered, last) == targets, (x.shape[0],) + (1,) * (x.ndim - 1))
    return xp.where(met, xp.take(rows, xp.take(order, last), axis=0), x)


def checked_positions(xp: Namespace, positions: Array, /, *, length: int, axis: int, from_end: bool = True) -> Array:
    """``positions`` on an axis of ``length``, negative ones counted from its end unless ``from_end`` is False.

    An extension so that libraries that compute late can look when they compute.

    Raises:
        IndexRangeError: One is beyond either end; ``axis`` is what the message calls the axis.
    """
    if 0 in positions.shape:
        return positions
    low, high = int(xp.min(positions)), int(xp.max(positions))
    lowest = -length if from_end else 0
    if low < lowest or high >= length:
        bad = low if low < lowest else high
        raise IndexRangeError(f"index {bad} is out of bounds for dimension {axis} with size {length}")
    return xp.where(positions < 0, positions + length, positions) if low < 0 else positions


def constant_pad(xp: Namespace, x: Array, /, *, widths: tuple[tuple[int, int], ...], value: complex = 0.0) -> Array:
    """``x`` with ``widths[i] = (before, after)`` elements ``value`` around axis ``i``; negative widths cut off."""
    for axis, (before, after) in enumerate(widths):
        if before or after:
            x = pad(xp, x, axis, before, after, value)
    return x


def _entries(index: Index, shape: Shape) -> tuple[list[Any], list[int]]:
    """The entries of ``index`` for every axis of ``shape`` and every new one, with the lengths of the axes."""
    used = sum(item is not None and item is not Ellipsis for item in index)
    whole = [slice(None)] * (len(shape) - used)
    items: list[Any] = []
    for item in index:
        items.extend(whole if item is Ellipsis else [item])
    if Ellipsis not in index:
        items.extend(whole)
    lengths = iter(shape)
    return items, [1 if item is None else next(lengths) for item in items]


def _span(item: slice, length: int) -> tuple[int, int, int]:
    """The lowest position, the step and the count that ``item`` takes of an axis of ``length``."""
    start, stop, step = item.indices(length)
    count = len(range(start, stop, step))
    if not count:
        return 0, 1, 0
    return (start if step > 0 else start + (count - 1) * step), step, count


FALLBACKS: dict[str, Callable[..., Any]] = {
    "assign": assign,
    "checked_positions": checked_positions,
    "constant_pad": constant_pad,
    "embed": embed,
    "getitem": getitem,
    "put_rows": put_rows,
}
