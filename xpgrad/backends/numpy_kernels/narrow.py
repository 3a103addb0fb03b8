"""Floats of two bytes, in which long sums stop growing: what adds many of them adds in float32 and rounds once."""

from __future__ import annotations

from typing import Any

import numpy as np

# The dtype to add in.
WIDE = np.dtype(np.float32)


def is_narrow(dtype: np.dtype[Any]) -> bool:
    """Whether ``dtype`` is float16 or bfloat16, which is of kind V since it comes from a package beside NumPy."""
    return dtype.itemsize == 2 and dtype.kind in "fV"
