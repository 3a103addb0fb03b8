"""Adding rows at given positions, which the standard lacks: sorting brings the rows of one position together."""

from __future__ import annotations

from xpgrad._typing import Array, Namespace


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
        return xp.zeros((size, *updates.shape[1:]), dtype=updates.dtype, device=updates.device)
    order = xp.argsort(indices)
    rows, at = xp.take(updates, order, axis=0), xp.take(indices, order, axis=0)
    # After the step of length `shift`, each row is the sum of the up to 2 * shift rows of its position that end in it.
    shift = 1
    while shift < at.shape[0]:
        joined = at[shift:] == at[:-shift]
        if not bool(xp.any(joined)):
            break
        more = xp.where(_column(xp, joined, rows.ndim), rows[:-shift, ...], 0)
        rows = xp.concat([rows[:shift, ...], rows[shift:, ...] + more], axis=0)
        shift *= 2
    positions = xp.arange(size, dtype=indices.dtype, device=indices.device)
    last = xp.searchsorted(at, positions, side="right") - 1
    last = xp.where(last < 0, 0, last)
    met = _column(xp, xp.take(at, last) == positions, rows.ndim)
    return xp.where(met, xp.take(rows, last, axis=0), 0)


def _column(xp: Namespace, mask: Array, ndim: int) -> Array:
    """``mask`` (n,) with trailing axes of length one, to broadcast with rows."""
    return xp.reshape(mask, (mask.shape[0],) + (1,) * (ndim - 1))
