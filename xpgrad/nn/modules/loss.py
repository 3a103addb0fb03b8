"""Losses. Each computes the function of like name in `xpgrad.nn.functional`, where the arguments are described."""

from __future__ import annotations

import math
from typing import Any

from xpgrad.errors import SettingError, ShapeError
from xpgrad.nn.functional import loss as F
from xpgrad.nn.functional.checks import reduction_of
from xpgrad.nn.functional.ctc import ctc_loss
from xpgrad.nn.functional.linear_cross_entropy import LinearCrossEntropyOptions, linear_cross_entropy
from xpgrad.nn.modules.linear import Linear
from xpgrad.nn.modules.module import Module


class Loss(Module):
    """A loss of two tensors without settings but its reduction: ``"mean"``, ``"sum"`` or ``"none"``."""

    def __init__(self, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean") -> None:
        super().__init__()
        # A word that is none of the three is refused when the loss is called, as in PyTorch.
        legacy = size_average is not None or reduce is not None
        self.reduction = reduction_of(reduction, size_average, reduce) if legacy else reduction


class WeightedLoss(Loss):
    """A loss with a buffer of weights, which may be None."""

    weight: Any

    def __init__(
        self, weight: Any = None, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean"
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.register_buffer("weight", weight)


class MSELoss(Loss):
    """``(input - target) ** 2``. Mirrors ``torch.nn.MSELoss``.

    Args:
        size_average, reduce: The spelling of ``reduction`` of old.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``.

    Example:
        >>> import xpgrad
        >>> xpgrad.nn.MSELoss()(xpgrad.tensor([1.0, 2.0]), xpgrad.tensor([1.0, 4.0]))
        tensor(2.)
    """

    def forward(self, input: Any, target: Any) -> Any:
        """The loss of ``input`` against ``target``."""
        return F.mse_loss(input, target, reduction=self.reduction)


class L1Loss(Loss):
    """``abs(input - target)``. Mirrors ``torch.nn.L1Loss``."""

    def forward(self, input: Any, target: Any) -> Any:
        """The loss of ``input`` against ``target``."""
        return F.l1_loss(input, target, reduction=self.reduction)


class SmoothL1Loss(Loss):
    """`L1Loss`, smoothed by a parabola where it is below ``beta``. Mirrors ``torch.nn.SmoothL1Loss``."""

    def __init__(
        self, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean", beta: float = 1.0
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.beta = beta

    def forward(self, input: Any, target: Any) -> Any:
        """The loss of ``input`` against ``target``."""
        return F.smooth_l1_loss(input, target, reduction=self.reduction, beta=self.beta)


class HuberLoss(Loss):
    """A parabola for differences below ``delta``, beyond them its tangents. Mirrors ``torch.nn.HuberLoss``."""

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        super().__init__(reduction=reduction)
        self.delta = delta

    def forward(self, input: Any, target: Any) -> Any:
        """The loss of ``input`` against ``target``."""
        return F.huber_loss(input, target, reduction=self.reduction, delta=self.delta)


class SoftMarginLoss(Loss):
    """``log(1 + exp(-target * input))``. Mirrors ``torch.nn.SoftMarginLoss``."""

    def forward(self, input: Any, target: Any) -> Any:
        """The loss of ``input`` against targets of -1 and 1."""
        return F.soft_margin_loss(input, target, reduction=self.reduction)


class CrossEntropyLoss(WeightedLoss):
    """The negative logarithm of the probability that a softmax gives the right class.

    Mirrors ``torch.nn.CrossEntropyLoss``.

    Args:
        weight: (C,), how much each class counts, or None.
        size_average, reduce: The spelling of ``reduction`` of old.
        ignore_index: A target that counts nothing.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``.
        label_smoothing: The share of the probability that is spread evenly over the classes.

    Example:
        >>> import xpgrad
        >>> scores = xpgrad.tensor([[2.0, 0.0], [0.0, 2.0]])
        >>> xpgrad.nn.CrossEntropyLoss()(scores, xpgrad.tensor([0, 1]))
        tensor(0.1269)
    """

    def __init__(
        self, weight: Any = None, size_average: bool | None = None, ignore_index: int = -100,
        reduce: bool | None = None, reduction: str = "mean", label_smoothing: float = 0.0,
    ) -> None:  # fmt: skip
        super().__init__(weight, size_average, reduce, reduction)
        self.ignore_index = ignore_index
        self.label_smoothing = label_smoothing

    def forward(self, input: Any, target: Any) -> Any:
        """The loss of scores ``input`` (N, C, *) against classes (N, *) or probabilities (N, C, *)."""
        return F.cross_entropy(
            input, target, self.weight, ignore_index=self.ignore_index, reduction=self.reduction,
            label_smoothing=self.label_smoothing,
        )  # fmt: skip


class NLLLoss(WeightedLoss):
    """Minus the log-probability of the right class. Mirrors ``torch.nn.NLLLoss``."""

    def __init__(
        self, weight: Any = None, size_average: bool | None = None, ignore_index: int = -100,
        reduce: bool | None = None, reduction: str = "mean",
    ) -> None:  # fmt: skip
        super().__init__(weight, size_average, reduce, reduction)
        self.ignore_index = ignore_index

    def forward(self, input: Any, target: Any) -> Any:
        """The loss of log-probabilities ``input`` (N, C, *) against classes (N, *)."""
        return F.nll_loss(input, target, self.weight, ignore_index=self.ignore_index, reduction=self.reduction)


class BCELoss(WeightedLoss):
    """The binary cross entropy of probabilities. Mirrors ``torch.nn.BCELoss``."""

    def forward(self, input: Any, target: Any) -> Any:
        """The loss of ``input`` against ``target``, both between 0 and 1."""
        return F.binary_cross_entropy(input, target, self.weight, reduction=self.reduction)


class BCEWithLogitsLoss(WeightedLoss):
    """The binary cross entropy of ``sigmoid(input)``. Mirrors ``torch.nn.BCEWithLogitsLoss``."""

    pos_weight: Any

    def __init__(
        self, weight: Any = None, size_average: bool | None = None, reduce: bool | None = None,
        reduction: str = "mean", pos_weight: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(weight, size_average, reduce, reduction)
        self.register_buffer("pos_weight", pos_weight)

    def forward(self, input: Any, target: Any) -> Any:
        """The loss of scores ``input`` against ``target`` between 0 and 1."""
        return F.binary_cross_entropy_with_logits(
            input, target, self.weight, reduction=self.reduction, pos_weight=self.pos_weight
        )


class KLDivLoss(Loss):
    """The Kullback-Leibler divergence. Mirrors ``torch.nn.KLDivLoss``."""

    def __init__(
        self, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean",
        log_target: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(size_average, reduce, reduction)
        self.log_target = log_target

    def forward(self, input: Any, target: Any) -> Any:
        """The loss of log-probabilities ``input`` against probabilities ``target``."""
        return F.kl_div(input, target, reduction=self.reduction, log_target=self.log_target)


class PoissonNLLLoss(Loss):
    """Minus the log-likelihood of counts under a rate. Mirrors ``torch.nn.PoissonNLLLoss``."""

    def __init__(
        self, log_input: bool = True, full: bool = False, size_average: bool | None = None, eps: float = 1e-8,
        reduce: bool | None = None, reduction: str = "mean",
    ) -> None:  # fmt: skip
        super().__init__(size_average, reduce, reduction)
        self.log_input = log_input
        self.full = full
        self.eps = eps

    def forward(self, log_input: Any, target: Any) -> Any:
        """The loss of rates, or their logarithms, against counts."""
        return F.poisson_nll_loss(
            log_input, target, log_input=self.log_input, full=self.full, eps=self.eps, reduction=self.reduction
        )


class GaussianNLLLoss(Loss):
    """Minus the log-likelihood under normal distributions. Mirrors ``torch.nn.GaussianNLLLoss``."""

    def __init__(self, *, full: bool = False, eps: float = 1e-6, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.full = full
        self.eps = eps

    def forward(self, input: Any, target: Any, var: Any) -> Any:
        """The loss of means ``input`` with variances ``var`` against ``target``."""
        return F.gaussian_nll_loss(input, target, var, full=self.full, eps=self.eps, reduction=self.reduction)


class MultiLabelSoftMarginLoss(WeightedLoss):
    """The mean binary cross entropy of ``sigmoid(input)``. Mirrors ``torch.nn.MultiLabelSoftMarginLoss``."""

    def forward(self, input: Any, target: Any) -> Any:
        """The loss of scores (N, C) against targets of 0 and 1."""
        return F.multilabel_soft_margin_loss(input, target, self.weight, reduction=self.reduction)


class CTCLoss(Loss):
    """Minus the logarithm of the probability of a labelling over all alignments. Mirrors ``torch.nn.CTCLoss``.

    Args:
        blank: The class that stands for no label.
        reduction: ``"none"``, ``"sum"``, or ``"mean"``: of what is left after a division by the target lengths.
        zero_infinity: Whether a labelling that is too long for its sequence counts nothing, rather than infinity.
    """

    def __init__(self, blank: int = 0, reduction: str = "mean", zero_infinity: bool = False) -> None:
        super().__init__(reduction=reduction)
        self.blank = blank
        self.zero_infinity = zero_infinity

    def forward(self, log_probs: Any, targets: Any, input_lengths: Any, target_lengths: Any) -> Any:
        """The loss of log-probabilities (T, N, C) against labellings (N, S) or one after the other."""
        return ctc_loss(
            log_probs, targets, input_lengths, target_lengths, self.blank, self.reduction, self.zero_infinity
        )


class LinearCrossEntropyLoss(WeightedLoss):
    """A `Linear` layer and the cross entropy of its scores. Mirrors ``torch.nn.LinearCrossEntropyLoss``.

    Args:
        in_features: The length of the last dimension of the input.
        num_classes: The number of classes.
        out_features: Further dimensions of the scores.
        bias: Whether the layer has one.
        device: Where its parameters are.
        dtype: Their dtype.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``.
        weight: (num_classes,), how much each class counts, or None.
        ignore_index: A target that counts nothing, -100 by default.
        label_smoothing: The share of the probability that is spread evenly over the classes.
        options: How to work through the batch in chunks, or None.

    Raises:
        SettingError: ``label_smoothing`` is not between 0 and 1.
        ShapeError: There is not one weight per class.
    """

    linear: Linear  # num_classes * out_features outputs

    def __init__(
        self, in_features: int, num_classes: int, *, out_features: tuple[int, ...] = (), bias: bool = False,
        device: Any = None, dtype: Any = None, reduction: str = "mean", weight: Any = None,
        ignore_index: int | None = None, label_smoothing: float = 0.0,
        options: LinearCrossEntropyOptions | None = None,
    ) -> None:  # fmt: skip
        if weight is not None and tuple(weight.shape) != (num_classes,):
            raise ShapeError(f"expected weight shape to be {(num_classes,)}, got {tuple(weight.shape)}")
        if not 0.0 <= label_smoothing <= 1.0:
            raise SettingError(f"expected label_smoothing to be in range [0, 1], got {label_smoothing}")
        super().__init__(weight, reduction=reduction)
        self.num_classes = num_classes
        self.out_features = out_features
        self.ignore_index = ignore_index
        self.label_smoothing = label_smoothing
        self.linear = Linear(in_features, math.prod(out_features, start=num_classes), bias, device, dtype)
        self.options = options

    def forward(self, input: Any, target: Any) -> Any:
        """The loss of ``input`` (N, in_features) against classes (N, *) or probabilities (N, num_classes, *)."""
        shape = (self.num_classes, *self.out_features)
        return linear_cross_entropy(
            input, self.linear.weight.reshape(*shape, self.linear.in_features), target,
            linear_bias=None if self.linear.bias is None else self.linear.bias.reshape(shape), weight=self.weight,
            reduction=self.reduction, ignore_index=self.ignore_index, label_smoothing=self.label_smoothing,
            options=self.options,
        )  # fmt: skip

    def extra_repr(self) -> str:
        """The settings."""
        return (
            f"in_features={self.linear.in_features}, num_classes={self.num_classes}, "
            f"out_features={self.out_features}, bias={self.linear.bias is not None}, reduction={self.reduction}, "
            f"ignore_index={self.ignore_index}, label_smoothing={self.label_smoothing}, options={self.options}"
        )
