"""Functions of NumPy matrices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from xpgrad._typing import Namespace

Host: TypeAlias = Any


def addmm(xp: Namespace, b: Host, x: Host, y: Host, /) -> Host:
    """``b + x @ y``, added in the memory of the product."""
    if 2 * len(x) <= y.shape[-1] and x.size > 4096 and y.flags.f_contiguous:
        # Few rows against the transpose of a large matrix, as in a layer: OpenBLAS is a tenth to a half quicker at
        # the transpose of the product.
        return np.add(y.T.dot(x.T).T, b, order="C")
    out = x.dot(y)
    if out.dtype is not b.dtype:
        return out + b
    out += b
    return out


def diagonal(xp: Namespace, x: Host, /, *, offset: int = 0) -> Host:
    """The diagonals, writable if ``x`` is: NumPy's own are read-only."""
    part = np.diagonal(x, offset, -2, -1)
    part.flags.writeable = x.flags.writeable
    return part


KERNELS: dict[str, Callable[..., Any]] = {"addmm": addmm, "diagonal": diagonal}
