"""Linear algebra under ``torch.linalg``'s names: the standard's functions with ``dim`` for ``axis``."""

from __future__ import annotations

from typing import Any

from xpgrad.array_api import linalg as standard
from xpgrad.array_api.linalg import (
    EighResult,
    QRResult,
    SlogdetResult,
    SVDResult,
    cholesky,
    det,
    eigh,
    eigvalsh,
    inv,
    matrix_power,
    matrix_rank,
    pinv,
    qr,
    slogdet,
    solve,
    svdvals,
)
from xpgrad.functions.dims import Dim
from xpgrad.functions.linalg import matmul

__all__ = [
    "EighResult",
    "QRResult",
    "SVDResult",
    "SlogdetResult",
    "cholesky",
    "cross",
    "det",
    "diagonal",
    "eigh",
    "eigvalsh",
    "inv",
    "matmul",
    "matrix_norm",
    "matrix_power",
    "matrix_rank",
    "norm",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "svd",
    "svdvals",
    "vecdot",
    "vector_norm",
]


def svd(A: Any, full_matrices: bool = True) -> SVDResult:
    """``U, S, Vh`` with ``A = U @ diag(S) @ Vh``, for ``A`` (..., n, m). Mirrors ``torch.linalg.svd``."""
    return standard.svd(A, full_matrices=full_matrices)


def vector_norm(x: Any, ord: float = 2, dim: Dim = None, keepdim: bool = False) -> Any:
    """The ``ord``-norm of the elements over ``dim``. Mirrors ``torch.linalg.vector_norm``."""
    axis = tuple(dim) if isinstance(dim, (list, tuple)) else dim
    return standard.vector_norm(x, axis=axis, keepdims=keepdim, ord=ord)


def matrix_norm(A: Any, ord: float | str = "fro", keepdim: bool = False) -> Any:
    """The norm of the matrices in the last two dimensions. Mirrors ``torch.linalg.matrix_norm``."""
    return standard.matrix_norm(A, keepdims=keepdim, ord=ord)


def norm(A: Any, ord: float | str | None = None, dim: Dim = None, keepdim: bool = False) -> Any:
    """A matrix norm if a matrix is given ``ord``, else the vector norm over ``dim``. Mirrors ``torch.linalg.norm``."""
    if isinstance(ord, str) or (ord is not None and dim is None and A.ndim == 2):
        return matrix_norm(A, ord, keepdim)
    return vector_norm(A, 2 if ord is None else ord, dim, keepdim)


def cross(input: Any, other: Any, *, dim: int = -1) -> Any:
    """The cross product of vectors of three elements along ``dim``. Mirrors ``torch.linalg.cross``."""
    return standard.cross(input, other, axis=dim)


def vecdot(x: Any, y: Any, *, dim: int = -1) -> Any:
    """The sum of ``conj(x) * y`` over ``dim``. Mirrors ``torch.linalg.vecdot``."""
    return standard.vecdot(x, y, axis=dim)


def diagonal(A: Any, *, offset: int = 0) -> Any:
    """The diagonals of the matrices in the last two dimensions. Mirrors ``torch.linalg.diagonal``."""
    return standard.diagonal(A, offset=offset)
