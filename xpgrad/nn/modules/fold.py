"""Layers that lay windows out as columns and add them up again."""

from __future__ import annotations

from typing import Any

from xpgrad.nn.functional.fold import Sizes, fold, unfold
from xpgrad.nn.modules.module import Module


class Unfold(Module):
    """The sliding windows of (N, C, H, W), each as a column. Mirrors ``torch.nn.Unfold``.

    Args:
        kernel_size: The size of a window, one number or (height, width), as in the next three.
        dilation: The distance between the elements of a window.
        padding: Zeros added on each side.
        stride: The step between windows.

    Example:
        >>> import xpgrad
        >>> xpgrad.nn.Unfold((2, 3))(xpgrad.randn(2, 5, 3, 4)).shape
        torch.Size([2, 30, 4])
    """

    def __init__(self, kernel_size: Sizes, dilation: Sizes = 1, padding: Sizes = 0, stride: Sizes = 1) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.dilation = dilation
        self.padding = padding
        self.stride = stride

    def forward(self, input: Any) -> Any:
        """(N, C * prod(kernel_size), L), L the number of windows."""
        return unfold(input, self.kernel_size, self.dilation, self.padding, self.stride)

    def extra_repr(self) -> str:
        """The settings."""
        return f"kernel_size={self.kernel_size}, dilation={self.dilation}, padding={self.padding}, stride={self.stride}"


class Fold(Module):
    """Columns added up where the windows of an image lie: the transpose of `Unfold`. Mirrors ``torch.nn.Fold``.

    Args:
        output_size: The size of the image, one number or (height, width).
        kernel_size: The size of a window, and so on as in `Unfold`.
        dilation: The distance between the elements of a window.
        padding: What was added on each side before.
        stride: The step between windows.

    Example:
        >>> import xpgrad
        >>> xpgrad.nn.Fold((4, 5), (2, 2))(xpgrad.randn(1, 3 * 2 * 2, 12)).shape
        torch.Size([1, 3, 4, 5])
    """

    def __init__(
        self, output_size: Sizes, kernel_size: Sizes, dilation: Sizes = 1, padding: Sizes = 0, stride: Sizes = 1
    ) -> None:
        super().__init__()
        self.output_size = output_size
        self.kernel_size = kernel_size
        self.dilation = dilation
        self.padding = padding
        self.stride = stride

    def forward(self, input: Any) -> Any:
        """(N, C, *output_size)."""
        return fold(input, self.output_size, self.kernel_size, self.dilation, self.padding, self.stride)

    def extra_repr(self) -> str:
        """The settings."""
        return (
            f"output_size={self.output_size}, kernel_size={self.kernel_size}, dilation={self.dilation}, "
            f"padding={self.padding}, stride={self.stride}"
        )
