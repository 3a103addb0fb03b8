"""Reading and writing parts of NumPy arrays, with its own indexing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from xpgrad._typing import Namespace, Shape
from xpgrad.backends.fallbacks import indexing as fallback

Host = np.ndarray[Any, Any]
Index = tuple[Any, ...]


def getitem(xp: Namespace, x: Host, /, *, index: Index) -> Host:
    """``x[index]``, as a view even where NumPy would give a scalar."""
    part = x[index]
    return part if type(part) is np.ndarray else x[(*index, ...)]


def embed(xp: Namespace, x: Host, /, *, shape: Shape, index: Index) -> Host:
    """Zeros of ``shape`` with ``x`` at ``index``."""
    out = np.zeros(shape, x.dtype)
    out[index] = x
    return out


def assign(xp: Namespace, x: Host, value: Host, /, *, index: Index) -> Host:
    """A copy of ``x`` with ``value`` at ``index``."""
    out = x.copy()
    out[index] = value
    return out


# Up to this many positions Python's own `min` and `max` of a list are quicker than NumPy's of an array.
_FEW = 64


def checked_positions(xp: Namespace, positions: Host, /, *, length: int, axis: int, from_end: bool = True) -> Host:
    """As the fallback, quicker for few positions."""
    if 0 < positions.size <= _FEW:
        numbers = positions.ravel().tolist()
        if min(numbers) >= 0 and max(numbers) < length:
            return positions
    found: Host = fallback.checked_positions(xp, positions, length=length, axis=axis, from_end=from_end)
    return found


def put_rows(xp: Namespace, x: Host, positions: Host, rows: Host, /) -> Host:
    """A copy of ``x`` with ``rows`` at ``positions`` of its first axis."""
    out = x.copy()
    out[positions] = rows
    return out


def constant_pad(xp: Namespace, x: Host, /, *, widths: tuple[tuple[int, int], ...], value: complex = 0.0) -> Host:
    """``x`` with ``value`` around it, or without what negative widths cut off."""
    if any(before < 0 or after < 0 for before, after in widths):
        cut = [slice(max(-b, 0), max(n - max(-a, 0), 0)) for (b, a), n in zip(widths, x.shape, strict=True)]
        x = x[tuple(cut)]
        widths = tuple((max(b, 0), max(a, 0)) for b, a in widths)
    shape = tuple(n + b + a for (b, a), n in zip(widths, x.shape, strict=True))
    out = np.zeros(shape, x.dtype) if value == 0 else np.full(shape, value, x.dtype)
    out[tuple(slice(b, b + n) for (b, _), n in zip(widths, x.shape, strict=True))] = x
    return out


KERNELS: dict[str, Callable[..., Any]] = {
    "assign": assign,
    "checked_positions": checked_positions,
    "constant_pad": constant_pad,
    "embed": embed,
    "getitem": getitem,
    "put_rows": put_rows,
}
