"""The softmax and its logarithm: one function each, so that a backend can save their intermediate arrays."""

from __future__ import annotations

from xpgrad._typing import Array, Namespace


def softmax(xp: Namespace, x: Array, /, *, axis: int) -> Array:
    """``exp(x) / sum(exp(x))`` along ``axis`` of real floating-point ``x``, without overflow (`torch.softmax`)."""
    exponentials = xp.exp(_below_zero(xp, x, axis))
    return exponentials / xp.sum(exponentials, axis=axis, keepdims=True)


def log_softmax(xp: Namespace, x: Array, /, *, axis: int) -> Array:
    """``log(softmax(x))`` along ``axis`` of real floating-point ``x``, without underflow (`torch.log_softmax`)."""
    x = _below_zero(xp, x, axis)
    return x - xp.log(xp.sum(xp.exp(x), axis=axis, keepdims=True))


def _below_zero(xp: Namespace, x: Array, axis: int) -> Array:
    return x - xp.max(x, axis=axis, keepdims=True) if x.shape[axis] else x
