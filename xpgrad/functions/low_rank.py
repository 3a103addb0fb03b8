"""Decompositions of matrices of low rank, and a few extreme eigenvalues of large ones."""

from __future__ import annotations

from typing import Any

from xpgrad.array_api.operands import cast
from xpgrad.errors import ArgumentError
from xpgrad.functions.broadcasting import broadcast_to
from xpgrad.functions.decompositions import qr, svd
from xpgrad.functions.linalg import conjugate_transpose, matmul
from xpgrad.functions.random import randn
from xpgrad.functions.reduction import mean

__all__ = ["pca_lowrank", "svd_lowrank"]


def svd_lowrank(A: Any, q: int | None = 6, niter: int | None = 2, M: Any = None) -> tuple[Any, Any, Any]:
    """``U, S, V`` with ``A - M`` nearly ``U @ diag(S) @ V.mH``. Mirrors ``torch.svd_lowrank``.

    Halko, Martinsson and Tropp 2011, "Finding structure with randomness", algorithms 4.4 and 5.1; the random start is
    drawn from the default generator.

    Args:
        A: (..., n, m).
        q: A rank that is rather too high.
        niter: How often the approximate basis is improved.
        M: What is taken off ``A``; it broadcasts.
    """
    off = A if M is None else A - broadcast_to(M, tuple(A._array.shape))
    rows, columns = off._array.shape[-2:]
    if rows < columns:
        off = conjugate_transpose(off)
    Q = _basis(off, 6 if q is None else q, 2 if niter is None else niter)
    U, S, Vh = svd(matmul(conjugate_transpose(Q), off), full_matrices=False)
    U, V = matmul(Q, U), conjugate_transpose(Vh)
    return (V, S, U) if rows < columns else (U, S, V)


def pca_lowrank(A: Any, q: int | None = None, center: bool = True, niter: int = 2) -> tuple[Any, Any, Any]:
    """`svd_lowrank` of ``A``, less the mean of its columns if ``center``. Mirrors ``torch.pca_lowrank``.

    Raises:
        ArgumentError: ``q`` or ``niter`` is out of range.
    """
    smallest = min(A._array.shape[-2:])
    if q is None:
        q = min(6, smallest)
    elif not 0 <= q <= smallest:
        raise ArgumentError(f"q(={q}) must be non-negative integer and not greater than min(m, n)={smallest}")
    if niter < 0:
        raise ArgumentError(f"niter(={niter}) must be non-negative integer")
    return svd_lowrank(A - mean(A, -2, True) if center else A, q, niter)


def _basis(A: Any, q: int, niter: int) -> Any:
    """Orthonormal columns, ``q`` of them, that nearly span those of ``A``."""
    start = cast(randn(A._array.shape[-1], q, dtype=A.dtype.to_real(), device=A._place.device), A.dtype)
    Q = qr(matmul(A, start)).Q
    for _ in range(niter):
        Q = qr(matmul(conjugate_transpose(A), Q)).Q
        Q = qr(matmul(A, Q)).Q
    return Q
