"""Connectionist temporal classification. Mirrors that of ``torch.nn.functional``."""

from __future__ import annotations

import itertools
from typing import Any

from xpgrad.backends.dtypes import int64
from xpgrad.core.grad_mode import no_grad
from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import DtypeError, SettingError, ShapeError
from xpgrad.functions.pointwise import where
from xpgrad.nn.functional.checks import floating, kind_of, reduction_of
from xpgrad.nn.functional.loss import reduced
from xpgrad.ops.ctc import ctc_loss as _ctc_loss


def ctc_loss(
    log_probs: Any, targets: Any, input_lengths: Any, target_lengths: Any, blank: int = 0, reduction: str = "mean",
    zero_infinity: bool = False,
) -> Any:  # fmt: skip
    """Minus the logarithm of the probability of a labelling, over all its alignments with a sequence.

    Graves et al. 2006. Gradients are those of scores behind a `log_softmax`, as in PyTorch.

    Args:
        log_probs: (T, N, C) or (T, C): log-probabilities of C classes at T steps.
        targets: (N, S), padded, or all labellings one after the other; of integers. (S,) with a single sequence.
        input_lengths: N integers, at most T, or one.
        target_lengths: N integers, or one.
        blank: The class that stands for no label.
        reduction: ``"none"``, ``"sum"``, or ``"mean"``: of what is left after a division by the target lengths.
        zero_infinity: Whether a labelling that is too long for its sequence counts nothing, rather than infinity.

    Raises:
        DtypeError: The targets or lengths are not integers.
        SettingError: A class or a length is out of range.
        ShapeError: The shapes do not fit.
    """
    reduction = reduction_of(reduction)
    batched = floating("ctc_loss", log_probs).ndim == 3
    if not batched:
        if log_probs.ndim != 2:
            raise ShapeError(f"ctc_loss: expected log_probs (T, N, C) or (T, C), got {list(log_probs.shape)}")
        log_probs, targets = log_probs.unsqueeze(1), targets.unsqueeze(0) if targets.ndim == 1 else targets
    steps, count, classes = log_probs.shape
    if not 0 <= blank < classes:
        raise SettingError(f"blank must be in label range: got {blank} with {classes} classes")
    if targets.dtype.kind not in ("int", "uint"):
        raise DtypeError(f"ctc_loss: targets must be integral, got {kind_of(targets)}: convert them with .long()")
    inputs, labels = (_lengths(name, x, count) for name, x in (("input", input_lengths), ("target", target_lengths)))
    if any(not 0 <= n <= steps for n in inputs):
        raise SettingError(f"Expected input_lengths to have value between 0 and {steps}, but got {inputs}")
    if any(n < 0 for n in labels):
        raise SettingError(f"Expected target_lengths to have value at least 0, but got {labels}")
    with no_grad():
        path = _path(targets.long(), labels, blank, classes)
        known = (targets.new_tensor(n, dtype=int64) for n in (inputs, labels))
    each = _ctc_loss.apply(log_probs, path, *known, zero_infinity=zero_infinity)
    if zero_infinity:
        each = where(each == float("inf"), 0.0, each)
    if reduction == "mean":
        return (each / each.new_tensor([max(n, 1) for n in labels])).mean()
    return reduced(each if batched else each.squeeze(0), reduction)


def _lengths(name: str, given: Any, count: int) -> list[int]:
    """The lengths of ``count`` sequences.

    Raises:
        DtypeError: They are not integers.
        ShapeError: There are more or fewer.
    """
    if isinstance(given, TensorBase):
        if given._place.dtype(given._array.dtype).kind not in ("int", "uint"):
            raise DtypeError(f"{name}_lengths must be integral")
        given = given.reshape(-1).tolist()  # type: ignore[attr-defined]
    found = [int(n) for n in (given if isinstance(given, (list, tuple)) else (given,))]
    if len(found) != count:
        raise ShapeError(f"{name}_lengths must be of size batch_size: {count} sequences, but got {len(found)} lengths")
    return found


def _path(targets: Any, lengths: list[int], blank: int, classes: int) -> Any:
    """Each labelling with a blank before, between and after its labels: (N, 2 * most + 1), padded with blanks.

    Raises:
        SettingError: A label is no class.
        ShapeError: There are fewer labels than the lengths say.
    """
    most = max(lengths, default=0)
    if targets.ndim == 1:
        if targets.numel() < sum(lengths):
            raise ShapeError(f"Expected targets to have at least {sum(lengths)} labels, but got {targets.numel()}")
        ends = list(itertools.accumulate(lengths))
        starts = [end - n for n, end in zip(lengths, ends, strict=True)]
    else:
        if targets.ndim != 2 or targets.shape[0] != len(lengths) or targets.shape[1] < most:
            raise ShapeError(
                f"Expected tensor to have size at least [{len(lengths)}, {most}], but got targets of size "
                f"{list(targets.shape)}"
            )
        starts = [i * targets.shape[1] for i in range(len(lengths))]
    flat = targets.reshape(-1)
    places = targets.new_tensor(range(most), dtype=int64)
    inside = places < targets.new_tensor(lengths, dtype=int64).reshape(-1, 1)
    at = where(inside, targets.new_tensor(starts, dtype=int64).reshape(-1, 1) + places, 0)
    labels = where(inside, flat[at.reshape(-1)].reshape(at.shape), blank) if flat.numel() else at + blank
    wrong = labels[(labels < 0) | (labels >= classes)]
    if wrong.numel():
        raise SettingError(f"ctc_loss: target {int(wrong[0])} is out of range: there are {classes} classes")
    path = labels.new_full((len(lengths), 2 * most + 1), blank)
    path[:, 1::2] = labels
    return path
