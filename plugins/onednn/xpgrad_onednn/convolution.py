"""Convolutions of one to three spatial dimensions and their transposes, float32.

oneDNN's quick kernels want channels in blocks: operands are reordered into scratch memory and back, which pays except
where a product of matrices over plain arrays does the same.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

import numpy as np

from xpgrad._typing import Namespace, Shape
from xpgrad.backends.windows import check_convolved, convolution_size
from xpgrad_onednn.library import UnimplementedError
from xpgrad_onednn.primitives import LARGEST, Arg, Handle, Ndarray, Plan, Session, dims
from xpgrad_onednn.threads import session

_TRAINING: Final = 64
_DIRECT: Final = 1

# Bytes of input and result to convolve at a time where little is computed per element: what the caches hold, so that
# reordered copies never reach memory.
_BLOCK: Final = 1 << 23
_FEW_PRODUCTS: Final = 256

# Channels in the largest block of a layout of oneDNN's.
_BLOCK_CHANNELS: Final = 16


class _Problem(NamedTuple):
    """One convolution of a batch: shapes of (N, C, *S), (O, C/groups, *K) and (N, O, *S'), and the settings."""

    x: Shape
    w: Shape
    y: Shape
    stride: Shape
    padding: Shape
    dilation: Shape
    groups: int
    is_biased: bool = False

    def of_batch(self, images: int) -> _Problem:
        return self._replace(x=(images, *self.x[1:]), y=(images, *self.y[1:]))

    @property
    def grouped(self) -> Shape:
        """The shape of the kernels as oneDNN wants it: (groups, O/groups, C/groups, *K)."""
        return self.w if self.groups == 1 else (self.groups, self.w[0] // self.groups, *self.w[1:])

    @property
    def parts(self) -> list[slice]:
        """The batch, in as many parts as are quick."""
        images = self.x[0]
        step = images
        if math.prod(self.w[1:]) <= _FEW_PRODUCTS:
            image_bytes = 4 * (math.prod(self.x[1:]) + math.prod(self.y[1:]))
            count = -(-images * image_bytes // _BLOCK)
            step = -(-images // count)
        return [slice(start, min(start + step, images)) for start in range(0, images, step)]


_Build = Callable[..., Plan]


def convolution(
    xp: Namespace, x: Ndarray, w: Ndarray, /, *, stride: Shape, padding: Shape, dilation: Shape, groups: int
) -> Any:
    """As the fallback `xpgrad.backends.fallbacks.convolution.convolution`."""
    size = convolution_size(x.shape, w.shape, stride, padding, dilation, groups)
    problem = _Problem(x.shape, w.shape, (len(x), len(w), *size), stride, padding, dilation, groups)
    return _per_image(_forward, problem, problem.y, x, w)


def biased_convolution(
    xp: Namespace, x: Ndarray, w: Ndarray, bias: Ndarray, /, *, stride: Shape, padding: Shape, dilation: Shape,
    groups: int,
) -> Any:  # fmt: skip
    """As the fallback `xpgrad.backends.fallbacks.convolution.biased_convolution`."""
    size = convolution_size(x.shape, w.shape, stride, padding, dilation, groups)
    if bias.shape != w.shape[:1]:
        return NotImplemented
    problem = _Problem(x.shape, w.shape, (len(x), len(w), *size), stride, padding, dilation, groups, is_biased=True)
    return _per_image(_forward, problem, problem.y, x, w, bias)


def convolution_input(
    xp: Namespace, g: Ndarray, w: Ndarray, /, *, size: Shape, stride: Shape, padding: Shape, dilation: Shape,
    groups: int,
) -> Any:  # fmt: skip
    """As the fallback `xpgrad.backends.fallbacks.convolution.convolution_input`."""
    shape = (len(g), w.shape[1] * groups, *size)
    check_convolved(g.shape, shape, w.shape, stride, padding, dilation, groups)
    problem = _Problem(shape, w.shape, g.shape, stride, padding, dilation, groups)
    return _per_image(_to_input, problem, shape, g, w)


def convolution_weight(
    xp: Namespace, g: Ndarray, x: Ndarray, /, *, size: Shape, stride: Shape, padding: Shape, dilation: Shape,
    groups: int,
) -> Any:  # fmt: skip
    """As the fallback `xpgrad.backends.fallbacks.convolution.convolution_weight`."""
    shape = (g.shape[1], x.shape[1] // groups, *size)
    check_convolved(g.shape, x.shape, shape, stride, padding, dilation, groups)
    problem = _Problem(x.shape, shape, g.shape, stride, padding, dilation, groups)
    plans = _plans(_to_weight, problem) if _fits(problem, g, x) else None
    if plans is None:
        return NotImplemented
    return functools.reduce(np.add, (plan(g[part], x[part])[0] for part, plan in plans)).reshape(shape)


def _per_image(build: _Build, problem: _Problem, shape: Shape, images: Ndarray, *others: Ndarray) -> Any:
    """The result, of ``shape``, of a problem each of whose ``images`` has a result of its own."""
    plans = _plans(build, problem) if _fits(problem, images, *others) else None
    if plans is None:
        return NotImplemented
    out: Ndarray = np.empty(shape, np.float32)
    for part, plan in plans:
        plan.run((images[part], *others), (out[part],))
    return out


KERNELS: dict[str, Callable[..., Any]] = {
    "biased_convolution": biased_convolution,
    "convolution": convolution,
    "convolution_input": convolution_input,
    "convolution_weight": convolution_weight,
}


def _fits(problem: _Problem, *arrays: Ndarray) -> bool:
    """Whether this is a case that oneDNN is made for."""
    return (
        all(array.dtype == np.float32 for array in arrays)
        and 3 <= len(problem.x) <= 5
        and min(problem.padding) >= 0
        and min(map(min, problem[:3])) > 0
        and max(map(math.prod, problem[:3])) <= LARGEST
    )


def _plans(build: _Build, problem: _Problem) -> list[tuple[slice, Plan]] | None:
    """A plan for each part of the batch, or None if there is no implementation."""
    here = session()
    plans = []
    for part in problem.parts:
        some = problem.of_batch(part.stop - part.start)
        plan = here.plan((build, some), functools.partial(build, problem=some))
        if plan is None:
            return None
        plans.append((part, plan))
    return plans


def _forward(session: Session, problem: _Problem) -> Plan:
    plain = _is_product(problem)
    description = _quick(session, _describe_forward(session, problem, plain), plain)
    given = {Arg.SRC: problem.x, Arg.WEIGHTS: problem.grouped}
    if problem.is_biased:
        given[Arg.BIAS] = problem.w[:1]
    return Plan(session, description, given, {Arg.DST: problem.y})


def _to_input(session: Session, problem: _Problem) -> Plan:
    # With few channels to read or write, a block of them is mostly padding.
    few = problem.groups == 1 and min(problem.x[1], problem.w[0]) < _BLOCK_CHANNELS
    plain = _is_product(problem) or few
    x, w, y = _descriptions(session, problem, plain)
    description = session.primitive_desc(
        session.library.dnnl_convolution_backward_data_primitive_desc_create,
        _DIRECT, x, w, y, *_settings(problem), _describe_forward(session, problem, plain),
    )  # fmt: skip
    given = {Arg.DIFF_DST: problem.y, Arg.WEIGHTS: problem.grouped}
    return Plan(session, _quick(session, description, plain), given, {Arg.DIFF_SRC: problem.x})


def _to_weight(session: Session, problem: _Problem) -> Plan:
    plain = _is_product(problem)
    x, w, y = _descriptions(session, problem, plain)
    description = session.primitive_desc(
        session.library.dnnl_convolution_backward_weights_primitive_desc_create,
        _DIRECT, x, w, None, y, *_settings(problem), _describe_forward(session, problem, plain),
    )  # fmt: skip
    given = {Arg.DIFF_DST: problem.y, Arg.SRC: problem.x}
    return Plan(session, _quick(session, description, plain), given, {Arg.DIFF_WEIGHTS: problem.grouped})


def _quick(session: Session, description: Handle, plain: bool) -> Handle:
    """``description``, unless oneDNN would gather columns or worse in a layout of its own: that NumPy does as well."""
    name = session.implementation(description)
    if not plain and ("gemm" in name or "ref" in name):
        raise UnimplementedError(f"oneDNN has only {name}")
    return description


def _is_product(problem: _Problem) -> bool:
    """Whether each image takes one product with the kernels as a matrix, of the arrays as they are."""
    return problem.groups == math.prod(problem.w[2:]) == max(problem.stride) == 1 and not any(problem.padding)


def _describe_forward(session: Session, problem: _Problem, plain: bool) -> Handle:
    x, w, y = _descriptions(session, problem, plain)
    bias = session.plain_layout(problem.w[:1]) if problem.is_biased else None
    return session.primitive_desc(
        session.library.dnnl_convolution_forward_primitive_desc_create,
        _TRAINING, _DIRECT, x, w, bias, y, *_settings(problem),
    )  # fmt: skip


def _descriptions(session: Session, problem: _Problem, plain: bool) -> tuple[Handle, Handle, Handle]:
    layout = session.plain_layout if plain else session.any_layout
    return layout(problem.x), session.any_layout(problem.grouped), layout(problem.y)


def _settings(problem: _Problem) -> Iterator[Any]:
    """Strides, dilations (which oneDNN counts from 0) and padding on both sides."""
    yield dims(problem.stride)
    yield dims([apart - 1 for apart in problem.dilation])
    yield dims(problem.padding)
    yield dims(problem.padding)
