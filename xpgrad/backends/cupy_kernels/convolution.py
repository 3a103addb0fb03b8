"""Convolutions on CuPy: checks, and the choice between the ways to compute them.

Depthwise ones have kernels of their own, cuDNN takes what it can where it is installed, and products of matrices do
the rest. More than three spatial axes are left to the fallbacks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cupy

from xpgrad._typing import Array, Namespace, Shape
from xpgrad.backends.cudnn.plans import Kind
from xpgrad.backends.cupy_kernels import columns, depthwise
from xpgrad.backends.cupy_kernels.cudnn import convolve
from xpgrad.backends.cupy_kernels.elements import FLOATS, SOURCES
from xpgrad.backends.cupy_kernels.problem import Convolution
from xpgrad.backends.cupy_kernels.windows import MOST_AXES
from xpgrad.backends.fallbacks import FALLBACKS


def convolution(
    xp: Namespace, x: Array, w: Array, /, *, stride: Shape, padding: Shape, dilation: Shape, groups: int
) -> Array:
    """As the fallback `xpgrad.backends.fallbacks.convolution.convolution`."""
    if not _fits(x, w):
        return FALLBACKS["convolution"](xp, x, w, stride=stride, padding=padding, dilation=dilation, groups=groups)
    problem = Convolution.of(x.shape, w.shape, stride, padding, dilation, groups)
    return _forward(xp, problem, x, w, None)


def biased_convolution(
    xp: Namespace, x: Array, w: Array, bias: Array, /, *, stride: Shape, padding: Shape, dilation: Shape, groups: int
) -> Array:
    """As the fallback `xpgrad.backends.fallbacks.convolution.biased_convolution`."""
    if not _fits(x, w) or bias.dtype != x.dtype or bias.shape != w.shape[:1]:
        return FALLBACKS["biased_convolution"](
            xp, x, w, bias, stride=stride, padding=padding, dilation=dilation, groups=groups
        )
    problem = Convolution.of(x.shape, w.shape, stride, padding, dilation, groups)
    return _forward(xp, problem, x, w, bias)


def convolution_input(
    xp: Namespace, g: Array, w: Array, /, *, size: Shape, stride: Shape, padding: Shape, dilation: Shape, groups: int
) -> Array:
    """As the fallback `xpgrad.backends.fallbacks.convolution.convolution_input`."""
    if not _fits(g, w):
        return FALLBACKS["convolution_input"](
            xp, g, w, size=size, stride=stride, padding=padding, dilation=dilation, groups=groups
        )
    shape = (g.shape[0], w.shape[1] * groups, *size)
    problem = Convolution.to(g.shape, shape, w.shape, stride, padding, dilation, groups)
    g, w = cupy.ascontiguousarray(g), cupy.ascontiguousarray(w)
    if _is_depthwise(problem, g):
        return depthwise.transpose_input(problem, g, w)
    out = convolve(Kind.TO_INPUT, problem, w, g, problem.x)
    return columns.transpose_input(xp, problem, g, w) if out is None else out


def convolution_weight(
    xp: Namespace, g: Array, x: Array, /, *, size: Shape, stride: Shape, padding: Shape, dilation: Shape, groups: int
) -> Array:
    """As the fallback `xpgrad.backends.fallbacks.convolution.convolution_weight`."""
    if not _fits(g, x):
        return FALLBACKS["convolution_weight"](
            xp, g, x, size=size, stride=stride, padding=padding, dilation=dilation, groups=groups
        )
    shape = (g.shape[1], x.shape[1] // groups, *size)
    problem = Convolution.to(g.shape, x.shape, shape, stride, padding, dilation, groups)
    g, x = cupy.ascontiguousarray(g), cupy.ascontiguousarray(x)
    if _is_depthwise(problem, g):
        return depthwise.transpose_weight(problem, g, x)
    out = convolve(Kind.TO_WEIGHT, problem, x, g, problem.w)
    return columns.transpose_weight(xp, problem, g, x) if out is None else out


KERNELS: dict[str, Callable[..., Any]] = {
    "biased_convolution": biased_convolution,
    "convolution": convolution,
    "convolution_input": convolution_input,
    "convolution_weight": convolution_weight,
}


def _forward(xp: Namespace, problem: Convolution, x: Array, w: Array, bias: Array | None) -> Array:
    x, w = cupy.ascontiguousarray(x), cupy.ascontiguousarray(w)
    if _is_depthwise(problem, x):
        out = depthwise.forward(problem, x, w)
    else:
        out = convolve(Kind.FORWARD, problem, x, w, problem.y)
    if out is None:
        return columns.forward(xp, problem, x, w, bias)
    if bias is not None:
        out += bias.reshape(-1, *(1 for _ in problem.places))
    return out


def _fits(*arrays: Array) -> bool:
    """Whether there are kernels for arrays of these dtypes and dimensions."""
    return (
        len({x.dtype for x in arrays}) == 1
        and arrays[0].dtype.name in SOURCES
        and all(3 <= x.ndim <= 2 + MOST_AXES for x in arrays)
    )


def _is_depthwise(problem: Convolution, x: Array) -> bool:
    return problem.is_depthwise and x.dtype.name in FLOATS
