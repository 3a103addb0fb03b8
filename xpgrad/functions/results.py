"""Small pieces at the border of functions: ``out=``, and numbers out of tensors."""

from __future__ import annotations

import math
import sys
import warnings
from collections.abc import Sequence
from typing import Any

from xpgrad.backends.dtypes import dtype
from xpgrad.core.grad_mode import mode
from xpgrad.core.layout import is_dense, row_major, strides_of
from xpgrad.core.promotion import can_cast
from xpgrad.core.tensor_base import TensorBase
from xpgrad.core.views import array_of, node_of
from xpgrad.core.writing import write
from xpgrad.errors import ArgumentTypeError, DtypeError, InplaceError, MixedBackendsError
from xpgrad.ops.copying import astype


def number(value: Any) -> Any:
    """A Python number from a number, a one-element tensor or another library's scalar.

    Raises:
        ArgumentTypeError: It is none of these.
    """
    if isinstance(value, TensorBase):
        return value._place.backend.to_host(array_of(value)).item()
    if isinstance(value, (bool, int, float, complex)):
        return value
    if hasattr(value, "item"):
        return value.item()
    raise ArgumentTypeError(f"expected a number, got {type(value).__name__}: {value!r:.60}")


def fitting_number(value: Any, kind: dtype) -> Any:
    """``value``, a Python number, as ``kind`` has it: without its imaginary part if that is 0 and ``kind`` is real.

    To unsigned types numbers below 0 wrap around, as in PyTorch.

    Raises:
        DtypeError: It is beyond what ``kind`` can hold, or complex.
    """
    if kind.is_complex or kind.kind == "bool":
        return value
    if isinstance(value, complex):
        if value.imag:
            raise DtypeError(f"value cannot be converted to type {kind.name} without overflow: it is complex")
        value = value.real
    require_fitting(value, value, kind)
    if kind.is_floating_point:
        return value
    return int(value) % (1 << 8 * kind.itemsize) if kind.kind == "uint" else int(value)


def require_fitting(least: float, greatest: float, kind: dtype) -> None:
    """Raise unless numbers from ``least`` to ``greatest`` are within ``kind``, a real dtype, or infinite in a float.

    Raises:
        DtypeError: They are not.
    """
    if kind.is_floating_point:
        most: float = _GREATEST[kind.name]
        low = -most
        if not math.isfinite(least) or not math.isfinite(greatest):
            return
    else:
        most = (1 << 8 * kind.itemsize - (kind.kind == "int")) - 1
        low = -most - (kind.kind == "int")
    # Asked the other way around, NaN would be within the range of integers.
    if not (low <= least and greatest <= most):
        value = greatest if low <= least else least
        raise DtypeError(
            f"value cannot be converted to type {kind.name} without overflow: {value}, beyond {low:g} to {most:g}"
        )


_GREATEST = {
    "float16": 65504.0, "bfloat16": (2.0 - 2.0**-7) * 2.0**127, "float32": (2.0 - 2.0**-23) * 2.0**127,
    "float64": sys.float_info.max,
}  # fmt: skip


def deliver_all(out: Any, results: Any) -> Any:
    """The tuple ``results``, or one of the same kind holding the tensors of ``out`` if they were given.

    Raises:
        ArgumentTypeError: ``out`` is no tuple of as many tensors.
    """
    if out is None:
        return results
    if not isinstance(out, (tuple, list)) or len(out) != len(results):
        raise ArgumentTypeError(f"out: expected a tuple of {len(results)} tensors, got {out!r:.60}")
    filled = [deliver(place, result) for place, result in zip(out, results, strict=True)]
    return type(results)(*filled) if hasattr(results, "_fields") else tuple(filled)


