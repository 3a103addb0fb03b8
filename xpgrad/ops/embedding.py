"""Looking up rows of a table."""

from __future__ import annotations

import math

from xpgrad.core.op import op


@op("Embedding", constants=["indices"])
def embedding(xp, weight, indices, /, *, padding_idx, scale_grad_by_freq):
    """The rows of ``weight`` (V, D) at ``indices``, giving (*indices.shape, D).

    The row at ``padding_idx``, unless that is None, gets no gradient. With ``scale_grad_by_freq`` what a row gets is
    divided by how often it was looked up.
    """
    rows = xp.take(weight, xp.reshape(indices, (-1,)), axis=0)
    return xp.reshape(rows, (*indices.shape, weight.shape[1]))

@embedding.vjp("weight")
def _(xp, g, indices, weight_shape, padding_idx, scale_grad_by_freq):
    size = weight_shape[0]
    at = xp.reshape(indices, (-1,))
    g = xp.reshape(g, (math.prod(indices.shape), weight_shape[1]))
    if padding_idx is not None:
        g = xp.where(xp.reshape(at, (-1, 1)) == padding_idx, 0.0, g)
    if scale_grad_by_freq:
        counts = xp.scatter_add(xp.ones_like(at), at, size=size)
        g = g / xp.reshape(xp.astype(xp.take(counts, at, axis=0), g.dtype), (-1, 1))
    return xp.scatter_add(g, at, size=size)
