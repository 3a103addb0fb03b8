"""Putting elements in order."""

from __future__ import annotations

from xpgrad.core.op import op


@op("Sort", outputs=2, constant_outputs=(1,))
def sort(xp, x, /, *, axis=-1, descending=False, stable=True):
    """The elements in order along ``axis``, and the index where each was."""
    order = xp.argsort(x, axis=axis, descending=descending, stable=stable)
    return xp.take_along_axis(x, order, axis=axis), order

@sort.vjp("x")
def _(xp, g, out, axis):
    # Where an element was put is the inverse of the permutation: the order that sorts it.
    return xp.take_along_axis(g[0], xp.argsort(out[1], axis=axis), axis=axis)


@op("Argsort", differentiable=False)
def argsort(xp, x, /, *, axis=-1, descending=False, stable=True):
    """The indices that put the elements in order along ``axis``."""
    return xp.argsort(x, axis=axis, descending=descending, stable=stable)
