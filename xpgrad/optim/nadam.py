"""NAdam."""

from __future__ import annotations

from typing import final

from xpgrad._typing import Array, Namespace
from xpgrad.optim.optimizer import Optimizer, Params, State, check, check_betas, check_common, settings_of


@final
class NAdam(Optimizer):
    """Adam with Nesterov's momentum, which grows towards ``betas[0]`` in the course of the steps.

    Mirrors ``torch.optim.NAdam``.

    Args:
        params: Tensors or groups of them.
        lr: The length of a step, nearly.
        betas: How much of the running means of gradients and of their squares stays from step to step.
        eps: Added to the root of the latter.
        weight_decay: The factor of the squared parameters (halved) that is added to the loss.
        momentum_decay: How fast the momentum grows.
        decoupled_weight_decay: Shrink the parameters instead of adding to the loss, as `AdamW` does.
        foreach, maximize, capturable, differentiable: As in `Optimizer`.

    Raises:
        ArgumentError: A setting is out of range.

    Source: Dozat 2016, *Incorporating Nesterov momentum into Adam*, algorithm 8.
    """

    numbers = ("step", "mu_product")

    def __init__(
        self,
        params: Params,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_common(lr, weight_decay, eps)
        check_betas(betas)
        check(momentum_decay >= 0.0, "momentum_decay value", momentum_decay, "at least 0")
        super().__init__(params, settings_of(locals()))

    @staticmethod
    def init(xp: Namespace, p: Array, /) -> State:
        """No steps, moments of zero, and a product of no momenta."""
        return {"step": 0.0, "mu_product": 1.0, "exp_avg": xp.zeros_like(p), "exp_avg_sq": xp.zeros_like(p)}

    @staticmethod
    def update(
        xp: Namespace,
        p: Array,
        g: Array,
        state: State,
        /,
        *,
        lr: float,
        betas: tuple[float, float],
        eps: float,
        momentum_decay: float,
    ) -> tuple[Array, State]:
        """One step, with this gradient in both moments."""
        beta1, beta2 = betas
        step = state["step"] + 1.0
        now, following = (beta1 * (1.0 - 0.5 * 0.96 ** (n * momentum_decay)) for n in (step, step + 1.0))
        product = state["mu_product"] * now
        mean = state["exp_avg"] + (1.0 - beta1) * (g - state["exp_avg"])
        square = beta2 * state["exp_avg_sq"] + (1.0 - beta2) * (g * g)
        scale = xp.sqrt(square / (1.0 - beta2**step)) + eps
        ahead = ((1.0 - now) / (1.0 - product)) * g + (following / (1.0 - product * following)) * mean
        return p - lr * (ahead / scale), {"step": step, "mu_product": product, "exp_avg": mean, "exp_avg_sq": square}
