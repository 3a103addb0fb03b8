"""Eigenvalues and eigenvectors of general matrices, and the exponential of matrices."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from xpgrad._typing import Array, Namespace
from xpgrad.errors import OperationError

_MOST_STEPS = 60


def eigvals(xp: Namespace, x: Array, /) -> Array:
    """The eigenvalues alone."""
    return eig(xp, x)[0]


def eig(xp: Namespace, x: Array, /) -> tuple[Array, Array]:
    """The eigenvalues (..., n) of ``x`` (..., n, n), complex, and its eigenvectors of length 1 as columns.

    By a unitary similarity to a triangular matrix, one matrix after the other: Francis 1961, "The QR transformation",
    with the shifts of Wilkinson. (The standard has the function from 2025.12 on.)

    Raises:
        OperationError: The iteration did not converge.
    """
    n = x.shape[-1]
    if not xp.isdtype(x.dtype, "complex floating"):
        x = xp.astype(x, xp.complex64 if x.dtype == xp.float32 else xp.complex128)
    flat = xp.reshape(x, (math.prod(x.shape[:-2]), n, n))
    found = [_of_matrix(xp, flat[i, :, :]) for i in range(flat.shape[0])] if n else []
    if not found:
        return xp.zeros(x.shape[:-1], dtype=x.dtype, device=x.device), xp.asarray(x, copy=True)
    values, vectors = (xp.stack(part) for part in zip(*found, strict=True))
    return xp.reshape(values, x.shape[:-1]), xp.reshape(vectors, x.shape)


def _of_matrix(xp: Namespace, x: Array) -> tuple[Array, Array]:
    n = x.shape[-1]
    limits = xp.finfo(x.dtype)
    small = max(float(limits.eps) * float(xp.linalg.matrix_norm(x)), float(limits.smallest_normal))
    T, Q = _schur(xp, x, small)
    identity = xp.eye(n, dtype=x.dtype, device=x.device)
    columns = []
    for k in range(n):
        # Back substitution for the vector with 1 at k and 0 below; equal eigenvalues are held apart by rounding.
        head = T[:k, :k] - T[k, k] * identity[:k, :k]
        close = identity[:k, :k] * xp.astype(xp.abs(head) < small, x.dtype)
        above = xp.linalg.solve(head + small * close, -T[:k, k : k + 1]) if k else T[:0, :1]
        columns.append(xp.concat([above, identity[k:, k : k + 1]]))
    V = xp.matmul(Q, xp.concat(columns, axis=1))
    V = V / xp.linalg.vector_norm(V, axis=0, keepdims=True)
    # As LAPACK has them, the largest element of each is real.
    largest = xp.take_along_axis(V, xp.argmax(xp.abs(V), axis=0, keepdims=True), axis=0)
    order = xp.asarray(_paired([complex(T[k, k]) for k in range(n)], small), device=x.device)
    V = V * (xp.conj(largest) / xp.abs(largest))
    return xp.take(xp.linalg.diagonal(T), order), xp.take(V, order, axis=1)


def _paired(values: list[complex], small: float) -> list[int]:
    """The order in which, of two conjugate eigenvalues, the one above the real axis is first, as LAPACK has them."""
    order = list(range(len(values)))
    for i, value in enumerate(values):
        for j in range(i + 1, len(values)):
            if value.imag < -small and abs(values[j].conjugate() - value) <= 100.0 * small:
                order[i], order[j] = j, i
    return order


def _schur(xp: Namespace, x: Array, small: float) -> tuple[Array, Array]:
    """A triangular T and a unitary Q with ``x = Q @ T @ Q^H``."""
    Q = xp.eye(x.shape[-1], dtype=x.dtype, device=x.device)
    T = x
    for end in range(x.shape[-1], 1, -1):
        for step in range(_MOST_STEPS):
            if float(xp.max(xp.abs(T[end - 1, : end - 1]))) <= small:
                break
            shift = _shift(T[end - 2 : end, end - 2 : end], step)
            identity = xp.eye(end, dtype=x.dtype, device=x.device)
            q, r = xp.linalg.qr(T[:end, :end] - shift * identity)
            head = xp.matmul(r, q) + shift * identity
            beside = xp.matmul(xp.conj(xp.matrix_transpose(q)), T[:end, end:])
            T = xp.concat([xp.concat([head, beside], axis=1), T[end:, :]])
            Q = xp.concat([xp.matmul(Q[:, :end], q), Q[:, end:]], axis=1)
        else:
            raise OperationError(
                f"eig: the QR algorithm found no eigenvalue in {_MOST_STEPS} steps; does the matrix hold NaN?"
            )
    return xp.triu(T), Q


def _shift(corner: Array, step: int) -> complex:
    """The eigenvalue of the last two rows and columns that is nearer to the last element; now and then another."""
    a, b, c, d = (complex(corner[i, j]) for i in (0, 1) for j in (0, 1))
    if step % 11 == 10:
        return d + abs(c) + abs(b)
    half = (a - d) / 2
    root = (half * half + b * c) ** 0.5
    return min(d + half + root, d + half - root, key=lambda value: abs(value - d))


def matrix_exp(xp: Namespace, x: Array, /) -> Array:
    """The exponential of square matrices ``x`` (..., n, n).

    Higham 2005, "The scaling and squaring method for the matrix exponential revisited": a quotient of polynomials of
    degree 13 of the matrix made small, squared again as often as it was halved.
    """
    if 0 in x.shape:
        return xp.asarray(x, copy=True)
    norms = xp.max(xp.sum(xp.abs(x), axis=-2), axis=-1)
    finite = xp.where(xp.isfinite(norms), norms, 0.0)
    halvings = xp.ceil(xp.log2(xp.where(finite > _RADIUS, finite, _RADIUS) / _RADIUS))
    halvings = xp.reshape(halvings, (*halvings.shape, 1, 1))
    A = x * xp.astype(2.0**-halvings, x.dtype)
    identity = xp.eye(x.shape[-1], dtype=x.dtype, device=x.device)
    A2 = xp.matmul(A, A)
    A4 = xp.matmul(A2, A2)
    A6 = xp.matmul(A4, A2)
    b = _PADE
    odd = xp.matmul(A6, b[13] * A6 + b[11] * A4 + b[9] * A2) + b[7] * A6 + b[5] * A4 + b[3] * A2 + b[1] * identity
    even = xp.matmul(A6, b[12] * A6 + b[10] * A4 + b[8] * A2) + b[6] * A6 + b[4] * A4 + b[2] * A2 + b[0] * identity
    odd = xp.matmul(A, odd)
    out = xp.linalg.solve(even - odd, even + odd)
    for done in range(int(xp.max(halvings))):
        out = xp.where(halvings > done, xp.matmul(out, out), out)
    return out


# Up to this norm the quotient is exact to rounding in double precision.
_RADIUS = 5.371920351148152
_PADE = tuple(
    math.factorial(26 - k) * math.factorial(13) / (math.factorial(26) * math.factorial(13 - k) * math.factorial(k))
    for k in range(14)
)  # fmt: skip

FALLBACKS: dict[str, Callable[..., Any]] = {"eig": eig, "eigvals": eigvals, "matrix_exp": matrix_exp}
