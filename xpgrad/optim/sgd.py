"""Stochastic gradient descent."""

from __future__ import annotations

from typing import final

from xpgrad._typing import Array, Namespace
from xpgrad.errors import ArgumentError
from xpgrad.optim.optimizer import Optimizer, Params, State, check, check_common, check_implementations, settings_of


@final
class SGD(Optimizer):
    """``p - lr * b``, where ``b`` is the gradient or, with momentum, ``momentum * b + (1 - dampening) * gradient``.

    Mirrors ``torch.optim.SGD``; `Optimizer` explains the other settings.

    Args:
        params: Tensors or groups of them.
        lr: The length of a step, in gradients.
        momentum: How much of ``b`` stays from step to step; the first ``b`` is the gradient.
        dampening: How much less than all of the gradient is added to ``b``.
        weight_decay: The factor of the squared parameters (halved) that is added to the loss.
        nesterov: Step along ``gradient + momentum * b`` instead.
        maximize, foreach, differentiable, fused: As in `Optimizer`.

    Raises:
        ArgumentError: A setting is out of range, or Nesterov's momentum is zero or dampened.

    >>> from xpgrad import tensor
    >>> x = tensor([3.0], requires_grad=True)
    >>> optimizer = SGD([x], lr=0.25)
    >>> (x**2).sum().backward()
    >>> optimizer.step()
    >>> x
    tensor([1.5000], requires_grad=True)
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        check_common(lr, weight_decay)
        check(momentum >= 0.0, "momentum value", momentum, "at least 0")
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ArgumentError(
                "Nesterov momentum requires a momentum and zero dampening, "
                f"but momentum is {momentum} and dampening {dampening}"
            )
        check_implementations(foreach, fused, differentiable)
        super().__init__(params, settings_of(locals()))

    @staticmethod
    def update(
        xp: Namespace,
        p: Array,
        g: Array,
        state: State,
        /,
        *,
        lr: float,
        momentum: float,
        dampening: float,
        nesterov: bool,
    ) -> tuple[Array, State]:
        """The step of ``sgd_update``, an extension function."""
        buffer = state.get("momentum_buffer") if momentum else None
        p, buffer = xp.sgd_update(p, g, buffer, lr=lr, momentum=momentum, dampening=dampening, nesterov=nesterov)
        return p, {"momentum_buffer": buffer} if momentum else {}
