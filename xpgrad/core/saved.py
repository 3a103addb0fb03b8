"""Saved values: making tensors of them again for a recorded backward pass, and refusing stale ones."""

from __future__ import annotations

import itertools
import os
import sys
from typing import Any

from xpgrad._typing import Array
from xpgrad.core.graph import AccumulateGrad, Node, Output
from xpgrad.core.tensor_base import make_tensor
from xpgrad.core.writes import last_write
from xpgrad.errors import SavedValueModifiedError

_PACKAGE = os.path.dirname(os.path.dirname(__file__)) + os.sep


def rebuild_input(node: Node, position: int, saved: Any, cell: list[int] | None) -> Any:
    """The input that was saved, as a tensor whose gradient goes where the input's goes.

    The graph itself knows where: the edge of that input. So a saved input needs no tensor kept alive.
    """
    if cell is None:
        return saved
    edge = node.next[position]
    if isinstance(edge, AccumulateGrad):
        leaf = edge.variable
        if leaf is not None and leaf._array is saved:
            return leaf
    tensor = make_tensor(saved, node.place, edge)
    tensor._cell = cell
    return tensor


def rebuild_output(node: Node, saved: Any) -> Any:
    """The result that was saved, as a tensor made by ``node``."""
    if isinstance(saved, tuple):
        return tuple(make_tensor(a, node.place, Output(node, i, a, node.place)) for i, a in enumerate(saved))
    return make_tensor(saved, node.place, node)


def modified(node: Node, name: str) -> SavedValueModifiedError:
    """The error for a saved input that was written to since: who saved it, and who wrote."""
    cell: list[Any] = getattr(node, f"c_{name}")
    seen: int = getattr(node, f"v_{name}")
    array: Array = getattr(node, f"s_{name}")
    place = node.place
    kind = f"[{place.backend.name} {place.dtype(array.dtype).name} {tuple(array.shape)}]"
    saved_at = node.trace or _site(node)
    return SavedValueModifiedError(
        f"one of the variables needed for gradient computation has been modified by an inplace operation: {kind}, the "
        f"{name!r} of {node.name()}, is at version {cell[0]}; expected version {seen} instead. It was saved at {saved_at} "
        f"and modified at {last_write(cell)}. Use the out-of-place operation there, or write into a clone()."
    )


def relocated(result: Any) -> Any:
    """``result`` with its node's note of where it was called corrected, after a detour through the compiler."""
    node: Any = getattr(result, "_node", None)
    if hasattr(node, "code"):
        frame = sys._getframe(3)
        node.code, node.lasti = frame.f_code, frame.f_lasti
    return result


def _site(node: Any) -> str:
    """Where the operation of ``node`` was called, as ``file:line, in function``."""
    code = node.code
    line = next(itertools.islice(code.co_positions(), node.lasti // 2, None))[0]
    place = f"{code.co_filename}:{line}, in {code.co_name}"
    if code.co_filename.startswith(_PACKAGE):
        return f"{place} (inside xpgrad; autograd.detect_anomaly() names the line of yours)"
    return place
