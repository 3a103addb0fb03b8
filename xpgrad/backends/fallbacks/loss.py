"""The loss of classification, and its gradient.

Extensions because a library that can compile does in one or two passes over the batch what these do in a dozen.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from xpgrad._typing import Array, Namespace, Shape
from xpgrad.backends.fallbacks.places import device_of


def nll_loss(
    xp: Namespace,
    x: Array,
    target: Array,
    weight: Array | None,
    /,
    *,
    axis: int,
    ignore_index: int | None,
    reduction: str,
) -> Array:
    """``-x`` at the class that ``target`` names along ``axis``, times the ``weight`` of that class if there are any.

    Args:
        xp: The namespace of the arrays.
        x: Log-probabilities, real.
        target: Integers in the shape of ``x`` without ``axis``, which are classes or ``ignore_index``.
        weight: How much each class counts, in the dtype of ``x``, or None.
        axis: Where the classes are, not negative.
        ignore_index: Elements with this target count nothing; None says that there are none.
        reduction: ``"none"``, ``"sum"``, or ``"mean"``, which is weighted.
    """
    kept = None if ignore_index is None else target != ignore_index
    classes = target if kept is None else xp.where(kept, target, 0)
    at = xp.reshape(classes, _with_axis(classes.shape, axis))
    loss = -xp.reshape(xp.take_along_axis(x, at, axis=axis), target.shape)
    shares = _shares(xp, x, kept, classes, weight)
    if shares is not None:
        # An ignored element may be infinite, so zero is put in its place.
        loss = (loss if kept is None else xp.where(kept, loss, 0.0)) * shares
    if reduction == "mean":
        return xp.mean(loss) if shares is None else xp.sum(loss) / xp.sum(shares)
    return xp.sum(loss) if reduction == "sum" else loss


def nll_loss_input(
    xp: Namespace,
    g: Array,
    target: Array,
    weight: Array | None,
    /,
    *,
    shape: Shape,
    axis: int,
    ignore_index: int | None,
    reduction: str,
) -> Array:
    """The gradient of the input of `nll_loss`, which has that ``shape``, from that of its result."""
    kept = None if ignore_index is None else target != ignore_index
    classes = target if kept is None else xp.where(kept, target, 0)
    shares = _shares(xp, g, kept, classes, weight)
    if shares is None:
        each = g / float(math.prod(target.shape)) if reduction == "mean" else g
    else:
        each = g * (shares / xp.sum(shares) if reduction == "mean" else shares)
    names = xp.reshape(
        xp.arange(shape[axis], dtype=target.dtype, device=device_of(target)), (-1,) + (1,) * (len(shape) - axis - 1)
    )
    hit = names == xp.reshape(classes, _with_axis(classes.shape, axis))
    if kept is not None:
        # Where all are ignored the mean is NaN, but its gradient zero.
        hit = hit & xp.reshape(kept, _with_axis(kept.shape, axis))
    each = xp.reshape(each, _with_axis(each.shape, axis)) if each.ndim else each
    return xp.where(hit, -each, 0.0)


def _shares(xp: Namespace, like: Array, kept: Array | None, classes: Array, weight: Array | None) -> Array | None:
    """How much each element counts, with ``classes``' shape; None if all count 1."""
    shares = None if weight is None else xp.reshape(xp.take(weight, xp.reshape(classes, (-1,)), axis=0), classes.shape)
    if kept is None:
        return shares
    return xp.astype(kept, like.dtype) if shares is None else xp.where(kept, shares, 0.0)


def _with_axis(shape: Shape, axis: int) -> Shape:
    """``shape`` with an axis of length 1 put in at ``axis``."""
    return (*shape[:axis], 1, *shape[axis:])


FALLBACKS: dict[str, Callable[..., Any]] = {"nll_loss": nll_loss, "nll_loss_input": nll_loss_input}
