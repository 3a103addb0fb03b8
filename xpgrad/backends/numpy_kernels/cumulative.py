"""Running extremes and sums of exponentials by the ufuncs' own ``accumulate``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from xpgrad._typing import Namespace
from xpgrad.backends.fallbacks import cumulative as fallback
from xpgrad.backends.numpy_kernels.blocks import Ndarray
from xpgrad.backends.numpy_kernels.narrow import WIDE, is_narrow


def running_extreme(xp: Namespace, x: Ndarray, /, *, axis: int, kind: str) -> Ndarray:
    """As the fallback `xpgrad.backends.fallbacks.cumulative.running_extreme`, one by one."""
    ufunc = np.maximum if kind == "max" else np.minimum
    running: Ndarray = ufunc.accumulate(x, axis)
    return running


def logcumsumexp(xp: Namespace, x: Ndarray, /, *, axis: int) -> Ndarray:
    """As the fallback `xpgrad.backends.fallbacks.cumulative.logcumsumexp`, real numbers one by one."""
    if x.dtype.kind == "c":
        return fallback.logcumsumexp(xp, x, axis=axis)  # type: ignore[no-any-return]
    running: Ndarray = np.logaddexp.accumulate(x, axis)
    return running


def _running(name: str) -> Callable[..., Ndarray]:
    whole: Callable[..., Ndarray] = getattr(np, name)

    def kernel(xp: Namespace, x: Ndarray, /, *, dtype: np.dtype[Any] | None = None, **settings: Any) -> Ndarray:
        wanted = x.dtype if dtype is None else dtype
        if is_narrow(wanted):
            return whole(x, dtype=WIDE, **settings).astype(wanted)
        return whole(x, dtype=dtype, **settings)

    kernel.__name__ = kernel.__qualname__ = name
    kernel.__doc__ = f"``numpy.{name}``, floats of two bytes in float32."
    return kernel


RUNNING = ("cumulative_prod", "cumulative_sum")

KERNELS: dict[str, Callable[..., Any]] = {
    "logcumsumexp": logcumsumexp,
    "running_extreme": running_extreme,
    **{name: _running(name) for name in RUNNING},
}
