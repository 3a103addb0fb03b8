"""How PyTorch-flavoured elementwise functions meet ops: promotion first, then the op.

The factories here make the functions behind Tensor's operators. Their first lines are the fast path: operands of one
dtype need no promotion.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xpgrad.backends.dtypes import dtype
from xpgrad.core.op import Op
from xpgrad.core.promotion import get_default_dtype, result_dtype
from xpgrad.core.tensor_base import TensorBase
from xpgrad.ops.copying import astype

_SCALAR_TYPES = {"bool": bool, "int": int, "uint": int, "float": float, "complex": complex}

Function = Callable[..., Any]


def cast(x: TensorBase, to: dtype) -> Any:
    """``x`` in dtype ``to``: itself if it has that already."""
    place = x._place
    return x if place.dtype(x._array.dtype) is to else astype.apply(x, dtype=place.raw_dtype(to))


def meet(operands: tuple[Any, ...], *, floating: bool = False) -> tuple[Any, ...]:
    """Tensors and scalars in the one dtype where PyTorch lets them meet; integers as floats if ``floating``."""
    common = result_dtype(operands)
    if floating and not common.is_differentiable:
        common = get_default_dtype()
    scalar = _SCALAR_TYPES[common.kind]
    return tuple(cast(x, common) if isinstance(x, TensorBase) else scalar(x) for x in operands)


def binary(op: Op, *, floating: bool = False) -> Function:
    """The function of two operands, the first a tensor, for ``op``; it declines operands it does not know."""

    def operate(input: Any, other: Any) -> Any:
        if isinstance(other, TensorBase):
            if input._array.dtype is other._array.dtype and (not floating or input._node is not None):
                return op.apply(input, other)
        elif type(other) is float or type(other) is int:
            # What requires grad is floating: a real scalar cannot change its dtype.
            if input._node is not None:
                return op.apply_ts(input, other)
        elif not isinstance(other, (bool, complex)):
            return NotImplemented
        return op(*meet((input, other), floating=floating))

    return operate


def reflected(op: Op, *, floating: bool = False) -> Function:
    """The function for ``other op input`` where ``other`` is a scalar."""

    def operate(input: Any, other: Any) -> Any:
        if not isinstance(other, (bool, int, float, complex)):
            return NotImplemented
        return op(*meet((other, input), floating=floating))

    return operate


def unary(op: Op, *, floating: bool = False) -> Function:
    """The function of one tensor for ``op``, integers becoming floats if ``floating``."""

    def operate(input: Any) -> Any:
        if input._node is None and floating and not input._place.dtype(input._array.dtype).is_differentiable:
            input = cast(input, get_default_dtype())
        return op.apply(input)

    return operate
