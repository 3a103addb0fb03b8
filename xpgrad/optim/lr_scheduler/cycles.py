"""Schedules that go up and down again, some of them with momentum."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Any, Literal, final

from xpgrad.errors import ArgumentError
from xpgrad.optim.lr_scheduler.base import LRScheduler, check_optimizer, per_group, set_rate
from xpgrad.optim.optimizer import Optimizer


@final
class CosineAnnealingWarmRestarts(LRScheduler):
    """Half a cosine wave from ``initial`` to ``eta_min`` in ``T_0`` epochs, then anew, ``T_mult`` times as long.

    ``step(epoch)`` takes fractions of an epoch. Mirrors ``torch.optim.lr_scheduler.CosineAnnealingWarmRestarts``.

    Source: Loshchilov and Hutter 2017, *SGDR: stochastic gradient descent with warm restarts*, equation 5.
    """

    def __init__(
        self, optimizer: Optimizer, T_0: int, T_mult: int = 1, eta_min: float = 0.0, last_epoch: int = -1
    ) -> None:
        if not _is_count(T_0):
            raise ArgumentError(f"Expected positive integer T_0, but got {T_0}")
        if not _is_count(T_mult):
            raise ArgumentError(f"Expected integer T_mult >= 1, but got {T_mult}")
        self.T_0 = T_0
        self.T_i: float = T_0
        self.T_mult = T_mult
        self.eta_min = eta_min
        self.T_cur: float = last_epoch
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        height = (1.0 + math.cos(math.pi * self.T_cur / self.T_i)) / 2.0
        return [self.eta_min + (base - self.eta_min) * height for base in self.base_lrs]

    def step(self, epoch: float | None = None) -> None:
        """Set the rates for the next epoch, or for ``epoch``, counted from 0."""
        if epoch is None:
            epoch = self.last_epoch + 1
        if epoch < 0:
            raise ArgumentError(f"Expected non-negative epoch, but got {epoch}")
        self._step_count += 1
        self.T_i, self.T_cur = self.T_0, epoch
        if self.T_mult == 1:
            self.T_cur = epoch % self.T_0
        while self.T_cur >= self.T_i:
            self.T_cur -= self.T_i
            self.T_i *= self.T_mult
        self._update_lr(math.floor(epoch))


class _WithMomentum(LRScheduler):
    """A schedule that may move momentum (or Adam's first beta) against the rate."""

    cycle_momentum: bool

    def _start_momentum(self, base: float | Sequence[float], peak: float | Sequence[float], last_epoch: int) -> None:
        if not self.cycle_momentum:
            return
        self.use_beta1 = "betas" in self.optimizer.defaults
        if not self.use_beta1 and "momentum" not in self.optimizer.defaults:
            raise ArgumentError(
                "optimizer must support momentum or beta1 with `cycle_momentum` option enabled; "
                f"{type(self.optimizer).__name__} has neither: pass cycle_momentum=False"
            )
        self.base_momentums = per_group(self.optimizer, base, "base_momentum")
        self.max_momentums = per_group(self.optimizer, peak, "max_momentum")
        if last_epoch == -1:
            each = zip(self.optimizer.param_groups, self.base_momentums, self.max_momentums, strict=True)
            for group, group["base_momentum"], group["max_momentum"] in each:
                self._set_momentum(group, group["max_momentum"])

    def _set_momentum(self, group: dict[str, Any], momentum: float) -> None:
        if self.use_beta1:
            group["betas"] = (momentum, *group["betas"][1:])
        else:
            group["momentum"] = momentum


@final
class OneCycleLR(_WithMomentum):
    """Up to ``max_lr`` and down to next to nothing in ``total_steps`` iterations, momentum the other way round.

    Mirrors ``torch.optim.lr_scheduler.OneCycleLR``.

    Args:
        optimizer: Whose rates to set.
        max_lr: The greatest rate, or one for each group.
        total_steps: How many steps there will be; if None, ``epochs * steps_per_epoch``.
        epochs: See ``total_steps``.
        steps_per_epoch: See ``total_steps``.
        pct_start: The part of the steps that goes up.
        anneal_strategy: Along half a cosine wave (``"cos"``) or a line (``"linear"``).
        cycle_momentum: Move momentum too, from ``max_momentum`` to ``base_momentum`` and back.
        base_momentum: The least momentum, or one for each group.
        max_momentum: The greatest, likewise.
        div_factor: The first rate is ``max_lr / div_factor``.
        final_div_factor: The last rate is the first divided by this.
        three_phase: Go down to the first rate as fast as up, then to the last.
        last_epoch: As in `LRScheduler`.

    Raises:
        ArgumentError: A setting is out of range, or `step` was called more than ``total_steps`` times.

    Source: Smith and Topin 2018, *Super-convergence: very fast training of neural networks using large learning rates*.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | Sequence[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: Literal["cos", "linear"] = "cos",
        cycle_momentum: bool = True,
        base_momentum: float | Sequence[float] = 0.85,
        max_momentum: float | Sequence[float] = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        check_optimizer(optimizer)
        self.optimizer = optimizer
        if total_steps is not None:
            counts = {"total_steps": total_steps}
        elif epochs is not None and steps_per_epoch is not None:
            counts = {"epochs": epochs, "steps_per_epoch": steps_per_epoch}
        else:
            raise ArgumentError("You must define either total_steps OR (epochs AND steps_per_epoch)")
        for name, count in counts.items():
            if not _is_count(count):
                raise ArgumentError(f"Expected positive integer {name}, but got {count}")
        if not 0.0 <= pct_start <= 1.0:
            raise ArgumentError(f"Expected float between 0 and 1 pct_start, but got {pct_start}")
        if anneal_strategy not in ("cos", "linear"):
            raise ArgumentError(f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}")
        self.total_steps = math.prod(counts.values())
        self.anneal_strategy = anneal_strategy
        last, up = self.total_steps - 1, pct_start * self.total_steps - 1
        # Each phase: its last step, and what the rate and the momentum go from and to.
        top, rest = ("max_lr", "base_momentum"), ("initial_lr", "max_momentum")
        end = ("min_lr", "max_momentum")
        self._phases = (
            [(up, rest, top), (2 * up, top, rest), (last, rest, end)]
            if three_phase
            else [
                (up, rest, top),
                (last, top, end),
            ]
        )
        if last_epoch == -1:
            for group, rate in zip(optimizer.param_groups, per_group(optimizer, max_lr, "max_lr"), strict=True):
                group["initial_lr"] = rate / div_factor
                group["max_lr"] = rate
                group["min_lr"] = group["initial_lr"] / final_div_factor
        self.cycle_momentum = cycle_momentum
        self._start_momentum(base_momentum, max_momentum, last_epoch)
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        step = self.last_epoch
        if step > self.total_steps:
            raise ArgumentError(
                f"Tried to step {step} times. The specified number of total steps is {self.total_steps}; "
                "step once per iteration, or give more of them"
            )
        ends = [end for end, _, _ in self._phases]
        phase = min(bisect_left(ends, step), len(ends) - 1)
        end, (rate_from, momentum_from), (rate_to, momentum_to) = self._phases[phase]
        start = ends[phase - 1] if phase else 0.0
        reached = (step - start) / (end - start)
        if self.anneal_strategy == "cos":
            reached = (1.0 - math.cos(math.pi * reached)) / 2.0
        rates = []
        for group in self.optimizer.param_groups:
            rates.append(_between(group[rate_from], group[rate_to], reached))
            if self.cycle_momentum:
                self._set_momentum(group, _between(group[momentum_from], group[momentum_to], reached))
        return rates


@final
class CyclicLR(_WithMomentum):
    """Up and down between ``base_lr`` and ``max_lr``, momentum the other way round.

    Mirrors ``torch.optim.lr_scheduler.CyclicLR``.

    Args:
        optimizer: Whose rates to set.
        base_lr: The least rate, or one for each group.
        max_lr: The greatest rate before scaling, or one for each group.
        step_size_up: How many steps a cycle goes up.
        step_size_down: How many it goes down; None for as many.
        mode: How cycles shrink: ``"triangular"`` not at all, ``"triangular2"`` by half each, ``"exp_range"`` by
            ``gamma`` each step.
        gamma: See ``mode``.
        scale_fn: The height of a cycle, instead of what ``mode`` says, as a function of a number.
        scale_mode: Which number that is: the ``"cycle"``'s, from 1, or that of the steps (``"iterations"``).
        cycle_momentum: Move momentum too, from ``max_momentum`` to ``base_momentum`` and back.
        base_momentum: The least momentum, or one for each group.
        max_momentum: The greatest, likewise.
        last_epoch: As in `LRScheduler`.

    Raises:
        ArgumentError: The mode is unknown, or a list is not as long as there are groups.

    Source: Smith 2017, *Cyclical learning rates for training neural networks*, section 3.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        base_lr: float | Sequence[float],
        max_lr: float | Sequence[float],
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: Literal["triangular", "triangular2", "exp_range"] = "triangular",
        gamma: float = 1.0,
        scale_fn: Callable[[float], float] | None = None,
        scale_mode: Literal["cycle", "iterations"] = "cycle",
        cycle_momentum: bool = True,
        base_momentum: float | Sequence[float] = 0.8,
        max_momentum: float | Sequence[float] = 0.9,
        last_epoch: int = -1,
    ) -> None:
        check_optimizer(optimizer)
        self.optimizer = optimizer
        base_lrs = per_group(optimizer, base_lr, "base_lr")
        if last_epoch == -1:
            for group, rate in zip(optimizer.param_groups, base_lrs, strict=True):
                set_rate(group, rate)
        self.max_lrs = per_group(optimizer, max_lr, "max_lr")
        self.total_size = float(step_size_up + (step_size_up if step_size_down is None else step_size_down))
        self.step_ratio = step_size_up / self.total_size
        if scale_fn is None and mode not in ("triangular", "triangular2", "exp_range"):
            raise ArgumentError(
                f"mode is invalid and scale_fn is None: mode is {mode!r}; "
                "it must be 'triangular', 'triangular2' or 'exp_range'"
            )
        self.mode = mode
        self.gamma = gamma
        self._scale_fn_custom = scale_fn
        self.scale_mode = scale_mode
        self.cycle_momentum = cycle_momentum
        self._start_momentum(base_momentum, max_momentum, last_epoch)
        super().__init__(optimizer, last_epoch)
        self.base_lrs = base_lrs

    def _scale(self, cycle: int) -> float:
        if self._scale_fn_custom is not None:
            return self._scale_fn_custom(cycle if self.scale_mode == "cycle" else self.last_epoch)
        if self.mode == "triangular2":
            return 0.5 ** (cycle - 1)
        return float(self.gamma**self.last_epoch) if self.mode == "exp_range" else 1.0

    def get_lr(self) -> list[float]:
        position = self.last_epoch / self.total_size
        cycle = math.floor(1 + position)
        x = 1.0 + position - cycle
        height = x / self.step_ratio if x <= self.step_ratio else (x - 1.0) / (self.step_ratio - 1.0)
        height *= self._scale(cycle)
        if self.cycle_momentum:
            for group, base, peak in zip(
                self.optimizer.param_groups, self.base_momentums, self.max_momentums, strict=True
            ):
                self._set_momentum(group, peak - (peak - base) * height)
        return [base + (peak - base) * height for base, peak in zip(self.base_lrs, self.max_lrs, strict=True)]

    def state_dict(self) -> dict[str, Any]:
        """Everything but the optimizer and ``scale_fn``, which the loading schedule must be given anew."""
        return super().state_dict() | {"_scale_fn_custom": None}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        super().load_state_dict({k: v for k, v in state_dict.items() if k != "_scale_fn_custom"})


def _is_count(value: object) -> bool:
    """True for a positive integer."""
    return isinstance(value, int) and value > 0


def _between(start: float, end: float, reached: float) -> float:
    return start + (end - start) * reached
