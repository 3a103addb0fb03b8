"""Padding layers: `xpgrad.nn.functional.pad` with the mode in the name and the padding fixed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from xpgrad.nn.functional.checks import per_dimension
from xpgrad.nn.functional.padding import pad
from xpgrad.nn.modules.module import Module


class _PadNd(Module):
    ndim: ClassVar[int]
    mode: ClassVar[str]

    def __init__(self, padding: int | Sequence[int]) -> None:
        super().__init__()
        self.padding = per_dimension(type(self).__name__, "padding", padding, 2 * self.ndim)

    def forward(self, input: Any) -> Any:
        """``input`` with its padding."""
        return pad(input, self.padding, self.mode)

    def extra_repr(self) -> str:
        """The padding."""
        return str(self.padding)


class _ConstantPadNd(_PadNd):
    mode = "constant"

    def __init__(self, padding: int | Sequence[int], value: float) -> None:
        super().__init__(padding)
        self.value = value

    def forward(self, input: Any) -> Any:
        """``input`` with its padding."""
        return pad(input, self.padding, "constant", self.value)

    def extra_repr(self) -> str:
        """The padding and the value."""
        return f"padding={self.padding}, value={self.value}"


class ConstantPad1d(_ConstantPadNd):
    """Adds ``value`` at the ends of the last dimension. Mirrors ``torch.nn.ConstantPad1d``."""

    ndim = 1


class ConstantPad2d(_ConstantPadNd):
    """Adds ``value`` around the last two dimensions. Mirrors ``torch.nn.ConstantPad2d``.

    Args:
        padding: How much on all sides, or left, right, top, bottom.
        value: What is added.
    """

    ndim = 2


class ConstantPad3d(_ConstantPadNd):
    """Adds ``value`` around the last three dimensions. Mirrors ``torch.nn.ConstantPad3d``."""

    ndim = 3


class ZeroPad1d(_PadNd):
    """Adds zeros at the ends of the last dimension. Mirrors ``torch.nn.ZeroPad1d``."""

    ndim, mode = 1, "constant"


class ZeroPad2d(_PadNd):
    """Adds zeros around the last two dimensions. Mirrors ``torch.nn.ZeroPad2d``."""

    ndim, mode = 2, "constant"


class ZeroPad3d(_PadNd):
    """Adds zeros around the last three dimensions. Mirrors ``torch.nn.ZeroPad3d``."""

    ndim, mode = 3, "constant"


class ReflectionPad1d(_PadNd):
    """Mirrors the last dimension at its ends. Mirrors ``torch.nn.ReflectionPad1d``."""

    ndim, mode = 1, "reflect"


class ReflectionPad2d(_PadNd):
    """Mirrors the last two dimensions at their ends. Mirrors ``torch.nn.ReflectionPad2d``."""

    ndim, mode = 2, "reflect"


class ReflectionPad3d(_PadNd):
    """Mirrors the last three dimensions at their ends. Mirrors ``torch.nn.ReflectionPad3d``."""

    ndim, mode = 3, "reflect"


class ReplicationPad1d(_PadNd):
    """Repeats the ends of the last dimension. Mirrors ``torch.nn.ReplicationPad1d``."""

    ndim, mode = 1, "replicate"


class ReplicationPad2d(_PadNd):
    """Repeats the ends of the last two dimensions. Mirrors ``torch.nn.ReplicationPad2d``."""

    ndim, mode = 2, "replicate"


class ReplicationPad3d(_PadNd):
    """Repeats the ends of the last three dimensions. Mirrors ``torch.nn.ReplicationPad3d``."""

    ndim, mode = 3, "replicate"


class CircularPad1d(_PadNd):
    """Goes on from each end of the last dimension at the other. Mirrors ``torch.nn.CircularPad1d``."""

    ndim, mode = 1, "circular"


class CircularPad2d(_PadNd):
    """Goes on from each end of the last two dimensions at the other. Mirrors ``torch.nn.CircularPad2d``."""

    ndim, mode = 2, "circular"


class CircularPad3d(_PadNd):
    """Goes on from each end of the last three dimensions at the other. Mirrors ``torch.nn.CircularPad3d``."""

    ndim, mode = 3, "circular"
