"""Schedules made of schedules."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any, final

from xpgrad.errors import ArgumentError, ArgumentTypeError
from xpgrad.optim.lr_scheduler.base import LRScheduler, set_rate
from xpgrad.optim.lr_scheduler.plateau import ReduceLROnPlateau
from xpgrad.optim.optimizer import Optimizer


class _Several(LRScheduler):
    """Several schedules of one optimizer."""

    def _check(self, optimizer: Optimizer, schedulers: Sequence[LRScheduler]) -> None:
        kind = type(self).__name__
        if not schedulers:
            raise ArgumentError(f"{kind} expects at least one scheduler, but got no scheduler.")
        for i, scheduler in enumerate(schedulers):
            if not hasattr(scheduler, "optimizer"):
                raise ArgumentTypeError(f"{kind} at index {i} should have `optimizer` as its attribute.")
            if isinstance(scheduler, ReduceLROnPlateau):
                raise ArgumentError(
                    f"{kind} does not support `ReduceLROnPlateau` scheduler as it requires additional kwargs to be "
                    f"specified when calling `step`, but got one at index {i} in the given schedulers sequence."
                )
            if scheduler.optimizer is not optimizer:
                raise ArgumentError(
                    f"{kind} expects all schedulers to belong to the same optimizer, but got scheduler "
                    f"{type(scheduler).__name__} at index {i} which has another one"
                )
        self._schedulers = list(schedulers)
        self.optimizer = optimizer

    def state_dict(self) -> dict[str, Any]:
        return super().state_dict() | {"_schedulers": [s.state_dict() for s in self._schedulers]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        vars(self).update({name: value for name, value in state_dict.items() if name != "_schedulers"})
        for scheduler, state in zip(self._schedulers, state_dict["_schedulers"], strict=True):
            scheduler.load_state_dict(state)


@final
class SequentialLR(_Several):
    """One schedule after the other, each from its beginning, changing at ``milestones``.

    Mirrors ``torch.optim.lr_scheduler.SequentialLR``.

    Raises:
        ArgumentError: There is not one milestone fewer than schedules, or they are of several optimizers.
    """

    def __init__(
        self, optimizer: Optimizer, schedulers: Sequence[LRScheduler], milestones: Sequence[int], last_epoch: int = -1
    ) -> None:
        self._check(optimizer, schedulers)
        if len(milestones) != len(schedulers) - 1:
            raise ArgumentError(
                "Sequential Schedulers expects number of schedulers provided to be one more than the number of "
                f"milestone points, but got number of schedulers {len(schedulers)} and the number of milestones to be "
                f"equal to {len(milestones)}"
            )
        self._milestones = list(milestones)
        self.last_epoch = last_epoch + 1
        # Making the schedules has taken the first step of each.
        for group in optimizer.param_groups:
            set_rate(group, group["initial_lr"])
        for scheduler in self._schedulers:
            _undo_first_step(scheduler)
        first = self._schedulers[bisect_right(self._milestones, 0)]
        first._initial_step()
        self._last_lr = first.get_last_lr()

    def step(self, epoch: int | None = None) -> None:
        """Take a step of the schedule whose turn it is; ``epoch`` is not taken."""
        if epoch is not None:
            raise ArgumentTypeError(f"SequentialLR.step takes no epoch, got {epoch}")
        self.last_epoch += 1
        turn = bisect_right(self._milestones, self.last_epoch)
        scheduler = self._schedulers[turn]
        if turn > 0 and self._milestones[turn - 1] == self.last_epoch:
            scheduler._update_lr(0)
        else:
            scheduler.step()
        self._last_lr = scheduler.get_last_lr()


def _undo_first_step(scheduler: LRScheduler) -> None:
    if isinstance(scheduler, _Several):
        for part in scheduler._schedulers:
            _undo_first_step(part)
    else:
        scheduler.last_epoch -= 1
        scheduler._step_count = 0


@final
class ChainedScheduler(_Several):
    """All schedules at once, each changing what the one before left.

    Mirrors ``torch.optim.lr_scheduler.ChainedScheduler``.

    Raises:
        ArgumentError: There is none, or they are of several optimizers.
    """

    def __init__(self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None = None) -> None:
        if optimizer is None and schedulers:
            optimizer = getattr(schedulers[0], "optimizer", None)
        self._check(optimizer, schedulers)  # type: ignore[arg-type]
        self._last_lr = self._rates()

    def step(self, epoch: int | None = None) -> None:
        """Take a step of each schedule; ``epoch`` is not taken."""
        if epoch is not None:
            raise ArgumentTypeError(f"ChainedScheduler.step takes no epoch, got {epoch}")
        for scheduler in self._schedulers:
            scheduler.step()
        self._last_lr = self._rates()
