"""Functions of matrices that the standard offers only in parts or as copies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xpgrad._typing import Array, Namespace


def addmm(xp: Namespace, b: Array, x: Array, y: Array, /) -> Array:
    """``b + x @ y`` for matrices; ``b`` broadcasts to the product."""
    return xp.matmul(x, y) + b


def diagonal(xp: Namespace, x: Array, /, *, offset: int = 0) -> Array:
    """The ``offset``-th diagonals of ``x`` (..., n, m); where arrays can be written to, writes to it reach ``x``."""
    return xp.linalg.diagonal(x, offset=offset)


FALLBACKS: dict[str, Callable[..., Any]] = {"addmm": addmm, "diagonal": diagonal}
