"""Adam, with weight decay in the gradient or apart from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, final

from xpgrad._typing import Array, Namespace
from xpgrad.optim.optimizer import (
    Optimizer,
    Params,
    State,
    check_betas,
    check_common,
    check_implementations,
    settings_of,
)


class _AdamKind(Optimizer):
    numbers = ("step",)

    def __init__(self, params: Params, defaults: dict[str, Any]) -> None:
        check_common(defaults["lr"], defaults["weight_decay"], defaults["eps"])
        check_betas(defaults["betas"])
        check_implementations(defaults["foreach"], defaults["fused"], defaults["differentiable"])
        super().__init__(params, defaults)

    @staticmethod
    def init(xp: Namespace, p: Array, /, *, amsgrad: bool) -> State:
        """No steps and moments of zero."""
        state = {"step": 0.0, "exp_avg": xp.zeros_like(p), "exp_avg_sq": xp.zeros_like(p)}
        if amsgrad:
            state["max_exp_avg_sq"] = xp.zeros_like(p)
        return state

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
        amsgrad: bool,
    ) -> tuple[Array, State]:
        """The step of ``adam_update``, an extension function."""
        step = state["step"] + 1.0
        peak = state["max_exp_avg_sq"] if amsgrad else None
        p, mean, square, peak = xp.adam_update(
            p, g, state["exp_avg"], state["exp_avg_sq"], peak, step=step, lr=lr, betas=betas, eps=eps
        )
        new = {"step": step, "exp_avg": mean, "exp_avg_sq": square}
        if amsgrad:
            new["max_exp_avg_sq"] = peak
        return p, new


@final
class Adam(_AdamKind):
    """Steps along the running mean of gradients over the root of the running mean of their squares.

    Mirrors ``torch.optim.Adam``; `Optimizer` explains the other settings.

    Args:
        params: Tensors or groups of them.
        lr: The length of a step, nearly: in the units of the parameters, whatever the size of the gradients.
        betas: How much of each running mean stays from step to step.
        eps: Added to the root, so that tiny gradients take small steps.
        weight_decay: The factor of the squared parameters (halved) that is added to the loss.
        amsgrad: Divide by the root of the greatest mean so far.
        decoupled_weight_decay: Shrink the parameters instead of adding to the loss, as `AdamW` does.
        foreach, maximize, capturable, differentiable, fused: As in `Optimizer`.

    Raises:
        ArgumentError: A setting is out of range.

    >>> from xpgrad import tensor
    >>> x = tensor([3.0, -0.1], requires_grad=True)
    >>> optimizer = Adam([x], lr=0.5)
    >>> (x**2).sum().backward()
    >>> optimizer.step()
    >>> x
    tensor([2.5000, 0.4000], requires_grad=True)

    Source: Kingma and Ba 2015, *Adam: a method for stochastic optimization*.
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ) -> None:
        super().__init__(params, settings_of(locals()))


@final
class AdamW(_AdamKind):
    """Adam whose weight decay shrinks the parameters by ``lr * weight_decay`` before each step.

    Mirrors ``torch.optim.AdamW``.

    Args:
        params: Tensors or groups of them.
        lr: As for `Adam`.
        betas: As for `Adam`.
        eps: As for `Adam`.
        weight_decay: How much of a parameter is lost per step and unit of ``lr``.
        amsgrad: As for `Adam`.
        maximize, foreach, capturable, differentiable, fused: As in `Optimizer`.

    Raises:
        ArgumentError: A setting is out of range.

    Source: Loshchilov and Hutter 2019, *Decoupled weight decay regularization*, algorithm 2.
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        decoupled_weight_decay = True
        super().__init__(params, settings_of(locals()))

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """As in `Optimizer`; the decay stays decoupled, even with the state of an `Adam`."""
        super().load_state_dict(state_dict)
        for group in self.param_groups:
            group["decoupled_weight_decay"] = True
