"""How the standard's functions meet ops: operands in one dtype first, then the op.

The standard promotes tensors by dtype alone, 0-d ones too, and lets Python scalars take the dtype of the tensors
(array API 2024.12, "Type promotion rules"). What it leaves open is answered as PyTorch does: integers and floats
meet in the float's dtype, and functions that need floats take integers in the default dtype.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from xpgrad.backends import dtypes
from xpgrad.backends.dtypes import dtype, of_type
from xpgrad.core.op import Op
from xpgrad.core.promotion import combine, get_default_dtype, promote_types, scalar_dtype
from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import ArgumentTypeError
from xpgrad.ops.complex import real
from xpgrad.ops.copying import astype, detach

Function = Callable[..., Any]


def require_tensor(x: Any, name: str) -> None:
    """Raise if ``x``, an argument of the function ``name``, is no tensor.

    Raises:
        ArgumentTypeError: It is not.
    """
    if not isinstance(x, TensorBase):
        raise ArgumentTypeError(
            f"{name}: takes a tensor, got {type(x).__name__}: {x!r:.60}; make it a tensor with asarray()"
        )


def dtype_of(x: TensorBase) -> dtype:
    """The dtype of ``x``."""
    return x._place.dtype(x._array.dtype)


def cast(x: Any, to: dtype | type[Any]) -> Any:
    """``x`` in dtype ``to``: itself if it has that already. To an integer type there is no gradient."""
    place = x._place
    if place.dtype(x._array.dtype) is to:
        return x
    if not isinstance(to, dtype):  # Python's own types of numbers mean dtypes too
        return cast(x, of_type(to))
    if x._node is not None and not to.is_differentiable:
        x = detach.apply(x)
    if place.dtype(x._array.dtype).is_complex and to.kind not in ("complex", "bool"):
        # The standard has no conversion that drops a part.
        x = real.apply(x)
    return astype.apply(x, dtype=place.raw_dtype(to))


def floating(x: Any) -> Any:
    """``x``, in the default dtype if it is of an integer or boolean one."""
    return x if dtype_of(x).is_differentiable else cast(x, get_default_dtype())


def widened(x: Any, to: dtype | None) -> Any:
    """``x`` in the dtype that sums and products have: ``to`` if given, otherwise 64 bits for integers."""
    if to is None:
        kind = dtype_of(x).kind
        to = dtypes.uint64 if kind == "uint" else dtypes.int64 if kind in ("int", "bool") else None
    return x if to is None else cast(x, to)


def common_dtype(operands: tuple[Any, ...], name: str, *, types: tuple[type[Any], ...] = (TensorBase,)) -> dtype:
    """The dtype in which tensors, dtypes if they are among ``types``, and Python scalars meet.

    Raises:
        ArgumentTypeError: An operand is none of these, or all are scalars.
    """
    common: dtype | None = None
    scalars = []
    for x in operands:
        if isinstance(x, types):
            d = dtype_of(x) if isinstance(x, TensorBase) else x
            common = d if common is None else promote_types(common, d)
        elif isinstance(x, (bool, int, float, complex)):
            scalars.append(x)
        else:
            raise ArgumentTypeError(
                f"{name}: takes tensors and Python scalars, got {type(x).__name__}: {x!r:.60}; "
                "make it a tensor with asarray()"
            )
    if common is None:
        what = "tensor" if dtype not in types else "tensor or dtype"
        raise ArgumentTypeError(f"{name}: takes at least one {what}, got only {', '.join(map(repr, operands))}")
    for scalar in scalars:
        common = combine(common, scalar_dtype(scalar))
    return common


def meet(operands: tuple[Any, ...], name: str, *, needs_float: bool = False) -> list[Any]:
    """Tensors and Python scalars in their common dtype; floating if the function ``needs_float``.

    Raises:
        ArgumentTypeError: An operand is neither, or none is a tensor.
    """
    common = common_dtype(operands, name)
    if needs_float and not common.is_differentiable:
        common = get_default_dtype()
    return [cast(x, common) if isinstance(x, TensorBase) else common.scalar_type(x) for x in operands]


def unary(op: Op, name: str = "", *, needs_float: bool = False) -> Function:
    """The standard's function of one tensor for ``op``."""

    def function(x: TensorBase, /) -> Any:
        return op(floating(x) if needs_float and isinstance(x, TensorBase) else x)

    return _described(function, name, op, {})


def binary(op: Op, name: str = "", *, needs_float: bool = False) -> Function:
    """The standard's function of two operands for ``op``, at least one of them a tensor."""

    def function(x1: Any, x2: Any, /) -> Any:
        if needs_float or not _alike(x1, x2):
            x1, x2 = meet((x1, x2), function.__name__, needs_float=needs_float)
        return op(x1, x2)

    return _described(function, name, op, {op.inputs[0]: "x1", op.inputs[1]: "x2"})


def _alike(x1: Any, x2: Any) -> bool:
    """Whether both are tensors of one dtype, so that there is nothing to promote."""
    return isinstance(x1, TensorBase) and isinstance(x2, TensorBase) and x1._array.dtype == x2._array.dtype


def _described(function: Function, name: str, op: Op, renamed: dict[str, str]) -> Function:
    function.__name__ = function.__qualname__ = name or op.forward.__name__
    doc = op.__doc__ or ""
    function.__doc__ = re.sub(r"\b[xy]\b", lambda match: renamed.get(match[0], match[0]), doc)
    return function
