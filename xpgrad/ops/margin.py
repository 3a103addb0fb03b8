"""Losses that ask for a margin between the scores of right and wrong classes."""

from __future__ import annotations

from xpgrad.core.op import op
from xpgrad.ops.loss import each_of, reduced


@op("MultiMarginLoss", constants=["target", "weight"])
def multi_margin_loss(xp, x, target, weight, /, *, p, margin, reduction):
    """The mean over wrong classes of ``max(0, margin - x[right] + x[wrong]) ** p``, for scores ``x`` (n, classes).

    ``weight`` (classes,), which may be None, says how much it counts when a class is right.
    """
    short, wrong = _shortfalls(xp, x, target, margin)
    each = xp.sum(xp.where(wrong, short if p == 1 else short * short, 0.0), axis=1) / float(x.shape[1])
    return reduced(xp, each if weight is None else each * xp.take(weight, target, axis=0), reduction)

@multi_margin_loss.vjp("x")
def _(xp, g, x, target, weight, p, margin, reduction):
    short, wrong = _shortfalls(xp, x, target, margin)
    slope = xp.astype(short > 0, x.dtype) if p == 1 else 2.0 * short
    g = each_of(g, target, reduction) / float(x.shape[1])
    if weight is not None:
        g = g * xp.take(weight, target, axis=0)
    slope = xp.where(wrong, slope * (xp.expand_dims(g, axis=1) if g.ndim else g), 0.0)
    return xp.where(wrong, slope, -xp.sum(slope, axis=1, keepdims=True))

def _shortfalls(xp, x, target, margin):
    """How much is missing to the margin between the right class and each, and which are wrong."""
    right = xp.reshape(target, (-1, 1))
    short = xp.clip(x - xp.take_along_axis(x, right, axis=1) + margin, 0.0, None)
    return short, xp.arange(x.shape[1], dtype=target.dtype, device=target.device) != right


@op("MultilabelMarginLoss", constants=["target"])
def multilabel_margin_loss(xp, x, target, /, *, reduction):
    """The sum of ``max(0, 1 - x[right] + x[wrong])`` over all pairs, divided by the number of classes.

    ``x`` is (n, classes), ``target`` (n, classes) the right classes of each row, as many as come before the first -1.
    """
    short, pairs, _ = _pairs(xp, x, target)
    return reduced(xp, xp.sum(xp.where(pairs, short, 0.0), axis=(1, 2)) / float(x.shape[1]), reduction)

@multilabel_margin_loss.vjp("x")
def _(xp, g, x, target, reduction):
    short, pairs, named = _pairs(xp, x, target)
    g = each_of(g, target[:, 0], reduction) / float(x.shape[1])
    slope = xp.where(pairs & (short > 0), xp.reshape(g, (-1, 1, 1)), 0.0)
    # A right class loses what all wrong ones of its row gain.
    right = xp.sum(xp.where(named, xp.sum(slope, axis=2, keepdims=True), 0.0), axis=1)
    return xp.sum(slope, axis=1) - right

def _pairs(xp, x, target):
    """What is missing to the margin between the class of each place in ``target`` and each class, (n, places, classes).

    Also which of these pairs count, and which class each place names.
    """
    count = xp.cumulative_sum(xp.astype(target < 0, target.dtype), axis=1)
    listed = xp.expand_dims(count == 0, axis=2)
    at = xp.where(count == 0, target, 0)
    names = xp.arange(x.shape[1], dtype=target.dtype, device=target.device)
    named = listed & (xp.expand_dims(at, axis=2) == names)
    wrong = xp.logical_not(xp.any(named, axis=1, keepdims=True))
    right = xp.expand_dims(xp.take_along_axis(x, at, axis=1), axis=2)
    return xp.clip(xp.expand_dims(x, axis=1) - right + 1.0, 0.0, None), listed & wrong, named
