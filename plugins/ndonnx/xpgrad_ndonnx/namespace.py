"""The namespace of ndonnx arrays: the library's own, apart from what it gets wrong or cannot have numbers for."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import ndonnx
from onnx.shape_inference import InferenceError

from xpgrad._typing import Array, Namespace
from xpgrad.backends.base import layered
from xpgrad.errors import ShapeError


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


def cumulative_prod(x: Array, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False) -> Array:
    """Products of the elements so far, by doubling; ndonnx takes logarithms, which negative numbers have none of."""
    out = ndonnx.moveaxis(ndonnx.astype(x, dtype or ndonnx.prod(x).dtype), axis or 0, 0)
    shift = 1
    while shift < out.shape[0]:
        out = ndonnx.concat([out[:shift, ...], out[shift:, ...] * out[:-shift, ...]], axis=0)
        shift *= 2
    if include_initial:
        out = ndonnx.concat([ndonnx.ones((1, *out.shape[1:]), dtype=out.dtype), out], axis=0)
    return ndonnx.moveaxis(out, 0, axis or 0)


def nonzero(x: Array, /) -> tuple[Array, ...]:
    """Where ``x`` is not zero, if that is known."""
    return sized(*ndonnx.nonzero(x))


XP: Namespace = layered(
    "ndonnx made standard", SimpleNamespace(cumulative_prod=cumulative_prod, nonzero=nonzero), ndonnx
)
