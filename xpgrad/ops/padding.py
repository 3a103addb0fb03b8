"""Padding: with a constant, or with elements of the tensor itself. ``pads`` holds (before, after) for each axis."""

from __future__ import annotations

from xpgrad.core.op import op


@op("ConstantPadNd")
def constant_pad(xp, x, /, *, pads, value):
    """``x`` with ``value`` around it; a negative number crops."""
    return _padded(xp, x, pads, value)

@constant_pad.vjp("x")
def _(xp, g, pads): return _padded(xp, g, [(-before, -after) for before, after in pads], 0.0)

def _padded(xp, x, pads, value):
    for axis, (before, after) in enumerate(pads):
        if before < 0 or after < 0:
            length = x.shape[axis]
            kept = slice(max(-before, 0), length - max(-after, 0))
            x = x[(slice(None),) * axis + (kept,) + (slice(None),) * (x.ndim - axis - 1)]
        blocks = [
            xp.full((*x.shape[:axis], n, *x.shape[axis + 1 :]), value, dtype=x.dtype, device=x.device) if n > 0 else None
            for n in (before, after)
        ]
        if blocks != [None, None]:
            x = xp.concat([part for part in (blocks[0], x, blocks[1]) if part is not None], axis=axis)
    return x


@op("ReflectionPad2D")
def reflection_pad(xp, x, /, *, sources):
    """``x`` with each axis put together again from the positions in ``sources``, or as it is where that is None."""
    for axis, positions in enumerate(sources):
        if positions is not None:
            x = xp.take(x, xp.asarray(positions, dtype=xp.int64, device=x.device), axis=axis)
    return x

@reflection_pad.vjp("x")
def _(xp, g, x_shape, sources):
    for axis, positions in enumerate(sources):
        if positions is not None:
            to_front = (axis, *(i for i in range(g.ndim) if i != axis))
            back = tuple(to_front.index(i) for i in range(g.ndim))
            at = xp.asarray(positions, dtype=xp.int64, device=g.device)
            g = xp.permute_dims(xp.scatter_add(xp.permute_dims(g, to_front), at, size=x_shape[axis]), back)
    return g

reflection_pad_1d = reflection_pad.named("ReflectionPad1D")
reflection_pad_3d = reflection_pad.named("ReflectionPad3D")
replication_pad_1d = reflection_pad.named("ReplicationPad1D")
replication_pad_2d = reflection_pad.named("ReplicationPad2D")
replication_pad_3d = reflection_pad.named("ReplicationPad3D")
circular_pad = reflection_pad.named("CircularPad")
