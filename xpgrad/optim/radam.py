"""RAdam."""

from __future__ import annotations

from typing import final

from xpgrad._typing import Array, Namespace
from xpgrad.optim.optimizer import Optimizer, Params, State, check_betas, check_common, settings_of


@final
class RAdam(Optimizer):
    """Adam that divides by the second moment only once enough gradients have been seen, and then by more and more.

    Mirrors ``torch.optim.RAdam``.

    Args:
        params: Tensors or groups of them.
        lr: The length of a step, nearly.
        betas: How much of the running means of gradients and of their squares stays from step to step.
        eps: Added to the root of the latter.
        weight_decay: The factor of the squared parameters (halved) that is added to the loss.
        decoupled_weight_decay: Shrink the parameters instead of adding to the loss, as `AdamW` does.
        foreach, maximize, capturable, differentiable: As in `Optimizer`.

    Raises:
        ArgumentError: A setting is out of range.

    Source: Liu et al. 2020, *On the variance of the adaptive learning rate and beyond*, algorithm 2.
    """

    numbers = ("step",)

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_common(lr, weight_decay, eps)
        check_betas(betas)
        super().__init__(params, settings_of(locals()))

    @staticmethod
    def init(xp: Namespace, p: Array, /) -> State:
        """No steps and moments of zero."""
        return {"step": 0.0, "exp_avg": xp.zeros_like(p), "exp_avg_sq": xp.zeros_like(p)}

    @staticmethod
    def update(
        xp: Namespace, p: Array, g: Array, state: State, /, *, lr: float, betas: tuple[float, float], eps: float
    ) -> tuple[Array, State]:
        """One step, rectified where the variance of the second moment is finite."""
        beta1, beta2 = betas
        step = state["step"] + 1.0
        mean = state["exp_avg"] + (1.0 - beta1) * (g - state["exp_avg"])
        square = beta2 * state["exp_avg_sq"] + (1.0 - beta2) * (g * g)
        correction = 1.0 - beta2**step
        longest = 2.0 / (1.0 - beta2) - 1.0
        length = longest - 2.0 * step * beta2**step / correction
        direction = mean / (1.0 - beta1**step)
        if length > 5.0:
            ratio = (length - 4.0) * (length - 2.0) * longest / ((longest - 4.0) * (longest - 2.0) * length)
            direction = direction * ((ratio * correction) ** 0.5 / (xp.sqrt(square) + eps))
        return p - lr * direction, {"step": step, "exp_avg": mean, "exp_avg_sq": square}
