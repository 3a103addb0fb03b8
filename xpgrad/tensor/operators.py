"""Python's operators on tensors."""

from __future__ import annotations

from xpgrad.core.tensor_base import TensorBase
from xpgrad.functions.elementwise import binary, reflected, unary
from xpgrad.ops import arithmetic, linalg


class Operators(TensorBase):
    """Arithmetic and comparison operators, one line each."""

    __slots__ = ()

    __add__ = binary(arithmetic.add)
    __radd__ = __add__
    __sub__ = binary(arithmetic.subtract)
    __rsub__ = reflected(arithmetic.subtract)
    __mul__ = binary(arithmetic.multiply)
    __rmul__ = __mul__
    __truediv__ = binary(arithmetic.divide, floating=True)
    __rtruediv__ = reflected(arithmetic.divide, floating=True)
    __pow__ = binary(arithmetic.power)
    __rpow__ = reflected(arithmetic.power)
    __matmul__ = binary(linalg.matmul)
    __neg__ = unary(arithmetic.negative)
