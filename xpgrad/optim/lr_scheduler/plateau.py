"""A schedule that follows a measured quantity."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, SupportsFloat, final

from xpgrad.errors import ArgumentError, OptimizerError
from xpgrad.optim.lr_scheduler.base import LRScheduler, check_optimizer, per_group, set_rate
from xpgrad.optim.optimizer import Optimizer


@final
class ReduceLROnPlateau(LRScheduler):
    """Multiplies the rate by ``factor`` when a measured quantity no longer gets better.

    Mirrors ``torch.optim.lr_scheduler.ReduceLROnPlateau``.

    Args:
        optimizer: Whose rates to set.
        mode: Whether less (``"min"``) or more (``"max"``) is better.
        factor: What the rate is multiplied by.
        patience: How many epochs without improvement are let pass.
        threshold: What counts as an improvement.
        threshold_mode: Whether that is a part of the best value (``"rel"``) or a difference (``"abs"``).
        cooldown: How many epochs after a reduction are not counted.
        min_lr: The least rate, or one for each group.
        eps: A smaller reduction is not made.

    Raises:
        ArgumentError: A setting is out of range.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        mode: Literal["min", "max"] = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: Literal["rel", "abs"] = "rel",
        cooldown: int = 0,
        min_lr: float | Sequence[float] = 0,
        eps: float = 1e-8,
    ) -> None:
        if factor >= 1.0:
            raise ArgumentError(f"Factor should be < 1.0, but got {factor}")
        if mode not in ("min", "max"):
            raise ArgumentError(f"mode {mode} is unknown! It must be 'min' or 'max'.")
        if threshold_mode not in ("rel", "abs"):
            raise ArgumentError(f"threshold mode {threshold_mode} is unknown! It must be 'rel' or 'abs'.")
        check_optimizer(optimizer)
        self.optimizer = optimizer
        self.mode = mode
        self.factor = factor
        self.patience = patience
        self.threshold = threshold
        self.threshold_mode = threshold_mode
        self.cooldown = cooldown
        self.min_lr = min_lr
        self.eps = eps
        self.min_lrs = per_group(optimizer, min_lr, "min_lr")
        self.last_epoch = 0
        self.best = math.inf if mode == "min" else -math.inf
        self.cooldown_counter = 0
        self.num_bad_epochs = 0
        self._last_lr = self._rates()

    def step(self, metrics: SupportsFloat, epoch: int | None = None) -> None:  # type: ignore[override]
        """Note the epoch's ``metrics`` and reduce the rates if it is time."""
        value = float(metrics)
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        if self._is_better(value):
            self.best = value
            self.num_bad_epochs = 0
        else:
            self.num_bad_epochs += 1
        if self.in_cooldown:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self._reduce()
            self.cooldown_counter = self.cooldown
            self.num_bad_epochs = 0
        self._last_lr = self._rates()

    @property
    def in_cooldown(self) -> bool:
        """True in the epochs after a reduction that are not counted."""
        return self.cooldown_counter > 0

    def _is_better(self, value: float) -> bool:
        down = self.mode == "min"
        if self.threshold_mode == "rel":
            margin = self.best * (1.0 - self.threshold if down else 1.0 + self.threshold)
        else:
            margin = self.best - self.threshold if down else self.best + self.threshold
        return value < margin if down else value > margin

    def _reduce(self) -> None:
        groups = self.optimizer.param_groups
        if len(groups) != len(self.min_lrs):
            if isinstance(self.min_lr, Sequence):
                raise OptimizerError(
                    f"The number of param groups in the `optimizer` ({len(groups)}) differs from when "
                    f"`ReduceLROnPlateau` was initialized ({len(self.min_lrs)}), usually due to a new param group "
                    "being added to the optimizer. Please modify the `min_lrs` field to match the length of the "
                    "`optimizer` param groups."
                )
            self.min_lrs = [self.min_lr] * len(groups)
        for group, old, least in zip(groups, self._rates(), self.min_lrs, strict=True):
            new = max(old * self.factor, least)
            if old - new > self.eps:
                set_rate(group, new)
