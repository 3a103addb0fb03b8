"""Giving all of a tensor other values, in place."""

from __future__ import annotations

from typing import Any

from xpgrad.array_api.operands import cast
from xpgrad.core.direct import open_memory, plain_value, set_all
from xpgrad.core.inplace import overwrite, overwrite_with_number
from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import ShapeError
from xpgrad.functions.broadcasting import expand
from xpgrad.functions.indexing import set_at_once, spread
from xpgrad.functions.inplace import inplace_of
from xpgrad.functions.pointwise import masked_fill
from xpgrad.functions.results import fitting_number

__all__ = ["fill_", "zero_"]


def copy_(self: Any, src: Any, non_blocking: bool = False) -> Any:
    """Take the values of ``src``, broadcast, cast and moved. Mirrors ``torch.Tensor.copy_``.

    ``non_blocking`` is as in `torch.Tensor.to`.
    """
    if src is self:
        return overwrite(self, self, uniform=True)
    array = open_memory(self)
    if array is not None and isinstance(src, TensorBase):
        value = plain_value(self, src)
        if value is not None and value.shape == array.shape and set_all(self, array, value):
            return self
    src = src if isinstance(src, TensorBase) else self.new_tensor(src)
    return overwrite(
        self, spread(cast(src.to(self.device, non_blocking=non_blocking), self.dtype), tuple(self._array.shape))
    )


def fill_(self: Any, value: Any) -> Any:
    """Set every element to ``value``, a number or 0-d tensor. Mirrors ``torch.Tensor.fill_``."""
    # What half precision holds, every dtype of floats holds.
    if (type(value) is float or type(value) is int) and -65504 <= value <= 65504:
        array = open_memory(self)
        if array is not None and set_all(self, array, value):
            return self
    if isinstance(value, TensorBase) and value._array.ndim:
        raise ShapeError(
            f"fill_ only supports 0-dimension value tensor but got tensor with {value._array.ndim} dimensions."
        )
    if isinstance(value, TensorBase):
        return overwrite(self, expand(cast(value.to(self.device), self.dtype), self._array.shape), "FillBackward3")  # type: ignore[attr-defined]
    return overwrite_with_number(self, fitting_number(value, self.dtype), "FillBackward2")


def masked_fill_(self: Any, mask: Any, value: Any) -> Any:
    """`masked_fill` in place. Mirrors ``torch.Tensor.masked_fill_``."""
    of_one_shape = isinstance(mask, TensorBase) and mask._array.shape == self._array.shape
    if of_one_shape and set_at_once(self, mask, value):
        return self
    return _masked_fill(self, mask, value)


_masked_fill = inplace_of(masked_fill)


def zero_(self: Any) -> Any:
    """Set every element to 0. Mirrors ``torch.Tensor.zero_``."""
    array = open_memory(self)
    if array is not None and set_all(self, array, 0):
        return self
    return overwrite_with_number(self, 0, "ZeroBackward0")
