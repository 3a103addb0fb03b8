"""Padding with elements of the tensor itself; with a constant it is `xpgrad.ops.shape.constant_pad`."""

from __future__ import annotations

from xpgrad.core.op import op


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
