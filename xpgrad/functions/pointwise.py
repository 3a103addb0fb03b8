"""Elementwise functions of one tensor, and those that choose between two."""

from __future__ import annotations

import builtins
from typing import Any

from xpgrad.array_api.operands import cast
from xpgrad.backends.dtypes import bool_
from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import DtypeError, SettingError
from xpgrad.functions.coordinates import nonzero
from xpgrad.functions.elementwise import binary_function, meet, of_tensors, require_tensors, unary
from xpgrad.functions.layouts import contiguous_format
from xpgrad.functions.out import takes_out
from xpgrad.functions.results import deliver, fitting_number, number
from xpgrad.ops import (
    activation,
    arithmetic,
    complex,
    copying,
    error,
    exponential,
    gamma,
    rounding,
    searching,
    trigonometric,
)

__all__ = [
    "abs", "absolute", "acos", "acosh", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh",
    "asin", "asinh", "atan", "atan2", "atanh", "ceil", "clamp", "clamp_max", "clamp_min", "clip", "clone", "conj",
    "conj_physical", "copysign", "cos", "cosh", "detach", "digamma", "erf", "erfc", "erfinv", "exp", "exp2", "expm1",
    "fill", "fix", "floor", "hypot", "lgamma", "log", "log1p", "log2", "log10", "logaddexp", "logaddexp2",
    "masked_fill", "maximum", "minimum", "nan_to_num", "nextafter", "relu", "round", "rsqrt", "sigmoid", "sign",
    "sin", "sinc", "sinh", "sqrt", "tan", "tanh", "trunc", "where",
]  # fmt: skip

abs = absolute = unary(arithmetic.abs, "abs")
sign = unary(arithmetic.sign, "sign")
sqrt = unary(exponential.sqrt, "sqrt", floating=True)
rsqrt = unary(exponential.rsqrt, "rsqrt", floating=True)
exp = unary(exponential.exp, "exp", floating=True)
exp2 = unary(exponential.exp2, "exp2", floating=True)
expm1 = unary(exponential.expm1, "expm1", floating=True)
log = unary(exponential.log, "log", floating=True)
log2 = unary(exponential.log2, "log2", floating=True)
log10 = unary(exponential.log10, "log10", floating=True)
log1p = unary(exponential.log1p, "log1p", floating=True)
logaddexp = of_tensors(exponential.logaddexp, "logaddexp", floating=True)

sin = unary(trigonometric.sin, "sin", floating=True)
cos = unary(trigonometric.cos, "cos", floating=True)
tan = unary(trigonometric.tan, "tan", floating=True)
asin = arcsin = unary(trigonometric.asin, "asin", floating=True)
acos = arccos = unary(trigonometric.acos, "acos", floating=True)
atan = arctan = unary(trigonometric.atan, "atan", floating=True)
sinh = unary(trigonometric.sinh, "sinh", floating=True)
cosh = unary(trigonometric.cosh, "cosh", floating=True)
tanh = unary(trigonometric.tanh, "tanh", floating=True)
asinh = arcsinh = unary(trigonometric.asinh, "asinh", floating=True)
acosh = arccosh = unary(trigonometric.acosh, "acosh", floating=True)
atanh = arctanh = unary(trigonometric.atanh, "atanh", floating=True)
atan2 = arctan2 = of_tensors(trigonometric.atan2, "atan2", floating=True)
hypot = of_tensors(trigonometric.hypot, "hypot")

floor = unary(rounding.floor, "floor")
ceil = unary(rounding.ceil, "ceil")
trunc = fix = unary(rounding.trunc, "trunc")
_round = unary(rounding.round, "round")

erf = unary(error.erf, "erf", floating=True)
erfc = unary(error.erfc, "erfc", floating=True)
erfinv = unary(error.erfinv, "erfinv", floating=True)
lgamma = unary(gamma.gammaln, "lgamma", floating=True)
digamma = unary(gamma.digamma, "digamma", floating=True)

sigmoid = unary(activation.sigmoid, "sigmoid", floating=True)
relu = unary(activation.relu, "relu")

