"""Making a rule's gradient fit the input it belongs to, so that no rule has to."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

from xpgrad.core.tensor_base import TensorBase, late
from xpgrad.errors import GradientError


def fit(node: Any, target: Any, g: Any, recorded: bool) -> Any:
    """``g``, summed over broadcast axes and cast, in the shape and dtype of the gradient that ``target`` takes.

    Raises:
        GradientError: ``g`` does not come from broadcasting the target's shape: the rule of ``node`` is wrong.
    """
    shape, place = target.shape, target.place
    xp = late.recorded if recorded else place.xp
    if shape is None:
        return g
    if tuple(g.shape) != tuple(shape):
        g = unbroadcast(xp, g, tuple(shape), f"Function {node.name()}", _index(node, target))
    raw = g._array.dtype if isinstance(g, TensorBase) else g.dtype
    if raw is target.dtype:
        return g
    have, want = place.dtype(raw), place.dtype(target.dtype)
    if have is not want:
        if have.is_complex and not want.is_complex:
            g = xp.real(g)
        g = xp.astype(g, want if recorded else target.dtype)
    return g


def fitted(node: Any, results: Iterable[Any], recorded: bool) -> tuple[Any, ...]:
    """The gradients of all inputs of ``node``, made to fit; None where there is none or none is wanted."""
    pairs = zip(node.next, results)  # noqa: B905  (a custom Function may return more)
    return tuple([None if r is None or n is None else fit(node, n, r, recorded) for n, r in pairs])


def _index(node: Any, target: Any) -> int:
    return next((i for i, n in enumerate(node.next) if n is target), 0)


def unbroadcast(xp: Any, g: Any, shape: tuple[int, ...], who: str = "unbroadcast", index: int = 0) -> Any:
    """``g`` summed over the axes along which ``shape`` was broadcast to ``g.shape``."""
    axes = _stretched(tuple(g.shape), shape)
    if axes is None:
        raise GradientError(
            f"{who} returned an invalid gradient at index {index} - got {list(g.shape)} but expected shape compatible "
            f"with {list(shape)}: that shape, or one that it broadcasts to"
        )
    g = xp.sum(g, axis=axes if shape else None, dtype=g.dtype)
    return g if g.ndim == len(shape) else xp.reshape(g, shape)


@functools.lru_cache(maxsize=1024)
def _stretched(have: tuple[int, ...], want: tuple[int, ...]) -> tuple[int, ...] | None:
    """The axes to sum over to get from shape ``have`` to ``want``, lengths of 1 aside; None if there is no way."""
    extra = len(have) - len(want)
    stretched = tuple([i for i, n in enumerate(have) if i < extra or (want[i - extra] == 1 and n != 1)])
    kept = [n for i, n in enumerate(have) if i not in stretched]
    return stretched if extra >= 0 and kept == [n for i, n in enumerate(want) if i + extra not in stretched] else None
