"""Losses. Mirrors those of ``torch.nn.functional``.

``reduction`` is ``"mean"``, ``"sum"`` or ``"none"``; ``size_average`` and ``reduce`` are its spelling of old.
"""

from __future__ import annotations

import math
import warnings
from typing import Any

from xpgrad.errors import ArgumentError, ArgumentTypeError, DtypeError, IndexingError, SettingError, ShapeError
from xpgrad.functions.pointwise import abs, clamp_min, exp, log, where
from xpgrad.functions.reduction import log_softmax
from xpgrad.nn.functional.activation import logsigmoid
from xpgrad.nn.functional.checks import alike, bounds, floating, kind_of, reduction_of, warn_of_broadcasting
from xpgrad.ops import loss as ops


def reduced(each: Any, reduction: str) -> Any:
    """The mean or the sum of ``each``, or these themselves."""
    return each.mean() if reduction == "mean" else each.sum() if reduction == "sum" else each


def _weighted(each: Any, weight: Any, reduction: str) -> Any:
    """``each`` times ``weight`` reduced, the mean being a weighted one.

    Raises:
        ArgumentError: The shapes differ.
    """
    if weight._array.shape != each._array.shape:
        raise ArgumentError(
            f"Weights and input must have the same size. Got {list(weight.shape)} and {list(each.shape)}"
        )
    return (each * weight).sum() / weight.sum() if reduction == "mean" else reduced(each * weight, reduction)


# Of two tensors of one shape.


def mse_loss(
    input: Any, target: Any, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean",
    weight: Any = None,
) -> Any:  # fmt: skip
    """``(input - target) ** 2``; with ``weight``, a weighted mean."""
    if size_average is not None or reduce is not None or reduction != "mean":
        reduction = reduction_of(reduction, size_average, reduce)
    input, target = alike("mse_loss", input, target)
    if input._array.shape != target._array.shape:
        warn_of_broadcasting(input, target)
    if weight is None:
        return ops.mse_loss.apply(input, target, reduction=reduction)
    return _weighted((input - target) ** 2, weight, reduction)


def l1_loss(
    input: Any, target: Any, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean",
    weight: Any = None,
) -> Any:  # fmt: skip
    """``abs(input - target)``; with ``weight``, a weighted mean."""
    reduction = reduction_of(reduction, size_average, reduce)
    warn_of_broadcasting(input, target)
    each = abs(input - target)
    return reduced(each, reduction) if weight is None else _weighted(each, weight, reduction)


def smooth_l1_loss(
    input: Any, target: Any, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean",
    beta: float = 1.0,
) -> Any:  # fmt: skip
    """`l1_loss`, smoothed by a parabola where it is below ``beta`` (Girshick 2015).

    Raises:
        SettingError: ``beta`` is negative.
    """
    reduction = reduction_of(reduction, size_average, reduce)
    input, target = alike("smooth_l1_loss", input, target)
    warn_of_broadcasting(input, target)
    if beta < 0:
        raise SettingError(f"smooth_l1_loss does not support negative values for beta, got {beta}.")
    if beta == 0:
        return l1_loss(input, target, reduction=reduction)
    return ops.smooth_l1_loss.apply(input, target, beta=float(beta), reduction=reduction)


def huber_loss(input: Any, target: Any, reduction: str = "mean", delta: float = 1.0, weight: Any = None) -> Any:
    """A parabola where ``abs(input - target)`` is below ``delta``, continued by its tangents (Huber 1964).

    Raises:
        SettingError: ``delta`` is not positive.
    """
    reduction = reduction_of(reduction)
    input, target = alike("huber_loss", input, target)
    warn_of_broadcasting(input, target)
    if delta <= 0:
        raise SettingError(f"huber_loss does not support non-positive values for delta, got {delta}.")
    if weight is None:
        return ops.huber_loss.apply(input, target, delta=float(delta), reduction=reduction)
    each = ops.huber_loss.apply(input, target, delta=float(delta), reduction="none")
    return _weighted(each, weight, reduction)


def soft_margin_loss(
    input: Any, target: Any, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean"
) -> Any:
    """``log(1 + exp(-target * input))``, for targets of -1 and 1."""
    reduction = reduction_of(reduction, size_average, reduce)
    input, target = alike("soft_margin_loss", input, target)
    return ops.soft_margin_loss.apply(input, target, reduction=reduction)


