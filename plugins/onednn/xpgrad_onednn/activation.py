"""The sigmoid of large arrays, and softmax along the last axis, float32.

Other elementwise functions are NumPy's: its exponential, logarithm and hyperbolic tangent are as quick on one thread,
oneDNN's rectifier makes 0 of NaN, and its logarithm of softmax is a tenth as exact.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from xpgrad._typing import Namespace, Shape
from xpgrad_onednn.primitives import LARGEST, Arg, Handle, Ndarray, Plan, Session
from xpgrad_onednn.threads import session

_TRAINING: Final = 64
_LOGISTIC: Final = 0x29
_SOFTMAX: Final = 0x30000
_LOG_SOFTMAX: Final = 0x30001

# Elements below which NumPy is as quick.
_LARGE: Final = 1 << 15


def sigmoid(xp: Namespace, x: Ndarray, /) -> Any:
    """As the fallback `xpgrad.backends.fallbacks.activation.sigmoid`."""
    if not (x.dtype == np.float32 and _LARGE <= x.size <= LARGEST and x.flags.c_contiguous):
        return NotImplemented
    shape = (x.size,)
    plan = session().plan(("sigmoid", shape), lambda here: _sigmoid_plan(here, shape))
    return NotImplemented if plan is None else plan(x)[0].reshape(x.shape)


def softmax(xp: Namespace, x: Ndarray, /, *, axis: int) -> Any:
    """As the fallback `xpgrad.backends.fallbacks.activation.softmax`."""
    return _along_last(_SOFTMAX, _forward, axis, x)


def softmax_input(xp: Namespace, g: Ndarray, out: Ndarray, /, *, axis: int) -> Any:
    """As the fallback `xpgrad.backends.fallbacks.activation.softmax_input`."""
    return _along_last(_SOFTMAX, _backward, axis, g, out)


def log_softmax_input(xp: Namespace, g: Ndarray, out: Ndarray, /, *, axis: int) -> Any:
    """As the fallback `xpgrad.backends.fallbacks.activation.log_softmax_input`."""
    return _along_last(_LOG_SOFTMAX, _backward, axis, g, out)


KERNELS: dict[str, Callable[..., Any]] = {
    "log_softmax_input": log_softmax_input,
    "sigmoid": sigmoid,
    "softmax": softmax,
    "softmax_input": softmax_input,
}


def _along_last(
    algorithm: int, build: Callable[[Session, int, Shape], Plan], axis: int, x: Ndarray, *others: Ndarray
) -> Any:
    """What a plan for the lines along the last axis makes of arrays of one shape."""
    if (
        not _LARGE <= x.size <= LARGEST
        or axis not in (-1, x.ndim - 1)
        or any(array.dtype != np.float32 or array.shape != x.shape for array in (x, *others))
    ):
        return NotImplemented
    shape = (x.size // x.shape[-1], x.shape[-1])
    plan = session().plan((build, algorithm, shape), lambda here: build(here, algorithm, shape))
    if plan is None:
        return NotImplemented
    (out,) = plan(x, *others)
    # Where a line has no softmax, oneDNN makes only some of its elements NaN.
    return NotImplemented if np.isnan(np.min(out)) else out.reshape(x.shape)


def _sigmoid_plan(session: Session, shape: Shape) -> Plan:
    layout = session.plain_layout(shape)
    description = session.primitive_desc(
        session.library.dnnl_eltwise_forward_primitive_desc_create, _TRAINING, _LOGISTIC, layout, layout, 0.0, 0.0
    )
    return Plan(session, description, {Arg.SRC: shape}, {Arg.DST: shape})


def _forward(session: Session, algorithm: int, shape: Shape) -> Plan:
    return Plan(session, _describe(session, algorithm, shape), {Arg.SRC: shape}, {Arg.DST: shape})


def _backward(session: Session, algorithm: int, shape: Shape) -> Plan:
    layout = session.plain_layout(shape)
    description = session.primitive_desc(
        session.library.dnnl_softmax_backward_primitive_desc_create,
        algorithm, layout, layout, layout, 1, _describe(session, algorithm, shape),
    )  # fmt: skip
    return Plan(session, description, {Arg.DIFF_DST: shape, Arg.DST: shape}, {Arg.DIFF_SRC: shape})


def _describe(session: Session, algorithm: int, shape: Shape) -> Handle:
    layout = session.plain_layout(shape)
    return session.primitive_desc(
        session.library.dnnl_softmax_forward_primitive_desc_create, _TRAINING, algorithm, layout, layout, 1
    )
