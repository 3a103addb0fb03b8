"""The part of a module that moves its parameters and buffers to other dtypes and devices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

from xpgrad.backends.dtypes import BY_NAME, dtype
from xpgrad.core.grad_mode import no_grad
from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import ArgumentTypeError
from xpgrad.functions.creation import DeviceLike, empty_like
from xpgrad.nn.modules.tree import Tree
from xpgrad.nn.parameter import is_lazy


class Convertible(Tree):
    """Conversions change the module itself. Parameters stay the same objects, so that an optimizer keeps them."""

    def to(self, *args: Any, **kwargs: Any) -> Self:
        """Move everything to a device, and what is floating-point to a dtype.

        Called as ``to(device)``, ``to(dtype)``, ``to(device, dtype)`` or ``to(tensor)``.
        Mirrors ``torch.nn.Module.to``.

        Raises:
            ArgumentTypeError: The dtype is neither floating-point nor complex.
        """
        device, wanted = _parse(*args, **kwargs)
        if wanted is not None and not wanted.is_differentiable:
            raise ArgumentTypeError(
                f"nn.Module.to only accepts floating point or complex dtypes, but got desired dtype={wanted}"
            )
        return self._apply(lambda t: t.to(device=device, dtype=wanted if t.dtype.is_differentiable else None))

    def cpu(self) -> Self:
        """Move everything to the CPU."""
        return self._apply(lambda t: t.cpu())

    def cuda(self, device: DeviceLike = None) -> Self:
        """Move everything to a CUDA device, the first by default."""
        return self._apply(lambda t: t.cuda(device))

    def type(self, dst_type: dtype | str) -> Self:
        """Cast everything, integers too, to a dtype or legacy type name."""
        return self._apply(lambda t: t.type(dst_type))

    def float(self) -> Self:
        """Cast what is floating-point to float32."""
        return self._cast("float32")

    def double(self) -> Self:
        """Cast what is floating-point to float64."""
        return self._cast("float64")

    def half(self) -> Self:
        """Cast what is floating-point to float16."""
        return self._cast("float16")

    def bfloat16(self) -> Self:
        """Cast what is floating-point to bfloat16, where the backend has it."""
        return self._cast("bfloat16")

    def to_empty(self, *, device: DeviceLike, recurse: bool = True) -> Self:
        """Move to a device without the values."""
        return self._apply(lambda t: empty_like(t, device=device), recurse=recurse)

    def _cast(self, name: str) -> Self:
        return self._apply(lambda t: t.to(dtype=BY_NAME[name]) if t.is_floating_point() else t)

    def _apply(self, fn: Callable[[Any], Any], recurse: bool = True) -> Self:
        """Replace each tensor by what ``fn`` makes of it: parameters and their gradients within the same objects."""
        if recurse:
            for module in self.children():
                module._apply(fn)
        with no_grad():
            for parameter in self._parameters.values():
                if parameter is None:
                    continue
                gradient = parameter.grad
                parameter.data = fn(parameter.data)
                if gradient is not None:
                    gradient.data = fn(gradient.data)
            for name, buffer in self._buffers.items():
                if is_lazy(buffer):
                    buffer.data = fn(buffer.data)
                elif buffer is not None:
                    self._buffers[name] = fn(buffer)
        return self


def _parse(
    *args: Any,
    device: DeviceLike = None,
    dtype: dtype | None = None,
    tensor: Any = None,
    non_blocking: bool = False,
    memory_format: Any = None,
) -> tuple[DeviceLike, dtype | None]:
    """The device and dtype that the arguments of ``to`` name; what only changes how it is done means nothing here."""
    for value in (*args, tensor):
        if isinstance(value, TensorBase):
            device, dtype = value._place.device, value._place.dtype(value._array.dtype)
        elif isinstance(value, _DTYPE):
            dtype = value
        elif value is not None and not isinstance(value, bool):
            device = value
    return device, dtype


_DTYPE = dtype
