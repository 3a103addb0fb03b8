"""Comparisons and tests, elementwise and of whole tensors."""

from __future__ import annotations

from typing import Any

from xpgrad.array_api.operands import floating
from xpgrad.backends.dtypes import bool_
from xpgrad.core.op import Op
from xpgrad.core.views import array_of
from xpgrad.errors import DtypeError, SettingError
from xpgrad.functions.elementwise import (
    Function,
    binary_function,
    describe,
    no_complex,
    of_tensors,
    require_tensors,
    unary,
)
from xpgrad.functions.out import takes_out
from xpgrad.functions.results import deliver
from xpgrad.ops import comparison, integers, logical

__all__ = [
    "allclose", "bitwise_and", "bitwise_left_shift", "bitwise_not", "bitwise_or", "bitwise_right_shift",
    "bitwise_xor", "eq", "equal", "gcd", "ge", "greater", "greater_equal", "gt", "isclose", "isfinite", "isinf",
    "isnan", "lcm", "le", "less", "less_equal", "logical_and", "logical_not", "logical_or", "logical_xor", "lt", "ne",
    "not_equal", "signbit",
]  # fmt: skip

eq = binary_function(comparison.equal, "eq", number_first=False)
ne = not_equal = binary_function(comparison.not_equal, "ne", number_first=False)
lt = less = binary_function(comparison.less, "lt", real=True, check=no_complex, number_first=False)
le = less_equal = binary_function(comparison.less_equal, "le", real=True, check=no_complex, number_first=False)
gt = greater = binary_function(comparison.greater, "gt", real=True, check=no_complex, number_first=False)
ge = greater_equal = binary_function(comparison.greater_equal, "ge", real=True, check=no_complex, number_first=False)

isnan = unary(comparison.isnan, "isnan")
isinf = unary(comparison.isinf, "isinf")
isfinite = unary(comparison.isfinite, "isfinite")
signbit = unary(comparison.signbit, "signbit")

bitwise_and = binary_function(logical.bitwise_and, "bitwise_and")
bitwise_or = binary_function(logical.bitwise_or, "bitwise_or")
bitwise_xor = binary_function(logical.bitwise_xor, "bitwise_xor")
bitwise_not = unary(logical.bitwise_invert, "bitwise_not")
bitwise_left_shift = binary_function(logical.bitwise_left_shift, "bitwise_left_shift")
bitwise_right_shift = binary_function(logical.bitwise_right_shift, "bitwise_right_shift")


def _logical(op: Op, name: str) -> Function:
    """The function of two tensors for an op on booleans, where all that is not 0 is true."""

    def function(input: Any, other: Any, *, out: Any = None) -> Any:
        require_tensors(name, input=input, other=other)
        return deliver(out, op.apply(truth(input), truth(other)))

    return describe(function, name, op)


logical_and = _logical(logical.logical_and, "logical_and")
logical_or = _logical(logical.logical_or, "logical_or")
logical_xor = _logical(logical.logical_xor, "logical_xor")


@takes_out
def logical_not(input: Any) -> Any:
    """Whether ``input`` is zero. Mirrors ``torch.logical_not``."""
    require_tensors("logical_not", input=input)
    return logical.logical_not.apply(truth(input))


gcd = of_tensors(integers.gcd, "gcd")
lcm = of_tensors(integers.lcm, "lcm")


def truth(x: Any) -> Any:
    """Whether ``x`` is nonzero, as a boolean tensor."""
    return x if x._place.dtype(x._array.dtype) is bool_ else ne(x, 0)


def isclose(input: Any, other: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Any:
    """Whether ``|input - other| <= atol + rtol * |other|``, infinities being close to themselves.

    Mirrors ``torch.isclose``.

    Raises:
        DtypeError: The two are of different dtypes.
        SettingError: A tolerance is negative.
    """
    require_tensors("isclose", input=input, other=other)
    if input.dtype is not other.dtype:
        raise DtypeError(f"{input.dtype} did not match {other.dtype}: cast one of them to compare the two")
    for name, tolerance in (("rtol", rtol), ("atol", atol)):
        if tolerance < 0:
            raise SettingError(f"{name} must be greater than or equal to zero, but got {tolerance}")
    close = eq(input, other)
    if equal_nan:
        close = close | (isnan(input) & isnan(other))
    x, y = floating(input.detach()), floating(other.detach())
    distance = (x - y).abs()
    return close | (isfinite(distance) & (distance <= atol + rtol * y.abs()))


def allclose(input: Any, other: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> bool:
    """Whether all elements are close in the sense of `isclose`. Mirrors ``torch.allclose``."""
    return bool(isclose(input, other, rtol, atol, equal_nan).all())


def equal(input: Any, other: Any) -> bool:
    """Whether two tensors have the same shape and elements. Mirrors ``torch.equal``."""
    if tuple(input._array.shape) != tuple(other._array.shape):
        return False
    result = eq(input, other)
    return bool(result._place.backend.to_host(array_of(result)).all())
