"""Inverses, linear systems and determinants of matrices.

See `xpgrad.ops.decompositions` for how the gradients are written.
"""

from __future__ import annotations

import math

from xpgrad.core.op import op
from xpgrad.ops.decompositions import adjoint, conj
from xpgrad.ops.kinds import is_complex


@op("LinalgInvEx")
def inv(xp, x, /):
    """The inverse of square matrices ``x`` (..., n, n)."""
    return xp.linalg.inv(x)

@inv.vjp("x")
def _(xp, g, out):
    transposed = xp.matrix_transpose(out)
    return -xp.matmul(xp.matmul(transposed, g), transposed)


@op("LinalgSolveEx")
def solve(xp, x, y, /):
    """The solution of ``x @ out = y`` for ``x`` (..., n, n) and ``y`` (..., n, k), or (n,) if it is 1-d."""
    return xp.linalg.solve(x, y)

@solve.vjp("x", "y")
def _(xp, g, x, out, y_shape, needs):
    xT = xp.matrix_transpose(x)
    if len(y_shape) > 1:
        gy = xp.linalg.solve(xT, g)
        return (-xp.matmul(gy, xp.matrix_transpose(out)) if needs[0] else None), gy
    gy = xp.linalg.solve(xT, xp.expand_dims(g, axis=-1))
    return (-gy * xp.expand_dims(out, axis=-2) if needs[0] else None), xp.squeeze(gy, axis=-1)


@op("LinalgPinv")
def pinv(xp, x, /, *, rtol=None):
    """The Moore-Penrose pseudo-inverse; singular values up to ``rtol`` times the largest count as 0."""
    return xp.linalg.pinv(x, rtol=rtol)

@pinv.vjp("x")
def _(xp, g, x, out): return pinv_transpose(xp, g, x, out)


@op("LinalgPinv", constants=("atol", "rtol"))
def pinv_within(xp, x, atol, rtol, /, *, hermitian=False):
    """The pseudo-inverse; singular values up to ``atol`` or ``rtol`` times the largest, whichever is more, count as 0.

    Of ``hermitian`` matrices only the lower triangle is read.
    """
    if hermitian:
        values, V = xp.linalg.eigh(x)
        U, Vh, S = V, adjoint(xp, V), xp.abs(values)
        values = xp.where(cutoff(xp, S, atol, rtol) < S, values, math.inf)
    else:
        U, S, Vh = xp.linalg.svd(x, full_matrices=False)
        values = xp.where(cutoff(xp, S, atol, rtol) < S, S, math.inf)
    return xp.matmul(adjoint(xp, Vh) * xp.astype(xp.expand_dims(1.0 / values, axis=-2), x.dtype), adjoint(xp, U))

@pinv_within.vjp("x")
def _(xp, g, x, out): return pinv_transpose(xp, g, x, out)


def cutoff(xp, S, atol, rtol):
    """Up to where the singular values ``S`` (..., k) count as 0, for tolerances that broadcast to (...)."""
    largest = xp.max(S, axis=-1) if S.shape[-1] else xp.zeros(S.shape[:-1], dtype=S.dtype, device=S.device)
    return xp.astype(xp.expand_dims(xp.maximum(atol, rtol * largest), axis=-1), S.dtype)


def pinv_transpose(xp, g, x, out):
    """The gradient of the matrix of which ``out`` is the pseudo-inverse."""
    # Golub and Pereyra 1973, "The differentiation of pseudo-inverses", equation 4.12.
    A, P, G = conj(xp, x), conj(xp, out), adjoint(xp, g)
    PH = adjoint(xp, P)
    if x.shape[-2] <= x.shape[-1]:
        K = xp.matmul(G, P)
        KPH = xp.matmul(K, PH)
        inside = KPH - xp.matmul(xp.matmul(A, P), KPH) - adjoint(xp, xp.matmul(P, K))
        return inside + xp.matmul(xp.matmul(PH, P), G - xp.matmul(K, A))
    K = xp.matmul(P, G)
    PHK = xp.matmul(PH, K)
    inside = PHK - xp.matmul(PHK, xp.matmul(P, A)) - adjoint(xp, xp.matmul(K, P))
    return inside + xp.matmul(G - xp.matmul(A, K), xp.matmul(P, PH))


@op("LinalgLstsq", outputs=3, constant_outputs=(1, 2))
def lstsq(xp, x, y, /, *, rcond):
    """The shortest ``out`` with the least ``x @ out - y``, how many singular values of ``x`` count, and all of them.

    Those up to ``rcond`` times the largest do not count.
    """
    U, S, Vh = xp.linalg.svd(x, full_matrices=False)
    counts = rcond * xp.max(S, axis=-1, keepdims=True) < S if S.shape[-1] else S > 0.0
    inverse = xp.astype(xp.where(counts, 1.0 / xp.where(counts, S, 1.0), 0.0), x.dtype)
    found = xp.matmul(adjoint(xp, Vh), xp.expand_dims(inverse, axis=-1) * xp.matmul(adjoint(xp, U), y))
    return found, xp.sum(xp.astype(counts, xp.int64), axis=-1), S

@lstsq.vjp("x", "y")
def _(xp, g, x, y, needs):
    inverse = xp.linalg.pinv(x)
    gy = xp.matmul(xp.matrix_transpose(inverse), g[0])
    gx = pinv_transpose(xp, xp.matmul(g[0], xp.matrix_transpose(y)), x, inverse) if needs[0] else None
    return gx, gy


