"""Version cells: how often the memory behind tensors was written, and by which statement last."""

from __future__ import annotations

import itertools
import os
import sys
from types import CodeType
from typing import Any, final

# A cell is a list: the count of writes and, after the first write, the site of the last one.
Cell = list[Any]
# A statement, as noted in passing: its code, and the instruction in there. `text_of` makes text of it.
Site = tuple[CodeType, int]

# The files of this package, and the code that it makes.
OURS = (os.path.dirname(os.path.dirname(__file__)) + os.sep, "<forward of ", "<backward of ")


class Since:
    """A cell as seen by what was saved at its present count: writes from now on."""

    __slots__ = ("cell", "seen")

    def __init__(self, cell: Cell) -> None:
        self.cell, self.seen = cell, cell[0]

    def __getitem__(self, index: Any) -> Any:
        return self.cell[0] - self.seen if index == 0 else self.cell[index]

    def __len__(self) -> int:
        return len(self.cell)


def count_write(cell: Cell, site: Site | None = None) -> None:
    """Note that the memory of ``cell`` was written, by the statement that called into xpgrad if no other is given."""
    cell[0] += 1
    cell[1:] = site or calling_site()


def last_write(cell: Cell | Since) -> str:
    """The statement of the last write, as ``file:line, in function``."""
    return text_of(*cell[1:]) if len(cell) > 1 else "an earlier statement"


@final
class _Ours(dict[str, bool]):
    """Whether a file is one of `OURS`."""

    def __missing__(self, filename: str) -> bool:
        self[filename] = found = filename.startswith(OURS)
        return found


_ours = _Ours()


def calling_site(depth: int = 1) -> Site:
    """The innermost statement outside xpgrad on the stack, at least ``depth`` frames up."""
    frame = sys._getframe(depth)
    while _ours[frame.f_code.co_filename] and frame.f_back is not None:
        frame = frame.f_back
    return frame.f_code, frame.f_lasti


def calling_statement() -> str:
    """`calling_site` as text."""
    return text_of(*calling_site())


def text_of(code: CodeType, instruction: int) -> str:
    """A site as ``file:line, in function``."""
    line = next(itertools.islice(code.co_positions(), instruction // 2, None))[0]
    return f"{code.co_filename}:{line}, in {code.co_name}"
