"""The standard's functions on dtypes."""

from __future__ import annotations

from typing import Any, NamedTuple

from xpgrad.array_api.operands import cast, common_dtype, dtype_of, require_tensor
from xpgrad.backends import dtypes
from xpgrad.backends.base import device
from xpgrad.backends.dtypes import dtype
from xpgrad.backends.registry import resolve
from xpgrad.core.promotion import promote_types
from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import ArgumentError, DtypeError
from xpgrad.ops.copying import copy as clone
from xpgrad.ops.moving import move

__all__ = ["astype", "can_cast", "finfo", "iinfo", "isdtype", "result_type"]

_KINDS = {
    "bool": ("bool",),
    "signed integer": ("int",),
    "unsigned integer": ("uint",),
    "integral": ("int", "uint"),
    "real floating": ("float",),
    "complex floating": ("complex",),
    "numeric": ("int", "uint", "float", "complex"),
}

# Bits of the fraction and of the exponent.
_LAYOUTS = {dtypes.float16: (10, 5), dtypes.bfloat16: (7, 8), dtypes.float32: (23, 8), dtypes.float64: (52, 11)}


class FloatInfo(NamedTuple):
    """What `finfo` returns: of a complex dtype, the limits of its parts.

    Attributes:
        bits: Bits per number.
        eps: The distance from 1.0 to the next number.
        max, min: The largest and the smallest finite number.
        smallest_normal: The smallest positive number with full precision.
        dtype: The floating dtype described.
    """

    bits: int
    eps: float
    max: float
    min: float
    smallest_normal: float
    dtype: dtype


class IntegerInfo(NamedTuple):
    """What `iinfo` returns.

    Attributes:
        bits: Bits per number.
        max, min: The largest and the smallest number.
        dtype: The integer dtype described.
    """

    bits: int
    max: int
    min: int
    dtype: dtype


def _described(type: dtype | TensorBase) -> dtype:
    return dtype_of(type) if isinstance(type, TensorBase) else type


def finfo(type: dtype | TensorBase, /) -> FloatInfo:
    """The limits of a floating or complex dtype, or of the dtype of a tensor.

    Raises:
        DtypeError: It is of another kind.
    """
    described = _described(type).to_real()
    if described not in _LAYOUTS:
        raise DtypeError(f"finfo: takes a floating or complex dtype, got {described}; integers have iinfo()")
    fraction, exponent = _LAYOUTS[described]
    top = 2 ** (exponent - 1) - 1
    largest = (2.0 - 2.0**-fraction) * 2.0**top
    return FloatInfo(8 * described.itemsize, 2.0**-fraction, largest, -largest, 2.0 ** (1 - top), described)


def iinfo(type: dtype | TensorBase, /) -> IntegerInfo:
    """The limits of an integer dtype, or of the dtype of a tensor.

    Raises:
        DtypeError: It is of another kind.
    """
    described = _described(type)
    bits = 8 * described.itemsize
    if described.kind == "uint":
        return IntegerInfo(bits, 2**bits - 1, 0, described)
    if described.kind == "int":
        return IntegerInfo(bits, 2 ** (bits - 1) - 1, -(2 ** (bits - 1)), described)
    raise DtypeError(f"iinfo: takes an integer dtype, got {described}; floating ones have finfo()")


def isdtype(dtype: dtype, kind: Any) -> bool:
    """Whether ``dtype`` is of ``kind``: a dtype, the name of a kind such as ``"real floating"``, or a tuple of these.

    Raises:
        ArgumentError: The standard has no kind of that name.
    """
    if isinstance(kind, tuple):
        return any(isdtype(dtype, k) for k in kind)
    if isinstance(kind, str):
        if kind not in _KINDS:
            raise ArgumentError(f"isdtype: no kind is called {kind!r}; there are {', '.join(_KINDS)}")
        return dtype.kind in _KINDS[kind]
    return dtype is kind


def can_cast(from_: dtype | TensorBase, to: dtype, /) -> bool:
    """Whether promotion of ``from_`` and ``to`` gives ``to``."""
    try:
        return promote_types(_described(from_), to) is to
    except DtypeError:
        return False


def result_type(*arrays_and_dtypes: Any) -> dtype:
    """The dtype in which tensors, dtypes and Python scalars meet.

    Raises:
        ArgumentTypeError: An argument is none of these, or all are scalars.
    """
    return common_dtype(arrays_and_dtypes, "result_type", types=(TensorBase, dtype))


def astype(x: TensorBase, dtype: dtype, /, *, copy: bool = True, device: device | str | None = None) -> Any:
    """``x`` in another dtype, on ``device`` if given; where nothing changes, ``x`` itself unless ``copy``."""
    require_tensor(x, "astype")
    if device is not None:
        x = move(x, resolve(device))
    same = dtype_of(x) is dtype
    return cast(x, dtype) if not same else clone.apply(x) if copy else x
