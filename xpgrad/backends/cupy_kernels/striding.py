"""Other readings of the same memory, as views."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xpgrad._typing import Array, Namespace


def bitcast(xp: Namespace, x: Array, /, *, dtype: Any) -> Array:
    """The bytes of ``x`` read as ``dtype``; the last axis grows or shrinks if that is of another size."""
    return x.view(dtype)


KERNELS: dict[str, Callable[..., Any]] = {"bitcast": bitcast}
