"""RMSprop."""

from __future__ import annotations

from typing import final

from xpgrad._typing import Array, Namespace
from xpgrad.optim.optimizer import Optimizer, Params, State, check, check_common, settings_of


@final
class RMSprop(Optimizer):
    """Divides the gradient by the root of a running mean of its squares.

    Mirrors ``torch.optim.RMSprop``.

    Args:
        params: Tensors or groups of them.
        lr: The length of a step, nearly.
        alpha: How much of the running means stays from step to step.
        eps: Added to the root.
        weight_decay: The factor of the squared parameters (halved) that is added to the loss.
        momentum: How much of a step is added to the next.
        centered: Divide by the standard deviation: less the square of a running mean of gradients.
        capturable, foreach, maximize, differentiable: As in `Optimizer`.

    Raises:
        ArgumentError: A setting is out of range.

    Source: Tieleman and Hinton 2012, *Neural networks for machine learning*, lecture 6.5; centered: Graves 2013,
    *Generating sequences with recurrent neural networks*, equations 38 to 45.
    """

    numbers = ("step",)

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_common(lr, weight_decay, eps)
        check(momentum >= 0.0, "momentum value", momentum, "at least 0")
        check(alpha >= 0.0, "alpha value", alpha, "at least 0")
        super().__init__(params, settings_of(locals()))

    @staticmethod
    def init(xp: Namespace, p: Array, /, *, momentum: float, centered: bool) -> State:
        """No steps and means of zero, of those that the settings use."""
        names = ["square_avg", *["momentum_buffer"] * (momentum > 0), *["grad_avg"] * centered]
        return {"step": 0.0} | {name: xp.zeros_like(p) for name in names}

    @staticmethod
    def update(
        xp: Namespace,
        p: Array,
        g: Array,
        state: State,
        /,
        *,
        lr: float,
        alpha: float,
        eps: float,
        momentum: float,
        centered: bool,
    ) -> tuple[Array, State]:
        """One step, with the means updated first."""
        new = state | {"step": state["step"] + 1.0, "square_avg": alpha * state["square_avg"] + (1.0 - alpha) * (g * g)}
        variance = new["square_avg"]
        if centered:
            new["grad_avg"] = state["grad_avg"] + (1.0 - alpha) * (g - state["grad_avg"])
            variance = variance - new["grad_avg"] * new["grad_avg"]
        step = g / (xp.sqrt(variance) + eps)
        if momentum > 0:
            step = new["momentum_buffer"] = momentum * state["momentum_buffer"] + step
        return p - lr * step, new
