"""Adafactor."""

from __future__ import annotations

import math
from typing import Any, final

from xpgrad._typing import Array, Namespace
from xpgrad.errors import ArgumentError, OptimizerError
from xpgrad.optim.optimizer import Optimizer, Params, State, settings_of


@final
class Adafactor(Optimizer):
    """Divides by the root of a running mean of squares that is kept, for matrices, as one row and one column.

    Mirrors ``torch.optim.Adafactor``. Steps are relative to the size of the parameters.

    Args:
        params: Tensors or groups of them.
        lr: The greatest length of a step, relative; later ones are at most one over the root of their number.
        beta2_decay: The power with which the mean grows longer.
        eps: The least mean of squares (the rounding unit for None) and the least size of a parameter.
        d: The greatest root mean square of a gradient after division.
        weight_decay: How much of a parameter is lost per step and unit of ``lr``.
        foreach, maximize: As in `Optimizer`.

    Raises:
        ArgumentError: A setting is out of range.
        OptimizerError: A parameter is complex.

    Source: Shazeer and Stern 2018, *Adafactor: adaptive learning rates with sublinear memory cost*, algorithms 4 and 5.
    """

    numbers = ("step",)

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        beta2_decay: float = -0.8,
        eps: tuple[float | None, float] = (None, 1e-3),
        d: float = 1.0,
        weight_decay: float = 0.0,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
    ) -> None:
        _check(lr >= 0.0, "Learning rate should be >= 0", lr)
        _check(beta2_decay <= 0.0, "beta2_decay should be <= 0", beta2_decay)
        _check(eps[0] is None or eps[0] >= 0.0, "epsilon1 should be >= 0", eps[0])
        _check(eps[1] >= 0.0, "epsilon2 should be >= 0", eps[1])
        _check(d >= 1.0, "Clipping threshold d should be >= 1", d)
        _check(weight_decay >= 0.0, "weight_decay should be >= 0", weight_decay)
        super().__init__(params, settings_of(locals()))

    def _with_decay(
        self, p: Any, g: Any, group: dict[str, Any], lr: Any, weight_decay: Any, *, in_place: bool = False
    ) -> tuple[Any, Any]:
        # The length of a step is relative to the parameters before they decay, so `update` does that.
        return p, -g if group["maximize"] else g

    def _rule(self, parameter: Any) -> Optimizer:
        if parameter.is_complex():
            raise OptimizerError("Adafactor does not support complex parameters: give real and imaginary parts")
        return self

    @staticmethod
    def init(xp: Namespace, p: Array, /) -> State:
        """No steps and means of zero: of rows and columns for matrices."""
        if p.ndim < 2:
            return {"step": 0.0, "variance": xp.zeros_like(p)}
        return {"step": 0.0, "row_var": xp.zeros_like(p[..., :1]), "col_var": xp.zeros_like(p[..., :1, :])}

    @staticmethod
    def update(
        xp: Namespace,
        p: Array,
        g: Array,
        state: State,
        /,
        *,
        lr: float,
        beta2_decay: float,
        eps: tuple[float | None, float],
        d: float,
        weight_decay: float,
    ) -> tuple[Array, State]:
        """One step."""
        least = float(xp.finfo(p.dtype).eps) if eps[0] is None else eps[0]
        new = {"step": state["step"] + 1.0}
        share = new["step"] ** beta2_decay
        means = {"variance": g * g} if p.ndim < 2 else _means(xp, g)
        for name, mean in means.items():
            new[name] = state[name] + share * (mean - state[name])
        if p.ndim < 2:
            variance = new["variance"]
        else:
            rows = new["row_var"]
            mean_of_rows = xp.mean(rows, axis=-2, keepdims=True)
            variance = rows * new["col_var"] / xp.maximum(mean_of_rows, xp.full_like(mean_of_rows, least))
        g = g / xp.sqrt(xp.maximum(variance, xp.full_like(variance, least * least)))
        size = max(eps[1], _root_mean_square(xp, p))
        length = min(lr, new["step"] ** -0.5) * size / max(1.0, _root_mean_square(xp, g) / d)
        return p * (1.0 - lr * weight_decay) - length * g, new


def _check(holds: bool, claim: str, value: object) -> None:
    if not holds:
        raise ArgumentError(f"{claim} but is: {value}")


def _means(xp: Namespace, g: Array) -> dict[str, Array]:
    square = g * g
    return {
        "row_var": xp.mean(square, axis=-1, keepdims=True),
        "col_var": xp.mean(square, axis=-2, keepdims=True),
    }


def _root_mean_square(xp: Namespace, x: Array) -> float:
    return math.sqrt(float(xp.mean(x * x)))
