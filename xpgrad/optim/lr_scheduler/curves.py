"""Schedules that are a function of the epoch."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from types import FunctionType
from typing import Any, final

from xpgrad.errors import ArgumentError, ArgumentTypeError
from xpgrad.optim.lr_scheduler.base import LRScheduler, check_optimizer, per_group
from xpgrad.optim.optimizer import Optimizer


class _Curve(LRScheduler):
    """A schedule ``floor + (initial - floor) * height(epoch)``, reached by ratios so that it combines with others."""

    floor = 0.0

    @abstractmethod
    def height(self, epoch: int) -> float:
        """The height of the curve at ``epoch``, 1 being the initial rate."""

    def get_lr(self) -> list[float]:
        before = self.height(self.last_epoch - 1) if self.last_epoch else 1.0
        if before == 0.0:
            return self._get_closed_form_lr()
        if self._is_initial and self.last_epoch:
            return self._rates()
        ratio = self.height(self.last_epoch) / before
        return [self.floor + (rate - self.floor) * ratio for rate in self._rates()]

    def _get_closed_form_lr(self) -> list[float]:
        return [self.floor + (base - self.floor) * self.height(self.last_epoch) for base in self.base_lrs]


class _Steps(LRScheduler):
    """A schedule that multiplies the rate it finds by ``ratio(epoch)``."""

    @abstractmethod
    def ratio(self, epoch: int) -> float:
        """What the rate is multiplied by at ``epoch``; the initial rate, at epoch 0."""

    def get_lr(self) -> list[float]:
        ratio = self.ratio(self.last_epoch)
        return [rate * ratio for rate in self._rates()]

    def _get_closed_form_lr(self) -> list[float]:
        factor = math.prod(self.ratio(epoch) for epoch in range(self.last_epoch + 1))
        return [base * factor for base in self.base_lrs]


@final
class StepLR(_Steps):
    """``initial * gamma ** (epoch // step_size)``. Mirrors ``torch.optim.lr_scheduler.StepLR``."""

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1) -> None:
        self.step_size = step_size
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def ratio(self, epoch: int) -> float:
        return 1.0 if epoch == 0 or epoch % self.step_size else self.gamma


