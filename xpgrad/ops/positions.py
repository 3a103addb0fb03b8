"""Indexing by arrays: the indexed axes together count as one, a block, and ``positions`` are places in it."""

from __future__ import annotations

from xpgrad.core.op import op
from xpgrad.ops.indices import block_axis, block_size, from_front, indexed_shape, rows, to_block, to_front


def gathered(xp, x, positions, axes):
    """The elements of ``x`` at ``positions`` in the block of ``axes``."""
    found = xp.take(to_block(xp, x, axes), _flat(xp, positions), axis=block_axis(axes))
    return found if positions.ndim == 1 else xp.reshape(found, indexed_shape(x.shape, positions.shape, axes))


def scattered(xp, updates, positions, shape, axes):
    """Zeros of ``shape`` with ``updates`` added at ``positions``: the transpose of `gathered`."""
    updates = rows(xp, updates, positions.ndim, axes)
    added = xp.scatter_add(updates, _flat(xp, positions), size=block_size(shape, axes))
    return from_front(xp, added, shape, axes)


def replaced(xp, x, value, positions, axes):
    """``x`` with ``value`` at ``positions``."""
    front = xp.put_rows(to_front(xp, x, axes), _flat(xp, positions), rows(xp, value, positions.ndim, axes))
    return from_front(xp, front, x.shape, axes)


def reduced(xp, x, value, positions, axes, kind):
    """``x`` with ``value`` at ``positions`` combined with what is there; ``kind`` is that of the extension function."""
    value = rows(xp, value, positions.ndim, axes)
    front = xp.scatter_reduce(to_front(xp, x, axes), _flat(xp, positions), value, kind=kind)
    return from_front(xp, front, x.shape, axes)


def _flat(xp, positions):
    return positions if positions.ndim == 1 else xp.reshape(positions, (-1,))


@op("Index", constants=("positions",))
def index(xp, x, positions, /, *, axes):
    """The elements of ``x`` at ``positions`` in the block of ``axes``; see `indexed_shape` for the result's shape."""
    return gathered(xp, x, positions, axes)

@index.vjp("x")
def _(xp, g, positions, x_shape, axes): return scattered(xp, g, positions, x_shape, axes)


@op("IndexPut", constants=("positions",))
def index_put(xp, x, value, positions, /, *, axes):
    """``x`` with ``value``, which broadcasts to ``index(x, positions)``, in the place of those elements."""
    value = xp.broadcast_to(value, indexed_shape(x.shape, positions.shape, axes))
    return replaced(xp, x, value, positions, axes)

@index_put.vjp("x")
def _(xp, g, positions, axes):
    zeros = xp.zeros(indexed_shape(g.shape, positions.shape, axes), dtype=g.dtype, device=g.device)
    return replaced(xp, g, zeros, positions, axes)

@index_put.vjp("value")
def _(xp, g, positions, axes): return gathered(xp, g, positions, axes)


@op("IndexPut", constants=("positions",))
def index_add(xp, x, value, positions, /, *, axes):
    """``x`` with ``value``, which broadcasts to ``index(x, positions)``, added to those elements; duplicates add up."""
    value = xp.broadcast_to(value, indexed_shape(x.shape, positions.shape, axes))
    return x + scattered(xp, value, positions, x.shape, axes)

@index_add.vjp("x")
def _(xp, g): return g

@index_add.vjp("value")
def _(xp, g, positions, axes): return gathered(xp, g, positions, axes)


@op("IndexReduce", constants=("positions",))
def index_prod(xp, x, value, positions, /, *, axes):
    """``x`` with ``value``, of the shape of ``index(x, positions)``, multiplied into those elements."""
    return reduced(xp, x, value, positions, axes, "prod")

@index_prod.vjp("x")
def _(xp, g, x, value, positions, axes):
    return g * reduced(xp, xp.ones_like(x), value, positions, axes, "prod")

@index_prod.vjp("value")
def _(xp, g, x, value, positions, out, axes):
    # The product divided by the factor; for a factor 0, if it is the only one, the product of the others.
    zero = value == 0
    zeros = gathered(xp, scattered(xp, xp.astype(zero, value.dtype), positions, x.shape, axes), positions, axes)
    alone = zero & (zeros == 1)
    others = reduced(xp, x, xp.where(alone, 1.0, value), positions, axes, "prod")
    return xp.where(
        alone, gathered(xp, g * others, positions, axes),
        gathered(xp, g * out, positions, axes) / xp.where(zero, 1.0, value),
    )


@op("IndexReduce", constants=("positions",))
def index_extreme(xp, x, value, positions, /, *, axes, kind):
    """``x`` with ``value``, of the shape of ``index(x, positions)``, where it is beyond: ``kind`` is max or min."""
    return reduced(xp, x, value, positions, axes, kind)

@index_extreme.vjp("x")
def _(xp, g, x, value, positions, out, axes):
    return xp.where(x == out, _share(xp, g, x, value, positions, out, axes), 0.0)

@index_extreme.vjp("value")
def _(xp, g, x, value, positions, out, axes):
    chosen = value == gathered(xp, out, positions, axes)
    return xp.where(chosen, gathered(xp, _share(xp, g, x, value, positions, out, axes), positions, axes), 0.0)


def _share(xp, g, x, value, positions, out, axes):
    """What each of the equal elements that were chosen gets of ``g``."""
    chosen = xp.astype(value == gathered(xp, out, positions, axes), g.dtype)
    sharing = xp.astype(x == out, g.dtype) + scattered(xp, chosen, positions, x.shape, axes)
    return g / xp.where(sharing == 0, 1.0, sharing)
