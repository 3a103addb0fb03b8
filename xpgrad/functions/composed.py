"""Elementwise functions made of others, each a line or three."""

from __future__ import annotations

import builtins
import math
from typing import Any

from xpgrad.array_api import elementwise, searching
from xpgrad.array_api.operands import cast
from xpgrad.array_api.operands import floating as as_floating
from xpgrad.backends.dtypes import complex64, complex128, float64, int32, int64
from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import DtypeError, SettingError
from xpgrad.functions.arithmetic import mul, pow, remainder
from xpgrad.functions.comparison import eq, isinf, isnan, lt
from xpgrad.functions.elementwise import binary_function, meet, unary
from xpgrad.functions.pointwise import abs, atan2, clamp, cos, log, sin, trunc, where
from xpgrad.functions.results import deliver
from xpgrad.functions.shape import reshape, unsqueeze
from xpgrad.ops import arithmetic
from xpgrad.ops import searching as search_ops

sgn = unary(arithmetic.sign.named("Sgn"), "sgn")
_larger = binary_function(arithmetic.maximum.named("Fmax"), "fmax")
_smaller = binary_function(arithmetic.minimum.named("Fmin"), "fmin")
_masked = search_ops.where.named("Xlogy")
_fmod_number = search_ops.where.named("FmodBackward0")
_fmod_tensor = search_ops.where.named("FmodBackward1")


def fmod(input: Any, other: Any, *, out: Any = None) -> Any:
    """What is left of ``input`` divided by ``other``, with the sign of ``input``. Mirrors ``torch.fmod``."""
    x, y = meet((input, other), name="fmod")
    rest = remainder(_size(x), _size(y))
    return deliver(out, (_fmod_tensor if isinstance(y, TensorBase) else _fmod_number)(lt(x, 0), -rest, rest))


def _size(x: Any) -> Any:
    return abs(x) if isinstance(x, TensorBase) else builtins.abs(x)


def fmax(input: Any, other: Any, *, out: Any = None) -> Any:
    """The greater of the two; a number rather than NaN. Mirrors ``torch.fmax``."""
    input, other = meet((input, other), name="fmax")
    return _larger(where(isnan(input), other, input), where(isnan(other), input, other), out=out)


def fmin(input: Any, other: Any, *, out: Any = None) -> Any:
    """The smaller of the two; a number rather than NaN. Mirrors ``torch.fmin``."""
    input, other = meet((input, other), name="fmin")
    return _smaller(where(isnan(input), other, input), where(isnan(other), input, other), out=out)


def float_power(input: Any, exponent: Any, *, out: Any = None) -> Any:
    """``input ** exponent`` computed in float64, or in complex128. Mirrors ``torch.float_power``."""
    input, exponent = meet((input, exponent), floating=True, name="float_power")
    tensors = [x for x in (input, exponent) if isinstance(x, TensorBase)]
    wide = complex128 if _is_complex(tensors[0]) else float64
    return pow(*(cast(x, wide) if isinstance(x, TensorBase) else x for x in (input, exponent)), out=out)


def xlogy(input: Any, other: Any, *, out: Any = None) -> Any:
    """``input * log(other)``, 0 where ``input`` is 0 unless ``other`` is NaN. Mirrors ``torch.xlogy``."""
    input, other = meet((input, other), floating=True, name="xlogy")
    x = input if isinstance(input, TensorBase) else other.new_tensor(input)
    y = other if isinstance(other, TensorBase) else input.new_tensor(other)
    zero = eq(x, 0) & ~isnan(y)
    return deliver(out, _masked(zero, 0.0, x * log(where(zero, 1.0, y))))


def heaviside(input: Any, values: Any, *, out: Any = None) -> Any:
    """0 below 0, 1 above, and ``values`` at 0. Mirrors ``torch.heaviside``."""
    return deliver(out, where(eq(input, 0), values, cast(input > 0, values.dtype)))


def ldexp(input: Any, other: Any, *, out: Any = None) -> Any:
    """``input * 2 ** other``. Mirrors ``torch.ldexp``."""
    return mul(input, pow(2.0, other), out=out)


def frac(input: Any, *, out: Any = None) -> Any:
    """What is left of ``input`` without its whole part. Mirrors ``torch.frac``."""
    return deliver(out, input - trunc(input))


def sinc(input: Any, *, out: Any = None) -> Any:
    """``sin(pi x) / (pi x)``, 1 at 0. Mirrors ``torch.sinc``."""
    x = as_floating(input) * math.pi
    zero = eq(x, 0)
    safe = where(zero, 1.0, x)
    return deliver(out, where(zero, 1.0, sin(safe) / safe))


def deg2rad(input: Any, *, out: Any = None) -> Any:
    """Degrees in radians. Mirrors ``torch.deg2rad``."""
    return mul(input, math.pi / 180, out=out)


