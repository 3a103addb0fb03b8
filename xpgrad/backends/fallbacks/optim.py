"""Optimizer steps written over the Array API standard alone.

They are extension functions because fused ones pay: a kernel may write into the memory of the parameter and of the
moments, which the caller gives up. The gradient stays as it is and is never kept without a copy.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["FALLBACKS", "adam_update", "sgd_update"]


def sgd_update(
    xp: Any, p: Any, g: Any, buffer: Any, /, *, lr: float, momentum: float, dampening: float, nesterov: bool
) -> tuple[Any, Any]:
    """Return parameter ``p`` and its momentum ``buffer`` after a step of gradient descent along ``g``.

    ``buffer`` is None before the first step, which starts it as ``g``, and stays None without momentum.

    Source: Sutskever et al. 2013, *On the importance of initialization and momentum in deep learning*, as changed by
    PyTorch: the buffer holds gradients, not steps, so that ``lr`` scales the old ones too.
    """
    if momentum:
        buffer = xp.asarray(g, copy=True) if buffer is None else momentum * buffer + (1.0 - dampening) * g
        g = g + momentum * buffer if nesterov else buffer
    return p - lr * g, buffer


def adam_update(
    xp: Any,
    p: Any,
    g: Any,
    mean: Any,
    square: Any,
    peak: Any,
    /,
    *,
    step: float,
    lr: float,
    betas: tuple[float, float],
    eps: float,
) -> tuple[Any, Any, Any, Any]:
    """Return parameter ``p`` and its moments after Adam's step number ``step`` (the first is 1) along ``g``.

    The moments are the running ``mean`` of gradients and of their squares (``square``), and the greatest that the
    latter has been (``peak``), which takes its place in the step; without AMSGrad ``peak`` is None.

    Source: Kingma and Ba 2015, *Adam*, algorithm 1; Reddi et al. 2018, *On the convergence of Adam and beyond*,
    algorithm 2, with the bias of the peak corrected as in PyTorch.
    """
    beta1, beta2 = betas
    mean = mean + (1.0 - beta1) * (g - mean)
    square = beta2 * square + (1.0 - beta2) * (g * g)
    largest = square if peak is None else xp.maximum(peak, square)
    scale = xp.sqrt(largest) / (1.0 - beta2**step) ** 0.5 + eps
    p = p - (lr / (1.0 - beta1**step)) * (mean / scale)
    return p, mean, square, None if peak is None else largest


FALLBACKS: dict[str, Callable[..., Any]] = {"adam_update": adam_update, "sgd_update": sgd_update}
