"""How PyTorch-flavoured elementwise functions meet ops: promotion first, then the op.

The factories here make the functions behind Tensor's operators and methods. What needs no promotion does not come here:
`Op.entry` sees to it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from xpgrad.array_api.operands import cast
from xpgrad.array_api.operands import floating as as_floating
from xpgrad.backends.dtypes import dtype, int64
from xpgrad.core.op import Op
from xpgrad.core.promotion import get_default_dtype, result_dtype
from xpgrad.core.tensor_base import TensorBase
from xpgrad.core.views import array_of
from xpgrad.errors import ArgumentTypeError, DtypeError, SettingError
from xpgrad.functions.results import deliver, fitting_number

Function = Callable[..., Any]
# Called with two operands before they meet; raises for what PyTorch refuses.
Check = Callable[[Any, Any], None]


def meet(operands: tuple[Any, ...], *, floating: bool = False, wraps: bool = True, name: str = "") -> tuple[Any, ...]:
    """Tensors and scalars in the one dtype where PyTorch lets them meet; integers as floats if ``floating``.

    Raises:
        ArgumentTypeError: An operand is neither.
        DtypeError: A number is out of the range of an integer dtype, unless it ``wraps`` around there.
    """
    if not floating and _already_met(*operands):
        return operands
    operands = tuple(_known(x, name) for x in operands)
    common = result_dtype(operands)
    if floating and not common.is_differentiable:
        common = get_default_dtype()
    scalar: Callable[[Any], Any]
    if common.category != 1:
        scalar = common.scalar_type
    else:
        scalar = _wrapping(common) if wraps else functools.partial(fitting_number, kind=common)
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


def _already_met(first: Any, *others: Any) -> bool:
    """Whether all are tensors of one dtype in one place."""
    if not isinstance(first, TensorBase):
        return False
    place, raw = first._place, first._array.dtype
    # A list: quicker than a generator for two or three.
    return all([isinstance(x, TensorBase) and x._place is place and x._array.dtype == raw for x in others])  # noqa: C419


def _wrapping(to: dtype) -> Callable[[Any], int]:
    """What takes a number into the range of an integer dtype, modulo its size, as C does."""
    size = 1 << 8 * to.itemsize
    lowest = -(size >> 1) if to.is_signed else 0
    return lambda number: (int(number) - lowest) % size + lowest


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


def _pass(x: Any, y: Any) -> None:
    """Nothing to object to."""


def binary(op: Op, *, floating: bool = False, real: bool = False, check: Check = _pass) -> Function:
    """The operator for ``input op other`` with ``input`` a tensor; it declines operands it does not know.

    ``check`` sees the operands in their common dtype nearly always; what is left out is two tensors of one dtype that
    the library refuses by itself, and anything floating beside a float or an integer. ``real`` brings it complex ones.
    """

    def otherwise(input: Any, other: Any) -> Any:
        if not is_operand(other):
            return NotImplemented
        check(input, other)
        return op(*meet((input, other), floating=floating))

    return op.entry(otherwise, floating=floating, real=real)


def reflected(op: Op, *, floating: bool = False, check: Check = _pass) -> Function:
    """The operator for ``other op input`` where ``other`` is a scalar."""

    def operate(input: Any, other: Any) -> Any:
        if (type(other) is float or type(other) is int) and input.is_floating_point():
            return op.apply_st(other, input)
        if not is_operand(other):
            return NotImplemented
        require_tensors(op.name, input=input)
        check(other, input)
        return op(*meet((other, input), floating=floating))

    return operate


def no_booleans(x: Any, y: Any) -> None:
    """Refuse to subtract booleans.

    Raises:
        DtypeError: An operand is boolean.
    """
    kinds = [
        isinstance(v, bool) or (isinstance(v, TensorBase) and v._place.dtype(v._array.dtype).kind == "bool")
        for v in (x, y)
    ]
    if all(kinds):
        raise DtypeError(
            "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` "
            "operator instead."
        )
    if any(kinds):
        raise DtypeError(
            "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, "
            "use the `~` or `logical_not()` operator instead."
        )


def whole_powers(x: Any, y: Any) -> None:
    """Refuse integers to the power of a negative number.

    Raises:
        SettingError: ``y`` is a negative integer and ``x`` of an integer dtype.
    """
    if isinstance(y, int) and y < 0 and isinstance(x, TensorBase) and x._place.dtype(x._array.dtype).category <= 1:
        raise SettingError("Integers to negative integer powers are not allowed. Make the base floating with .float()")


def no_complex(x: Any, y: Any) -> None:
    """Refuse to put complex numbers in order.

    Raises:
        DtypeError: An operand is complex.
    """
    for v in (x, y):
        if isinstance(v, complex) or (isinstance(v, TensorBase) and v._place.dtype(v._array.dtype).is_complex):
            raise DtypeError(
                f"the comparison is not implemented for complex numbers, which have no order; got {v!r:.60}"
            )


def binary_function(
    op: Op,
    name: str,
    *,
    floating: bool = False,
    real: bool = False,
    check: Check = _pass,
    number_first: bool = True,
) -> Function:
    """The function ``name(input, other, *, out=None)`` for ``op``, of which ``other`` may be a number.

    Args:
        op: The operation.
        name: The function's name.
        floating: Integers become floats.
        real: As for `binary`.
        check: As for `binary`.
        number_first: ``input`` may be a number too, if ``other`` is a tensor.
    """
    operate = binary(op, floating=floating, real=real, check=check)

    def function(input: Any, other: Any, *, out: Any = None) -> Any:
        result = operate(input, other) if isinstance(input, TensorBase) else NotImplemented
        if result is NotImplemented:
            if not isinstance(input, TensorBase) and not (number_first and isinstance(other, TensorBase)):
                require_tensors(name, input=input)
            check(input, other)
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


def unary(op: Op, name: str = "", *, floating: bool = False, counts: bool = False) -> Function:
    """The function ``name(input, *, out=None)`` for ``op``.

    Integers become floats if ``floating``, booleans int64 if it ``counts``.
    """
    prepared = as_floating if floating else _counted if counts else itself

    def otherwise(input: Any, *, out: Any = None) -> Any:
        require_tensors(name, input=input)
        return deliver(out, op.apply(prepared(input)))

    return describe(op.entry(otherwise, floating=floating or counts), name, op)


def _counted(x: Any) -> Any:
    return cast(x, int64) if x.dtype.kind == "bool" else x


def itself(x: Any) -> Any:
    """``x``, where a function is wanted."""
    return x


def describe(function: Function, name: str, op: Op) -> Function:
    """``function`` under the name and with the docstring of PyTorch's function for ``op``."""
    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"{op.__doc__} Mirrors ``torch.{name}``."
    return function
