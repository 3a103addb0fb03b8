"""One tensor of several, and several of one."""

from __future__ import annotations

import functools
from itertools import accumulate

from xpgrad.core.op import Op, op
from xpgrad.ops.indices import along


@op("Cat")
def concat(xp, *arrays, axis):
    """``arrays`` one after the other along ``axis``, which they need not agree in."""
    return xp.concat(arrays, axis=axis)

@concat.vjp("arrays")
def _(xp, g, arrays_shape, axis, needs):
    ends = accumulate(shape[axis] for shape in arrays_shape)
    return [
        g[along(g.ndim, axis, slice(end - shape[axis], end))] if need else None
        for shape, end, need in zip(arrays_shape, ends, needs, strict=True)
    ]


@op("Stack")
def stack(xp, *arrays, axis):
    """``arrays``, all of one shape, along a new axis at ``axis``."""
    return xp.stack(arrays, axis=axis)

@stack.vjp("arrays")
def _(xp, g, axis, needs):
    return [g[along(g.ndim, axis, i)] if need else None for i, need in enumerate(needs)]


@functools.lru_cache(maxsize=256)
def unstack(count):
    """The op that takes ``x`` apart along ``axis``, an axis of length ``count``: one result for each element of it."""

    def unstack(xp, x, /, *, axis): return tuple(x[along(x.ndim, axis, i)] for i in range(count))

    apart = Op(unstack, "Unbind", outputs=count)

    @apart.vjp("x")
    def _(xp, g, axis): return xp.stack(g, axis=axis)

    return apart


@functools.lru_cache(maxsize=256)
def split(lengths):
    """The op that cuts ``x`` along ``axis`` into pieces of ``lengths``, which add up to that axis's."""

    def split(xp, x, /, *, axis):
        return tuple(
            x[along(x.ndim, axis, slice(end - n, end))] for n, end in zip(lengths, accumulate(lengths), strict=True)
        )

    apart = Op(split, "Split", outputs=len(lengths))

    @apart.vjp("x")
    def _(xp, g, axis): return xp.concat(g, axis=axis)

    return apart
