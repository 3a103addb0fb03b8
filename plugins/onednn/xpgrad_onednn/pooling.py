"""Pooling of one to three spatial dimensions, float32."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

import numpy as np

from xpgrad._typing import Namespace, Shape
from xpgrad.backends.numpy_kernels.pooling import geometry
from xpgrad.backends.windows import check_pooled, overhang, pooling_size
from xpgrad_onednn.primitives import LARGEST, Arg, Handle, Ndarray, Plan, Session, dims
from xpgrad_onednn.threads import session

_TRAINING: Final = 64
_MAX: Final = 0x1FF
_AVERAGE_OF_ALL: Final = 0x2FF
_AVERAGE_OF_INPUT: Final = 0x3FF

# Elements of a window that a uint8 can number.
_NUMBERED: Final = 256


class _Problem(NamedTuple):
    """Pooling of ``x`` (N, C, *S) to ``y`` (N, C, *S')."""

    algorithm: int
    x: Shape
    y: Shape
    window: Shape
    stride: Shape
    padding: Shape
    dilation: Shape


def max_pool(
    xp: Namespace, x: Ndarray, /, *, window: Shape, stride: Shape, padding: Shape, dilation: Shape, ceil_mode: bool
) -> Any:
    """As the fallback `xpgrad.backends.fallbacks.pooling.max_pool`."""
    places = pooling_size(x.shape, window, stride, padding, dilation, ceil_mode=ceil_mode)
    problem = _Problem(_MAX, x.shape, (*x.shape[:2], *places), window, stride, padding, dilation)
    if not _fits(problem, x) or math.prod(window) > _NUMBERED:
        return NotImplemented
    # oneDNN passes over NaN, and has a lowest number where infinity is lower.
    if not np.isfinite(np.min(x)):
        return NotImplemented
    plan = session().plan(("max_pool", problem), lambda here: _max_plan(here, problem))
    if plan is None:
        return NotImplemented
    values, winners = plan(x)
    _, offsets, corners = geometry(x.shape[2:], places, window, stride, padding, dilation)
    indices = np.take(offsets, winners)
    indices += corners
    return values, indices


def avg_pool(
    xp: Namespace, x: Ndarray, /, *, window: Shape, stride: Shape, padding: Shape, ceil_mode: bool,
    count_include_pad: bool, divisor_override: int | None,
) -> Any:  # fmt: skip
    """As the fallback `xpgrad.backends.fallbacks.pooling.avg_pool`."""
    dilation = (1,) * len(window)
    places = pooling_size(x.shape, window, stride, padding, dilation, ceil_mode=ceil_mode)
    kind = _AVERAGE_OF_ALL if count_include_pad else _AVERAGE_OF_INPUT
    problem = _Problem(kind, x.shape, (*x.shape[:2], *places), window, stride, padding, dilation)
    if divisor_override is not None or not _fits(problem, x) or not _counts_agree(problem):
        return NotImplemented
    plan = session().plan(("avg_pool", problem), lambda here: _average_plan(here, problem))
    return NotImplemented if plan is None else plan(x)[0]


def avg_pool_input(
    xp: Namespace, g: Ndarray, /, *, size: Shape, window: Shape, stride: Shape, padding: Shape, ceil_mode: bool,
    count_include_pad: bool, divisor_override: int | None,
) -> Any:  # fmt: skip
    """As the fallback `xpgrad.backends.fallbacks.pooling.avg_pool_input`."""
    shape = (*g.shape[:2], *size)
    check_pooled(g.shape, shape, window, stride, padding, ceil_mode=ceil_mode)
    kind = _AVERAGE_OF_ALL if count_include_pad else _AVERAGE_OF_INPUT
    problem = _Problem(kind, shape, g.shape, window, stride, padding, (1,) * len(window))
    if divisor_override is not None or not _fits(problem, g) or not _counts_agree(problem):
        return NotImplemented
    plan = session().plan(("avg_pool_input", problem), lambda here: _average_input_plan(here, problem))
    return NotImplemented if plan is None else plan(g)[0]


KERNELS: dict[str, Callable[..., Any]] = {
    "avg_pool": avg_pool,
    "avg_pool_input": avg_pool_input,
    "max_pool": max_pool,
}


def _fits(problem: _Problem, array: Ndarray) -> bool:
    return (
        array.dtype == np.float32
        and 3 <= len(problem.x) <= 5
        and min(problem.x) > 0
        and max(map(math.prod, (problem.x, problem.y))) <= LARGEST
    )


def _counts_agree(problem: _Problem) -> bool:
    """Whether no window ends beyond the padding: what lies there counts for oneDNN."""
    return problem.algorithm == _AVERAGE_OF_INPUT or not any(
        reach > pad for reach, pad in zip(_behind(problem), problem.padding, strict=True)
    )


def _behind(problem: _Problem) -> Shape:
    """How far the windows reach beyond the input."""
    _, x, y, window, stride, padding, dilation = problem
    return overhang(x[2:], y[2:], window, stride, padding, dilation)


def _max_plan(session: Session, problem: _Problem) -> Plan:
    return Plan(
        session, _describe(session, problem), {Arg.SRC: problem.x}, {Arg.DST: problem.y, Arg.WORKSPACE: problem.y}
    )


def _average_plan(session: Session, problem: _Problem) -> Plan:
    return Plan(session, _describe(session, problem), {Arg.SRC: problem.x}, {Arg.DST: problem.y})


def _average_input_plan(session: Session, problem: _Problem) -> Plan:
    description = session.primitive_desc(
        session.library.dnnl_pooling_backward_primitive_desc_create,
        problem.algorithm, session.plain_layout(problem.x), session.plain_layout(problem.y),
        *_settings(problem), _describe(session, problem),
    )  # fmt: skip
    return Plan(session, description, {Arg.DIFF_DST: problem.y}, {Arg.DIFF_SRC: problem.x})


def _describe(session: Session, problem: _Problem) -> Handle:
    return session.primitive_desc(
        session.library.dnnl_pooling_forward_primitive_desc_create,
        _TRAINING, problem.algorithm, session.plain_layout(problem.x), session.plain_layout(problem.y),
        *_settings(problem),
    )  # fmt: skip


def _settings(problem: _Problem) -> Iterator[Any]:
    yield dims(problem.stride)
    yield dims(problem.window)
    yield dims([apart - 1 for apart in problem.dilation])
    yield dims(problem.padding)
    yield dims(_behind(problem))
