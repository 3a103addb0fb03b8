"""Sums, products, quotients, powers, with PyTorch's promotion."""

from __future__ import annotations

from typing import Any

from xpgrad.core.promotion import result_dtype
from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import DtypeError, SettingError
from xpgrad.functions.elementwise import binary_function, meet, no_booleans, require_tensors, unary, whole_powers
from xpgrad.functions.results import deliver, fitting_number
from xpgrad.ops import arithmetic, rounding

__all__ = [
    "add", "addcdiv", "addcmul", "div", "divide", "floor_divide", "lerp", "mul", "multiply", "neg", "negative",
    "positive", "pow", "reciprocal", "remainder", "rsub", "square", "sub", "subtract", "true_divide",
]  # fmt: skip

_add = binary_function(arithmetic.add, "add")
_subtract = binary_function(arithmetic.subtract, "sub", check=no_booleans)
_divide = binary_function(arithmetic.divide, "div", floating=True)

# The last step of what PyTorch has a node of its own for.
_reversed_subtract = binary_function(arithmetic.subtract.named("RsubBackward0"), "rsub", check=no_booleans)
_truncated = rounding.trunc.named("DivBackward2")
_addcmul = binary_function(arithmetic.add.named("Addcmul"), "addcmul")
_addcdiv = binary_function(arithmetic.add.named("Addcdiv"), "addcdiv")
_lerp_scalar = binary_function(arithmetic.add.named("LerpBackward0"), "lerp")
_lerp_tensor = binary_function(arithmetic.add.named("LerpBackward1"), "lerp")

mul = multiply = binary_function(arithmetic.multiply, "mul")
true_divide = _divide
remainder = binary_function(arithmetic.remainder, "remainder")
floor_divide = binary_function(arithmetic.floor_divide, "floor_divide")
neg = negative = unary(arithmetic.negative, "neg")
square = unary(arithmetic.square, "square", counts=True)
reciprocal = unary(arithmetic.reciprocal, "reciprocal", floating=True)


def positive(input: Any) -> Any:
    """``input`` itself. Mirrors ``torch.positive``.

    Raises:
        DtypeError: It is boolean.
    """
    if input.dtype.kind == "bool":
        raise DtypeError("The `+` operator, on a bool tensor is not supported.")
    return input


def add(input: Any, other: Any, *, alpha: Any = 1, out: Any = None) -> Any:
    """``input + alpha * other``. Mirrors ``torch.add``."""
    return _add(input, _scaled(other, alpha, input), out=out)


def sub(input: Any, other: Any, *, alpha: Any = 1, out: Any = None) -> Any:
    """``input - alpha * other``. Mirrors ``torch.sub``."""
    return _subtract(input, _scaled(other, alpha, input), out=out)


subtract = sub


def rsub(input: Any, other: Any, *, alpha: Any = 1) -> Any:
    """``other - alpha * input``. Mirrors ``torch.rsub``."""
    require_tensors("rsub", input=input)
    return _reversed_subtract(other, _scaled(input, alpha, other))


def _scaled(x: Any, alpha: Any, other: Any) -> Any:
    """``alpha * x``, to be added to ``other``."""
    if isinstance(alpha, int) and alpha == 1:
        return x
    if isinstance(alpha, (float, complex)) and not result_dtype((x, other)).is_differentiable:
        raise DtypeError(f"For integral input tensors, argument alpha must not be a floating point number, got {alpha}")
    return x * alpha


def div(input: Any, other: Any, *, rounding_mode: str | None = None, out: Any = None) -> Any:
    """``input / other``, rounded towards zero (``"trunc"``) or down (``"floor"``) if asked. Mirrors ``torch.div``.

    Raises:
        SettingError: Another rounding mode.
    """
    if rounding_mode is None:
        return _divide(input, other, out=out)
    if rounding_mode == "floor":
        return floor_divide(input, other, out=out)
    if rounding_mode != "trunc":
        raise SettingError(
            f"div expected rounding_mode to be one of None, 'trunc', or 'floor' but found {rounding_mode!r}"
        )
    input, other = meet((input, other), name="div")
    x = input if isinstance(input, TensorBase) else other
    if x._place.dtype(x._array.dtype).is_differentiable:
        return deliver(out, _truncated.apply(arithmetic.divide(input, other)))
    # Integers stay integers: round down, then up again where that went past zero.
    down = floor_divide(input, other)
    return deliver(out, down + ((down < 0) & (down * other != input)))


divide = div


def pow(input: Any, exponent: Any, *, out: Any = None) -> Any:
    """``input ** exponent``. Mirrors ``torch.pow``."""
    if isinstance(input, TensorBase) and not isinstance(exponent, TensorBase):
        whole_powers(input, exponent)
        return deliver(out, arithmetic.power(*meet((input, exponent), name="pow")))
    power = _power if isinstance(input, TensorBase) else _power_of_number
    return deliver(out, power(input, exponent))


_power = binary_function(arithmetic.power.named("PowBackward1"), "pow")
_power_of_number = binary_function(arithmetic.power.named("PowBackward2"), "pow")


def addcmul(input: Any, tensor1: Any, tensor2: Any, *, value: Any = 1, out: Any = None) -> Any:
    """``input + value * tensor1 * tensor2``; of integers, ``value`` is rounded towards zero. Mirrors ``torch.addcmul``.

    Raises:
        DtypeError: The dtype in which the tensors meet cannot hold ``value``.
    """
    if not isinstance(value, int) or value != 1:
        common = result_dtype((input, tensor1, tensor2))
        if common.category == 1 and not isinstance(value, TensorBase):
            value = fitting_number(value, common)
        return _addcmul(input, mul(tensor1, tensor2) * value, out=out)
    return _addcmul(input, mul(tensor1, tensor2), out=out)


def addcdiv(input: Any, tensor1: Any, tensor2: Any, *, value: Any = 1, out: Any = None) -> Any:
    """``input + value * tensor1 / tensor2``. Mirrors ``torch.addcdiv``.

    Raises:
        DtypeError: Both ``tensor1`` and ``tensor2`` are of integers.
    """
    if not any(isinstance(x, TensorBase) and x.dtype.is_differentiable for x in (tensor1, tensor2)):  # type: ignore[attr-defined]
        raise DtypeError(
            "Integer division with addcdiv is no longer supported: cast `tensor1` or `tensor2` to floats, or add "
            "value * torch.trunc(tensor1 / tensor2)"
        )
    quotient = _divide(tensor1, tensor2)
    return _addcdiv(input, quotient if isinstance(value, int) and value == 1 else quotient * value, out=out)


def lerp(input: Any, end: Any, weight: Any, *, out: Any = None) -> Any:
    """``input + weight * (end - input)``. Mirrors ``torch.lerp``.

    Raises:
        DtypeError: They are not of one dtype, or of an integer one with a number as ``weight``.
    """
    for name, x in (("end", end), ("weight", weight)):
        if isinstance(x, TensorBase) and x.dtype is not input.dtype and (x._array.ndim or name == "end"):  # type: ignore[attr-defined]
            raise DtypeError(f"expected dtype {input.dtype} for `{name}` but got dtype {x.dtype}")  # type: ignore[attr-defined]
    if not isinstance(weight, TensorBase) and not input.dtype.is_differentiable:
        raise DtypeError(f'"lerp_kernel_scalar" not implemented for {input.dtype}')
    add_weighted = _lerp_tensor if isinstance(weight, TensorBase) else _lerp_scalar
    return add_weighted(input, mul(_subtract(end, input), weight), out=out)
