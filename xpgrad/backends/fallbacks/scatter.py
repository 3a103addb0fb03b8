"""Combining rows at given positions, which the standard lacks: sorting brings the rows of one position together."""

from __future__ import annotations

from collections.abc import Callable

from xpgrad._typing import Array, Namespace
from xpgrad.backends.fallbacks.places import device_of

Combine = Callable[[Array, Array], Array]


def scatter_add(xp: Namespace, updates: Array, indices: Array, /, *, size: int) -> Array:
    """Zeros (size, *rest) with ``updates`` (n, *rest) added at ``indices`` (n,); duplicates add up.

    The transpose of ``take`` along the first axis. As accurate as adding one by one: each sum is a balanced tree.

    Args:
        xp: The namespace of the arrays.
        updates: The rows, numeric.
        indices: Where each goes: integers in [0, size), not checked.
        size: The length of the first axis of the result.
    """
    if not indices.shape[0]:
        return xp.zeros((size, *updates.shape[1:]), dtype=updates.dtype, device=device_of(updates))
    sums, met = _by_position(xp, updates, indices, size, lambda a, b: a + b)
    return xp.where(met, sums, 0)


def scatter_reduce(xp: Namespace, x: Array, indices: Array, updates: Array, /, *, kind: str) -> Array:
    """``x`` (size, *rest) combined with ``updates`` (n, *rest) at ``indices`` (n,) of its first axis.

    Args:
        xp: The namespace of the arrays.
        x: What there is to begin with.
        indices: Where each row goes: integers in [0, size), not checked.
        updates: The rows, in the dtype of ``x``.
        kind: How elements are combined: ``"prod"``, ``"max"`` or ``"min"``.
    """
    if not indices.shape[0]:
        return xp.asarray(x, copy=True)
    combine = {"prod": xp.multiply, "max": xp.maximum, "min": xp.minimum}[kind]
    reduced, met = _by_position(xp, updates, indices, x.shape[0], combine)
    return xp.where(met, combine(x, reduced), x)


def _by_position(xp: Namespace, updates: Array, indices: Array, size: int, combine: Combine) -> tuple[Array, Array]:
    """The rows of each position combined, anything where there are none, and where there are some."""
    order = xp.argsort(indices)
    rows, at = xp.take(updates, order, axis=0), xp.take(indices, order, axis=0)
    # After the step of length `shift`, each row combines the up to 2 * shift rows of its position that end in it.
    shift = 1
    while shift < at.shape[0]:
        joined = at[shift:] == at[:-shift]
        if not bool(xp.any(joined)):
            break
        later = rows[shift:, ...]
        both = xp.where(_column(xp, joined, rows.ndim), combine(later, rows[:-shift, ...]), later)
        rows = xp.concat([rows[:shift, ...], both], axis=0)
        shift *= 2
    positions = xp.arange(size, dtype=indices.dtype, device=device_of(indices))
    last = xp.searchsorted(at, positions, side="right") - 1
    last = xp.where(last < 0, 0, last)
    met = _column(xp, xp.take(at, last) == positions, rows.ndim)
    return xp.take(rows, last, axis=0), met


def _column(xp: Namespace, mask: Array, ndim: int) -> Array:
    """``mask`` (n,) with trailing axes of length one, to broadcast with rows."""
    return xp.reshape(mask, (mask.shape[0],) + (1,) * (ndim - 1))
