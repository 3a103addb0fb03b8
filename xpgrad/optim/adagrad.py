"""Adagrad."""

from __future__ import annotations

from typing import final

from xpgrad._typing import Array, Namespace
from xpgrad.optim.optimizer import Optimizer, Params, State, check, check_common, check_implementations, settings_of


@final
class Adagrad(Optimizer):
    """Divides the gradient by the root of the sum of all its squares so far.

    Mirrors ``torch.optim.Adagrad``: the state is there before the first step.

    Args:
        params: Tensors or groups of them.
        lr: The length of the first step.
        lr_decay: ``lr`` is divided by ``1 + n * lr_decay`` after ``n`` steps.
        weight_decay: The factor of the squared parameters (halved) that is added to the loss.
        initial_accumulator_value: What the sums begin with.
        eps: Added to the root.
        foreach, maximize, differentiable, fused: As in `Optimizer`.

    Raises:
        ArgumentError: A setting is out of range.

    Source: Duchi, Hazan and Singer 2011, *Adaptive subgradient methods*, figure 1.
    """

    numbers = ("step",)

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        check_common(lr, weight_decay, eps)
        check(lr_decay >= 0.0, "lr_decay value", lr_decay, "at least 0")
        check(
            initial_accumulator_value >= 0.0, "initial_accumulator_value value", initial_accumulator_value, "at least 0"
        )
        check_implementations(foreach, fused, differentiable)
        super().__init__(params, settings_of(locals()))
        for group in self.param_groups:
            for p in group["params"]:
                self._write_state(p, self._first_state(p, group))

    @staticmethod
    def init(xp: Namespace, p: Array, /, *, initial_accumulator_value: float) -> State:
        """No steps and sums that are all ``initial_accumulator_value``."""
        return {"step": 0.0, "sum": xp.full_like(p, initial_accumulator_value)}

    @staticmethod
    def update(
        xp: Namespace, p: Array, g: Array, state: State, /, *, lr: float, lr_decay: float, eps: float
    ) -> tuple[Array, State]:
        """One step, with this gradient in the sum."""
        total = state["sum"] + g * g
        p = p - (lr / (1.0 + state["step"] * lr_decay)) * (g / (xp.sqrt(total) + eps))
        return p, {"step": state["step"] + 1.0, "sum": total}