@final
class MultiStepLR(_Steps):
    """``initial * gamma ** n``, with ``n`` of the ``milestones`` reached.

    Mirrors ``torch.optim.lr_scheduler.MultiStepLR``.
    """

    def __init__(
        self, optimizer: Optimizer, milestones: Iterable[int], gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        self.milestones = Counter(milestones)
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def ratio(self, epoch: int) -> float:
        return float(self.gamma ** self.milestones[epoch])


@final
class ExponentialLR(_Steps):
    """``initial * gamma ** epoch``. Mirrors ``torch.optim.lr_scheduler.ExponentialLR``."""

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def ratio(self, epoch: int) -> float:
        return 1.0 if epoch == 0 or self._is_initial else self.gamma


@final
class ConstantLR(_Steps):
    """``initial * factor`` until ``total_iters``, then ``initial``. Mirrors ``torch.optim.lr_scheduler.ConstantLR``."""

    def __init__(self, optimizer: Optimizer, factor: float = 1 / 3, total_iters: int = 5, last_epoch: int = -1) -> None:
        if not 0.0 < factor <= 1.0:
            raise ArgumentError(
                f"Constant multiplicative factor expected to be between 0 and 1, and not 0 itself, but got {factor}"
            )
        self.factor = factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def ratio(self, epoch: int) -> float:
        if epoch == 0:
            return self.factor
        return 1.0 / self.factor if epoch == self.total_iters else 1.0


@final
class LinearLR(_Curve):
    """``initial`` times a line from ``start_factor`` to ``end_factor`` at ``total_iters``, and flat from there.

    Mirrors ``torch.optim.lr_scheduler.LinearLR``.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        if not 0.0 < start_factor <= 1.0:
            raise ArgumentError(
                "Starting multiplicative factor expected to be greater than 0 and less or equal to 1, "
                f"but got {start_factor}"
            )
        if not 0.0 <= end_factor <= 1.0:
            raise ArgumentError(f"Ending multiplicative factor expected to be between 0 and 1, but got {end_factor}")
        self.start_factor = start_factor
        self.end_factor = end_factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def height(self, epoch: int) -> float:
        reached = min(epoch, self.total_iters) / self.total_iters
        return self.start_factor + (self.end_factor - self.start_factor) * reached


@final
class PolynomialLR(_Curve):
    """``initial * (1 - epoch / total_iters) ** power``, then zero.

    Mirrors ``torch.optim.lr_scheduler.PolynomialLR``.
    """

    def __init__(self, optimizer: Optimizer, total_iters: int = 5, power: float = 1.0, last_epoch: int = -1) -> None:
        self.total_iters = total_iters
        self.power = power
        super().__init__(optimizer, last_epoch)

    def height(self, epoch: int) -> float:
        return float((1.0 - min(epoch, self.total_iters) / self.total_iters) ** self.power)


@final
class CosineAnnealingLR(_Curve):
    """Half a cosine wave from ``initial`` down to ``eta_min`` at ``T_max``, and back up to ``2 * T_max``.

    Mirrors ``torch.optim.lr_scheduler.CosineAnnealingLR``.

    Source: Loshchilov and Hutter 2017, *SGDR: stochastic gradient descent with warm restarts*, equation 5, without
    restarts.
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1) -> None:
        self.T_max = T_max
        self.eta_min = eta_min
        super().__init__(optimizer, last_epoch)

    @property
    def floor(self) -> float:  # type: ignore[override]
        return self.eta_min

    def height(self, epoch: int) -> float:
        # Within one period, where the cosine at `T_max` is -1 exactly.
        return (1.0 + math.cos(math.pi * (epoch % (2 * self.T_max)) / self.T_max)) / 2.0


class _FunctionsOfEpoch(LRScheduler):
    """A schedule given by a function of the epoch, or one for each group; their state is saved if they are objects."""

    def __init__(
        self,
        optimizer: Optimizer,
        lr_lambda: Callable[[int], float] | Sequence[Callable[[int], float]],
        last_epoch: int = -1,
    ) -> None:
        check_optimizer(optimizer)
        self.optimizer = optimizer
        self.lr_lambdas = per_group(optimizer, lr_lambda, "lr_lambdas")
        for function in self.lr_lambdas:
            if not callable(function):
                raise ArgumentTypeError(f"lr_lambda should be a function, but got {type(function).__name__}")
        super().__init__(optimizer, last_epoch)

    def state_dict(self) -> dict[str, Any]:
        state = super().state_dict()
        state["lr_lambdas"] = [None if isinstance(f, FunctionType) else dict(vars(f)) for f in self.lr_lambdas]
        return state

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        vars(self).update({name: value for name, value in state_dict.items() if name != "lr_lambdas"})
        for function, state in zip(self.lr_lambdas, state_dict["lr_lambdas"], strict=True):
            if state is not None:
                vars(function).update(state)


@final
class LambdaLR(_FunctionsOfEpoch):
    """``initial * lr_lambda(epoch)``. Mirrors ``torch.optim.lr_scheduler.LambdaLR``."""

    def get_lr(self) -> list[float]:
        return [base * f(self.last_epoch) for base, f in zip(self.base_lrs, self.lr_lambdas, strict=True)]


@final
class MultiplicativeLR(_FunctionsOfEpoch):
    """The last rate times ``lr_lambda(epoch)``. Mirrors ``torch.optim.lr_scheduler.MultiplicativeLR``."""

    def get_lr(self) -> list[float]:
        if self._is_initial:
            return self._rates()
        return [rate * f(self.last_epoch) for rate, f in zip(self._rates(), self.lr_lambdas, strict=True)]
