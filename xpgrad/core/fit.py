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
    if g.shape != shape:
        axes = _stretched(tuple(g.shape), tuple(shape))
        if axes is None:
            index = next((i for i, n in enumerate(node.next) if n is target), 0)
            raise GradientError(
                f"Function {node.name()} returned an invalid gradient at index {index} - got {list(g.shape)} but "
                f"expected shape compatible with {list(shape)}: that shape, or one that it broadcasts to"
            )
        g = xp.sum(g, axis=axes if shape else None, dtype=g.dtype)
        if g.ndim != len(shape):
            g = xp.reshape(g, tuple(shape))
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


@functools.lru_cache(maxsize=1024)
def _stretched(have: tuple[int, ...], want: tuple[int, ...]) -> tuple[int, ...] | None:
    """The axes to sum over to get from shape ``have`` to ``want``, lengths of 1 aside; None if there is no way."""
    extra = len(have) - len(want)
    stretched = tuple([i for i, n in enumerate(have) if i < extra or (want[i - extra] == 1 and n != 1)])
    kept = [n for i, n in enumerate(have) if i not in stretched]
    return stretched if extra >= 0 and kept == [n for i, n in enumerate(want) if i + extra not in stretched] else None
