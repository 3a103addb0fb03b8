"""The constructors of PyTorch's early days: ``FloatTensor([1, 2])``, ``LongTensor(2, 3)``."""

from __future__ import annotations

import warnings
from typing import Any, ClassVar

from xpgrad.backends.dtypes import BY_NAME, dtype
from xpgrad.core.promotion import set_default_dtype
from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import ArgumentTypeError
from xpgrad.functions.checks import LEGACY_NAMES
from xpgrad.functions.creation import empty
from xpgrad.tensor.conversion import tensor, to


def construct(kind: dtype, args: tuple[Any, ...], device: Any = None) -> Any:
    """What a legacy constructor makes of its arguments: sizes, or data converted to ``kind``."""
    if all(isinstance(a, int) and not isinstance(a, bool) for a in args):
        return empty(*(args or (0,)), dtype=kind, device=device)
    (data,) = args
    if isinstance(data, TensorBase):
        return to(data.detach(), dtype=kind, device=device)  # type: ignore[attr-defined]
    if type(data).__name__ == "Size":
        return empty(*data, dtype=kind, device=device)
    return tensor(data, dtype=kind, device=device)


class _LegacyMeta(type):
    dtype: dtype

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, TensorBase) and instance._place.dtype(instance._array.dtype) is cls.dtype

    def __repr__(cls) -> str:
        return f"<class '{LEGACY_NAMES[cls.dtype.name]}'>"


class _Legacy(metaclass=_LegacyMeta):
    dtype: ClassVar[Any]

    def __new__(cls, *args: Any, device: Any = None) -> Any:
        return construct(cls.dtype, args, device)


def set_default_tensor_type(t: Any, /) -> None:
    """Set the default dtype by a legacy constructor or its name. Mirrors ``torch.set_default_tensor_type``.

    Deprecated there and here: `set_default_dtype` and `set_default_device` say it better.

    Raises:
        ArgumentTypeError: It is neither.
    """
    names = {title: BY_NAME[name] for name, title in LEGACY_NAMES.items()}
    kind = names.get(t) if isinstance(t, str) else getattr(t, "dtype", None)
    if not isinstance(kind, dtype):
        raise ArgumentTypeError(f"invalid type object: {t!r:.60}; known are {', '.join(names)}")
    warnings.warn(
        "torch.set_default_tensor_type() is deprecated as of PyTorch 2.1, please use torch.set_default_dtype() and "
        "torch.set_default_device() as alternatives.",
        stacklevel=2,
    )
    set_default_dtype(kind)


def _of(name: str) -> Any:
    kind = BY_NAME[name]
    title = LEGACY_NAMES[name].removeprefix("torch.")
    return _LegacyMeta(title, (_Legacy,), {"dtype": kind, "__doc__": f"Makes {kind} tensors from sizes or data."})


FloatTensor = _of("float32")
DoubleTensor = _of("float64")
HalfTensor = _of("float16")
BFloat16Tensor = _of("bfloat16")
LongTensor = _of("int64")
IntTensor = _of("int32")
ShortTensor = _of("int16")
CharTensor = _of("int8")
ByteTensor = _of("uint8")
BoolTensor = _of("bool")
