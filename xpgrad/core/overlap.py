"""Elements that share memory, where nothing may be written."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from xpgrad.core.layout import layout_of, strides_of
from xpgrad.core.tensor_base import TensorBase
from xpgrad.core.views import View
from xpgrad.errors import InplaceError


def may_overlap(target: TensorBase, chain: Sequence[View]) -> bool:
    """Whether some view on the way to ``target`` has more elements than what it is a view of, or strides of its own."""
    if any(view.op.forward.__name__ == "as_strided" for view in chain):
        return True
    counts = [math.prod(view.base._array.shape) for view in chain] + [math.prod(target._array.shape)]
    return any(after > before for before, after in itertools.pairwise(counts))


def refuse_partial_overlap(target: TensorBase, other: TensorBase) -> None:
    """Raise if ``other``, on the memory of ``target``, overlaps it without being the same elements in the same places.

    As in PyTorch, only tensors without gaps are looked at.

    Raises:
        InplaceError: They do.
    """
    mine, theirs = (_extent(x) for x in (target, other))
    if mine is None or theirs is None or mine == theirs:
        return
    (start, stop, _), (other_start, other_stop, _) = mine, theirs
    if start < other_stop and other_start < stop:
        raise InplaceError(
            "unsupported operation: some elements of the input tensor and the written-to tensor refer to a single "
            "memory location. Please clone() the tensor before performing the operation."
        )


def _extent(tensor: TensorBase) -> tuple[int, int, tuple[int, ...]] | None:
    """Where the elements of a tensor without gaps lie: from, to, and in which steps. None for one with gaps."""
    steps, start = layout_of(tensor)
    count = math.prod(tensor._array.shape)
    moving = sorted((step, n) for n, step in zip(tensor._array.shape, steps, strict=True) if n != 1)
    expected = 1
    for step, n in moving:
        if step != expected:
            return None
        expected *= n
    return (start, start + count, tuple(s for s, n in zip(steps, tensor._array.shape, strict=True) if n != 1))


def refuse_overlap(target: TensorBase) -> None:
    """Raise if ``target`` repeats elements along a dimension; that others overlap is not looked for, as in PyTorch."""
    if 0 not in target._array.shape and any(
        n > 1 and not step for n, step in zip(target._array.shape, strides_of(target), strict=True)
    ):
        raise InplaceError(
            "unsupported operation: more than one element of the written-to tensor refers to a single memory location. "
            "Please clone() the tensor before performing the operation."
        )
