"""A few extreme eigenvalues of large symmetric matrices."""

from __future__ import annotations

from typing import Any

from xpgrad.array_api.operands import cast
from xpgrad.core.grad_mode import no_grad
from xpgrad.errors import ArgumentError, ShapeError
from xpgrad.functions.decompositions import eigh
from xpgrad.functions.inverses import pinv
from xpgrad.functions.joining import cat
from xpgrad.functions.linalg import matmul, matrix_transpose
from xpgrad.functions.matrix_checks import square
from xpgrad.functions.random import randn
from xpgrad.functions.reduction import sum
from xpgrad.functions.reordering import flip
from xpgrad.functions.shape import unsqueeze
from xpgrad.ops import linalg

__all__ = ["lobpcg"]

_STEPS = 1000


def lobpcg(
    A: Any,
    k: int | None = None,
    B: Any = None,
    X: Any = None,
    n: int | None = None,
    iK: Any = None,
    niter: int | None = None,
    tol: float | None = None,
    largest: bool | None = None,
    method: str | None = None,
    tracker: Any = None,
    ortho_iparams: Any = None,
    ortho_fparams: Any = None,
    ortho_bparams: Any = None,
) -> tuple[Any, Any]:
    """The ``k`` largest eigenvalues (..., k) of symmetric ``A`` (..., m, m), and their vectors (..., m, k).

    Mirrors ``torch.lobpcg``. Knyazev 2001, "Toward the optimal preconditioned eigensolver: locally optimal block
    preconditioned conjugate gradient method". The iteration is not recorded: first gradients with respect to ``A``
    are those of the eigenvalues and vectors it ends at, taken to be exact; there are no second ones.

    Args:
        A: Symmetric matrices.
        k: How many pairs; by default as many as ``X`` has columns, else 1.
        B: Symmetric positive definite matrices, for ``A @ x = value * B @ x``; without gradient.
        X: The first approximation (..., m, n).
        n: How many columns a random first approximation has; by default ``k``.
        iK: What residuals are multiplied with, nearly the inverse of ``A``.
        niter: The most steps; by default, and for -1, until the residuals are small, up to 1000.
        tol: How small residuals are to be, relative to ``A``; by default the root of the spacing of numbers at 1.
        largest: False for the smallest eigenvalues.
        method: ``"ortho"`` or ``"basic"``; here the basis is made orthonormal in each step with either.
        tracker: Not supported: must be None.
        ortho_iparams: Settings of PyTorch's way to orthonormal bases, without meaning here, as the next two.
        ortho_fparams: See ``ortho_iparams``.
        ortho_bparams: See ``ortho_iparams``.

    Raises:
        ShapeError: The matrices are not square, or smaller than three times the number of columns.
        ArgumentError: There is no such method, or a ``tracker`` is given.
    """
    if tracker is not None:
        raise ArgumentError("lobpcg: tracker is not supported; ask for fewer steps with niter= and look in between")
    if method not in (None, "basic", "ortho"):
        raise ArgumentError(f"lobpcg: method must be 'basic' or 'ortho', got {method!r}")
    A = square(A, "lobpcg")
    size = A._array.shape[-1]
    k = k if k is not None else 1 if X is None else X._array.shape[-1]
    count = X._array.shape[-1] if X is not None else k if n is None else n
    if size < 3 * count or k > count:
        raise ShapeError(
            f"LPBPCG algorithm is not applicable when the number of A rows (={size}) is smaller than 3 x the number of "
            f"requested eigenpairs (={count})"
        )
    with no_grad():
        if X is None:
            X = cast(randn(*A._array.shape[:-1], count, dtype=A.dtype, device=A._place.device), A.dtype)
        eps = float(A._place.xp.finfo(A._array.dtype).eps)
        steps = _STEPS if niter is None or niter < 0 else niter
        sign = 1.0 if largest is None or largest else -1.0
        X = _iterated(sign * A.detach(), B, X.detach(), iK, steps, eps**0.5 if tol is None else tol)
        X = X[..., :k]
    if not A.requires_grad:
        return _quotients(A, X), X
    return _quotients(A, X), _followed(A, B, X)


def _iterated(A: Any, B: Any, X: Any, iK: Any, steps: int, tol: float) -> Any:
    """The vectors of the largest eigenvalues, in descending order, with ``X.mT @ B @ X`` the identity."""
    scale = float((A * A).sum((-2, -1)).max()) ** 0.5
    X, values = _rayleigh_ritz(A, B, X, X._array.shape[-1])
    P = None
    for _ in range(steps):
        R = matmul(A, X) - _metric(B, X) * unsqueeze(values, -2)
        if float((R * R).sum(-2).max()) ** 0.5 <= tol * scale:
            break
        W = R if iK is None else matmul(iK, R)
        W = W - matmul(X, matmul(matrix_transpose(X), _metric(B, W)))
        W = W / (sum(W * W, -2, True) ** 0.5).clamp(min=1e-30)
        found, values = _rayleigh_ritz(A, B, cat([X, W] if P is None else [X, W, P], -1), X._array.shape[-1])
        P = found - matmul(X, matmul(matrix_transpose(X), _metric(B, found)))
        P = P / (sum(P * P, -2, True) ** 0.5).clamp(min=1e-30)
        X = found
    return X


def _rayleigh_ritz(A: Any, B: Any, basis: Any, count: int) -> tuple[Any, Any]:
    """The best approximations that ``basis`` holds: vectors and values, the largest first.

    Directions that nearly depend on the others are left out by their weight in the Gram matrix.
    """
    weights, V = eigh(matmul(matrix_transpose(basis), _metric(B, basis)))
    least = weights[..., -1:] * (10.0 * float(A._place.xp.finfo(A._array.dtype).eps) * basis._array.shape[-1])
    kept = weights > least
    scaled = V * unsqueeze(kept / weights.clamp(min=1e-30) ** 0.5, -2)
    S = matmul(basis, scaled)
    # What was left out has the smallest eigenvalue of all.
    projected = matmul(matrix_transpose(S), matmul(A, S))
    floor = -2.0 * (projected * projected).sum((-2, -1), True) ** 0.5 - 1.0
    projected = projected + linalg.diagonal_embed(cast(~kept, A.dtype)) * floor
    values, U = eigh(projected)
    return matmul(S, flip(U, -1)[..., :count]), flip(values, -1)[..., :count]


def _metric(B: Any, X: Any) -> Any:
    return X if B is None else matmul(B, X)


def _quotients(A: Any, X: Any) -> Any:
    """The eigenvalues for vectors with ``X.mT @ B @ X`` the identity; their derivative in ``A`` is exact."""
    return sum(X * matmul(A, X), -2)


def _followed(A: Any, B: Any, X: Any) -> Any:
    """``X``, with the derivatives in ``A`` of eigenvectors: one step of the equations that they solve exactly."""
    columns = []
    with no_grad():
        values = _quotients(A, X)
        plain = A.detach()
        identity = linalg.diagonal_embed(plain.new_ones(plain._array.shape[-1]))
    for i in range(X._array.shape[-1]):
        x, value = X[..., i : i + 1], unsqueeze(values[..., i : i + 1], -1)
        with no_grad():
            inverse = pinv(plain - value * _metric(B, identity), rtol=1e-5, hermitian=True)
        change = matmul(A - plain, x)
        moved = matmul(inverse, change - matmul(_metric(B, x), matmul(matrix_transpose(x), change)))
        columns.append(x - moved + matmul(x, matmul(matrix_transpose(x), _metric(B, moved))))
    return cat(columns, -1)
