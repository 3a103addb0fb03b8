"""Extension functions as ONNX's own operators, where there is one with the fallback's answer that ONNX Runtime has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ndonnx
from spox.opset.ai.onnx import v21

from xpgrad.backends.fallbacks import FALLBACKS
from xpgrad.backends.registry import get_backend
from xpgrad.backends.windows import check_convolved, convolution_size

__all__ = ["KERNELS"]

# ONNX's operators, of the version that ndonnx uses.
op: Any = v21


def single(function: Callable[..., Any]) -> Callable[..., Any]:
    """``function`` for float32 arrays that are not empty, and for others the fallback of its name.

    ONNX Runtime has most operators of networks for float32 only, and gives errors for empty arrays.
    """
    fallback = FALLBACKS[function.__name__]

    def call(xp: Any, *arrays: Any, **settings: Any) -> Any:
        if all(x.dtype == ndonnx.float32 and x.size for x in arrays):
            return ndonnx.asarray(function(*(x.unwrap_spox() for x in arrays), **settings))
        return fallback(xp, *arrays, **settings)

    return call


# As the fallbacks of the same names, whose docstrings say what they do.


def convolution(x: Any, w: Any, /, *, stride: Any, padding: Any, dilation: Any, groups: int) -> Any:
    convolution_size(_shape(x), _shape(w), stride, padding, dilation, groups)
    return op.conv(x, w, strides=stride, pads=(*padding, *padding), dilations=dilation, group=groups)


def convolution_input(g: Any, w: Any, /, *, size: Any, stride: Any, padding: Any, dilation: Any, groups: int) -> Any:
    (batch, _, *counts), (_, channels, *window) = _shape(g), _shape(w)
    check_convolved(_shape(g), (batch, channels * groups, *size), _shape(w), stride, padding, dilation, groups)
    along = zip(size, counts, window, stride, padding, dilation, strict=True)
    # What the last window does not reach.
    rest = [n + 2 * p - (d * (k - 1) + 1) - s * (count - 1) for n, count, k, s, p, d in along]
    return op.conv_transpose(
        g, w, strides=stride, pads=(*padding, *padding), dilations=dilation, group=groups, output_padding=rest
    )


def erf(x: Any, /) -> Any:
    return op.erf(x)


def log_softmax(x: Any, /, *, axis: int) -> Any:
    return op.log_softmax(x, axis=axis)


def softmax(x: Any, /, *, axis: int) -> Any:
    return op.softmax(x, axis=axis)


def sigmoid(x: Any, /) -> Any:
    return op.sigmoid(x)


def _shape(x: Any) -> tuple[int, ...]:
    shape: tuple[int, ...] = x.unwrap_tensor().shape
    return shape


def checked_positions(xp: Any, positions: Any, /, *, from_end: bool = True, **settings: Any) -> Any:
    """Checked if there are values; else ONNX Runtime refuses what is out of range."""
    try:
        return FALLBACKS["checked_positions"](xp, positions, from_end=from_end, **settings)
    except ValueError:
        return xp.where(positions < 0, positions + settings["length"], positions) if from_end else positions


def matmul(xp: Any, x1: Any, x2: Any, /) -> Any:
    """The operator alone; ndonnx puts a test of emptiness around it, and shapes are known here."""
    if x1.size and x2.size and x1.dtype == x2.dtype in (ndonnx.float32, ndonnx.float64):
        return ndonnx.asarray(op.matmul(x1.unwrap_spox(), x2.unwrap_spox()))
    return ndonnx.matmul(x1, x2)


def philox_bits(xp: Any, /, *, key: int, counter: int, blocks: int, dtype: Any, device: Any = None) -> Any:
    """By NumPy: nothing that is known only later goes in, and the fallback is some hundred operations."""
    bits = get_backend("numpy").current_place().xp.philox_bits
    return ndonnx.asarray(bits(key=key, counter=counter, blocks=blocks, dtype=dtype.unwrap_numpy()))


def scatter_add(xp: Any, updates: Any, indices: Any, /, *, size: int) -> Any:
    if updates.dtype == ndonnx.float16:
        # ONNX Runtime has no sums of these; and one by one they would soon stop growing.
        return xp.astype(scatter_add(xp, xp.astype(updates, ndonnx.float32), indices, size=size), updates.dtype)
    zeros = xp.zeros((size, *updates.shape[1:]), dtype=updates.dtype)
    if not updates.size:
        return zeros
    at = xp.expand_dims(xp.astype(indices, xp.int64), axis=-1)
    added = op.scatter_nd(zeros.unwrap_spox(), at.unwrap_spox(), updates.unwrap_spox(), reduction="add")
    return ndonnx.asarray(added)


KERNELS: Mapping[str, Callable[..., Any]] = {
    **{f.__name__: single(f) for f in (convolution, convolution_input, erf, log_softmax, sigmoid, softmax)},
    **{f.__name__: f for f in (checked_positions, matmul, philox_bits, scatter_add)},
}
