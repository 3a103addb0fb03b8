"""Version cells: how often the memory behind tensors was written, and by which statement last."""

from __future__ import annotations

import sys
from typing import Any

# A cell is a list: the count of writes and, after the first write, where the last one happened.
Cell = list[Any]

_PACKAGE = __name__.split(".")[0]


def count_write(cell: Cell) -> None:
    """Note that the memory of ``cell`` was written by the statement that called into xpgrad."""
    cell[0] += 1
    cell[1:] = [calling_statement()]


def last_write(cell: Cell) -> str:
    """The statement of the last write, as ``file:line``."""
    return str(cell[1]) if len(cell) > 1 else "an earlier statement"


def calling_statement() -> str:
    """The innermost statement outside xpgrad on the stack, as ``file:line, in function``."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").split(".")[0] == _PACKAGE:
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}, in {frame.f_code.co_name}"
