"""Type promotion, PyTorch's rules: the dtype in which operands of several dtypes meet.

Operands fall into three groups: tensors with dimensions, 0-d tensors, and Python scalars. The groups are looked at
in that order, and a later one only matters if its category (bool, integer, floating, complex) is higher than
what came before. (PyTorch's documentation, "Tensor Attributes: torch.dtype".)
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

from xpgrad.backends import dtypes
from xpgrad.backends.dtypes import BY_NAME, dtype
from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import ArgumentTypeError, DtypeError, NumberRangeError

_SIGNED_ABOVE = {1: "int16", 2: "int32", 4: "int64"}

_default: dtype = dtypes.float32


def get_default_dtype() -> dtype:
    """The floating dtype of tensors made from Python floats; float32 unless `set_default_dtype` changed it."""
    return _default


def set_default_dtype(d: dtype) -> None:
    """Set the floating dtype of tensors made from Python floats. Mirrors ``torch.set_default_dtype``.

    Raises:
        DtypeError: ``d`` is not a floating dtype.
    """
    global _default
    if not isinstance(d, dtype) or not d.is_floating_point:  # type: ignore[redundant-expr]
        raise DtypeError(f"only floating-point types are supported as the default type; got {d!r}")
    _default = d


@functools.cache
def promote_types(a: dtype, b: dtype) -> dtype:
    """The smallest dtype that holds both. Mirrors ``torch.promote_types``."""
    if a is b:
        return a
    if a.category > b.category:
        a, b = b, a
    if a.category < b.category:
        if b.is_complex and a.is_floating_point:
            return promote_types(a.to_complex(), b) if a.name != "bfloat16" else b
        return b
    if a.kind == b.kind:
        if {a.name, b.name} == {"float16", "bfloat16"}:
            return dtypes.float32
        return a if a.itemsize > b.itemsize else b
    unsigned, signed = (a, b) if a.kind == "uint" else (b, a)
    if signed.itemsize > unsigned.itemsize:
        return signed
    if unsigned.itemsize in _SIGNED_ABOVE:
        return BY_NAME[_SIGNED_ABOVE[unsigned.itemsize]]
    raise DtypeError(f"Promotion for {unsigned.name} and {signed.name} is not supported; convert one of them first")


def scalar_dtype(value: Any) -> dtype:
    """The dtype that a Python scalar has by itself.

    Raises:
        ArgumentTypeError: It is none.
        NumberRangeError: It is an integer of more than 64 bits.
    """
    if isinstance(value, bool):
        return dtypes.bool_
    if isinstance(value, int):
        if not -(2**63) <= value < 2**64:
            raise NumberRangeError(f"int too big to convert: tensors hold 64 bits, got {value}; give a float")
        return dtypes.int64
    if isinstance(value, float):
        return _default
    if isinstance(value, complex):
        return _default.to_complex()
    raise ArgumentTypeError(f"expected a tensor or a Python scalar, got {type(value).__name__}: {value!r:.60}")


def result_dtype(operands: Iterable[Any]) -> dtype:
    """The dtype in which tensors and Python scalars meet. Mirrors ``torch.result_type``.

    Raises:
        ArgumentTypeError: An operand is neither.
        NumberRangeError: A scalar is an integer of more than 64 bits.
    """
    dimensioned: dtype | None = None
    zero_dim: dtype | None = None
    scalar: dtype | None = None
    for x in operands:
        if isinstance(x, TensorBase):
            d = x._place.dtype(x._array.dtype)
            if x._array.ndim:
                dimensioned = d if dimensioned is None else promote_types(dimensioned, d)
            else:
                zero_dim = d if zero_dim is None else promote_types(zero_dim, d)
        else:
            d = scalar_dtype(x)
            scalar = d if scalar is None else promote_types(scalar, d)
    common: dtype = combine(combine(dimensioned, zero_dim), scalar)
    return common


def combine(strong: dtype | None, weak: dtype | None) -> Any:
    """``strong``, unless ``weak`` is of a higher category; if one is None, the other."""
    if strong is None or weak is None:
        return strong or weak
    if weak.category <= strong.category:
        return strong
    if weak.is_complex and strong.is_floating_point:
        # A complex scalar keeps the precision of the tensor.
        return strong.to_complex()
    return weak


def can_cast(from_: dtype, to: dtype) -> bool:
    """Whether PyTorch casts implicitly from one to the other. Mirrors ``torch.can_cast``."""
    return from_.category <= to.category
