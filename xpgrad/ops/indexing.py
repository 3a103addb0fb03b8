"""Reading parts of a tensor and putting them back."""

from __future__ import annotations

import math

from xpgrad.core.op import op


@op("Slice", is_view=True)
def getitem(xp, x, /, *, index):
    """The part of ``x`` at the basic ``index``: a tuple of integers, slices, None and an ellipsis, within bounds."""
    return xp.getitem(x, index=index)

@getitem.vjp("x")
def _(xp, g, x_shape, index): return xp.embed(g, shape=x_shape, index=index)


@op("SliceScatter")
def embed(xp, x, /, *, shape, index):
    """Zeros of ``shape`` with ``x`` at the basic ``index``: the transpose of `getitem`."""
    return xp.embed(x, shape=shape, index=index)

@embed.vjp("x")
def _(xp, g, index): return xp.getitem(g, index=index)


@op("SliceScatter")
def assign(xp, x, value, /, *, index):
    """``x`` with ``value``, of the dtype of ``x``, at the basic ``index``."""
    return xp.assign(x, value, index=index)

@assign.vjp("x")
def _(xp, g, index):
    inside = xp.getitem(g, index=index)
    return xp.assign(g, xp.zeros_like(inside), index=index)

@assign.vjp("value")
def _(xp, g, index): return xp.getitem(g, index=index)


# The namespace's `take` and `scatter_add` work on the first axis or the only one; the other ops reduce to these two.

@op("IndexSelect", constants=("indices",))
def take(xp, x, indices, /, *, axis):
    """The elements of ``x`` at ``indices`` (n,), which are not negative, along ``axis``."""
    return xp.take(x, indices, axis=axis)

@take.vjp("x")
def _(xp, g, indices, x_shape, axis):
    return xp.moveaxis(xp.scatter_add(xp.moveaxis(g, axis, 0), indices, size=x_shape[axis]), 0, axis)


@op("IndexAdd", constants=("indices",))
def scatter_add(xp, updates, indices, /, *, size):
    """Zeros (size, *rest) with ``updates`` (n, *rest) added at ``indices`` (n,): the transpose of `take`."""
    return xp.scatter_add(updates, indices, size=size)

@scatter_add.vjp("updates")
def _(xp, g, indices): return xp.take(g, indices, axis=0)


@op("IndexCopy", constants=("positions",))
def put_rows(xp, x, positions, rows, /):
    """``x`` (n, *rest) with ``rows`` (m, *rest) at ``positions`` (m,) of its first axis; the last of duplicates."""
    return xp.put_rows(x, positions, rows)

@put_rows.vjp("x")
def _(xp, g, positions, rows_shape):
    return xp.put_rows(g, positions, xp.zeros(rows_shape, dtype=g.dtype, device=g.device))

@put_rows.vjp("rows")
def _(xp, g, positions): return xp.take(g, positions, axis=0)


@op("Gather", constants=("indices",))
def take_along_axis(xp, x, indices, /, *, axis):
    """For every line of ``x`` along ``axis`` the elements at ``indices``, which broadcast against its other axes."""
    return xp.take_along_axis(x, indices, axis=axis)

@take_along_axis.vjp("x")
def _(xp, g, indices, x_shape, axis):
    return put_along(xp, g, xp.broadcast_to(indices, g.shape), axis, x_shape[axis])


def put_along(xp, updates, indices, axis, length):
    """Zeros with ``updates`` added at ``indices``, of the same shape, along ``axis``, which gets ``length``."""
    updates, indices = xp.moveaxis(updates, axis, -1), xp.moveaxis(indices, axis, -1)
    *lines, taken = updates.shape
    count = math.prod(lines)
    starts = xp.arange(count, dtype=indices.dtype, device=indices.device) * length
    positions = xp.reshape(indices, (count, taken)) + xp.reshape(starts, (count, 1))
    flat = xp.scatter_add(xp.reshape(updates, (-1,)), xp.reshape(positions, (-1,)), size=count * length)
    return xp.moveaxis(xp.reshape(flat, (*lines, length)), -1, axis)


@op("MaxBackward0", constants=("indices",))
def pick(xp, x, indices, /, *, axis):
    """For every line of ``x`` along ``axis`` its element at ``indices``, which lack that axis, as does the result."""
    found = xp.take_along_axis(x, xp.expand_dims(indices, axis=axis), axis=axis)
    return xp.squeeze(found, axis=axis)

@pick.vjp("x")
def _(xp, g, indices, x_shape, axis):
    return put_along(xp, xp.expand_dims(g, axis=axis), xp.expand_dims(indices, axis=axis), axis, x_shape[axis])


@op("ScatterAdd", constants=("indices",))
def scatter_along(xp, updates, indices, /, *, axis, length):
    """The transpose of `take_along_axis`: zeros with ``updates`` added at ``indices``, of the same shape."""
    return put_along(xp, updates, indices, axis, length)

@scatter_along.vjp("updates")
def _(xp, g, indices, axis): return xp.take_along_axis(g, indices, axis=axis)
