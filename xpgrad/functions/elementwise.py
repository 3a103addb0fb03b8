"""How PyTorch-flavoured elementwise functions meet ops: promotion first, then the op.

The factories here make the functions behind Tensor's operators and methods. What needs no promotion does not come here:
`Op.entry` sees to it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xpgrad.array_api.operands import cast
from xpgrad.array_api.operands import floating as as_floating
from xpgrad.core.op import Op
from xpgrad.core.promotion import get_default_dtype, result_dtype
from xpgrad.core.tensor_base import TensorBase
from xpgrad.core.views import array_of
from xpgrad.errors import ArgumentTypeError
from xpgrad.functions.results import deliver

_SCALAR_TYPES = {"bool": bool, "int": int, "uint": int, "float": float, "complex": complex}

Function = Callable[..., Any]


def meet(operands: tuple[Any, ...], *, floating: bool = False, name: str = "") -> tuple[Any, ...]:
    """Tensors and scalars in the one dtype where PyTorch lets them meet; integers as floats if ``floating``."""
    operands = tuple(_known(x, name) for x in operands)
    common = result_dtype(operands)
    if floating and not common.is_differentiable:
        common = get_default_dtype()
    scalar = _SCALAR_TYPES[common.kind]
    first = next((x for x in operands if isinstance(x, TensorBase)), None)
    if first is None:
        raise ArgumentTypeError(f"{name}(): argument 'input' (position 1) must be Tensor, not {_kind(operands[0])}")
    met = []
    for x in operands:
        if not isinstance(x, TensorBase):
            met.append(scalar(x))
            continue
        if x._place is not first._place and x._array.ndim == 0 and x._place.device.type == "cpu":
            # As in PyTorch, a 0-d tensor on the CPU may meet tensors elsewhere: it is a number.
            met.append(scalar(x._place.backend.to_host(array_of(x)).item()))
            continue
        met.append(cast(x, common))
    return tuple(met)


def require_tensors(name: str, **arguments: Any) -> None:
    """Raise if one of the ``arguments`` of the function ``name``, given in its order, is no tensor.

    Raises:
        ArgumentTypeError: One is not.
    """
    for position, (argument, value) in enumerate(arguments.items(), 1):
        if not isinstance(value, TensorBase):
            raise ArgumentTypeError(
                f"{name}(): argument '{argument}' (position {position}) must be Tensor, not {_kind(value)}"
            )


def _kind(value: Any) -> str:
    return type(value).__name__


def is_operand(x: Any) -> bool:
    """Whether an operator takes ``x`` beside a tensor: a tensor, a number, or another library's 0-d value."""
    return isinstance(x, (TensorBase, bool, int, float, complex)) or getattr(x, "ndim", None) == 0


def _known(x: Any, name: str) -> Any:
    if isinstance(x, (TensorBase, bool, int, float, complex)):
        return x
    if hasattr(x, "dtype") and hasattr(x, "item") and getattr(x, "ndim", None) == 0:
        return x.item()
    raise ArgumentTypeError(f"{name}(): expected a tensor or a number, got {type(x).__name__}: {x!r:.60}")


def binary(op: Op, *, floating: bool = False) -> Function:
    """The operator for ``input op other`` with ``input`` a tensor; it declines operands it does not know."""

    def otherwise(input: Any, other: Any) -> Any:
        if not is_operand(other):
            return NotImplemented
        return op(*meet((input, other), floating=floating))

    return op.entry(otherwise, floating=floating)


def reflected(op: Op, *, floating: bool = False) -> Function:
    """The operator for ``other op input`` where ``other`` is a scalar."""

    def operate(input: Any, other: Any) -> Any:
        if (type(other) is float or type(other) is int) and input.is_floating_point():
            return op.apply_st(other, input)
        if not is_operand(other):
            return NotImplemented
        return op(*meet((other, input), floating=floating))

    return operate


def binary_function(op: Op, name: str, *, floating: bool = False, number_first: bool = True) -> Function:
    """The function ``name(input, other, *, out=None)`` for ``op``, of which ``other`` may be a number.

    Args:
        op: The operation.
        name: The function's name.
        floating: Integers become floats.
        number_first: ``input`` may be a number too, if ``other`` is a tensor.
    """
    operate = binary(op, floating=floating)

    def function(input: Any, other: Any, *, out: Any = None) -> Any:
        result = operate(input, other) if isinstance(input, TensorBase) else NotImplemented
        if result is NotImplemented:
            if not isinstance(input, TensorBase) and not (number_first and isinstance(other, TensorBase)):
                require_tensors(name, input=input)
            result = op(*meet((input, other), floating=floating, name=name))
        return result if out is None else deliver(out, result)

    return describe(function, name, op)


def of_tensors(op: Op, name: str, *, floating: bool = False) -> Function:
    """The function ``name(input, other, *, out=None)`` for ``op`` of two tensors; numbers are refused."""
    operate = binary(op, floating=floating)

    def function(input: Any, other: Any, *, out: Any = None) -> Any:
        if not isinstance(input, TensorBase) or not isinstance(other, TensorBase):
            require_tensors(name, input=input, other=other)
        result = operate(input, other)
        return result if out is None else deliver(out, result)

    return describe(function, name, op)


def unary(op: Op, name: str = "", *, floating: bool = False) -> Function:
    """The function ``name(input, *, out=None)`` for ``op``, integers becoming floats if ``floating``."""

    def otherwise(input: Any, *, out: Any = None) -> Any:
        if not isinstance(input, TensorBase):
            require_tensors(name, input=input)
        return deliver(out, op.apply(as_floating(input) if floating else input))

    return describe(op.entry(otherwise, floating=floating), name, op)


def describe(function: Function, name: str, op: Op) -> Function:
    """``function`` under the name and with the docstring of PyTorch's function for ``op``."""
    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"{op.__doc__} Mirrors ``torch.{name}``."
    return function
