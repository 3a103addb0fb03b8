"""In-place variants of functions: ``add_`` from ``add``."""

from __future__ import annotations

from typing import Any

from xpgrad.array_api.operands import cast
from xpgrad.backends.dtypes import dtype
from xpgrad.core.direct import UNFIT, open_memory, plain_value, store, wrote
from xpgrad.core.inplace import inplace, repeatable
from xpgrad.core.promotion import can_cast
from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import DtypeError
from xpgrad.functions.elementwise import Function, is_operand


def inplace_of(function: Function, *, draws: bool = False) -> Function:
    """The method that replaces the values of its tensor by those of ``function``.

    A function that ``draws`` random numbers is called once, so that a seed decides what they are; other functions may
    be called twice, the first time.

    The method raises an InplaceError on leaves that require grad (while recording), a DtypeError if the result's
    dtype is of a higher category than the tensor's, and a ShapeError if its shape is another.
    """

    def method(self: Any, *args: Any, **settings: Any) -> Any:
        if not args and not settings and open_memory(self) is not None and store(self, function(self)):
            return self
        return inplace(computed, self, *args, **settings)

    def computed(operand: Any, *args: Any, **settings: Any) -> Any:
        result = function(operand, *args, **settings)
        if result._array.dtype is operand._array.dtype:
            return result
        return fit_dtype(result, operand._place.dtype(operand._array.dtype))

    if not draws:
        repeatable(computed)
    method.__name__ = method.__qualname__ = f"{function.__name__}_"
    method.__doc__ = f"`{function.__name__}` in place."
    return method


def inplace_operator(operate: Function) -> Function:
    """The augmented assignment for a binary operator; it declines what the operator declines."""

    def otherwise(self: Any, other: Any) -> Any:
        if not is_operand(other):
            return NotImplemented
        return inplace(computed, self, other)

    @repeatable
    def computed(operand: Any, other: Any) -> Any:
        return fit_dtype(operate(operand, other), operand._place.dtype(operand._array.dtype))

    return otherwise


def augmented(assign: Function, otherwise: Function) -> Function:
    """The in-place method ``otherwise``, with a short way for plain tensors: the library's augmented assignment."""

    def method(self: Any, other: Any, **settings: Any) -> Any:
        array = None if settings else open_memory(self)
        if array is not None:
            if isinstance(other, TensorBase):
                value = plain_value(self, other)
            else:
                value = other if type(other) is float or type(other) is int else None
            if value is not None:
                try:
                    assign(array, value)
                except UNFIT:
                    return otherwise(self, other)
                wrote(self)
                return self
        return otherwise(self, other, **settings)

    return named_as(otherwise, method)


def augmented_scaled(assign: Function, otherwise: Function) -> Function:
    """`augmented` for methods with an ``alpha``, a factor for ``other``."""
    unscaled = augmented(assign, otherwise)

    def method(self: Any, other: Any, *, alpha: Any = 1) -> Any:
        if type(alpha) is int and alpha == 1:
            return unscaled(self, other)
        if (type(alpha) is float or type(alpha) is int) and isinstance(other, TensorBase):
            array = open_memory(self)
            value = None if array is None else plain_value(self, other)
            if value is not None:
                try:
                    assign(array, value * alpha)
                except UNFIT:
                    return otherwise(self, other, alpha=alpha)
                wrote(self)
                return self
        return otherwise(self, other, alpha=alpha)

    return named_as(otherwise, method)


def augmented_with_two(combine: Function, otherwise: Function) -> Function:
    """The method ``otherwise``, which adds ``value`` times what ``combine`` makes of two tensors, likewise."""

    def method(self: Any, tensor1: Any, tensor2: Any, *, value: Any = 1) -> Any:
        array = open_memory(self) if isinstance(tensor1, TensorBase) and isinstance(tensor2, TensorBase) else None
        if array is not None and (type(value) is float or type(value) is int):
            x, y = plain_value(self, tensor1), plain_value(self, tensor2)
            if x is not None and y is not None:
                try:
                    array += combine(x, y) * value
                except UNFIT:
                    return otherwise(self, tensor1, tensor2, value=value)
                wrote(self)
                return self
        return otherwise(self, tensor1, tensor2, value=value)

    return named_as(otherwise, method)


def lerp_of(otherwise: Function) -> Function:
    """The method ``otherwise``, which goes part of the way to another tensor, likewise."""

    def method(self: Any, end: Any, weight: Any) -> Any:
        if type(weight) is float and isinstance(end, TensorBase):
            array = open_memory(self)
            value = None if array is None else plain_value(self, end)
            if array is not None and value is not None and value.shape == array.shape:
                try:
                    array += (value - array) * weight
                except UNFIT:
                    return otherwise(self, end, weight)
                wrote(self)
                return self
        return otherwise(self, end, weight)

    return named_as(otherwise, method)


def named_as(function: Function, method: Function) -> Function:
    """``method`` under the name and with the docstring of ``function``."""
    method.__name__ = method.__qualname__ = function.__name__
    method.__doc__ = function.__doc__
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
