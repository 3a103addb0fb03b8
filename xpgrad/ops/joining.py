"""One tensor of several, and several of one. ``axis`` is not negative here."""

from __future__ import annotations

from itertools import accumulate

from xpgrad.core.op import op
from xpgrad.ops.indices import along


@op("Cat")
def concat(xp, *arrays, axis):
    """``arrays`` one after the other along ``axis``, the only one in which their lengths may differ."""
    return xp.concat(arrays, axis=axis)

@concat.vjp("arrays")
def _(xp, g, arrays_shape, axis, needs):
    return [
        piece if need else None
        for piece, need in zip(pieces(xp, g, axis, [shape[axis] for shape in arrays_shape]), needs, strict=True)
    ]


@op("Stack")
def stack(xp, *arrays, axis):
    """``arrays``, all of one shape, along a new axis at ``axis``."""
    return xp.stack(arrays, axis=axis)

@stack.vjp("arrays")
def _(xp, g, axis, needs):
    return [xp.getitem(g, index=along(axis, i)) if need else None for i, need in enumerate(needs)]


def pieces(xp, x, axis, lengths):
    """``x`` cut along ``axis`` into pieces of ``lengths``, which add up to that axis's."""
    ends = accumulate(lengths)
    return tuple(xp.getitem(x, index=along(axis, slice(end - n, end))) for n, end in zip(lengths, ends, strict=True))


# As many results as asked for; the gradient is one concatenation instead of a sum of padded pieces.

@op("Unbind", outputs=None, is_view=True)
def unstack(xp, x, /, *, axis):
    """The slices of ``x`` along ``axis``."""
    return tuple(xp.getitem(x, index=along(axis, i)) for i in range(x.shape[axis]))

@unstack.vjp("x")
def _(xp, g, axis): return xp.stack(g, axis=axis)


@op("Split", outputs=None, is_view=True)
def split(xp, x, /, *, lengths, axis):
    """``x`` cut along ``axis`` into pieces of ``lengths``, which add up to that axis's."""
    return pieces(xp, x, axis, lengths)

@split.vjp("x")
def _(xp, g, axis): return xp.concat(g, axis=axis)
