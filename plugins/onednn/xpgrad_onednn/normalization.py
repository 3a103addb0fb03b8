"""Layer normalisation, float32.

Batch normalisation is NumPy's: for arrays with channels before positions oneDNN has no kernel but loops that are
as slow as NumPy, and whose long sums are less exact.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from xpgrad._typing import Namespace, Shape
from xpgrad_onednn.primitives import LARGEST, Arg, Handle, Ndarray, Plan, Session
from xpgrad_onednn.threads import session

_TRAINING: Final = 64
_BACKWARD: Final = 128
_SCALE: Final = 2
_SHIFT: Final = 4

# Elements below which NumPy is as quick.
_LARGE: Final = 1 << 14


def layer_norm(
    xp: Namespace, x: Ndarray, weight: Ndarray | None, bias: Ndarray | None, /, *, ndim: int, eps: float
) -> Any:
    """As the fallback `xpgrad.backends.fallbacks.normalization.layer_norm`."""
    given = [array for array in (weight, bias) if array is not None]
    if not _fits(x, *given) or any(array.shape != x.shape[x.ndim - ndim :] for array in given):
        return NotImplemented
    rows = _rows(x.shape, ndim)
    flags = _SCALE * (weight is not None) + _SHIFT * (bias is not None)
    plan = session().plan(("layer_norm", rows, flags, eps), lambda here: _forward_plan(here, rows, flags, eps))
    if plan is None:
        return NotImplemented
    out, mean, variance = plan(x, *given)
    variance += np.float32(eps)
    kept = x.shape[: x.ndim - ndim] + (1,) * ndim
    return out.reshape(x.shape), mean.reshape(kept), (variance**-0.5).reshape(kept)


def layer_norm_gradients(
    xp: Namespace,
    g: Ndarray,
    g_mean: Ndarray,
    g_inverse: Ndarray,
    x: Ndarray,
    weight: Ndarray | None,
    mean: Ndarray,
    inverse: Ndarray,
    /,
    *,
    ndim: int,
    needs: tuple[bool, ...],
) -> Any:
    """As the fallback `xpgrad.backends.fallbacks.normalization.layer_norm_gradients`."""
    given = [g, x, mean, inverse] if weight is None else [g, x, mean, inverse, weight]
    if not needs[0] or not _fits(x, *given) or g_mean.any() or g_inverse.any():
        return NotImplemented
    rows = _rows(x.shape, ndim)
    plan = session().plan(("layer_norm_gradients", rows), lambda here: _backward_plan(here, rows))
    if plan is None:
        return NotImplemented
    features = x.shape[x.ndim - ndim :]
    scale = np.ones(rows[1], np.float32) if weight is None else weight
    g_x, g_weight, g_bias = plan(g, x, mean, inverse**-2, scale, np.zeros(rows[1], np.float32))
    return g_x.reshape(x.shape), *(
        found.reshape(features) if needed else None for found, needed in zip((g_weight, g_bias), needs[1:], strict=True)
    )


KERNELS: dict[str, Callable[..., Any]] = {"layer_norm": layer_norm, "layer_norm_gradients": layer_norm_gradients}


def _fits(x: Ndarray, *others: Ndarray) -> bool:
    return _LARGE <= x.size <= LARGEST and all(array.dtype == np.float32 for array in (x, *others))


def _rows(shape: Shape, ndim: int) -> tuple[int, int]:
    kept = len(shape) - ndim
    return math.prod(shape[:kept]), math.prod(shape[kept:])


def _forward_plan(session: Session, rows: tuple[int, int], flags: int, eps: float) -> Plan:
    given: dict[Arg, Shape] = {Arg.SRC: rows}
    if flags & _SCALE:
        given[Arg.SCALE] = rows[1:]
    if flags & _SHIFT:
        given[Arg.SHIFT] = rows[1:]
    results = {Arg.DST: rows, Arg.MEAN: rows[:1], Arg.VARIANCE: rows[:1]}
    return Plan(session, _describe(session, rows, flags, eps), given, results)


def _backward_plan(session: Session, rows: tuple[int, int]) -> Plan:
    # The variance is made from the reciprocal of the deviation, which has the epsilon in it already.
    layout, flags, eps = session.plain_layout(rows), _SCALE | _SHIFT, 0.0
    description = session.primitive_desc(
        session.library.dnnl_layer_normalization_backward_primitive_desc_create,
        _BACKWARD, layout, layout, layout, session.plain_layout(rows[:1]), eps, flags,
        _describe(session, rows, flags, eps),
    )  # fmt: skip
    given = {
        Arg.DIFF_DST: rows, Arg.SRC: rows, Arg.MEAN: rows[:1], Arg.VARIANCE: rows[:1],
        Arg.SCALE: rows[1:], Arg.SHIFT: rows[1:],
    }  # fmt: skip
    results = {Arg.DIFF_SRC: rows, Arg.DIFF_SCALE: rows[1:], Arg.DIFF_SHIFT: rows[1:]}
    return Plan(session, description, given, results)


def _describe(session: Session, rows: tuple[int, int], flags: int, eps: float) -> Handle:
    layout = session.plain_layout(rows)
    return session.primitive_desc(
        session.library.dnnl_layer_normalization_forward_primitive_desc_create,
        _TRAINING, layout, layout, session.plain_layout(rows[:1]), eps, flags,
    )  # fmt: skip