maximum = of_tensors(arithmetic.maximum, "maximum")
minimum = of_tensors(arithmetic.minimum, "minimum")
_copysign = binary_function(arithmetic.copysign, "copysign", floating=True, number_first=False)
_copysign_number = binary_function(arithmetic.copysign.named("CopysignBackward1"), "copysign", floating=True)
nextafter = of_tensors(rounding.nextafter, "nextafter", floating=True)
sinc = unary(trigonometric.sinc, "sinc", floating=True)
logaddexp2 = of_tensors(exponential.logaddexp2, "logaddexp2", floating=True)

_conj = unary(complex.conj, "conj")
_conj_physical = unary(complex.conj.named("ConjPhysical"), "conj_physical")


def real_abs(input: Any) -> Any:
    """`abs` of real numbers; behind ``Tensor.abs_``, as that of complex numbers is of another dtype."""
    if input.dtype.is_complex:
        raise DtypeError("In-place abs is not supported for complex tensors; use the out-of-place abs().")
    return abs(input)


def clone(input: Any, *, memory_format: Any = None) -> Any:
    """A copy; gradients flow through it. Mirrors ``torch.clone``."""
    kind = copying.row_major_copy if memory_format is contiguous_format else copying.copy
    return kind.apply(input)


def conj_physical(input: Any, *, out: Any = None) -> Any:
    """The complex conjugate; a real tensor itself. Mirrors ``torch.conj_physical``."""
    require_tensors("conj_physical", input=input)
    return _conj_physical(input, out=out) if input.dtype.is_complex else deliver(out, input)


def fill(input: Any, value: Any) -> Any:
    """A tensor like ``input``, full of ``value``: a number, or a 0-d tensor with its gradient. Mirrors ``torch.fill``.

    Raises:
        SettingError: ``value`` is a tensor with dimensions.
    """
    if not isinstance(value, TensorBase):
        return copying.fill.apply_ts(input, input.dtype.scalar_type(value))
    if value._array.ndim:
        raise SettingError(
            f"fill only supports 0-dimension value tensor but got tensor with {value._array.ndim} dimensions."
        )
    return _fill_tensor(input, cast(value, input.dtype))


_fill_tensor = copying.fill.named("FillBackward1")


def detach(input: Any) -> Any:
    """The same values, sharing memory, outside the graph. Mirrors ``torch.detach``."""
    return copying.detach.apply(input)


def copysign(input: Any, other: Any, *, out: Any = None) -> Any:
    """The magnitude of ``input`` with the sign of ``other``. Mirrors ``torch.copysign``."""
    if isinstance(other, TensorBase):
        return _copysign(input, other, out=out)
    require_tensors("copysign", input=input)
    return _copysign_number(input, other, out=out)


def conj(input: Any) -> Any:
    """The complex conjugate; a real tensor itself. Mirrors ``torch.conj``."""
    return _conj(input) if input.dtype.is_complex else input


def round(input: Any, *, decimals: int = 0, out: Any = None) -> Any:
    """To the nearest integer, halves to even, or to ``decimals`` decimal places. Mirrors ``torch.round``."""
    if decimals == 0:
        return _round(input, out=out)
    scale = 10.0 ** builtins.abs(decimals)
    result = _rounded(_round(input * scale), scale) if decimals > 0 else _rounded_up(_round(input / scale), scale)
    return deliver(out, result)


_rounded = binary_function(arithmetic.divide.named("RoundBackward1"), "round")
_rounded_up = binary_function(arithmetic.multiply.named("RoundBackward1"), "round")


def clamp(input: Any, min: Any = None, max: Any = None, *, out: Any = None) -> Any:
    """``input`` limited to between ``min`` and ``max``, numbers or tensors. Mirrors ``torch.clamp``.

    Raises:
        SettingError: Neither bound is given.
    """
    if min is None and max is None:
        raise SettingError("torch.clamp: At least one of 'min' or 'max' must not be None")
    bounds = [b for b in (min, max) if b is not None]
    met = list(meet((input, *bounds), wraps=False, name="clamp"))
    if met[0].dtype.is_complex:
        raise DtypeError(f"clamp is not supported for complex types, got {met[0].dtype}; clamp .real and .imag")
    x, low = met.pop(0), None
    if min is not None:
        low = met.pop(0)
    clip = _clip_to_tensors if any(isinstance(b, TensorBase) for b in bounds) else arithmetic.clip
    return deliver(out, clip(x, low, met.pop(0) if max is not None else None))


