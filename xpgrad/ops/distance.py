"""Distances of all pairs of rows."""

from __future__ import annotations

from xpgrad.core.op import op
from xpgrad.ops.indexing import take
from xpgrad.ops.linalg import vector_norm

# Of differences that have been taken already.
minkowski = vector_norm.named("Cdist")
# Of the distances of all pairs.
pdist = take.named("Pdist")


@op("Cdist")
def euclidean(xp, x, y, /, *, by_product):
    """The distances of the rows of ``x`` (..., n, d) and ``y`` (..., m, d).

    By way of a matrix product they take less memory and time, and lose small distances to rounding.
    """
    if not by_product:
        difference = xp.expand_dims(x, axis=-2) - xp.expand_dims(y, axis=-3)
        return xp.sqrt(xp.sum(difference * difference, axis=-1))
    squares = [xp.sum(a * a, axis=-1, keepdims=True) for a in (x, y)]
    products = xp.matmul(x, xp.matrix_transpose(y))
    return xp.sqrt(xp.clip(squares[0] + xp.matrix_transpose(squares[1]) - 2.0 * products, 0.0, None))

@euclidean.vjp("x")
def _(xp, g, x, y, out):
    share = _share(xp, g, out)
    return x * xp.sum(share, axis=-1, keepdims=True) - xp.matmul(share, y)

@euclidean.vjp("y")
def _(xp, g, x, y, out):
    share = xp.matrix_transpose(_share(xp, g, out))
    return y * xp.sum(share, axis=-1, keepdims=True) - xp.matmul(share, x)

def _share(xp, g, out):
    """The gradient over the distance, 0 where the distance is."""
    return xp.where(out == 0, 0.0, g / xp.where(out == 0, 1.0, out))

# PyTorch computes these in batches, and looks at the result in another shape.
euclidean_by_product = euclidean.named("View")
