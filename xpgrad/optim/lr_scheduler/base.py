"""What all schedules share: counting steps and setting the rates of an optimizer's groups."""

from __future__ import annotations

import warnings
from typing import Any

from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import ArgumentError, ArgumentTypeError
from xpgrad.optim.optimizer import Optimizer

_MORE = "See more details at https://pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate"


class LRScheduler:
    """The base of schedules: counts steps and sets the rates that `get_lr` gives.

    Args:
        optimizer: Whose rates to set.
        last_epoch: How many steps were taken before, less one; other than -1 only where the optimizer's groups have an
            ``initial_lr``, from a state that was loaded.

    Attributes:
        base_lrs: The ``initial_lr`` of each group: its rate when the first schedule was made.
        last_epoch: How many steps were taken.

    Raises:
        ArgumentTypeError: ``optimizer`` is none.
        KeyError: A group has no ``initial_lr`` though ``last_epoch`` is not -1.

    >>> from xpgrad import ones, optim
    >>> optimizer = optim.SGD([ones(1, requires_grad=True)], lr=1.0)
    >>> scheduler = optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
    >>> optimizer.step()
    >>> scheduler.step()
    >>> scheduler.get_last_lr()
    [0.5]
    """

    # PyTorch's names, which the schedules of others read in their `get_lr`.
    _get_lr_called_within_step = False
    _is_initial = False

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        check_optimizer(optimizer)
        self.optimizer = optimizer
        for i, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", _number(group["lr"]))
            elif "initial_lr" not in group:
                raise KeyError(
                    f"param 'initial_lr' is not specified in param_groups[{i}] when resuming scheduler with "
                    f"last_epoch >= 0 (it is {last_epoch}). Load the optimizer's state first, or leave last_epoch out."
                )
        self.base_lrs = [float(group["initial_lr"]) for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self._initial_step()

    def _initial_step(self) -> None:
        self._step_count = 0
        self._is_initial = True
        self.step()
        self._is_initial = False

    def get_lr(self) -> list[float]:
        """The rate of each group at step `last_epoch`; to read the rates in force, use `get_last_lr`."""
        raise NotImplementedError("a schedule overrides `get_lr` or `step`")

    def get_last_lr(self) -> list[float]:
        """The rate of each group as the last step set it."""
        return self._last_lr

    def step(self, epoch: int | None = None) -> None:
        """Set the rates for the next epoch (or iteration), after the optimizer's own step.

        Args:
            epoch: Go to this step instead of the next (deprecated in PyTorch).
        """
        if self._step_count == 1 and not self.optimizer._opt_called:
            warnings.warn(
                "Detected call of `lr_scheduler.step()` before `optimizer.step()`. In PyTorch 1.1.0 and later, you "
                "should call them in the opposite order: `optimizer.step()` before `lr_scheduler.step()`.  Failure to "
                f"do this will result in PyTorch skipping the first value of the learning rate schedule. {_MORE}",
                UserWarning,
                stacklevel=2,
            )
        self._step_count += 1
        self._update_lr(epoch)

    def _update_lr(self, epoch: int | None = None) -> None:
        self._get_lr_called_within_step = True
        if epoch is None:
            self.last_epoch += 1
            rates = self.get_lr()
        else:
            self.last_epoch = epoch
            rates = self._get_closed_form_lr()
        self._get_lr_called_within_step = False
        for group, rate in zip(self.optimizer.param_groups, rates, strict=True):
            set_rate(group, rate)
        self._last_lr = self._rates()

    def _get_closed_form_lr(self) -> list[float]:
        """The rate of each group at step `last_epoch`, whatever it was before."""
        return self.get_lr()

    def _rates(self) -> list[float]:
        return [_number(group["lr"]) for group in self.optimizer.param_groups]

    def state_dict(self) -> dict[str, Any]:
        """Everything but the optimizer, in PyTorch's layout."""
        return {name: value for name, value in vars(self).items() if name != "optimizer"}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over what `state_dict` returned."""
        vars(self).update(state_dict)


def check_optimizer(optimizer: object) -> None:
    """Raise PyTorch's error for what is no optimizer."""
    if not isinstance(optimizer, Optimizer):
        raise ArgumentTypeError(f"{type(optimizer).__name__} is not an Optimizer")


def per_group(optimizer: Optimizer, setting: Any, name: str) -> list[Any]:
    """A setting for each group: those given, or the one for all."""
    count = len(optimizer.param_groups)
    if not isinstance(setting, (list, tuple)):
        return [setting] * count
    if len(setting) != count:
        raise ArgumentError(f"Expected {count} {name}, one for each param group, but got {len(setting)}")
    return list(setting)


def _number(rate: Any) -> float:
    return rate if isinstance(rate, (float, int)) else float(rate)


def set_rate(group: dict[str, Any], rate: float) -> None:
    """Set a group's rate; one that is a tensor keeps its place in memory."""
    if isinstance(group["lr"], TensorBase):
        group["lr"].fill_(rate)  # type: ignore[attr-defined]
    else:
        group["lr"] = rate