_clip_to_tensors = arithmetic.clip.named("ClampBackward0")
_clip_below, _clip_below_tensor = (arithmetic.clip.named(f"ClampMinBackward{k}") for k in (0, 1))
_clip_above, _clip_above_tensor = (arithmetic.clip.named(f"ClampMaxBackward{k}") for k in (0, 1))


clip = clamp


@takes_out
def clamp_min(input: Any, min: Any) -> Any:
    """``input``, at least ``min``. Mirrors ``torch.clamp_min``."""
    require_tensors("clamp_min", input=input)
    x, low = meet((input, min), name="clamp_min")
    return (_clip_below_tensor if isinstance(min, TensorBase) else _clip_below)(x, low, None)


@takes_out
def clamp_max(input: Any, max: Any) -> Any:
    """``input``, at most ``max``. Mirrors ``torch.clamp_max``."""
    require_tensors("clamp_max", input=input)
    x, high = meet((input, max), name="clamp_max")
    return (_clip_above_tensor if isinstance(max, TensorBase) else _clip_above)(x, None, high)


def where(condition: Any, input: Any = None, other: Any = None, *, out: Any = None) -> Any:
    """``input`` where ``condition``, else ``other``; of a condition alone its `nonzero`. Mirrors ``torch.where``.

    Raises:
        DtypeError: ``condition`` is not boolean, or a number is out of the range of the other's integer dtype.
    """
    if input is None and other is None:
        return nonzero(condition, as_tuple=True)
    if not isinstance(input, TensorBase) and not isinstance(other, TensorBase):
        other = condition.new_tensor(other)
    if condition.dtype is not bool_:
        if condition.dtype.name != "uint8":
            raise DtypeError(
                f"where expected condition to be a boolean tensor, but got a tensor with dtype {condition.dtype}; "
                "compare it with 0, or use .bool()"
            )
        condition = condition.bool()
    return deliver(out, searching.where(condition, *meet((input, other), wraps=False, name="where")))


def masked_fill(input: Any, mask: Any, value: Any) -> Any:
    """``input`` with ``value`` where ``mask`` is True. Mirrors ``torch.masked_fill``.

    Raises:
        SettingError: ``mask`` is not boolean, or ``value`` is a tensor with dimensions.
        DtypeError: ``value`` is complex, and ``input`` is not.
    """
    if not mask.dtype.name == "bool":
        raise SettingError(f"masked_fill_ only supports boolean masks, but got mask with dtype {mask.dtype}")
    if isinstance(value, TensorBase):
        if value._array.ndim:
            raise SettingError(
                "masked_fill_ only supports a 0-dimensional value tensor, but got tensor with "
                f"{value._array.ndim} dimension(s)."
            )
        if value.dtype.is_complex:  # type: ignore[attr-defined]
            fitting_number(number(value), input.dtype)
        return _masked_fill_tensor(mask, cast(value, input.dtype), input)
    return _masked_fill(mask, _NUMBERS[input.dtype.kind](fitting_number(value, input.dtype)), input)


_NUMBERS = {"bool": bool, "int": int, "uint": int, "float": float, "complex": builtins.complex}


_masked_fill = searching.where.named("MaskedFillBackward0")
_masked_fill_tensor = searching.where.named("MaskedFillBackward1")


def nan_to_num(
    input: Any, nan: float | None = 0.0, posinf: float | None = None, neginf: float | None = None, *, out: Any = None
) -> Any:
    """``input`` with NaN and infinities replaced: by 0 and the largest finite numbers if by nothing else.

    Mirrors ``torch.nan_to_num``.
    """
    require_tensors("nan_to_num", input=input)
    if not input.dtype.is_differentiable:
        return deliver(out, clone(input))
    found = arithmetic.nan_to_num.apply(input, nan=nan or 0.0, posinf=posinf, neginf=neginf)
    return deliver(out, found)