@op("LinalgSolveTriangular")
def solve_triangular(xp, x, y, /, *, upper, left=True, unitriangular=False):
    """The solution of ``x @ out = y``, or ``out @ x = y`` unless ``left``, from one triangle of ``x`` (..., n, n)."""
    return xp.solve_triangular(x, y, upper=upper, left=left, unitriangular=unitriangular)

@solve_triangular.vjp("x", "y")
def _(xp, g, x, out, upper, left, unitriangular, needs):
    xT = xp.matrix_transpose(x)
    gy = xp.solve_triangular(xT, g, upper=not upper, left=left, unitriangular=unitriangular)
    if not needs[0]:
        return None, gy
    outT = xp.matrix_transpose(out)
    gx = -(xp.matmul(gy, outT) if left else xp.matmul(outT, gy))
    k = 1 if unitriangular else 0
    return (xp.triu(gx, k=k) if upper else xp.tril(gx, k=-k)), gy


@op("CholeskySolve")
def cholesky_solve(xp, y, L, /, *, upper=False):
    """The solution of ``x @ out = y`` (..., n, k), where ``L`` (..., n, n) is the Cholesky factor of ``x``."""
    return xp.cholesky_solve(y, L, upper=upper)

@cholesky_solve.vjp("y", "L")
def _(xp, g, L, out, upper, needs):
    # As if `L` were any matrix, since PyTorch's gradient is not triangular either.
    gy = conj(xp, xp.cholesky_solve(conj(xp, g), L, upper=upper))
    if not needs[1]:
        return gy, None
    gx = -xp.matmul(gy, xp.matrix_transpose(out))
    if upper:
        return gy, xp.matmul(conj(xp, L), gx) + conj(xp, xp.matmul(L, xp.matrix_transpose(gx)))
    return gy, xp.matmul(gx, conj(xp, L)) + conj(xp, xp.matmul(xp.matrix_transpose(gx), L))


@op("LinalgMatrixExp")
def matrix_exp(xp, x, /):
    """The exponential of square matrices ``x`` (..., n, n)."""
    return xp.matrix_exp(x)

@matrix_exp.vjp("x")
def _(xp, g, x):
    # Mathias 1996, "A chain rule for matrix functions and applications", theorem 2.1.
    xT, n = xp.matrix_transpose(x), x.shape[-1]
    above, below = xp.concat((xT, g), axis=-1), xp.concat((xp.zeros_like(xT), xT), axis=-1)
    return xp.getitem(xp.matrix_exp(xp.concat((above, below), axis=-2)), index=(..., slice(0, n), slice(n, 2 * n)))


@op("LinalgMatrixRank", differentiable=False)
def matrix_rank(xp, x, /, *, rtol=None):
    """How many singular values exceed ``rtol`` times the largest."""
    return xp.linalg.matrix_rank(x, rtol=rtol)


@op("LinalgMatrixRank", differentiable=False)
def matrix_rank_within(xp, x, atol, rtol, /, *, hermitian=False):
    """How many singular values exceed ``atol`` and ``rtol`` times the largest; see `pinv_within`."""
    S = xp.abs(xp.linalg.eigvalsh(x)) if hermitian else xp.linalg.svdvals(x)
    return xp.sum(xp.astype(cutoff(xp, S, atol, rtol) < S, xp.int64), axis=-1)


@op("LinalgDet")
def det(xp, x, /):
    """The determinants of square matrices ``x`` (..., n, n)."""
    return xp.linalg.det(x)

@det.vjp("x")
def _(xp, g, x, out): return xp.reshape(g, (*g.shape, 1, 1)) * cofactors(xp, x, out)


def cofactors(xp, x, det):
    """The matrix of cofactors, ``det * inv(x)^T`` if there is an inverse."""
    if not bool(xp.any(det == 0)):
        return xp.reshape(det, (*det.shape, 1, 1)) * xp.matrix_transpose(xp.linalg.inv(x))
    # Of each singular value, the product of the others.
    U, S, Vh = xp.linalg.svd(x)
    n = S.shape[-1]
    others = xp.where(xp.eye(n, dtype=xp.bool, device=x.device), 1.0, xp.expand_dims(S, axis=-2))
    phase = xp.linalg.det(xp.matmul(U, Vh))
    scaled = conj(xp, U) * xp.expand_dims(xp.prod(others, axis=-1), axis=-2)
    return xp.reshape(phase, (*phase.shape, 1, 1)) * xp.matmul(scaled, conj(xp, Vh))


@op("LinalgSlogdet", outputs=2)
def slogdet(xp, x, /):
    """The sign (the phase, if complex) of the determinants of ``x`` (..., n, n), and the logarithms of their sizes."""
    return tuple(xp.linalg.slogdet(x))

@slogdet.vjp("x")
def _(xp, g, x, out):
    (sign, _), (g_sign, g_log) = out, g
    if is_complex(xp, x):
        g_log = g_log + 1j * xp.imag(g_sign * sign)
    if bool(xp.any(sign == 0)):
        # Infinite where there is no inverse.
        det = xp.linalg.det(x)
        turned = cofactors(xp, x, det) / xp.reshape(det, (*det.shape, 1, 1))
    else:
        turned = xp.matrix_transpose(xp.linalg.inv(x))
    return xp.reshape(g_log, (*g_log.shape, 1, 1)) * turned
