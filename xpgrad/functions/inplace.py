"""In-place variants of functions: ``add_`` from ``add``."""

from __future__ import annotations

from typing import Any

from xpgrad.array_api.operands import cast
from xpgrad.backends.dtypes import dtype
from xpgrad.core.inplace import inplace, repeatable
from xpgrad.core.promotion import can_cast
from xpgrad.errors import DtypeError
from xpgrad.functions.elementwise import Function, is_operand


def inplace_of(function: Function) -> Function:
    """The method that replaces the values of its tensor by those of ``function``.

    The method raises an InplaceError on leaves that require grad (while recording), a DtypeError if the result's
    dtype is of a higher category than the tensor's, and a ShapeError if its shape is another.
    """

    def method(self: Any, *args: Any, **settings: Any) -> Any:
        return inplace(computed, self, *args, **settings)

    @repeatable
    def computed(operand: Any, *args: Any, **settings: Any) -> Any:
        return fit_dtype(function(operand, *args, **settings), operand._place.dtype(operand._array.dtype))

    method.__name__ = method.__qualname__ = f"{function.__name__}_"
    method.__doc__ = f"`{function.__name__}` in place."
    return method


def inplace_operator(operate: Function) -> Function:
    """The augmented assignment for a binary operator; it declines what the operator declines."""

    def method(self: Any, other: Any) -> Any:
        if not is_operand(other):
            return NotImplemented
        return inplace(computed, self, other)

    @repeatable
    def computed(operand: Any, other: Any) -> Any:
        return fit_dtype(operate(operand, other), operand._place.dtype(operand._array.dtype))

    return method


def fit_dtype(result: Any, wanted: dtype) -> Any:
    """``result`` in the dtype of the tensor that takes it.

    Raises:
        DtypeError: That would drop a category: floating to integer, complex to real.
    """
    have = result._place.dtype(result._array.dtype)
    if have is wanted:
        return result
    if not can_cast(have, wanted):
        raise DtypeError(
            f"result type {have.name} can't be cast to the desired output type {wanted.name}: an in-place operation "
            "keeps the dtype of the tensor it writes to; use the out-of-place one"
        )
    return cast(result, wanted)
