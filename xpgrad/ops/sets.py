"""The distinct elements of an array. None of this has a derivative."""

from __future__ import annotations

from xpgrad.core.op import op


@op("Unique", outputs=4, differentiable=False)
def unique_all(xp, x, /):
    """The distinct values, where each occurs first, which of them each element is, and how often each occurs."""
    return tuple(xp.unique_all(x))


@op("Unique", outputs=2, differentiable=False)
def unique_counts(xp, x, /):
    """The distinct values, and how often each occurs."""
    return tuple(xp.unique_counts(x))


@op("Unique", outputs=2, differentiable=False)
def unique_inverse(xp, x, /):
    """The distinct values, and which of them each element is."""
    return tuple(xp.unique_inverse(x))


@op("Unique", differentiable=False)
def unique_values(xp, x, /):
    """The distinct values."""
    return xp.unique_values(x)
