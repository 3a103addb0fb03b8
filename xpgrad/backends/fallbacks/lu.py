"""The LU decomposition with partial pivoting, of whole batches at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xpgrad._typing import Array, Namespace
from xpgrad.backends.fallbacks.places import device_of


def lu_factor(xp: Namespace, x: Array, /) -> tuple[Array, Array, Array]:
    """``x`` (..., n, m) = P @ L @ U as LAPACK returns it.

    Returns:
        Both factors in one array (..., n, m), L below the diagonal without its ones; for each column k the row, counted
        from 1, that was exchanged with row k (..., min(n, m)) as int32; and the first column, counted from 1, without a
        pivot, 0 if all have one (...) as int32.
    """
    n, m = x.shape[-2:]
    rows, columns = (xp.arange(length, device=device_of(x)) for length in (n, m))
    singular = xp.zeros(x.shape[:-2], dtype=xp.int32, device=device_of(x))
    pivots = []
    for k in range(min(n, m)):
        sizes = xp.where(rows >= k, magnitude(xp, x[..., :, k]), -1.0)
        pivot = xp.expand_dims(xp.argmax(sizes, axis=-1), axis=-1)
        pivots.append(xp.astype(pivot + 1, xp.int32))
        order = xp.where(rows == k, pivot, xp.where(rows == pivot, k, rows))
        x = xp.take_along_axis(x, xp.broadcast_to(xp.expand_dims(order, axis=-1), x.shape), axis=-2)
        head = x[..., k : k + 1, k : k + 1]
        none = head == 0
        column = xp.asarray(k + 1, dtype=xp.int32, device=device_of(x))
        singular = xp.where((singular == 0) & none[..., 0, 0], column, singular)
        below = xp.expand_dims(rows > k, axis=-1)
        factors = xp.where(below, x[..., :, k : k + 1] / xp.where(none, 1.0, head), 0.0)
        rest = x - factors * xp.where(columns > k, x[..., k : k + 1, :], 0.0)
        x = xp.where(below & (columns == k), factors, rest)
    if not pivots:
        return xp.asarray(x, copy=True), xp.zeros((*x.shape[:-2], 0), dtype=xp.int32, device=device_of(x)), singular
    return x, xp.concat(pivots, axis=-1), singular


def magnitude(xp: Namespace, x: Array) -> Array:
    """What LAPACK compares when it looks for a pivot: of a complex number the sum of the sizes of its parts."""
    if xp.isdtype(x.dtype, "complex floating"):
        return xp.abs(xp.real(x)) + xp.abs(xp.imag(x))
    return xp.abs(x)


def row_order(xp: Namespace, pivots: Array, /, *, size: int) -> Array:
    """Where each of ``size`` rows comes from after the exchanges ``pivots`` (..., k) of `lu_factor`: (..., size)."""
    rows = xp.arange(size, dtype=xp.int64, device=device_of(pivots))
    order = xp.broadcast_to(rows, (*pivots.shape[:-1], size))
    for k in range(pivots.shape[-1]):
        pivot = xp.astype(pivots[..., k : k + 1], xp.int64) - 1
        exchanged = xp.where(rows == k, pivot, xp.where(rows == pivot, k, rows))
        order = xp.take_along_axis(order, exchanged, axis=-1)
    return order


FALLBACKS: dict[str, Callable[..., Any]] = {"lu_factor": lu_factor, "row_order": row_order}
