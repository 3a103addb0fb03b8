"""Optimizer steps in one launch, in the memory of the parameter and of the moments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from xpgrad._typing import Array
from xpgrad.backends.cupy_kernels.elementwise import elementwise
from xpgrad.backends.cupy_kernels.rows import same_floats
from xpgrad.backends.fallbacks import optim as fallback

# Results are given, and read before they are written.
_PLAIN: Final = elementwise("sgd", "T g, float64 lr", "T p", "p = T(Real(p) - Real(lr) * Real(g));")
_MOMENTUM: Final = elementwise(
    "sgd_momentum",
    "T g, float64 lr, float64 momentum, float64 share, bool nesterov",
    "T p, T buffer",
    """
    const Real sum = Real(momentum) * Real(buffer) + Real(share) * Real(g);
    buffer = T(sum);
    p = T(Real(p) - Real(lr) * (nesterov ? Real(g) + Real(momentum) * sum : sum));
    """,
)

_MOMENTS: Final = """
    const Real new_mean = Real(mean) + Real(share1) * (Real(g) - Real(mean));
    const Real new_square = Real(beta2) * Real(square) + Real(share2) * (Real(g) * Real(g));
    mean = T(new_mean);
    square = T(new_square);
"""
_STEP: Final = "p = T(Real(p) - Real(rate) * (new_mean / (sqrt(largest) / Real(correction) + Real(eps))));"
_ADAM_INPUTS: Final = (
    "T g, float64 share1, float64 beta2, float64 share2, float64 correction, float64 eps, float64 rate"
)
_ADAM: Final = elementwise(
    "adam", _ADAM_INPUTS, "T p, T mean, T square", f"{_MOMENTS} const Real largest = new_square; {_STEP}"
)
# Of a number and NaN the maximum is NaN.
_AMSGRAD: Final = elementwise(
    "amsgrad",
    _ADAM_INPUTS,
    "T p, T mean, T square, T peak",
    f"{_MOMENTS} const Real largest = Real(peak) >= new_square ? Real(peak) : new_square; peak = T(largest); {_STEP}",
)


def sgd_update(
    xp: Any,
    p: Array,
    g: Array,
    buffer: Array | None,
    /,
    *,
    lr: float,
    momentum: float,
    dampening: float,
    nesterov: bool,
) -> tuple[Array, Array | None]:
    """Return what the fallback of this name returns, in the memory of ``p`` and ``buffer``."""
    if not same_floats(p, g, buffer):
        return fallback.sgd_update(xp, p, g, buffer, lr=lr, momentum=momentum, dampening=dampening, nesterov=nesterov)
    if momentum and buffer is not None:
        _MOMENTUM(g, lr, momentum, 1.0 - dampening, nesterov, p, buffer)
        return p, buffer
    # The first buffer is the gradient, so that a step along both is one along the gradient.
    _PLAIN(g, lr * (1.0 + momentum) if nesterov else lr, p)
    return p, g.copy() if momentum else buffer


def adam_update(
    xp: Any,
    p: Array,
    g: Array,
    mean: Array,
    square: Array,
    peak: Array | None,
    /,
    *,
    step: float,
    lr: float,
    betas: tuple[float, float],
    eps: float,
) -> tuple[Array, Array, Array, Array | None]:
    """Return what the fallback of this name returns, in the memory of ``p`` and the moments."""
    if not same_floats(p, g, mean, square, peak):
        return fallback.adam_update(xp, p, g, mean, square, peak, step=step, lr=lr, betas=betas, eps=eps)
    beta1, beta2 = betas
    numbers = (1.0 - beta1, beta2, 1.0 - beta2, (1.0 - beta2**step) ** 0.5, eps, lr / (1.0 - beta1**step))
    if peak is None:
        _ADAM(g, *numbers, p, mean, square)
    else:
        _AMSGRAD(g, *numbers, p, mean, square, peak)
    return p, mean, square, peak


KERNELS: dict[str, Callable[..., Any]] = {"adam_update": adam_update, "sgd_update": sgd_update}
