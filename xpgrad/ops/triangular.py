"""Triangles of matrices."""

from __future__ import annotations

from xpgrad.core.op import op


@op("Tril")
def tril(xp, x, /, *, k=0):
    """``x`` (..., n, m) with zeros above its ``k``-th diagonal."""
    return xp.tril(x, k=k)

@tril.vjp("x")
def _(xp, g, k): return xp.tril(g, k=k)


@op("Triu")
def triu(xp, x, /, *, k=0):
    """``x`` (..., n, m) with zeros below its ``k``-th diagonal."""
    return xp.triu(x, k=k)

@triu.vjp("x")
def _(xp, g, k): return xp.triu(g, k=k)
