"""Losses: a value for each element, and its mean or sum unless ``reduction`` is ``"none"``."""

from __future__ import annotations

import math

from xpgrad.core.op import op


@op("MseLoss")
def mse_loss(xp, x, y, /, *, reduction):
    """``(x - y) ** 2``."""
    d = x - y
    return reduced(xp, d * d, reduction)

@mse_loss.vjp("x", "y")
def _(xp, g, x, y, reduction, needs):
    d = x - y
    d = d * (each_of(g, d, reduction) * 2.0)
    return d, -d if needs[1] else None


@op("SmoothL1Loss")
def smooth_l1_loss(xp, x, y, /, *, beta, reduction):
    """``abs(x - y)``, smoothed by a parabola where it is below ``beta`` (Girshick 2015)."""
    d = xp.abs(x - y)
    near = xp.minimum(d, beta)
    return reduced(xp, near * near * (0.5 / beta) + (d - near), reduction)

@smooth_l1_loss.vjp("x", "y")
def _(xp, g, x, y, beta, reduction, needs):
    d = xp.clip(x - y, -beta, beta)
    d = d * (each_of(g, d, reduction) / beta)
    return d, -d if needs[1] else None


@op("HuberLoss")
def huber_loss(xp, x, y, /, *, delta, reduction):
    """A parabola where ``abs(x - y)`` is below ``delta``, continued by its tangents (Huber 1964)."""
    d = xp.abs(x - y)
    near = xp.minimum(d, delta)
    return reduced(xp, near * (0.5 * near) + delta * (d - near), reduction)

@huber_loss.vjp("x", "y")
def _(xp, g, x, y, delta, reduction, needs):
    d = xp.clip(x - y, -delta, delta)
    d = d * each_of(g, d, reduction)
    return d, -d if needs[1] else None


@op("SoftMarginLoss")
def soft_margin_loss(xp, x, y, /, *, reduction):
    """``log(1 + exp(-x * y))``."""
    return reduced(xp, _softplus(xp, -(x * y)), reduction)

@soft_margin_loss.vjp("x", "y")
def _(xp, g, x, y, reduction, needs):
    z = x * y
    each = -each_of(g, z, reduction) * xp.sigmoid(-z)
    return each * y if needs[0] else None, each * x if needs[1] else None


@op("BinaryCrossEntropy", constants=["weight"])
def binary_cross_entropy(xp, x, y, weight, /, *, reduction):
    """``-(y log(x) + (1 - y) log(1 - x))``, each logarithm at least -100, times ``weight`` if there is one."""
    loss = -(y * xp.clip(xp.log(x), -100.0, None) + (1.0 - y) * xp.clip(xp.log1p(-x), -100.0, None))
    return reduced(xp, loss if weight is None else loss * weight, reduction)

@binary_cross_entropy.vjp("x")
def _(xp, g, x, y, weight, reduction):
    each = each_of(g, x, reduction) * (x - y) / xp.clip(x * (1.0 - x), 1e-12, None)
    return each if weight is None else each * weight

@binary_cross_entropy.vjp("y")
def _(xp, g, x, weight, reduction):
    each = each_of(g, x, reduction) * (xp.clip(xp.log1p(-x), -100.0, None) - xp.clip(xp.log(x), -100.0, None))
    return each if weight is None else each * weight


@op("BinaryCrossEntropyWithLogits", constants=["weight", "pos_weight"])
def binary_cross_entropy_with_logits(xp, x, y, weight, pos_weight, /, *, reduction):
    """`binary_cross_entropy` of ``sigmoid(x)``, the positive term times ``pos_weight``; both weights may be None."""
    heaviness = 1.0 if pos_weight is None else 1.0 + (pos_weight - 1.0) * y
    loss = (1.0 - y) * x + heaviness * _softplus(xp, -x)
    return reduced(xp, loss if weight is None else loss * weight, reduction)

@binary_cross_entropy_with_logits.vjp("x")
def _(xp, g, x, y, weight, pos_weight, reduction):
    each = xp.sigmoid(x) - y if pos_weight is None else xp.sigmoid(x) * (1.0 + (pos_weight - 1.0) * y) - pos_weight * y
    each = each_of(g, each, reduction) * each
    return each if weight is None else each * weight

@binary_cross_entropy_with_logits.vjp("y")
def _(xp, g, x, weight, pos_weight, reduction):
    each = -x if pos_weight is None else (pos_weight - 1.0) * _softplus(xp, -x) - x
    each = each_of(g, each, reduction) * each
    return each if weight is None else each * weight


@op("NllLoss", constants=["target", "weight"])
def nll_loss(xp, x, target, weight, /, *, axis, ignore_index, reduction):
    """``-x`` at the class that ``target`` names along ``axis``, times the ``weight`` of that class if there are any.

    Elements whose target is ``ignore_index`` count nothing; None says that there are none. The mean is weighted.
    """
    return xp.nll_loss(x, target, weight, axis=axis, ignore_index=ignore_index, reduction=reduction)

@nll_loss.vjp("x")
def _(xp, g, target, weight, x_shape, axis, ignore_index, reduction):
    settings = {"axis": axis, "ignore_index": ignore_index, "reduction": reduction}
    return xp.nll_loss_input(g, target, weight, shape=x_shape, **settings)

nll_loss_2d = nll_loss.named("NllLoss2D")


def reduced(xp, each, reduction):
    """The mean or the sum of ``each``, or these themselves."""
    if reduction == "mean":
        return xp.mean(each)
    return xp.sum(each) if reduction == "sum" else each


def each_of(g, like, reduction):
    """The gradient of each element before the reduction; ``like`` has their shape."""
    return g / float(math.prod(like.shape)) if reduction == "mean" else g


def _softplus(xp, x):
    return xp.maximum(x, 0.0) + xp.log1p(xp.exp(-xp.abs(x)))
