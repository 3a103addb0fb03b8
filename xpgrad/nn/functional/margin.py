"""Losses that ask for a margin. Mirrors those of ``torch.nn.functional``; for ``reduction`` see `loss`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xpgrad.backends.dtypes import int64
from xpgrad.errors import ArgumentError, DtypeError, SettingError, ShapeError
from xpgrad.functions.arithmetic import square
from xpgrad.functions.pointwise import clamp_min, minimum, where
from xpgrad.nn.functional.checks import bounds, floating, kind_of, reduction_of
from xpgrad.nn.functional.distance import pairwise_distance
from xpgrad.nn.functional.loss import reduced
from xpgrad.ops import margin as ops


def hinge_embedding_loss(
    input: Any, target: Any, margin: float = 1.0, size_average: bool | None = None, reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:  # fmt: skip
    """``input`` where ``target`` is 1, ``max(0, margin - input)`` where it is -1."""
    reduction = reduction_of(reduction, size_average, reduce)
    apart = where(target != 1, clamp_min(margin - input, 0.0), 0.0)
    return reduced(apart + where(target != -1, input, 0.0), reduction)


def margin_ranking_loss(
    input1: Any, input2: Any, target: Any, margin: float = 0.0, size_average: bool | None = None,
    reduce: bool | None = None, reduction: str = "mean",
) -> Any:  # fmt: skip
    """``max(0, margin - target * (input1 - input2))``, for targets of -1 and 1."""
    reduction = reduction_of(reduction, size_average, reduce)
    return reduced(clamp_min(-target * (input1 - input2) + margin, 0.0), reduction)


def cosine_embedding_loss(
    input1: Any, input2: Any, target: Any, margin: float = 0.0, size_average: bool | None = None,
    reduce: bool | None = None, reduction: str = "mean",
) -> Any:  # fmt: skip
    """``1 - cos`` where ``target`` is 1, ``max(0, cos - margin)`` where it is -1; the cosine is along the last dim."""
    reduction = reduction_of(reduction, size_average, reduce)
    tiny = 1e-12
    product, first, second = (a.sum(-1) for a in (input1 * input2, square(input1), square(input2)))
    cosine = product / ((first + tiny) * (second + tiny)) ** 0.5
    each = where(target == 1, 1.0 - cosine, 0.0) + where(target == -1, clamp_min(cosine - margin, 0.0), 0.0)
    return reduced(each, reduction)


def triplet_margin_loss(
    anchor: Any, positive: Any, negative: Any, margin: float = 1.0, p: float = 2, eps: float = 1e-6,
    swap: bool = False, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean",
) -> Any:  # fmt: skip
    """``max(0, margin + d(anchor, positive) - d(anchor, negative))``, with the ``p``-norm of the difference as ``d``.

    With ``swap``, the distance of positive and negative is taken if it is less (Balntas et al. 2016).

    Raises:
        ArgumentError: ``margin`` is not positive.
        ShapeError: The tensors differ in their number of dimensions.
    """
    reduction = reduction_of(reduction, size_average, reduce)
    _check_triplet(anchor, positive, negative, margin)

    def distance(x: Any, y: Any) -> Any:
        return pairwise_distance(x, y, p, eps)

    return _triplet(anchor, positive, negative, distance, margin, swap, reduction)


def triplet_margin_with_distance_loss(
    anchor: Any, positive: Any, negative: Any, *, distance_function: Callable[[Any, Any], Any] | None = None,
    margin: float = 1.0, swap: bool = False, reduction: str = "mean",
) -> Any:  # fmt: skip
    """`triplet_margin_loss` with any ``distance_function`` of two tensors, `pairwise_distance` by default.

    Raises:
        ArgumentError: ``margin`` is not positive.
        ShapeError: The tensors differ in their number of dimensions.
    """
    reduction = reduction_of(reduction)
    _check_triplet(anchor, positive, negative, margin)
    return _triplet(anchor, positive, negative, distance_function or pairwise_distance, margin, swap, reduction)


def _check_triplet(anchor: Any, positive: Any, negative: Any, margin: float) -> None:
    if margin <= 0:
        raise ArgumentError(f"margin must be greater than 0, got {margin}")
    if not anchor.ndim == positive.ndim == negative.ndim:
        raise ShapeError(
            "The anchor, positive, and negative tensors are expected to have the same number of dimensions, but got: "
            f"anchor {anchor.ndim}D, positive {positive.ndim}D, and negative {negative.ndim}D inputs"
        )


def _triplet(
    anchor: Any, positive: Any, negative: Any, distance: Callable[[Any, Any], Any], margin: float, swap: bool,
    reduction: str,
) -> Any:  # fmt: skip
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = minimum(far, distance(positive, negative))
    return reduced(clamp_min(near - far + margin, 0.0), reduction)


def multi_margin_loss(
    input: Any, target: Any, p: int = 1, margin: float = 1.0, weight: Any = None, size_average: bool | None = None,
    reduce: bool | None = None, reduction: str = "mean",
) -> Any:  # fmt: skip
    """The mean over wrong classes of ``max(0, margin - input[right] + input[wrong]) ** p``.

    Args:
        input: (N, C) or (C,): scores of C classes.
        target: (N,) or (): the right classes.
        p: 1 or 2.
        margin: By how much the right score should exceed the others.
        weight: (C,), how much each class counts when it is right, or None.
        size_average: See the module.
        reduce: See the module.
        reduction: See the module.

    Raises:
        ArgumentError: ``p`` is neither 1 nor 2, or ``weight`` no vector.
        DtypeError: ``target`` is not int64.
        SettingError: A class is out of range.
        ShapeError: The shapes do not fit.
    """
    reduction = reduction_of(reduction, size_average, reduce)
    if p not in (1, 2):
        raise ArgumentError(f"only p == 1 and p == 2 supported, got {p}")
    if weight is not None and weight.ndim != 1:
        raise ArgumentError(f"weight must be one-dimensional, got {list(weight.shape)}")
    rows, classes = _rows("multi_margin_loss", input)
    if tuple(target.shape) not in ((rows,),) + (((), (1,)) if input.ndim < 2 else ()):
        raise ShapeError(
            f"inconsistent target size, target tensor should be 1-D with size equal to the number of rows. Expected "
            f"target size [{rows}], but got {list(target.shape)}"
        )
    if weight is not None and tuple(weight.shape) != (classes,):
        raise ShapeError(f"inconsistent weight size, expected {classes} but got {list(weight.shape)}")
    _check_classes("multi_margin_loss", target, classes, 0)
    scores, right = input.reshape(rows, classes), target.reshape(-1)
    apply = ops.multi_margin_loss.variant("TTS") if weight is None else ops.multi_margin_loss.apply
    reduction = _of_rows(reduction, input)
    return apply(scores, right, weight, p=int(p), margin=float(margin), reduction=reduction)


def multilabel_margin_loss(
    input: Any, target: Any, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean"
) -> Any:
    """The sum of ``max(0, 1 - input[right] + input[wrong])`` over all pairs of classes, divided by their number.

    Args:
        input: (N, C) or (C,): scores of C classes.
        target: Of the same shape: the right classes of each sample, as many as come before the first -1.
        size_average: See the module.
        reduce: See the module.
        reduction: See the module.

    Raises:
        DtypeError: ``target`` is not int64.
        SettingError: A class is out of range.
        ShapeError: The shapes do not fit.
    """
    reduction = reduction_of(reduction, size_average, reduce)
    rows, classes = _rows("multilabel_margin_loss", input)
    if target.shape != input.shape and not (input.ndim < 2 and target.numel() == classes):
        raise ShapeError(f"inconsistent target size: {list(target.shape)} for input of size: {list(input.shape)}")
    _check_classes("multilabel_margin_loss", target, classes, -1)
    scores, right = input.reshape(rows, classes), target.reshape(rows, classes)
    return ops.multilabel_margin_loss.apply(scores, right, reduction=_of_rows(reduction, input))


def _of_rows(reduction: str, input: Any) -> str:
    """The reduction of the loss as one of rows; that of a single sample is a sum with one term."""
    return "sum" if reduction == "none" and input.ndim < 2 else reduction


def _rows(name: str, input: Any) -> tuple[int, int]:
    """The numbers of samples and of classes of scores (N, C) or (C,).

    Raises:
        ShapeError: They have another shape, or no classes.
    """
    shape = tuple(floating(name, input).shape)
    if len(shape) > 2 or (shape and shape[-1] == 0):
        raise ShapeError(f"Expected non-empty vector or matrix with optional 0-dim batch size, but got: {list(shape)}")
    return (shape[0] if len(shape) == 2 else 1), (shape[-1] if shape else 1)


def _check_classes(name: str, target: Any, classes: int, least: int) -> None:
    """Raise unless ``target`` holds classes, or numbers from ``least`` to them."""
    if target.dtype is not int64:
        raise DtypeError(f"{name}: expected scalar type Long but found {kind_of(target)}: convert it with .long()")
    found = bounds(target)
    if found is not None and (found[0] < least or found[1] >= classes):
        wrong = found[0] if found[0] < least else found[1]
        raise SettingError(f"{name}: target out of range: {wrong} is not one of {classes} classes")
