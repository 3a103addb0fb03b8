"""Making a rule's gradient fit the input it belongs to, so that no rule has to."""

from __future__ import annotations

from typing import Any

from xpgrad.core.graph import Node
from xpgrad.core.tensor_base import TensorBase, late
from xpgrad.errors import GradientError


def fit(node: Node, target: Node, g: Any, recorded: bool) -> Any:
    """``g``, summed over broadcast axes and cast, in the shape and dtype of the gradient that ``target`` takes.

    Raises:
        GradientError: ``g`` does not come from broadcasting the target's shape: the rule of ``node`` is wrong.
    """
    shape, place = target.shape, target.place
    xp = late.recorded if recorded else place.xp
    if shape is None:
        return g
    if tuple(g.shape) != tuple(shape):
        g = unbroadcast(xp, g, tuple(shape), node)
    have = place.dtype(g._array.dtype if isinstance(g, TensorBase) else g.dtype)
    want = place.dtype(target.dtype)
    if have is not want:
        if have.is_complex and not want.is_complex:
            g = xp.real(g)
        g = xp.astype(g, want if recorded else target.dtype)
    return g


def unbroadcast(xp: Any, g: Any, shape: tuple[int, ...], node: object = "unbroadcast") -> Any:
    """``g`` summed over the axes along which ``shape`` was broadcast to ``g.shape``."""
    extra = g.ndim - len(shape)
    stretched = tuple(i for i in range(g.ndim) if i < extra or (shape[i - extra] == 1 and g.shape[i] != 1))
    kept = tuple(n for i, n in enumerate(g.shape) if i not in stretched)
    if extra < 0 or kept != tuple(n for i, n in enumerate(shape) if i + extra not in stretched):
        raise GradientError(
            f"{node}: a rule returned a gradient of shape {tuple(g.shape)} for an input of shape {shape}; "
            "it must be that shape or one that the input broadcasts to"
        )
    return xp.reshape(xp.sum(g, axis=stretched, dtype=g.dtype), shape)
