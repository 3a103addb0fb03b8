"""Factorizations of matrices (..., n, m) as LAPACK keeps them: LU, LDL and products of Householder reflections.

See `xpgrad.ops.decompositions` for how the gradients are written.
"""

from __future__ import annotations

from xpgrad.backends.fallbacks.householder import reflections, reflector
from xpgrad.core.op import op
from xpgrad.ops.decompositions import columns, conj


@op("LinalgLuFactorEx", outputs=3, constant_outputs=(1, 2))
def lu_factor(xp, x, /):
    """``x`` = P @ L @ U: both triangles in one array, the exchanges of rows, and the first column without a pivot."""
    return xp.lu_factor(x)

@lu_factor.vjp("x")
def _(xp, g, out, x_shape):
    # de Hoog, Anderssen and Lukas 2011, "Differentiation of matrix functionals using triangular factorization".
    (LU, pivots, _), g, (n, m) = out, g[0], x_shape[-2:]
    k = min(n, m)
    start = slice(0, k)
    first, beside, below = (..., start, start), (..., start, slice(k, m)), (..., slice(k, n), start)
    LT, UT = (xp.matrix_transpose(part) for part in unpacked(xp, xp.getitem(LU, index=first)))
    g1 = xp.getitem(g, index=first)
    in_L, in_U = xp.matmul(LT, xp.tril(g1, k=-1)), xp.matmul(xp.triu(g1), UT)
    if n > m:
        g2 = xp.getitem(g, index=below)
        in_U = in_U - xp.matmul(xp.matrix_transpose(xp.getitem(LU, index=below)), g2)
    elif m > n:
        g2 = xp.getitem(g, index=beside)
        in_L = in_L - xp.matmul(g2, xp.matrix_transpose(xp.getitem(LU, index=beside)))
    inner = xp.tril(in_L, k=-1) + xp.triu(in_U)
    inner = xp.solve_triangular(LT, inner, upper=True, unitriangular=True)
    gx = xp.solve_triangular(UT, inner, upper=False, left=False)
    if n > m:
        gx = xp.concat((gx, xp.solve_triangular(UT, g2, upper=False, left=False)), axis=-2)
    elif m > n:
        gx = xp.concat((gx, xp.solve_triangular(LT, g2, upper=True, unitriangular=True)), axis=-1)
    return xp.matmul(permutation(xp, pivots, n, g.dtype), gx)


def unpacked(xp, LU):
    """The triangles L, with ones on its diagonal, and U of ``LU`` (..., n, m)."""
    n, m = LU.shape[-2:]
    k = min(n, m)
    below = xp.tril(columns(xp, LU, 0, k), k=-1)
    above = xp.triu(xp.getitem(LU, index=(..., slice(0, k), slice(None))))
    return below + xp.eye(n, k, dtype=LU.dtype, device=LU.device), above


def permutation(xp, pivots, n, dtype):
    """The matrix P (..., n, n) of the exchanges ``pivots`` (..., k), counted from 1."""
    order = xp.row_order(pivots, size=n)
    rows = xp.reshape(xp.arange(n, dtype=order.dtype, device=order.device), (n, 1))
    return xp.astype(xp.expand_dims(order, axis=-2) == rows, dtype)


@op("LuUnpack", outputs=2)
def lu_unpack(xp, LU, /):
    """The triangles L, with ones on its diagonal, and U of ``LU`` (..., n, m)."""
    return unpacked(xp, LU)

@lu_unpack.vjp("LU")
def _(xp, g, LU_shape):
    (gL, gU), (n, m) = g, LU_shape[-2:]
    none = ((0, 0),) * (len(LU_shape) - 2)
    k = min(n, m)
    gL = xp.constant_pad(xp.tril(gL, k=-1), widths=(*none, (0, 0), (0, m - k)))
    return gL + xp.constant_pad(xp.triu(gU), widths=(*none, (0, n - k), (0, 0)))

lu = lu_unpack.named("LinalgLu")


@op("LuUnpack", differentiable=False)
def permutation_matrix(xp, pivots, /, *, size, dtype):
    """The matrix P (..., n, n) of the exchanges ``pivots`` (..., k), counted from 1."""
    return permutation(xp, pivots, size, dtype)


@op("LdlFactor", outputs=3, differentiable=False)
def ldl_factor(xp, x, /, *, hermitian=False):
    """``x`` = L @ D @ L^T: both factors in one array, the exchanges of rows, and the first column where D is zero."""
    return xp.ldl_factor(x, hermitian=hermitian)


@op("LdlSolve", differentiable=False)
def ldl_solve(xp, LD, pivots, y, /, *, hermitian=False):
    """The solution of ``x @ out = y`` from what `ldl_factor` made of ``x``."""
    return xp.ldl_solve(LD, pivots, y, hermitian=hermitian)


@op("Geqrf", outputs=2, differentiable=False)
def geqrf(xp, x, /):
    """``x`` = Q @ R: R, the reflections whose product is Q below its diagonal, and their factors."""
    return xp.geqrf(x)


@op("Ormqr")
def reflect(xp, a, tau, y, /, *, adjoint=False):
    """The product of the reflections in ``a`` and ``tau``, or its adjoint, times ``y``."""
    return xp.reflect(a, tau, y, adjoint=adjoint)

@reflect.vjp("a", "tau", "y")
def _(xp, g, a, tau, y, adjoint, needs):
    steps, before = reflections(tau.shape[-1], adjoint), []
    if needs[0] or needs[1]:
        for k in steps:
            before.append(y)
            v, t = reflector(xp, a, tau, k, adjoint)
            y = y - t * v * xp.matmul(xp.matrix_transpose(conj(xp, v)), y)
    in_a, in_tau = {}, {}
    for k in reversed(steps):
        v, t = reflector(xp, a, tau, k, adjoint)
        w, across = conj(xp, v), xp.matmul(xp.matrix_transpose(v), g)
        if before:
            y = before.pop()
            along = xp.matmul(xp.matrix_transpose(w), y)
            g_t = -xp.sum(across * along, axis=-1)
            in_tau[k] = conj(xp, g_t) if adjoint else g_t
            from_v, from_w = xp.matmul(g, xp.matrix_transpose(along)), xp.matmul(y, xp.matrix_transpose(across))
            in_a[k] = -(t * from_v + conj(xp, t * from_w))
        g = g - t * w * across
    if not in_a:
        return (xp.zeros_like(a) if needs[0] else None), (xp.zeros_like(tau) if needs[1] else None), g
    in_order = sorted(in_a)
    g_a = xp.tril(xp.concat([in_a[k] for k in in_order], axis=-1), k=-1)
    beyond = a.shape[-1] - len(in_order)
    return (
        xp.constant_pad(g_a, widths=(*((0, 0),) * (g_a.ndim - 1), (0, beyond))),
        xp.concat([in_tau[k] for k in in_order], axis=-1),
        g,
    )

householder_product = reflect.named("LinalgHouseholderProduct")
