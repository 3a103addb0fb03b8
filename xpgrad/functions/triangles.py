"""The lower and upper triangles of matrices."""

from __future__ import annotations

from typing import Any

from xpgrad.errors import ShapeError
from xpgrad.functions.results import deliver
from xpgrad.ops import triangular

__all__ = ["tril", "triu"]


def tril(input: Any, diagonal: int = 0, *, out: Any = None) -> Any:
    """The lower triangle of matrices, zero above ``diagonal``. Mirrors ``torch.tril``.

    Raises:
        ShapeError: There are fewer than two dimensions.
    """
    _require_matrices(input, "tril")
    result = triangular.tril.apply(input, k=diagonal)
    return result if out is None else deliver(out, result)


def triu(input: Any, diagonal: int = 0, *, out: Any = None) -> Any:
    """The upper triangle of matrices, zero below ``diagonal``. Mirrors ``torch.triu``; see `tril`."""
    _require_matrices(input, "triu")
    result = triangular.triu.apply(input, k=diagonal)
    return result if out is None else deliver(out, result)


def _require_matrices(x: Any, name: str) -> None:
    if x._array.ndim < 2:
        raise ShapeError(f"{name}: input tensor must have at least 2 dimensions, got shape {tuple(x._array.shape)}")
