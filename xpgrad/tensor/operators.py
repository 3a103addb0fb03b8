"""Python's operators on tensors."""

from __future__ import annotations

import operator
from typing import Any

from xpgrad.core.tensor_base import TensorBase
from xpgrad.functions import linalg
from xpgrad.functions.elementwise import binary, itself, no_booleans, no_complex, reflected, unary, whole_powers
from xpgrad.functions.inplace import augmented, inplace_operator
from xpgrad.ops import arithmetic, comparison, logical

# PyTorch's names for reflected operands and exponents that are tensors.
_POWER = arithmetic.power.named("PowBackward1")
_RPOWER = arithmetic.power.named("PowBackward2")
_RSUB = arithmetic.subtract.named("RsubBackward1")
_RDIV = arithmetic.divide.named("MulBackward0")
_REMAINDER = arithmetic.remainder.named("RemainderBackward1")


def _power(input: Any, other: Any) -> Any:
    return (_power_tensor if isinstance(other, TensorBase) else _power_scalar)(input, other)


_power_scalar, _power_tensor = binary(arithmetic.power, check=whole_powers), binary(_POWER)


def _remainder(input: Any, other: Any) -> Any:
    return (_remainder_tensor if isinstance(other, TensorBase) else _remainder_scalar)(input, other)


_remainder_scalar, _remainder_tensor = binary(arithmetic.remainder), binary(_REMAINDER)


class Operators(TensorBase):
    """Arithmetic, comparison and bitwise operators."""

    __slots__ = ()

    __add__ = __radd__ = binary(arithmetic.add)
    __sub__ = binary(arithmetic.subtract, check=no_booleans)
    __rsub__ = reflected(_RSUB, check=no_booleans)
    __mul__ = __rmul__ = binary(arithmetic.multiply)
    __truediv__ = binary(arithmetic.divide, floating=True)
    __rdiv__ = __rtruediv__ = reflected(_RDIV, floating=True)
    __floordiv__ = binary(arithmetic.floor_divide)
    __rfloordiv__ = reflected(arithmetic.floor_divide)
    __mod__ = _remainder
    __rmod__ = reflected(arithmetic.remainder)
    __pow__ = _power
    __rpow__ = reflected(_RPOWER)
    __matmul__ = linalg.matmul_operator

    def __rmatmul__(self, other: Any) -> Any:
        return linalg.matmul(other, self)

    __neg__ = unary(arithmetic.negative, "neg")
    __pos__ = itself
    __abs__ = unary(arithmetic.abs, "abs")

    __eq__ = binary(comparison.equal)
    __ne__ = binary(comparison.not_equal)
    __lt__ = binary(comparison.less, real=True, check=no_complex)
    __le__ = binary(comparison.less_equal, real=True, check=no_complex)
    __gt__ = binary(comparison.greater, real=True, check=no_complex)
    __ge__ = binary(comparison.greater_equal, real=True, check=no_complex)

    __and__ = __rand__ = binary(logical.bitwise_and)
    __or__ = __ror__ = binary(logical.bitwise_or)
    __xor__ = __rxor__ = binary(logical.bitwise_xor)
    __invert__ = unary(logical.bitwise_invert, "bitwise_not")
    __lshift__ = binary(logical.bitwise_left_shift)
    __rlshift__ = reflected(logical.bitwise_left_shift)
    __rshift__ = binary(logical.bitwise_right_shift)
    __rrshift__ = reflected(logical.bitwise_right_shift)

    __iadd__ = augmented(operator.iadd, inplace_operator(__add__))
    __isub__ = augmented(operator.isub, inplace_operator(__sub__))
    __imul__ = augmented(operator.imul, inplace_operator(__mul__))
    __itruediv__ = augmented(operator.itruediv, inplace_operator(__truediv__))
    __ifloordiv__ = inplace_operator(__floordiv__)
    __imod__ = inplace_operator(__mod__)
    __ipow__ = inplace_operator(__pow__)
    __iand__ = inplace_operator(__and__)
    __ior__ = inplace_operator(__or__)
    __ixor__ = inplace_operator(__xor__)
    __ilshift__ = inplace_operator(__lshift__)
    __irshift__ = inplace_operator(__rshift__)
    __imatmul__ = inplace_operator(__matmul__)

    __hash__ = object.__hash__
