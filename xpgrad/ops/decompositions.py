"""Decompositions of matrices (..., n, m).

Gradients are plain transposes (see `xpgrad.core.engine`), so a published formula for the conjugated gradient holds
here with each value it uses, but not the incoming gradient, conjugated.
"""

from __future__ import annotations

from xpgrad.core.op import op
from xpgrad.errors import GradientError
from xpgrad.ops.kinds import is_complex


def conj(xp, x):
    """The conjugate; ``x`` itself if it is real."""
    return xp.conj(x) if is_complex(xp, x) else x


def adjoint(xp, x):
    """The conjugate transpose."""
    return conj(xp, xp.matrix_transpose(x))


def quotient(xp, x, y):
    """``x / y``, 0 where ``x`` is: in that case a degenerate pair does not enter the result."""
    return x / xp.where(x == 0, 1.0, y)


def columns(xp, x, start, stop):
    """The columns of ``x`` from ``start`` to ``stop``."""
    return xp.getitem(x, index=(..., slice(start, stop)))


def diagonal_of(xp, x):
    """``x`` (..., n) as diagonal matrices, to be added to others."""
    return xp.expand_dims(x, axis=-1) * xp.eye(x.shape[-1], dtype=x.dtype, device=x.device)


def gaps(xp, x):
    """``x[j] - x[i]`` at (i, j), for ``x`` (..., n)."""
    return xp.expand_dims(x, axis=-2) - xp.expand_dims(x, axis=-1)


def off_diagonal(xp, x):
    """Square matrices ``x`` with zeros on the diagonal."""
    return xp.where(xp.eye(x.shape[-1], dtype=xp.bool, device=x.device), 0.0, x)


@op("LinalgCholeskyEx")
def cholesky(xp, x, /, *, upper=False):
    """The triangular factor L of Hermitian positive definite ``x`` = L @ L^H; with ``upper`` its adjoint."""
    return xp.linalg.cholesky(x, upper=upper)

@cholesky.vjp("x")
def _(xp, g, out, upper): return cholesky_transpose(xp, g, out, upper)


@op("LinalgCholeskyEx", outputs=2, constant_outputs=(1,))
def cholesky_ex(xp, x, /, *, upper=False):
    """`cholesky`, and the order of the first minor of ``x`` that is not positive definite, or 0."""
    return xp.cholesky_ex(x, upper=upper)

@cholesky_ex.vjp("x")
def _(xp, g, out, upper): return cholesky_transpose(xp, g[0], out[0], upper)


def cholesky_transpose(xp, g, out, upper):
    """The gradient of the matrix of which ``out`` is the factor."""
    # Murray 2016, "Differentiation of the Cholesky decomposition", equation 8.
    L, g = (adjoint(xp, out), adjoint(xp, g)) if upper else (out, g)
    phi = xp.tril(xp.matmul(xp.matrix_transpose(L), g))
    phi = phi + adjoint(xp, xp.tril(phi, k=-1))
    half = xp.linalg.solve(xp.matrix_transpose(L), phi)
    return 0.5 * xp.matrix_transpose(xp.linalg.solve(adjoint(xp, L), xp.matrix_transpose(half)))


@op("LinalgQr", outputs=2)
def qr(xp, x, /, *, complete=False):
    """``Q`` with orthonormal columns, as many as rows if ``complete``, and triangular ``R``, with ``x = Q @ R``."""
    return tuple(xp.linalg.qr(x, mode="complete" if complete else "reduced"))

@qr.vjp("x")
def _(xp, g, out, x_shape, complete):
    (Q, R), (gQ, gR), (n, m) = out, g, x_shape[-2:]
    if complete and n > m:
        raise GradientError(
            "The QR decomposition is not differentiable when mode='complete' and nrows > ncols: "
            f"the matrix is {n} x {m}, use mode='reduced'"
        )
    if n >= m:
        return qr_transpose(xp, Q, R, gQ, gR)
    # x = (x1, x2) with x1 square: x1 = Q @ R1 and R2 = Q^H @ x2.
    R1, R2, gR2 = columns(xp, R, 0, n), columns(xp, R, n, m), columns(xp, gR, n, m)
    gQ = gQ + xp.matmul(conj(xp, xp.matmul(Q, R2)), adjoint(xp, gR2))
    return xp.concat(
        (qr_transpose(xp, Q, R1, gQ, columns(xp, gR, 0, n)), xp.matmul(conj(xp, Q), gR2)), axis=-1
    )


def qr_transpose(xp, Q, R, gQ, gR):
    """The gradient of a matrix with no more columns than rows.

    Walter and Lehmann 2010, "Algorithmic differentiation of linear algebra functions", section 3.
    """
    T = xp.triu(xp.matmul(gR, xp.matrix_transpose(R)) - xp.matmul(xp.matrix_transpose(Q), gQ))
    weight = 1.0 - 0.5 * xp.eye(T.shape[-1], dtype=T.dtype, device=T.device)
    inner = gQ + xp.matmul(conj(xp, Q), (T + adjoint(xp, T)) * weight)
    return xp.matrix_transpose(xp.linalg.solve(R, xp.matrix_transpose(inner)))


