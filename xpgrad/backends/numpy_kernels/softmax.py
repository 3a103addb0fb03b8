"""The softmax and its logarithm in NumPy, in one array and without the layers above the reductions."""

from __future__ import annotations

import numpy as np

from xpgrad._typing import Namespace
from xpgrad.backends.numpy_kernels.blocks import Ndarray


def softmax(xp: Namespace, x: Ndarray, /, *, axis: int) -> Ndarray:
    """As the fallback `xpgrad.backends.fallbacks.softmax.softmax`."""
    out = _below_zero(x, axis)
    np.exp(out, out=out)
    out /= np.add.reduce(out, axis=axis, keepdims=True)
    return out


def log_softmax(xp: Namespace, x: Ndarray, /, *, axis: int) -> Ndarray:
    """As the fallback `xpgrad.backends.fallbacks.softmax.log_softmax`."""
    out = _below_zero(x, axis)
    out -= np.log(np.add.reduce(np.exp(out), axis=axis, keepdims=True))
    return out


def _below_zero(x: Ndarray, axis: int) -> Ndarray:
    out: Ndarray = x - np.maximum.reduce(x, axis=axis, keepdims=True, initial=-np.inf)
    return out
