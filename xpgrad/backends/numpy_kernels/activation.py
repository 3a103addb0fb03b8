"""The rectifier, the commonest of activations, without what a Python number beside an array costs NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from xpgrad._typing import Namespace
from xpgrad.backends.numpy_kernels.standard import FLOATS, NO_FLOAT, Host, zeroed


def relu(xp: Namespace, x: Host, /) -> Host:
    """The greater of ``x`` and 0."""
    zero, _ = FLOATS.get(x.dtype.char, NO_FLOAT)
    return np.maximum(x, zero)


def relu_input(xp: Namespace, g: Host, out: Host, /) -> Host:
    """``g`` where ``out`` is not 0, else 0."""
    zero, _ = FLOATS.get(out.dtype.char, NO_FLOAT)
    return zeroed(np.less_equal(out, zero), g)


KERNELS: dict[str, Callable[..., Any]] = {"relu": relu, "relu_input": relu_input}
