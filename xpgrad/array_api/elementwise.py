"""The standard's elementwise functions."""

from __future__ import annotations

import math
from typing import Any

from xpgrad.array_api.creation import floating_tensors
from xpgrad.array_api.operands import binary, cast, dtype_of, meet, unary
from xpgrad.core.tensor_base import TensorBase
from xpgrad.ops import arithmetic, comparison, exponential, logical, rounding, searching, trigonometric
from xpgrad.ops import complex as complexes
from xpgrad.ops.copying import detach

__all__ = [
    "abs", "acos", "acosh", "add", "asin", "asinh", "atan", "atan2", "atanh", "bitwise_and", "bitwise_invert",
    "bitwise_left_shift", "bitwise_or", "bitwise_right_shift", "bitwise_xor", "ceil", "clip", "conj", "copysign",
    "cos", "cosh", "divide", "equal", "exp", "expm1", "floor", "floor_divide", "greater", "greater_equal", "hypot",
    "imag", "isfinite", "isinf", "isnan", "less", "less_equal", "log", "log1p", "log2", "log10", "logaddexp",
    "logical_and", "logical_not", "logical_or", "logical_xor", "maximum", "minimum", "multiply", "negative",
    "nextafter", "not_equal", "positive", "pow", "real", "reciprocal", "remainder", "round", "sign", "signbit",
    "sin", "sinh", "sqrt", "square", "subtract", "tan", "tanh", "trunc",
]  # fmt: skip

abs = unary(arithmetic.abs)
acos = unary(trigonometric.acos, needs_float=True)
acosh = unary(trigonometric.acosh, needs_float=True)
add = binary(arithmetic.add)
asin = unary(trigonometric.asin, needs_float=True)
asinh = unary(trigonometric.asinh, needs_float=True)
atan = unary(trigonometric.atan, needs_float=True)
atan2 = binary(trigonometric.atan2, needs_float=True)
atanh = unary(trigonometric.atanh, needs_float=True)
bitwise_and = binary(logical.bitwise_and)
bitwise_invert = unary(logical.bitwise_invert)
bitwise_left_shift = binary(logical.bitwise_left_shift)
bitwise_or = binary(logical.bitwise_or)
bitwise_right_shift = binary(logical.bitwise_right_shift)
bitwise_xor = binary(logical.bitwise_xor)
ceil = unary(rounding.ceil)
conj = unary(complexes.conj)
copysign = binary(arithmetic.copysign, needs_float=True)
cos = unary(trigonometric.cos, needs_float=True)
cosh = unary(trigonometric.cosh, needs_float=True)
divide = binary(arithmetic.divide, needs_float=True)
equal = binary(comparison.equal)
exp = unary(exponential.exp, needs_float=True)
floor = unary(rounding.floor)
greater = binary(comparison.greater)
greater_equal = binary(comparison.greater_equal)
hypot = binary(trigonometric.hypot, needs_float=True)
imag = unary(complexes.imag)
isfinite = unary(comparison.isfinite)
isinf = unary(comparison.isinf)
isnan = unary(comparison.isnan)
less = binary(comparison.less)
less_equal = binary(comparison.less_equal)
log = unary(exponential.log, needs_float=True)
log10 = unary(exponential.log10, needs_float=True)
log1p = unary(exponential.log1p, needs_float=True)
log2 = unary(exponential.log2, needs_float=True)
logical_and = binary(logical.logical_and)
logical_not = unary(logical.logical_not)
logical_or = binary(logical.logical_or)
logical_xor = binary(logical.logical_xor)
maximum = binary(arithmetic.maximum)
minimum = binary(arithmetic.minimum)
multiply = binary(arithmetic.multiply)
negative = unary(arithmetic.negative)
nextafter = binary(rounding.nextafter, needs_float=True)
not_equal = binary(comparison.not_equal)
positive = unary(arithmetic.positive)
pow = binary(arithmetic.power, "pow")
real = unary(complexes.real)
reciprocal = unary(arithmetic.reciprocal, needs_float=True)
remainder = binary(arithmetic.remainder)
round = unary(rounding.round)
sign = unary(arithmetic.sign)
signbit = unary(comparison.signbit)
sin = unary(trigonometric.sin, needs_float=True)
sinh = unary(trigonometric.sinh, needs_float=True)
sqrt = unary(exponential.sqrt, needs_float=True)
square = unary(arithmetic.square)
subtract = binary(arithmetic.subtract)
tan = unary(trigonometric.tan, needs_float=True)
tanh = unary(trigonometric.tanh, needs_float=True)
trunc = unary(rounding.trunc)

_expm1 = unary(exponential.expm1, "expm1", needs_float=True)
_floor_divide = binary(arithmetic.floor_divide)


def expm1(x: TensorBase, /) -> Any:
    """``exp(x) - 1``, exact near zero."""
    near = _expm1(x)
    if not dtype_of(near).is_complex:
        return near
    # Libraries give NaN for complex infinities, where exp is right, and -0 for -0, whose real part is to be 0.
    return searching.where(isfinite(x), add(near, complex(0.0, -0.0)), subtract(exp(x), 1.0))


def floor_divide(x1: Any, x2: Any, /) -> Any:
    """``x1 / x2`` rounded down, with infinities as in ``x1 / x2``."""
    rounded = _floor_divide(x1, x2)
    if not dtype_of(rounded).is_floating_point:
        return rounded
    # Libraries say NaN for infinity // 2 and -1 for -1 // infinity, as Python does; the standard says infinity and -0.
    quotient = detach.apply(divide(x1, x2))
    infinite = isinf(x2) if isinstance(x2, TensorBase) else math.isinf(x2)
    return searching.where(logical_or(isnan(rounded), infinite), quotient, rounded)


def logaddexp(x1: Any, x2: Any, /) -> Any:
    """``log(exp(x1) + exp(x2))``, without overflow."""
    return exponential.logaddexp.apply(*floating_tensors(x1, x2))


def clip(x: TensorBase, /, min: Any = None, max: Any = None) -> Any:
    """``x``, but at least ``min`` and then at most ``max``, in the dtype of ``x``; None is no bound."""
    scalars = [bound for bound in (min, max) if bound is not None and not isinstance(bound, TensorBase)]
    x, *_ = meet((x, *scalars), "clip")
    low, high = (cast(bound, dtype_of(x)) if isinstance(bound, TensorBase) else bound for bound in (min, max))
    return arithmetic.clip(x, low, high)