# Of classes.


def cross_entropy(
    input: Any, target: Any, weight: Any = None, size_average: bool | None = None, ignore_index: int = -100,
    reduce: bool | None = None, reduction: str = "mean", label_smoothing: float = 0.0,
) -> Any:  # fmt: skip
    """The negative logarithm of the probability that a softmax gives the right class.

    Args:
        input: (C,), (N, C) or (N, C, *): scores for C classes, not normalised.
        target: The classes, integers (), (N,) or (N, *); or their probabilities, in the shape and dtype of ``input``.
        weight: (C,), how much each class counts, or None.
        size_average: See the module.
        ignore_index: A target that counts nothing.
        reduce: See the module.
        reduction: See the module. The mean is weighted by the weights of the right classes.
        label_smoothing: The share of the probability that is spread evenly over the classes (Szegedy et al. 2016).

    Raises:
        ArgumentError, ShapeError: The shapes do not fit.
        DtypeError: ``target`` is neither classes nor probabilities.
        IndexingError: A class is out of range.
        SettingError: ``label_smoothing`` is not between 0 and 1.
    """
    if size_average is not None or reduce is not None or reduction != "mean":
        reduction = reduction_of(reduction, size_average, reduce)
    if not 0.0 <= label_smoothing <= 1.0:
        raise SettingError(f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing}")
    if not hasattr(target, "_array"):
        raise ArgumentTypeError(
            f"cross_entropy_loss(): argument 'target' (position 2) must be Tensor, not {type(target).__name__}"
        )
    scores = log_softmax(floating("cross_entropy", input), 0 if input._array.ndim == 1 else 1)
    if target._array.shape == input._array.shape and target.dtype.is_floating_point:
        return _expected_nll(scores, target, weight, reduction, label_smoothing)
    loss = nll_loss(scores, target, weight, ignore_index=ignore_index, reduction=reduction)
    if label_smoothing == 0.0:
        return loss
    axis = 0 if scores._array.ndim == 1 else 1
    evenly = _over_classes(scores, weight, axis)
    kept = target != ignore_index
    evenly = where(kept, evenly, 0.0)
    if reduction == "mean" and weight is None:
        evenly = evenly.sum() / kept.sum()
    elif reduction == "mean":
        classes = where(kept, target, 0).reshape(-1)
        evenly = evenly.sum() / (weight[classes].reshape(kept.shape) * kept).sum()
    elif reduction == "sum":
        evenly = evenly.sum()
    return loss * (1.0 - label_smoothing) + evenly * (label_smoothing / scores._array.shape[axis])