@op("LinalgEigh", outputs=2)
def eigh(xp, x, /, *, upper=False):
    """The eigenvalues of Hermitian ``x`` in ascending order, and its eigenvectors as columns, from one triangle."""
    return tuple(xp.linalg.eigh(adjoint(xp, x) if upper else x))

@eigh.vjp("x")
def _(xp, g, out):
    (values, V), (g_values, gV) = out, g
    inner = off_diagonal(xp, xp.matmul(xp.matrix_transpose(V), gV))
    inner = quotient(xp, inner, gaps(xp, values)) + diagonal_of(xp, g_values)
    gx = xp.matmul(xp.matmul(conj(xp, V), inner), xp.matrix_transpose(V))
    return 0.5 * (gx + adjoint(xp, gx))


@op("LinalgEigh")
def eigvalsh(xp, x, /, *, upper=False):
    """The eigenvalues of Hermitian ``x`` in ascending order, from one triangle."""
    return xp.linalg.eigvalsh(adjoint(xp, x) if upper else x)

@eigvalsh.vjp("x")
def _(xp, g, x, upper):
    V = xp.linalg.eigh(adjoint(xp, x) if upper else x)[1]
    return xp.matmul(conj(xp, V) * xp.expand_dims(g, axis=-2), xp.matrix_transpose(V))


@op("LinalgEig", outputs=2)
def eig(xp, x, /):
    """The eigenvalues of square ``x``, complex, and its eigenvectors of length 1 as columns."""
    return tuple(xp.eig(x))

@eig.vjp("x")
def _(xp, g, out):
    # Boeddeker, Hanebrink, Drude, Heymann and Haeb-Umbach 2017, "On the computation of complex-valued gradients".
    (values, V), (g_values, gV) = out, g
    VT = xp.matrix_transpose(V)
    inner = xp.matmul(VT, gV)
    # The length of each eigenvector is 1, whatever it is multiplied by.
    along = xp.expand_dims(xp.real(xp.linalg.diagonal(inner)), axis=-2)
    inner = inner - xp.matmul(VT, conj(xp, V)) * along
    inner = quotient(xp, off_diagonal(xp, inner), gaps(xp, values)) + diagonal_of(xp, g_values)
    return xp.linalg.solve(VT, xp.matmul(inner, VT))


@op("LinalgEig")
def eigvals(xp, x, /):
    """The eigenvalues of square ``x``, complex."""
    return xp.eigvals(x)

@eigvals.vjp("x")
def _(xp, g, x):
    VT = xp.matrix_transpose(xp.eig(x)[1])
    return xp.linalg.solve(VT, xp.expand_dims(g, axis=-1) * VT)


@op("LinalgSvd", outputs=3)
def svd(xp, x, /, *, full_matrices=True):
    """``U``, the singular values ``S`` in descending order, and ``Vh`` with ``x = U @ diag(S) @ Vh``.

    The gradient does not depend on the columns of ``U`` and rows of ``Vh`` that ``full_matrices`` adds.
    """
    return tuple(xp.linalg.svd(x, full_matrices=full_matrices))

@svd.vjp("x")
def _(xp, g, out, x_shape):
    (U, S, Vh), (gU, gS, gVh), (n, m) = out, g, x_shape[-2:]
    k = S.shape[-1]
    top = (..., slice(0, k), slice(None))
    U, gU = conj(xp, columns(xp, U, 0, k)), columns(xp, gU, 0, k)
    Vh, gVh = conj(xp, xp.getitem(Vh, index=top)), xp.getitem(gVh, index=top)
    row, column = xp.expand_dims(S, axis=-2), xp.expand_dims(S, axis=-1)
    skew_U, skew_V = skew(xp, xp.matmul(adjoint(xp, U), gU)), skew(xp, xp.matmul(Vh, adjoint(xp, gVh)))
    E = gaps(xp, S) * (row + column)
    inner = quotient(xp, off_diagonal(xp, skew_U), E) * row + column * quotient(xp, off_diagonal(xp, skew_V), E)
    inner = inner + diagonal_of(xp, gS)
    if is_complex(xp, U):
        phase = xp.linalg.diagonal(skew_U)
        inner = inner + diagonal_of(xp, quotient(xp, phase, 2.0 * S))
    if n > k:
        beyond = quotient(xp, gU, row)
        left = xp.matmul(U, inner) + beyond - xp.matmul(U, xp.matmul(adjoint(xp, U), beyond))
        return xp.matmul(left, Vh)
    if m > k:
        beyond = quotient(xp, gVh, column)
        right = xp.matmul(inner, Vh) + beyond - xp.matmul(xp.matmul(beyond, adjoint(xp, Vh)), Vh)
        return xp.matmul(U, right)
    return xp.matmul(xp.matmul(U, inner), Vh)


def skew(xp, x):
    """``x`` without its Hermitian part, twice over."""
    return x - adjoint(xp, x)


@op("LinalgSvd")
def svdvals(xp, x, /):
    """The singular values of ``x`` in descending order."""
    return xp.linalg.svdvals(x)

@svdvals.vjp("x")
def _(xp, g, x):
    U, _, Vh = xp.linalg.svd(x, full_matrices=False)
    return xp.matmul(conj(xp, U) * xp.expand_dims(g, axis=-2), conj(xp, Vh))
