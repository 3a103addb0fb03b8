"""Other shapes for the same elements, and the same elements in other places; most results are views."""

from __future__ import annotations

from xpgrad.core.op import op
from xpgrad.ops.axes import inverted


@op("View", is_view=True)
def reshape(xp, x, /, *, shape):
    """``x`` with ``shape``, the elements in row-major order."""
    return xp.reshape(x, shape)

@reshape.vjp("x")
def _(xp, g, x_shape): return xp.reshape(g, x_shape)


@op("Permute", is_view=True)
def permute_dims(xp, x, /, *, axes):
    """``x`` with its axes in the order ``axes``, which are not negative."""
    return xp.permute_dims(x, axes)

@permute_dims.vjp("x")
def _(xp, g, axes): return xp.permute_dims(g, inverted(axes))

transpose = permute_dims.named("Transpose")


@op("Transpose", is_view=True)
def matrix_transpose(xp, x, /):
    """``x`` (..., n, m) as (..., m, n)."""
    return xp.matrix_transpose(x)

@matrix_transpose.vjp("x")
def _(xp, g): return xp.matrix_transpose(g)

t = matrix_transpose.named("T")


@op("Unsqueeze", is_view=True)
def expand_dims(xp, x, /, *, axis):
    """``x`` with a new axis of length 1 at ``axis``."""
    return xp.expand_dims(x, axis=axis)

@expand_dims.vjp("x")
def _(xp, g, x_shape): return xp.reshape(g, x_shape)


@op("SqueezeBackward1", is_view=True)
def squeeze(xp, x, /, *, axis):
    """``x`` without the axes of length 1 at ``axis``."""
    return xp.squeeze(x, axis=axis)

@squeeze.vjp("x")
def _(xp, g, x_shape): return xp.reshape(g, x_shape)


@op("Expand", is_view=True)
def broadcast_to(xp, x, /, *, shape):
    """``x``, repeated without a copy to fill ``shape``."""
    return xp.broadcast_to(x, shape)

@broadcast_to.vjp("x")
def _(xp, g): return g


@op("Flip")
def flip(xp, x, /, *, axis):
    """A copy of ``x`` with the order of its elements reversed along the axes ``axis``."""
    return xp.asarray(xp.flip(x, axis=axis), copy=True)

@flip.vjp("x")
def _(xp, g, axis): return xp.flip(g, axis=axis)


@op("Flip", is_view=True)
def reverse(xp, x, /, *, axis):
    """`flip` as a view, for slices with a negative step; where memory has none, a copy that follows what it shows."""
    return xp.flip(x, axis=axis)

@reverse.vjp("x")
def _(xp, g, axis): return xp.flip(g, axis=axis)


@op("Roll")
def roll(xp, x, /, *, shift, axis):
    """``x`` with its elements moved on by ``shift`` along ``axis``, those beyond the end back at the start."""
    return xp.roll(x, shift, axis=axis)

@roll.vjp("x")
def _(xp, g, shift, axis):
    return xp.roll(g, -shift if isinstance(shift, int) else tuple(-n for n in shift), axis=axis)


@op("Repeat")
def tile(xp, x, /, *, repetitions):
    """``x`` (n1, n2, ...) laid out side by side: (r1 * n1, r2 * n2, ...), for as many repetitions as axes or more."""
    return xp.tile(x, repetitions)

@tile.vjp("x")
def _(xp, g, x_shape, repetitions):
    ndim = len(repetitions)
    lengths = (1,) * (ndim - len(x_shape)) + tuple(x_shape)
    blocks = tuple(n for pair in zip(repetitions, lengths, strict=True) for n in pair)
    return xp.reshape(xp.sum(xp.reshape(g, blocks), axis=tuple(range(0, 2 * ndim, 2)), dtype=g.dtype), x_shape)


@op("View")
def repeat(xp, x, /, *, repeats, axis):
    """``x`` with each element ``repeats`` times in a row along ``axis``; PyTorch makes it of views, hence the name."""
    return xp.repeat(x, repeats, axis=axis)

@repeat.vjp("x")
def _(xp, g, x_shape, repeats, axis):
    axis = axis % len(x_shape)
    blocks = xp.reshape(g, (*x_shape[: axis + 1], repeats, *x_shape[axis + 1 :]))
    return xp.sum(blocks, axis=axis + 1, dtype=g.dtype)


@op("ConstantPadNd")
def constant_pad(xp, x, /, *, widths, value=0.0):
    """``x`` with ``widths[i] = (before, after)`` elements ``value`` around axis ``i``; negative widths cut off."""
    return xp.constant_pad(x, widths=widths, value=value)

@constant_pad.vjp("x")
def _(xp, g, widths):
    return xp.constant_pad(g, widths=tuple((-before, -after) for before, after in widths), value=0.0)
