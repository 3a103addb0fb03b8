"""Questions about dtypes, in PyTorch's spelling."""

from __future__ import annotations

import math
from typing import Any

from xpgrad.array_api import data_types
from xpgrad.backends.dtypes import dtype
from xpgrad.core.promotion import get_default_dtype, result_dtype
from xpgrad.core.tensor_base import INFERENCE, TensorBase
from xpgrad.errors import ArgumentTypeError
from xpgrad.functions.checks import LEGACY_NAMES

__all__ = [
    "finfo", "get_device", "iinfo", "is_complex", "is_conj", "is_distributed", "is_floating_point", "is_inference",
    "is_neg", "is_nonzero", "is_same_size", "is_signed", "is_storage", "resolve_conj", "resolve_neg", "result_type",
    "typename",
]  # fmt: skip


class FloatInfo(data_types.FloatInfo):
    """The standard's `finfo` with PyTorch's further names."""

    __slots__ = ()

    @property
    def tiny(self) -> float:
        """The smallest positive number with full precision, ``smallest_normal``."""
        return self.smallest_normal

    @property
    def resolution(self) -> float:
        """The decimal resolution: ten to minus the number of decimal digits that are exact."""
        return 10.0 ** -math.floor(-math.log10(self.eps))

    def __repr__(self) -> str:
        names = ("resolution", "min", "max", "eps", "smallest_normal", "tiny")
        limits = ", ".join(f"{name}={getattr(self, name):.6g}" for name in names)
        return f"finfo({limits}, dtype={self.dtype.name})"


class IntegerInfo(data_types.IntegerInfo):
    """The standard's `iinfo` as PyTorch prints it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"iinfo(min={self.min}, max={self.max}, dtype={self.dtype.name})"


def finfo(type: dtype | None = None) -> FloatInfo:
    """The limits of a floating or complex dtype, the default one for None. Mirrors ``torch.finfo``.

    Raises:
        ArgumentTypeError: It is of another kind.
    """
    described = get_default_dtype() if type is None else type
    if not described.is_differentiable:
        raise ArgumentTypeError(
            f"torch.finfo() requires a floating point input type, got {described}. Use torch.iinfo for integers"
        )
    info = data_types.finfo(described)
    return FloatInfo(info.bits, info.eps, info.max, info.min, info.smallest_normal, info.dtype)


def iinfo(type: dtype) -> IntegerInfo:
    """The limits of an integer dtype. Mirrors ``torch.iinfo``.

    Raises:
        ArgumentTypeError: It is of another kind.
    """
    if type.kind not in ("int", "uint"):
        raise ArgumentTypeError(f"torch.iinfo() requires an integer input type, got {type}. Use torch.finfo for floats")
    return IntegerInfo(*data_types.iinfo(type))


def result_type(tensor1: Any, tensor2: Any) -> dtype:
    """The dtype in which two tensors or numbers meet. Mirrors ``torch.result_type``."""
    return result_dtype((tensor1, tensor2))


def is_floating_point(input: Any) -> bool:
    """Whether a tensor is of a real floating dtype. Mirrors ``torch.is_floating_point``."""
    return bool(input.dtype.is_floating_point)


def is_complex(input: Any) -> bool:
    """Whether a tensor is of a complex dtype. Mirrors ``torch.is_complex``."""
    return bool(input.dtype.is_complex)


def is_nonzero(input: Any) -> bool:
    """Whether the one element of a tensor is not zero. Mirrors ``torch.is_nonzero``.

    Raises:
        ArgumentTypeError: It is no tensor.
    """
    if not isinstance(input, TensorBase):
        raise ArgumentTypeError(
            f"is_nonzero(): argument 'input' (position 1) must be Tensor, not {type(input).__name__}"
        )
    return bool(input)


def is_signed(input: Any) -> bool:
    """Whether a tensor's dtype has negative values. Mirrors ``torch.is_signed``."""
    return bool(input.dtype.is_signed)


def is_conj(input: Any) -> bool:
    """False: conjugates are computed at once. Mirrors ``torch.is_conj``."""
    return False


def is_neg(input: Any) -> bool:
    """False: negatives are computed at once. Mirrors ``torch.is_neg``."""
    return False


def resolve_conj(input: Any) -> Any:
    """``input`` itself: conjugates are computed at once. Mirrors ``torch.resolve_conj``."""
    return input


def resolve_neg(input: Any) -> Any:
    """``input`` itself: negatives are computed at once. Mirrors ``torch.resolve_neg``."""
    return input


def is_same_size(input: Any, other: Any) -> bool:
    """Whether two tensors are of the same shape. Mirrors ``torch.is_same_size``."""
    return tuple(input._array.shape) == tuple(other._array.shape)


def is_inference(input: Any) -> bool:
    """Whether a tensor was made in inference mode. Mirrors ``torch.is_inference``."""
    return input._cell is INFERENCE


def is_distributed(input: Any) -> bool:
    """False: tensors are on one device. Mirrors ``torch.is_distributed``."""
    return False


def is_storage(obj: Any) -> bool:
    """False: memory is the array library's, and there are no storages. Mirrors ``torch.is_storage``."""
    return False


def get_device(input: Any) -> int:
    """The index of a tensor's device, -1 on a CPU. Mirrors ``torch.get_device``."""
    return -1 if input._place.device.type == "cpu" else input._place.device.index or 0


def typename(obj: Any) -> str:
    """A tensor's type as PyTorch names it, else the full name of the class or function. Mirrors ``torch.typename``."""
    if isinstance(obj, TensorBase):
        return LEGACY_NAMES[obj._place.dtype(obj._array.dtype).name]
    named = obj if hasattr(obj, "__qualname__") else type(obj)
    module = getattr(named, "__module__", None)
    return named.__qualname__ if module in (None, "builtins") else f"{module}.{named.__qualname__}"
