"""Elementwise functions made of others, each a line or three."""

from __future__ import annotations

import builtins
import math
from typing import Any

from xpgrad.array_api import elementwise
from xpgrad.array_api.operands import cast
from xpgrad.array_api.operands import floating as as_floating
from xpgrad.backends.dtypes import complex64, complex128, float64
from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import DtypeError
from xpgrad.functions import return_types
from xpgrad.functions.arithmetic import pow, remainder
from xpgrad.functions.comparison import eq, isinf, isnan, lt
from xpgrad.functions.elementwise import binary_function, meet, require_tensors, unary
from xpgrad.functions.out import takes_out
from xpgrad.functions.pointwise import abs, cos, sin, trunc, where
from xpgrad.functions.results import deliver
from xpgrad.ops import arithmetic, entropy, exponential
from xpgrad.ops import complex as complex_ops
from xpgrad.ops import searching as search_ops

__all__ = [
    "angle", "complex", "deg2rad", "float_power", "fmax", "fmin", "fmod", "frac", "frexp", "heaviside", "isneginf",
    "isposinf", "isreal", "ldexp", "logit", "polar", "rad2deg", "sgn",
]  # fmt: skip

sgn = unary(arithmetic.sign.named("Sgn"), "sgn")
_larger = binary_function(arithmetic.maximum.named("Fmax"), "fmax")
_smaller = binary_function(arithmetic.minimum.named("Fmin"), "fmin")
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


def heaviside(input: Any, values: Any, *, out: Any = None) -> Any:
    """0 below 0, 1 above, and ``values`` at 0. Mirrors ``torch.heaviside``.

    Raises:
        DtypeError: The two are of different dtypes, or complex.
    """
    require_tensors("heaviside", input=input, values=values)
    if _is_complex(input) or _is_complex(values):
        raise DtypeError("heaviside is not yet implemented for complex tensors; use real ones")
    if input.dtype is not values.dtype:
        raise DtypeError(f"heaviside is not yet implemented for tensors with different dtypes: {input.dtype}, "
                         f"{values.dtype}; cast one of them")  # fmt: skip
    return deliver(out, where(eq(input, 0), values, cast(input > 0, values.dtype)))


def ldexp(input: Any, other: Any, *, out: Any = None) -> Any:
    """``input * 2 ** other``. Mirrors ``torch.ldexp``."""
    require_tensors("ldexp", input=input, other=other)
    x, y = meet((input, as_floating(other)), floating=True, name="ldexp")
    return deliver(out, exponential.ldexp.apply(x, y))


@takes_out
def frexp(input: Any) -> Any:
    """Mantissas from 0.5 to 1 in magnitude, and exponents in int32. Mirrors ``torch.frexp``.

    Raises:
        DtypeError: ``input`` is not floating-point.
    """
    if not input.dtype.is_floating_point:
        raise DtypeError(f"torch.frexp() only supports floating-point dtypes, got {input.dtype}; use .float()")
    return return_types.Frexp(*exponential.frexp.apply(input))


def frac(input: Any, *, out: Any = None) -> Any:
    """What is left of ``input`` without its whole part. Mirrors ``torch.frac``."""
    require_tensors("frac", input=input)
    return deliver(out, _frac.apply(input, trunc(input)))


def deg2rad(input: Any, *, out: Any = None) -> Any:
    """Degrees in radians. Mirrors ``torch.deg2rad``."""
    require_tensors("deg2rad", input=input)
    return deliver(out, _deg2rad.apply_ts(as_floating(input), math.pi / 180))


def rad2deg(input: Any, *, out: Any = None) -> Any:
    """Radians in degrees. Mirrors ``torch.rad2deg``."""
    require_tensors("rad2deg", input=input)
    return deliver(out, _rad2deg.apply_ts(as_floating(input), 180 / math.pi))


_frac = arithmetic.subtract.named("Frac")
_deg2rad = arithmetic.multiply.named("Deg2Rad")
_rad2deg = arithmetic.multiply.named("Rad2Deg")


def logit(input: Any, eps: float | None = None, *, out: Any = None) -> Any:
    """``log(x / (1 - x))``, with ``x`` first kept ``eps`` away from 0 and 1 if given. Mirrors ``torch.logit``."""
    require_tensors("logit", input=input)
    return deliver(out, entropy.logit.apply(as_floating(input), eps=eps))


@takes_out
def isposinf(input: Any) -> Any:
    """Whether each element is plus infinity. Mirrors ``torch.isposinf``."""
    return isinf(input) & (input > 0)


@takes_out
def isneginf(input: Any) -> Any:
    """Whether each element is minus infinity. Mirrors ``torch.isneginf``."""
    return isinf(input) & (input < 0)


def isreal(input: Any) -> Any:
    """Whether each element has no imaginary part. Mirrors ``torch.isreal``."""
    return eq(elementwise.imag(input), 0) if _is_complex(input) else eq(input, input) | isnan(input)


# Complex numbers.


_polar = complex_ops.complex.named("Polar")


def complex(real: Any, imag: Any, *, out: Any = None) -> Any:
    """The complex numbers with these parts. Mirrors ``torch.complex``.

    Raises:
        DtypeError: The parts are of different dtypes, or not float32 or float64.
    """
    require_tensors("complex", real=real, imag=imag)
    if real.dtype is not imag.dtype or real.dtype.to_complex() not in (complex64, complex128) or _is_complex(real):
        raise DtypeError(
            "Expected both inputs to be Half, Float or Double tensors of one dtype but got "
            f"{real.dtype} and {imag.dtype}"
        )
    if out is not None and out.dtype is not real.dtype.to_complex():
        raise DtypeError(
            f"Expected object of scalar type {real.dtype.to_complex()} but got scalar type {out.dtype} "
            "for argument 'out'"
        )
    return deliver(out, complex_ops.complex.apply(real, imag))


def polar(abs: Any, angle: Any, *, out: Any = None) -> Any:
    """The complex numbers with these magnitudes and angles in radians. Mirrors ``torch.polar``."""
    require_tensors("polar", abs=abs, angle=angle)
    return deliver(out, _polar.apply(abs * cos(angle), abs * sin(angle)))


def angle(input: Any, *, out: Any = None) -> Any:
    """The angle of each number in the complex plane, in radians. Mirrors ``torch.angle``."""
    require_tensors("angle", input=input)
    return deliver(out, complex_ops.angle.apply(as_floating(input)))


def _is_complex(x: Any) -> bool:
    return bool(x.dtype.is_complex)
