"""Copies: in the same dtype, in another, without the history."""

from __future__ import annotations

from xpgrad.core.op import op


@op("Clone")
def copy(xp, x, /):
    """``x`` in memory of its own."""
    return xp.asarray(x, copy=True)

@copy.vjp("x")
def _(xp, g): return g


@op("Clone")
def row_major_copy(xp, x, /):
    """``x`` in memory of its own, in row-major order where the library has orders."""
    return xp.reshape(xp.asarray(xp.reshape(x, (-1,)), copy=True), x.shape)

@row_major_copy.vjp("x")
def _(xp, g): return g


@op("FillBackward0")
def fill(xp, x, value, /):
    """``value``, a number or a 0-d array, in the shape and dtype of ``x``."""
    if isinstance(value, (bool, int, float, complex)):
        return xp.full_like(x, value)
    return xp.asarray(xp.broadcast_to(value, x.shape), copy=True)

@fill.vjp("x")
def _(xp, g): return xp.zeros_like(g)

@fill.vjp("value")
def _(xp, g): return g


@op("ToCopy")
def astype(xp, x, /, *, dtype):
    """``x`` in another dtype; to or from an integer type there is no gradient."""
    try:
        return xp.astype(x, dtype)
    except TypeError:
        # The standard leaves out casts that drop an imaginary part.
        return x != 0 if dtype == xp.bool else xp.astype(xp.real(x), dtype)

@astype.vjp("x")
def _(xp, g): return g


@op("Alias", is_view=True, differentiable=False)
def detach(xp, x, /):
    """``x`` itself, without its history."""
    return x
