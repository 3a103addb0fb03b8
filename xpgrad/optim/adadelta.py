"""Adadelta."""

from __future__ import annotations

from typing import final

from xpgrad._typing import Array, Namespace
from xpgrad.optim.optimizer import Optimizer, Params, State, check, check_common, settings_of


@final
class Adadelta(Optimizer):
    """Scales the gradient by the root of the mean square of past steps over that of past gradients.

    Mirrors ``torch.optim.Adadelta``.

    Args:
        params: Tensors or groups of them.
        lr: A factor of the step.
        rho: How much of the running means stays from step to step.
        eps: Added under both roots.
        weight_decay: The factor of the squared parameters (halved) that is added to the loss.
        foreach, capturable, maximize, differentiable: As in `Optimizer`.

    Raises:
        ArgumentError: A setting is out of range.

    Source: Zeiler 2012, *ADADELTA: an adaptive learning rate method*, algorithm 1.
    """

    numbers = ("step",)

    def __init__(
        self,
        params: Params,
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        capturable: bool = False,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_common(lr, weight_decay, eps)
        check(0.0 <= rho <= 1.0, "rho value", rho, "in [0, 1]")
        super().__init__(params, settings_of(locals()))

    @staticmethod
    def init(xp: Namespace, p: Array, /) -> State:
        """No steps and means of zero."""
        return {"step": 0.0, "square_avg": xp.zeros_like(p), "acc_delta": xp.zeros_like(p)}

    @staticmethod
    def update(
        xp: Namespace, p: Array, g: Array, state: State, /, *, lr: float, rho: float, eps: float
    ) -> tuple[Array, State]:
        """One step, with this gradient in its mean and the last step in the other."""
        square = rho * state["square_avg"] + (1.0 - rho) * (g * g)
        step = xp.sqrt(state["acc_delta"] + eps) / xp.sqrt(square + eps) * g
        steps = rho * state["acc_delta"] + (1.0 - rho) * (step * step)
        return p - lr * step, {"step": state["step"] + 1.0, "square_avg": square, "acc_delta": steps}
