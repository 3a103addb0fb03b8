"""Inverses, linear systems and determinants of matrices.

See `xpgrad.ops.decompositions` for how the gradients are written.
"""

from __future__ import annotations

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
def _(xp, g, x, out):
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


@op("LinalgMatrixRank", differentiable=False)
def matrix_rank(xp, x, /, *, rtol=None):
    """How many singular values exceed ``rtol`` times the largest."""
    return xp.linalg.matrix_rank(x, rtol=rtol)


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
    return xp.reshape(g_log, (*g_log.shape, 1, 1)) * xp.matrix_transpose(xp.linalg.inv(x))
