"""One tensor of several, and several of one. ``axis`` is not negative here."""

from __future__ import annotations

import functools
from itertools import accumulate

from xpgrad.core.op import Op, op
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


# Ops with as many results as asked for, whose gradient is one concatenation instead of a sum of padded pieces.

@functools.lru_cache(maxsize=256)
def unstack_into(count):
    """The op that takes ``x`` apart along ``axis``, of length ``count``, into that many results."""

    def unstack(xp, x, /, *, axis): return tuple(xp.getitem(x, index=along(axis, i)) for i in range(count))

    apart = Op(unstack, "Unbind", outputs=count, is_view=True)

    @apart.vjp("x")
    def _(xp, g, axis): return xp.stack(g, axis=axis)

    return apart


@functools.lru_cache(maxsize=256)
def split_into(lengths):
    """The op that cuts ``x`` along ``axis`` into pieces of ``lengths``, which add up to that axis's."""

    def split(xp, x, /, *, axis): return pieces(xp, x, axis, lengths)

    apart = Op(split, "Split", outputs=len(lengths), is_view=True)

    @apart.vjp("x")
    def _(xp, g, axis): return xp.concat(g, axis=axis)

    return apart