def deliver(out: Any, result: Any) -> Any:
    """``result``, or ``out`` holding it if one was given.

    Raises:
        InplaceError: ``out`` or the result requires grad: ``out=`` is not recorded.
        MixedBackendsError: ``out`` is on another device.
        ShapeError: ``out`` has another shape.
    """
    if out is None:
        return result
    if not isinstance(out, TensorBase):
        raise ArgumentTypeError(f"out: expected a tensor, got {type(out).__name__}")
    if out._place is not result._place:
        raise MixedBackendsError("out=", [str(result._place.device), str(out._place.device)])
    if mode.grad and (node_of(out) is not None or result._node is not None):
        raise InplaceError(
            "functions with out=... arguments don't support automatic differentiation, but one of the arguments "
            "requires grad. Drop out=, or compute under no_grad()."
        )
    if result._array.dtype != out._array.dtype:
        have, wanted = (x._place.dtype(x._array.dtype) for x in (result, out))
        if not can_cast(have, wanted):
            raise DtypeError(f"result type {have.name} can't be cast to the desired output type {wanted.name} of out=")
        result = astype.apply(result, dtype=out._array.dtype)
    if tuple(out._array.shape) != tuple(result._array.shape):
        _resize(out, result)
    write(out, result)
    return out


def _resize(out: Any, result: Any) -> None:
    """Give ``out`` the shape of ``result``, with a warning as in PyTorch if it had elements."""
    if out.numel():
        warnings.warn(
            f"An output with one or more elements was resized since it had shape {list(out._array.shape)}, which does "
            f"not match the required output shape {list(result._array.shape)}. Resize it to zero elements first, with "
            "resize_(0), or leave out= away.",
            stacklevel=4,
        )
    # Nothing is recorded here, and `resize_` refuses what requires grad.
    node, out._node = out._node, None
    shape, strides = tuple(result._array.shape), strides_of(result)
    out.resize_(shape)
    if out._place.mutable and strides != row_major(shape) and is_dense(shape, strides):
        # The order in memory is that of the result, as in PyTorch.
        out.as_strided_(shape, strides)
    out._node = node


def deliver_exactly(out: Any, result: Any, *inputs: Any) -> Any:
    """As `deliver`, for functions whose ``out`` is of the result's own dtype and apart from the ``inputs``.

    Raises:
        DtypeError: ``out`` is of another dtype.
        InplaceError: ``out`` shares memory with an input.
    """
    if isinstance(out, TensorBase):
        have, wanted = (x._place.dtype(x._array.dtype) for x in (out, result))
        if have is not wanted:
            raise DtypeError(f"Expected out tensor to have dtype {wanted}, but got {have} instead")
        refuse_overlap(out, inputs)
        if tuple(out._array.shape) != tuple(result._array.shape):
            # It may grow into the memory of an input.
            _resize(out, result)
            refuse_overlap(out, inputs)
    return deliver(out, result)


def refuse_overlap(out: Any, inputs: Sequence[Any]) -> None:
    """Raise if the place for a result shares memory with an input, or its elements with each other.

    Raises:
        InplaceError: It does.
    """
    if any(x is out or _overlap(out, x) for x in inputs):
        raise InplaceError(
            "unsupported operation: some elements of the input tensor and the written-to tensor refer to a single "
            "memory location. Please clone() the tensor before performing the operation."
        )
    if any(step == 0 and n > 1 for step, n in zip(out.stride(), out._array.shape, strict=True)):
        raise InplaceError(
            "unsupported operation: more than one element of the written-to tensor refers to a single memory location. "
            "Please clone() the tensor before performing the operation."
        )


def deliver_each(out: Any, results: Any, *inputs: Any) -> Any:
    """A named tuple of results, each delivered exactly to its place in the tuple ``out`` if there is one."""
    if out is None:
        return results
    if not isinstance(out, (tuple, list)) or len(out) != len(results):
        raise ArgumentTypeError(f"out: expected {len(results)} tensors, got {type(out).__name__}")
    return type(results)(*(deliver_exactly(place, x, *inputs) for place, x in zip(out, results, strict=True)))


def _overlap(out: TensorBase, x: TensorBase) -> bool:
    place = out._place
    if out is x:
        return True  # Though it may have no elements yet.
    if out._cell is not x._cell or place is not x._place:
        return False
    return not place.mutable or place.backend.shares_memory(array_of(out), array_of(x))
