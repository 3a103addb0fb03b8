"""The namespace of ndonnx arrays: the library's own, apart from what it gets wrong or cannot have numbers for."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import ndonnx
import numpy as np
from onnx.shape_inference import InferenceError

from xpgrad._typing import Array, Namespace
from xpgrad.backends.base import layered
from xpgrad.errors import ShapeError

# Its annotations say less than the standard allows.
xp: Any = ndonnx


@contextlib.contextmanager
def refusals() -> Iterator[None]:
    """What ONNX refuses as the standard's libraries do; its own errors are of no type that anybody else has."""
    try:
        yield
    except InferenceError as error:
        if "unsupported type" in str(error):
            raise TypeError(str(error)) from error
        raise ValueError(str(error).replace("Incompatible dimensions", "dimensions do not broadcast")) from error


def sized(*arrays: Array) -> tuple[Array, ...]:
    """``arrays``, whose shapes must be numbers.

    Raises:
        ShapeError: A length is known only when the model runs.
    """
    for x in arrays:
        if None in x.shape:
            raise ShapeError(
                f"ndonnx: tensors have shapes of numbers, but this array has the shape {x.shape}, where None is a "
                "length known only when the model runs; give arguments numbers for shapes, and use where() in place "
                "of masks and nonzero()"
            )
    return arrays


def signbit(x: Array, /) -> Array:
    """Whether ``x`` has a minus, zeros too."""
    return (x < 0) | ((x == 0) & (1 / x < 0))


def copysign(x1: Array, x2: Array, /) -> Array:
    """``x1`` with the sign of ``x2``."""
    return xp.where(signbit(x2), -xp.abs(x1), xp.abs(x1))


def hypot(x1: Array, x2: Array, /) -> Array:
    """The root of the sum of two squares, without overflow on the way."""
    a, b = xp.abs(x1), xp.abs(x2)
    most = xp.maximum(a, b)
    ratio = xp.where(most == 0, 0.0, xp.minimum(a, b) / most)
    return xp.where(xp.isinf(a) | xp.isinf(b), math.inf, most * xp.sqrt(1 + ratio * ratio))


def atan2(x1: Array, x2: Array, /) -> Array:
    """The angle of the points (``x2``, ``x1``)."""
    a, b = xp.abs(x1), xp.abs(x2)
    # Of equal numbers, infinities and zeros too, the quotient is not computed.
    angle = xp.atan(xp.where(a == b, xp.astype(a != 0, a.dtype), a / b))
    return copysign(xp.where(signbit(x2), math.pi - angle, angle), x1)


def cumulative_prod(x: Array, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False) -> Array:
    """Products of the elements so far, by doubling; ndonnx takes logarithms, which negative numbers have none of."""
    out = xp.moveaxis(xp.astype(x, dtype or xp.prod(x).dtype), axis or 0, 0)
    shift = 1
    while shift < out.shape[0]:
        out = xp.concat([out[:shift, ...], out[shift:, ...] * out[:-shift, ...]], axis=0)
        shift *= 2
    if include_initial:
        out = xp.concat([xp.ones((1, *out.shape[1:]), dtype=out.dtype), out], axis=0)
    return xp.moveaxis(out, 0, axis or 0)


def nonzero(x: Array, /) -> tuple[Array, ...]:
    """Where ``x`` is not zero, if that is known."""
    return sized(*xp.nonzero(x))


def diagonal(x: Array, /, *, offset: int = 0) -> Array:
    """The elements ``x[..., i, i + offset]``."""
    *batch, rows, columns = x.shape
    first = max(0, offset) - min(0, offset) * columns
    count = max(0, min(rows + min(0, offset), columns - max(0, offset)))
    at = xp.asarray(np.arange(count) * (columns + 1) + first, dtype=xp.int64)
    return xp.take(xp.reshape(x, (*batch, rows * columns)), at, axis=-1)


def trace(x: Array, /, *, offset: int = 0, dtype: Any = None) -> Array:
    """The sum of the `diagonal`."""
    return xp.sum(diagonal(x, offset=offset), axis=-1, dtype=dtype)


def outer(x1: Array, x2: Array, /) -> Array:
    """Each element of a vector with each of another."""
    return x1[:, None] * x2[None, :]


def vector_norm(
    x: Array, /, *, axis: int | tuple[int, ...] | None = None, keepdims: bool = False, ord: float = 2
) -> Array:
    """The ``ord``-norm of the elements along ``axis``."""
    a, along = xp.abs(x), {"axis": axis, "keepdims": keepdims}
    if abs(ord) == math.inf:
        return xp.max(a, **along) if ord > 0 else xp.min(a, **along)
    if ord == 0:
        return xp.sum(xp.astype(a != 0, a.dtype), **along)
    return xp.sum(a, **along) if ord == 1 else xp.sum(a**ord, **along) ** (1 / ord)


_OWN = (atan2, copysign, cumulative_prod, hypot, nonzero, signbit)
_LINALG = (diagonal, outer, trace, vector_norm)

XP: Namespace = layered(
    "ndonnx made standard",
    SimpleNamespace(
        **{function.__name__: function for function in _OWN},
        linalg=SimpleNamespace(**{function.__name__: function for function in _LINALG}),
    ),
    ndonnx,
)
