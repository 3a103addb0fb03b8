"""Adamax."""

from __future__ import annotations

from typing import final

from xpgrad._typing import Array, Namespace
from xpgrad.optim.optimizer import Optimizer, Params, State, check_betas, check_common, settings_of


@final
class Adamax(Optimizer):
    """Adam with the greatest recent gradient, forgotten slowly, in place of the root mean square.

    Mirrors ``torch.optim.Adamax``.

    Args:
        params: Tensors or groups of them.
        lr: The length of a step, nearly.
        betas: How much of the running mean and of the greatest gradient stays from step to step.
        eps: Added to the size of each gradient.
        weight_decay: The factor of the squared parameters (halved) that is added to the loss.
        foreach, maximize, differentiable, capturable: As in `Optimizer`.

    Raises:
        ArgumentError: A setting is out of range.

    Source: Kingma and Ba 2015, *Adam: a method for stochastic optimization*, algorithm 2.
    """

    numbers = ("step",)

    def __init__(
        self,
        params: Params,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        check_common(lr, weight_decay, eps)
        check_betas(betas)
        super().__init__(params, settings_of(locals()))

    @staticmethod
    def init(xp: Namespace, p: Array, /) -> State:
        """No steps, a mean and a greatest gradient of zero."""
        return {"step": 0.0, "exp_avg": xp.zeros_like(p), "exp_inf": xp.zeros_like(p)}

    @staticmethod
    def update(
        xp: Namespace, p: Array, g: Array, state: State, /, *, lr: float, betas: tuple[float, float], eps: float
    ) -> tuple[Array, State]:
        """One step, with this gradient in both."""
        beta1, beta2 = betas
        step = state["step"] + 1.0
        mean = state["exp_avg"] + (1.0 - beta1) * (g - state["exp_avg"])
        greatest = xp.maximum(beta2 * state["exp_inf"], xp.abs(g) + eps)
        p = p - (lr / (1.0 - beta1**step)) * (mean / greatest)
        return p, {"step": step, "exp_avg": mean, "exp_inf": greatest}
