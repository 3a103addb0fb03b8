"""Functions of networks that gradient rules need under a name of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xpgrad._typing import Array, Namespace


def sigmoid(xp: Namespace, x: Array, /) -> Array:
    """``1 / (1 + exp(-x))`` (`torch.sigmoid`).

    An extension because rules that contain it must be differentiable again: written out, its derivative is infinity
    over infinity where the exponential overflows.
    """
    return 1.0 / (xp.exp(-x) + 1.0)


def relu(xp: Namespace, x: Array, /) -> Array:
    """The greater of ``x`` and 0."""
    return xp.maximum(x, 0)


def relu_input(xp: Namespace, g: Array, out: Array, /) -> Array:
    """The gradient of the input of `relu` from that of its result: ``g`` where ``out`` is not 0, else 0.

    An extension, like `relu`, because it is everywhere and NumPy can do it several times faster than it does `where`.
    """
    return xp.where(out <= 0, 0.0, g)


FALLBACKS: dict[str, Callable[..., Any]] = {"relu": relu, "relu_input": relu_input, "sigmoid": sigmoid}