def _expected_nll(scores: Any, target: Any, weight: Any, reduction: str, label_smoothing: float) -> Any:
    """The cross entropy of log-probabilities ``scores`` under the probabilities ``target``."""
    axis = 0 if scores._array.ndim == 1 else 1
    classes = scores._array.shape[axis]
    if label_smoothing > 0.0:
        target = target * (1.0 - label_smoothing) + label_smoothing / classes
    each = _over_classes(scores * target, weight, axis)
    if reduction == "mean":
        return each.sum() / max(scores.numel() // classes, 1)
    return reduced(each, reduction)


def _over_classes(scores: Any, weight: Any, axis: int) -> Any:
    """The negative sum over the classes, weighted if there are weights."""
    if weight is not None:
        scores = scores * weight.reshape(-1, *(1,) * (scores._array.ndim - axis - 1))
    return -scores.sum(axis)


def nll_loss(
    input: Any, target: Any, weight: Any = None, size_average: bool | None = None, ignore_index: int = -100,
    reduce: bool | None = None, reduction: str = "mean",
) -> Any:  # fmt: skip
    """Minus the ``input`` at the right class; the arguments are those of `cross_entropy`, the inputs log-probabilities.

    Raises:
        ArgumentError, ShapeError: The shapes do not fit.
        DtypeError: ``target`` holds no integers.
        IndexingError: A class is out of range.
    """
    if size_average is not None or reduce is not None or reduction != "mean":
        reduction = reduction_of(reduction, size_average, reduce)
    shape, wanted = input._array.shape, target._array.shape
    ndim = len(shape)
    axis = 0 if ndim == 1 else 1
    if shape[:axis] + shape[axis + 1 :] != wanted:
        _check_target(input, target)
        target = target.reshape(())
    kind = target.dtype.name
    if kind != "int64":
        if kind != "uint8":
            raise DtypeError(
                f"expected target dtype to be Long or Byte, but got {kind_of(target)}: convert it with .long()"
            )
        target = target.long()
    classes = shape[axis]
    if weight is not None and tuple(weight._array.shape) != (classes,):
        raise ShapeError(
            f"weight tensor should be defined either for all {classes} classes or no classes but got weight tensor of "
            f"shape: {list(weight.shape)}"
        )
    ignored = _ignored(target, ignore_index, classes)
    op = ops.nll_loss if ndim < 3 else ops.nll_loss_2d
    apply = op.variant("TTS") if weight is None else op.apply
    return apply(input, target, weight, axis=axis, ignore_index=ignored, reduction=reduction)


def _ignored(target: Any, ignore_index: int, classes: int) -> int | None:
    """``ignore_index`` if it may occur in ``target``, else None.

    Raises:
        IndexingError: Another target is not a class.
    """
    found = bounds(target)
    if found is None:
        return ignore_index
    least, greatest = found
    if least >= 0 and greatest < classes and not least <= ignore_index <= greatest:
        return None
    if (least < 0 and least != ignore_index) or (greatest >= classes and greatest != ignore_index):
        raise _out_of_bounds(least if least < 0 and least != ignore_index else greatest, ignore_index, classes)
    wrong = target[(target != ignore_index) & ((target < 0) | (target >= classes))]
    if wrong.numel():
        raise _out_of_bounds(wrong[0].item(), ignore_index, classes)
    return ignore_index


def _out_of_bounds(target: int, ignore_index: int, classes: int) -> IndexingError:
    return IndexingError(
        f"Target {target} is out of bounds: there are {classes} classes, and ignore_index is {ignore_index}."
    )


def _check_target(input: Any, target: Any) -> None:
    """Raise for a target whose shape does not go with the input's: only (1,) may stand for () with a single sample."""
    shape, wanted = list(input.shape), list(target.shape)
    if not shape:
        raise ArgumentError("Expected 1 or more dimensions (got 0)")
    if len(shape) == 1:
        if wanted == [1]:
            return
        raise ArgumentError(f"For 1D input, 1D target must have size 1, but got target size: {math.prod(wanted)}")
    if wanted[:1] != shape[:1]:
        raise ArgumentError(
            f"Expected input batch_size ({shape[0]}) to match target batch_size ({wanted[0] if wanted else 1})."
        )
    if len(shape) == 2:
        raise ShapeError(
            f"0D or 1D target tensor expected, multi-target not supported: input is {shape}, target {wanted}; give "
            "classes (N,), or probabilities as floats in the shape of the input"
        )
    raise ShapeError(f"size mismatch (got input: {shape} , target: {wanted}): expected target {[shape[0], *shape[2:]]}")


def binary_cross_entropy(
    input: Any, target: Any, weight: Any = None, size_average: bool | None = None, reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:  # fmt: skip
    """``-(target log(input) + (1 - target) log(1 - input))``, for probabilities.

    Raises:
        ArgumentError: The shapes differ.
        DtypeError: The dtypes differ.
        SettingError: ``input`` is not between 0 and 1.
    """
    reduction = reduction_of(reduction, size_average, reduce)
    floating("binary_cross_entropy", input)
    if input._array.shape != target._array.shape:
        raise ArgumentError(
            f"Using a target size ({target.shape}) that is different to the input size ({input.shape}) is deprecated. "
            "Please ensure they have the same size."
        )
    if input._array.dtype != target._array.dtype:
        raise DtypeError(f"Found dtype {kind_of(target)} but expected {kind_of(input)}")
    found = bounds(input)
    if found is not None and (bool((input < 0).any()) or bool((input > 1).any())):
        raise SettingError("all elements of input should be between 0 and 1: for scores, use the loss with logits")
    return ops.binary_cross_entropy(input, target, weight, reduction=reduction)


def binary_cross_entropy_with_logits(
    input: Any, target: Any, weight: Any = None, size_average: bool | None = None, reduce: bool | None = None,
    reduction: str = "mean", pos_weight: Any = None,
) -> Any:  # fmt: skip
    """`binary_cross_entropy` of ``sigmoid(input)``, without overflow; the positive term times ``pos_weight``.

    Raises:
        ArgumentError: The shapes differ.
    """
    reduction = reduction_of(reduction, size_average, reduce)
    if input._array.shape != target._array.shape:
        raise ArgumentError(f"Target size ({target.shape}) must be the same as input size ({input.shape})")
    input, target = alike("binary_cross_entropy_with_logits", input, target)
    return ops.binary_cross_entropy_with_logits(input, target, weight, pos_weight, reduction=reduction)


# Composed of other functions.


def kl_div(
    input: Any, target: Any, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean",
    log_target: bool = False,
) -> Any:  # fmt: skip
    """``target * (log(target) - input)`` (Kullback and Leibler 1951).

    Args:
        input: Log-probabilities.
        target: Probabilities, or with ``log_target`` their logarithms.
        size_average: See the module.
        reduce: See the module.
        reduction: See the module; ``"batchmean"``, the sum divided by the batch size, is the divergence.
        log_target: Whether ``target`` holds logarithms.
    """
    per_sample = reduction == "batchmean"
    if reduction == "mean":
        warnings.warn(
            "reduction: 'mean' divides the total loss by both the batch size and the support size. 'batchmean' divides "
            "only by the batch size, and aligns with the KL div math definition. 'mean' will be changed to behave the "
            "same as 'batchmean' in the next major release.",
            stacklevel=2,
        )
    reduction = "sum" if per_sample else reduction_of(reduction, size_average, reduce)
    if log_target:
        each = exp(target) * (target - input)
    else:
        # 0 log(0) is 0.
        each = where(target == 0, 0.0, target * log(where(target == 0, 1.0, target))) - target * input
    loss = reduced(each, reduction)
    return loss / input._array.shape[0] if per_sample and input._array.ndim else loss


def poisson_nll_loss(
    input: Any, target: Any, log_input: bool = True, full: bool = False, size_average: bool | None = None,
    eps: float = 1e-8, reduce: bool | None = None, reduction: str = "mean",
) -> Any:  # fmt: skip
    """Minus the log-likelihood of counts ``target`` under the rate ``input``, or ``exp(input)`` with ``log_input``.

    With ``full``, Stirling's approximation of the term that depends on ``target`` alone is added.
    """
    reduction = reduction_of(reduction, size_average, reduce)
    each = exp(input) - target * input if log_input else input - target * log(input + eps)
    if full:
        safe = where(target > 1, target, 1.0)
        stirling = safe * log(safe) - safe + 0.5 * log(2 * math.pi * safe)
        each = each + where(target > 1, stirling, 0.0)
    return reduced(each, reduction)


def gaussian_nll_loss(
    input: Any, target: Any, var: Any, full: bool = False, eps: float = 1e-6, reduction: str = "mean"
) -> Any:
    """Minus the log-likelihood of ``target`` under a normal distribution of mean ``input`` and variance ``var``.

    Args:
        input: Of any shape.
        target: Of that shape.
        var: Of that shape, or with a dimension of 1, or without the last; or a number.
        full: Whether to add the constant.
        eps: The least variance; below it the gradient passes as if it were not.
        reduction: See the module.

    Raises:
        ArgumentError: ``var`` has another shape, or a negative value.
    """
    reduction = reduction_of(reduction)
    if isinstance(var, (int, float)):
        var = input.new_full(input.shape, float(var))
    shape, given = list(input.shape), list(var.shape)
    if given != shape:
        if given == shape[:-1]:
            var = var.unsqueeze(-1)
        elif len(given) != len(shape) or [m for n, m in zip(shape, given, strict=True) if n != m] != [1]:
            raise ArgumentError(f"var is of incorrect size: {given} for an input of {shape}")
    if bool((var < 0).any()):
        raise ArgumentError("var has negative entry/entries")
    floor = clamp_min(var.detach(), eps) - var.detach()
    variance = var + floor
    each = 0.5 * (log(variance) + (input - target) ** 2 / variance)
    if full:
        each = each + 0.5 * math.log(2 * math.pi)
    return reduced(each, reduction)


def multilabel_soft_margin_loss(
    input: Any, target: Any, weight: Any = None, size_average: bool | None = None, reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:  # fmt: skip
    """The mean over the classes (last dimension) of the binary cross entropy of ``sigmoid(input)``."""
    reduction = reduction_of(reduction, size_average, reduce)
    each = -(target * logsigmoid(input) + (1 - target) * logsigmoid(-input))
    if weight is not None:
        each = each * weight
    return reduced(each.mean(-1), reduction)
