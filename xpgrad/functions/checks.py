"""What functions ask of their arguments, and the errors if they are refused."""

from __future__ import annotations

from typing import Any

from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import ArgumentTypeError, DtypeError

# What `Tensor.type` calls the dtypes.
LEGACY_NAMES = {
    "float32": "torch.FloatTensor", "float64": "torch.DoubleTensor", "float16": "torch.HalfTensor",
    "bfloat16": "torch.BFloat16Tensor", "int64": "torch.LongTensor", "int32": "torch.IntTensor",
    "int16": "torch.ShortTensor", "int8": "torch.CharTensor", "uint8": "torch.ByteTensor", "bool": "torch.BoolTensor",
    "complex64": "torch.ComplexFloatTensor", "complex128": "torch.ComplexDoubleTensor",
    "uint16": "torch.UInt16Tensor", "uint32": "torch.UInt32Tensor", "uint64": "torch.UInt64Tensor",
}  # fmt: skip


def kind_of(x: Any) -> str:
    """What PyTorch's errors call the dtype of a tensor: ``Float``, ``Long``."""
    return LEGACY_NAMES[x._place.dtype(x._array.dtype).name].removeprefix("torch.").removesuffix("Tensor")


def shape_of(name: str, x: Any) -> tuple[int, ...]:
    """The shape of ``x``.

    Raises:
        ArgumentTypeError: It is not a tensor.
    """
    if not isinstance(x, TensorBase):
        raise ArgumentTypeError(f"{name}(): argument 'input' (position 1) must be Tensor, not {type(x).__name__}")
    return tuple(x._array.shape)


def floating(name: str, x: Any) -> Any:
    """``x`` itself.

    Raises:
        ArgumentTypeError: It is not a tensor.
        DtypeError: Its dtype is neither floating nor complex.
    """
    shape_of(name, x)
    # What requires grad is floating.
    if x._node is None and not x._place.dtype(x._array.dtype).is_differentiable:
        raise DtypeError(f"\"{name}\" not implemented for '{kind_of(x)}': convert it with .float() first")
    return x
