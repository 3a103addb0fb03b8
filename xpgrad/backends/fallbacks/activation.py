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


FALLBACKS: dict[str, Callable[..., Any]] = {"sigmoid": sigmoid}
