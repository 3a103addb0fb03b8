"""Averaged stochastic gradient descent."""

from __future__ import annotations

from typing import final

from xpgrad._typing import Array, Namespace
from xpgrad.optim.optimizer import Optimizer, Params, State, check_common, settings_of


@final
class ASGD(Optimizer):
    """Gradient descent with decaying steps, and in the state ``ax`` the mean of the parameters since step ``t0``.

    Mirrors ``torch.optim.ASGD``.

    Args:
        params: Tensors or groups of them.
        lr: The length of the first steps, in gradients.
        lambd: How fast steps decay, and how much of a parameter is lost per step.
        alpha: The power with which they decay.
        t0: After how many steps the mean begins.
        weight_decay: The factor of the squared parameters (halved) that is added to the loss.
        foreach, maximize, differentiable, capturable: As in `Optimizer`.

    Raises:
        ArgumentError: A setting is out of range.

    Source: Polyak and Juditsky 1992, *Acceleration of stochastic approximation by averaging*.
    """

    numbers = ("step", "eta", "mu")

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        check_common(lr, weight_decay)
        super().__init__(params, settings_of(locals()))

    @staticmethod
    def init(xp: Namespace, p: Array, /, *, lr: float) -> State:
        """No steps; the first will be of length ``lr`` and be the whole mean."""
        return {"step": 0.0, "eta": lr, "mu": 1.0, "ax": xp.zeros_like(p)}

    @staticmethod
    def update(
        xp: Namespace, p: Array, g: Array, state: State, /, *, lr: float, lambd: float, alpha: float, t0: float
    ) -> tuple[Array, State]:
        """One step, and the length of the next."""
        step, eta, mu = state["step"] + 1.0, state["eta"], state["mu"]
        p = p * (1.0 - lambd * eta) - eta * g
        mean = state["ax"] + mu * (p - state["ax"]) if mu != 1.0 else xp.asarray(p, copy=True)
        eta = lr / (1.0 + lambd * lr * step) ** alpha
        return p, {"step": step, "eta": eta, "mu": 1.0 / max(1.0, step - t0), "ax": mean}
