"""Where what a fallback creates goes."""

from __future__ import annotations

from typing import Any

from xpgrad._typing import Array


def device_of(x: Array) -> Any:
    """The device of ``x``, for ``device=`` of the functions that create.

    None for what stands for an array while a library's compiler looks at a function: that is nowhere yet, and what the
    function creates will be where its arrays are.
    """
    return getattr(x, "device", None)
