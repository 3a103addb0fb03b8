"""Where elements are, and choosing by masks."""

from __future__ import annotations

from xpgrad.core.op import op
from xpgrad.ops.kinds import REFUSAL, counted


@op("Where", constants=("condition",))
def where(xp, condition, x, y, /):
    """``x`` where ``condition`` is true, else ``y``; all three broadcast."""
    return xp.where(condition, x, y)

@where.vjp("x")
def _(xp, g, condition): return xp.where(condition, g, 0.0)

@where.vjp("y")
def _(xp, g, condition): return xp.where(condition, 0.0, g)


@op("Argmax", differentiable=False)
def argmax(xp, x, /, *, axis=None, keepdims=False):
    """The index of the first greatest element along ``axis``, of the flattened array if that is None."""
    try:
        return xp.argmax(x, axis=axis, keepdims=keepdims)
    except REFUSAL as error:
        return xp.argmax(*counted(xp, error, x), axis=axis, keepdims=keepdims)


@op("Argmin", differentiable=False)
def argmin(xp, x, /, *, axis=None, keepdims=False):
    """The index of the first smallest element along ``axis``, of the flattened array if that is None."""
    try:
        return xp.argmin(x, axis=axis, keepdims=keepdims)
    except REFUSAL as error:
        return xp.argmin(*counted(xp, error, x), axis=axis, keepdims=keepdims)


@op("CountNonzero", differentiable=False)
def count_nonzero(xp, x, /, *, axis=None, keepdims=False):
    """How many elements along ``axis`` are not zero."""
    return xp.count_nonzero(x, axis=axis, keepdims=keepdims)


@op("Searchsorted", differentiable=False)
def searchsorted(xp, x, y, /, *, side="left"):
    """Where in the sorted 1-d ``x`` each element of ``y`` would be inserted, before (left) or after its equals."""
    return xp.searchsorted(x, y, side=side)


@op("Any", differentiable=False)
def any(xp, x, /, *, axis=None, keepdims=False):
    """Whether at least one element over ``axis`` is not zero."""
    return xp.any(x, axis=axis, keepdims=keepdims)


@op("All", differentiable=False)
def all(xp, x, /, *, axis=None, keepdims=False):
    """Whether no element over ``axis`` is zero."""
    return xp.all(x, axis=axis, keepdims=keepdims)