def rad2deg(input: Any, *, out: Any = None) -> Any:
    """Radians in degrees. Mirrors ``torch.rad2deg``."""
    return mul(input, 180 / math.pi, out=out)


def logit(input: Any, eps: float | None = None, *, out: Any = None) -> Any:
    """``log(x / (1 - x))``, with ``x`` first kept ``eps`` away from 0 and 1 if given. Mirrors ``torch.logit``."""
    x = as_floating(input) if eps is None else clamp(as_floating(input), eps, 1 - eps)
    return deliver(out, log(x / (1 - x)))


def isposinf(input: Any) -> Any:
    """Whether each element is plus infinity. Mirrors ``torch.isposinf``."""
    return isinf(input) & (input > 0)


def isneginf(input: Any) -> Any:
    """Whether each element is minus infinity. Mirrors ``torch.isneginf``."""
    return isinf(input) & (input < 0)


def isreal(input: Any) -> Any:
    """Whether each element has no imaginary part. Mirrors ``torch.isreal``."""
    return eq(elementwise.imag(input), 0) if _is_complex(input) else eq(input, input) | isnan(input)


# Complex numbers.


def complex(real: Any, imag: Any, *, out: Any = None) -> Any:
    """The complex numbers with these parts. Mirrors ``torch.complex``.

    Raises:
        DtypeError: The parts are of different dtypes, or not float32 or float64.
    """
    if real.dtype is not imag.dtype or real.dtype.to_complex() not in (complex64, complex128) or _is_complex(real):
        raise DtypeError(
            "Expected both inputs to be Half, Float or Double tensors of one dtype but got "
            f"{real.dtype} and {imag.dtype}"
        )
    return deliver(out, real + 1j * imag)


def polar(abs: Any, angle: Any, *, out: Any = None) -> Any:
    """The complex numbers with these magnitudes and angles in radians. Mirrors ``torch.polar``."""
    return complex(abs * cos(angle), abs * sin(angle), out=out)


def angle(input: Any, *, out: Any = None) -> Any:
    """The angle of each number in the complex plane, in radians. Mirrors ``torch.angle``."""
    if _is_complex(input):
        return atan2(elementwise.imag(input), elementwise.real(input), out=out)
    x = as_floating(input)
    return deliver(out, where(isnan(x), x, where(lt(x, 0), math.pi, x * 0.0)))


def _is_complex(x: Any) -> bool:
    return bool(x.dtype.is_complex)


# Searching.


def nextafter(input: Any, other: Any, *, out: Any = None) -> Any:
    """The next representable number from ``input`` towards ``other``. Mirrors ``torch.nextafter``."""
    return deliver(out, elementwise.nextafter(*meet((input, other), name="nextafter")))


def isin(elements: Any, test_elements: Any, *, assume_unique: bool = False, invert: bool = False) -> Any:
    """Whether each of ``elements`` is among ``test_elements``. Mirrors ``torch.isin``."""
    if not isinstance(elements, TensorBase):
        elements = test_elements.new_tensor(elements)
    if not isinstance(test_elements, TensorBase):
        test_elements = elements.new_tensor(test_elements)
    found = eq(unsqueeze(elements, -1), reshape(test_elements, (-1,))).any(-1)
    return ~found if invert else found


def searchsorted(sorted_sequence: Any, input: Any, *, out_int32: bool = False, right: bool = False,
                 side: str | None = None) -> Any:  # fmt: skip
    """Where in a sorted vector each of ``input`` would be inserted. Mirrors ``torch.searchsorted``.

    Raises:
        SettingError: ``sorted_sequence`` is no vector, or ``side`` contradicts ``right``.
    """
    if sorted_sequence._array.ndim != 1:
        raise SettingError(
            "torch.searchsorted(): boundaries tensor should be 1 dimension, rows of boundaries are not supported; got "
            f"shape {tuple(sorted_sequence._array.shape)}"
        )
    if side == "left" and right:
        raise SettingError(
            "torch.searchsorted(): side and right can't be set to opposites, got side of left while right"
        )
    values = input if isinstance(input, TensorBase) else sorted_sequence.new_tensor(input)
    flat = reshape(values, (-1,)).detach()
    found = searching.searchsorted(sorted_sequence.detach(), flat, side="right" if right or side == "right" else "left")
    return reshape(cast(found, int32 if out_int32 else int64), tuple(values._array.shape))


def bucketize(input: Any, boundaries: Any, *, out_int32: bool = False, right: bool = False) -> Any:
    """Which of the intervals between ``boundaries`` each of ``input`` is in. Mirrors ``torch.bucketize``."""
    return searchsorted(boundaries, input, out_int32=out_int32, right=right)
