"""Products and decompositions of matrices."""

from __future__ import annotations

from xpgrad.core.op import op


@op("Bmm")
def matmul(xp, x, y, /):
    """The matrix product of ``x`` (..., n, k) and ``y`` (..., k, m); the leading axes broadcast."""
    return xp.matmul(x, y)

@matmul.vjp("x")
def _(xp, g, y): return xp.matmul(g, xp.matrix_transpose(y))

@matmul.vjp("y")
def _(xp, g, x): return xp.matmul(xp.matrix_transpose(x), g)

mm = matmul.named("Mm")
