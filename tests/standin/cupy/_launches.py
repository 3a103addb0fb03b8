"""What a GPU would be asked to do: one launch for whatever makes or writes an array, none for views."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np

_log: list[str] | None = None


@contextlib.contextmanager
def counted() -> Iterator[list[str]]:
    """The names of what is launched meanwhile."""
    global _log
    before, _log = _log, []
    try:
        yield _log
    finally:
        _log = before


def record(name: str) -> None:
    if _log is not None:
        _log.append(name)


def record_unless_view(name: str, result: Any, sources: Any) -> None:
    """Record ``name``, unless what it made lies in the memory of the arrays among ``sources``, or has no elements."""
    if _log is not None:
        made = result if type(result) in (list, tuple) else [result]
        arrays = [s for s in sources if isinstance(s, np.ndarray)]
        for m in made:
            if isinstance(m, np.ndarray | np.generic) and m.size and not any(np.may_share_memory(m, a) for a in arrays):
                _log.append(name)
                break
