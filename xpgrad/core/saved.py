"""Saved values: making tensors of them again for a recorded backward pass, and refusing stale ones."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any

from xpgrad._typing import Array
from xpgrad.core.graph import AccumulateGrad, Node, Output
from xpgrad.core.tensor_base import make_tensor
from xpgrad.core.writes import OURS, Cell, last_write, text_of
from xpgrad.errors import GraphFreedError, SavedValueModifiedError


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


def rebuild_output(node: Node, saved: Any, cells: Any) -> Any:
    """The result that was saved, or the tuple of them, as tensors made by ``node``."""
    if isinstance(saved, tuple):
        edges = [Output(node, i, a, node.place) for i, a in enumerate(saved)]
        return tuple(map(_rebuilt, saved, edges, cells))
    return _rebuilt(saved, node, cells)


def _rebuilt(array: Array, edge: Node | None, cell: Cell) -> Any:
    assert edge is not None
    tensor = make_tensor(array, edge.place, edge)
    tensor._cell = cell
    return tensor


def saved_properties(inputs: tuple[str, ...], asked: Iterable[str]) -> dict[str, property]:
    """What ``grad_fn._saved_self``, PyTorch's name for a saved value, and its kin give: tensors, settings, or None.

    A node has them under the names that its rules use too. (Properties, since a class with ``__getattr__`` is slow.)
    """
    found = {f"_saved_{name}": property(_reader(name, inputs)) for name in asked}
    for alias, name in (("self", inputs[:1]), ("other", inputs[1:2]), ("result", ("out",))):
        if name and f"_saved_{name[0]}" in found:
            found[f"_saved_{alias}"] = found[f"_saved_{name[0]}"]
    return found


def _reader(name: str, inputs: tuple[str, ...]) -> Callable[[Any], Any]:
    def read(node: Any) -> Any:
        if node.freed:
            raise GraphFreedError(node.name())
        # No rule that was needed may have asked for it.
        value = getattr(node, f"s_{name}", None)
        if value is None or name not in node.saved:
            return value
        if name == "out":
            return rebuild_output(node, value, node.c_out)
        return rebuild_input(node, inputs.index(name), value, getattr(node, f"c_{name}"))

    return read


def modified(node: Any, name: str) -> SavedValueModifiedError:
    """The error for a saved value that was written to since: who saved it, and who wrote."""
    array: Array = getattr(node, f"s_{name}")
    cell: Any = getattr(node, f"c_{name}")
    what, seen = f"the {name!r}", getattr(node, f"v_{name}", 0)
    if name == "out":
        what = "the result"
        if isinstance(array, tuple):
            array, cell = next((a, c) for a, c in zip(array, cell, strict=True) if c[0])
    place = node.place
    kind = f"[{place.backend.name} {place.dtype(array.dtype).name} {tuple(array.shape)}]"
    return SavedValueModifiedError(
        f"one of the variables needed for gradient computation has been modified by an inplace operation: {kind}, "
        f"{what} of {node.name()}, is at version {cell[0]}; expected version {seen} instead. It was saved at "
        f"{node.trace or _site(node)} and modified at {last_write(cell)}. Use the out-of-place operation there, or "
        "write into a clone()."
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
    code = getattr(node, "code", None)
    if code is None:
        return "a statement that was not noted (autograd.detect_anomaly() notes them)"
    place = text_of(code, node.lasti)
    if code.co_filename.startswith(OURS):
        return f"{place} (inside xpgrad; autograd.detect_anomaly() names the line of yours)"
    return place
