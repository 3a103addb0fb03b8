"""Other shapes for the same elements; most results are views."""

from __future__ import annotations

from xpgrad.core.op import op


@op("View", is_view=True)
def reshape(xp, x, /, *, shape):
    """``x`` with ``shape``, the elements in row-major order."""
    return xp.reshape(x, shape)

@reshape.vjp("x")
def _(xp, g, x_shape): return xp.reshape(g, x_shape)


@op("Permute", is_view=True)
def permute_dims(xp, x, /, *, axes):
    """``x`` with its axes in the order ``axes``."""
    return xp.permute_dims(x, axes)

@permute_dims.vjp("x")
def _(xp, g, axes): return xp.permute_dims(g, tuple(axes.index(i) for i in range(len(axes))))
