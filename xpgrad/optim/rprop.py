"""Resilient backpropagation."""

from __future__ import annotations

from typing import final

from xpgrad._typing import Array, Namespace
from xpgrad.optim.optimizer import Optimizer, Params, State, check, check_common, settings_of


@final
class Rprop(Optimizer):
    """Steps along the signs of gradients, each element's longer while the sign stays and shorter once it turns.

    Mirrors ``torch.optim.Rprop``. For gradients of all data: noise turns signs.

    Args:
        params: Tensors or groups of them.
        lr: The length of the first step.
        etas: By how much a step is shortened and lengthened.
        step_sizes: The least and the greatest length.
        capturable, foreach, maximize, differentiable: As in `Optimizer`.

    Raises:
        ArgumentError: A setting is out of range.

    Source: Riedmiller and Braun 1993, *A direct adaptive method for faster backpropagation learning*.
    """

    numbers = ("step",)

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        *,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_common(lr, 0.0)
        check(0.0 < etas[0] < 1.0 < etas[1], "eta values", f"{etas[0]}, {etas[1]}", "on both sides of 1 and positive")
        super().__init__(params, settings_of(locals()))

    @staticmethod
    def init(xp: Namespace, p: Array, /, *, lr: float) -> State:
        """No steps, no gradient before the first, and first steps of length ``lr``."""
        return {"step": 0.0, "prev": xp.zeros_like(p), "step_size": xp.zeros_like(p) + lr}

    @staticmethod
    def update(
        xp: Namespace,
        p: Array,
        g: Array,
        state: State,
        /,
        *,
        etas: tuple[float, float],
        step_sizes: tuple[float, float],
    ) -> tuple[Array, State]:
        """One step; elements whose sign turned stay where they are."""
        shorter, longer = etas
        agreement = xp.sign(g * state["prev"])
        unchanged = xp.ones_like(agreement)
        factor = xp.where(agreement > 0, longer, xp.where(agreement < 0, shorter, unchanged))
        length = xp.clip(state["step_size"] * factor, *step_sizes)
        g = xp.where(agreement < 0, xp.zeros_like(g), xp.asarray(g, copy=True))
        return p - xp.sign(g) * length, {"step": state["step"] + 1.0, "prev": g, "step_size": length}
