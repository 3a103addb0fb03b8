"""Pooling layers. Their results are those of the functions of like names in `xpgrad.nn.functional`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from xpgrad.nn.functional import pooling as F
from xpgrad.nn.functional.checks import per_dimension
from xpgrad.nn.modules.module import Module

Sizes = int | Sequence[int]
OutputSizes = int | Sequence[int | None] | None


class _MaxPoolNd(Module):
    pool: ClassVar[Callable[..., Any]]

    def __init__(
        self, kernel_size: Sizes, stride: Sizes | None = None, padding: Sizes = 0, dilation: Sizes = 1,
        return_indices: bool = False, ceil_mode: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.dilation = dilation
        self.return_indices = return_indices
        self.ceil_mode = ceil_mode

    def forward(self, input: Any) -> Any:
        """The largest element of each window, with ``return_indices`` also where each is."""
        return type(self).pool(
            input, self.kernel_size, self.stride, self.padding, self.dilation, ceil_mode=self.ceil_mode,
            return_indices=self.return_indices,
        )  # fmt: skip

    def extra_repr(self) -> str:
        """The settings."""
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, dilation={self.dilation}, "
            f"ceil_mode={self.ceil_mode}"
        )


class MaxPool1d(_MaxPoolNd):
    """The largest element of each window of (N, C, L) or (C, L); see `MaxPool2d`. Mirrors ``torch.nn.MaxPool1d``."""

    pool = F.max_pool1d


class MaxPool2d(_MaxPoolNd):
    """The largest element of each window of (N, C, H, W) or (C, H, W). Mirrors ``torch.nn.MaxPool2d``.

    Args:
        kernel_size: The size of a window, one number or one for each spatial dimension, as in the next three.
        stride: The step between windows; by default ``kernel_size``.
        padding: Positions added on each side that never win.
        dilation: The distance between the elements of a window.
        return_indices: Return where each is, too: its flat spatial index.
        ceil_mode: Let the last windows end beyond the padding.

    Example:
        >>> import xpgrad
        >>> xpgrad.nn.MaxPool2d(3, stride=2)(xpgrad.randn(20, 16, 50, 32)).shape
        torch.Size([20, 16, 24, 15])
    """

    pool = F.max_pool2d


class MaxPool3d(_MaxPoolNd):
    """The largest element of each window of (N, C, D, H, W); see `MaxPool2d`. Mirrors ``torch.nn.MaxPool3d``."""

    pool = F.max_pool3d


class _MaxUnpoolNd(Module):
    ndim: ClassVar[int]
    unpool: ClassVar[Callable[..., Any]]

    def __init__(self, kernel_size: Sizes, stride: Sizes | None = None, padding: Sizes = 0) -> None:
        super().__init__()
        sizes = (kernel_size, kernel_size if stride is None else stride, padding)
        names = ("kernel_size", "stride", "padding")
        self.kernel_size, self.stride, self.padding = (
            per_dimension(type(self).__name__, name, size, self.ndim) for name, size in zip(names, sizes, strict=True)
        )

    def forward(self, input: Any, indices: Any, output_size: Sequence[int] | None = None) -> Any:
        """Zeros with ``input`` at ``indices``; ``output_size`` says which of the sizes that pool to ``input``'s."""
        return type(self).unpool(input, indices, self.kernel_size, self.stride, self.padding, output_size)

    def extra_repr(self) -> str:
        """The settings."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class MaxUnpool1d(_MaxUnpoolNd):
    """What `MaxPool1d` took, back in its places; see `MaxUnpool2d`. Mirrors ``torch.nn.MaxUnpool1d``."""

    ndim = 1
    unpool = F.max_unpool1d


class MaxUnpool2d(_MaxUnpoolNd):
    """What `MaxPool2d` with ``return_indices`` took, back in its places. Mirrors ``torch.nn.MaxUnpool2d``.

    Args:
        kernel_size, stride, padding: Those of the pooling.
    """

    ndim = 2
    unpool = F.max_unpool2d


class MaxUnpool3d(_MaxUnpoolNd):
    """What `MaxPool3d` took, back in its places; see `MaxUnpool2d`. Mirrors ``torch.nn.MaxUnpool3d``."""

    ndim = 3
    unpool = F.max_unpool3d


class AvgPool1d(Module):
    """The mean of each window of (N, C, L) or (C, L); see `AvgPool2d`. Mirrors ``torch.nn.AvgPool1d``."""

    def __init__(
        self, kernel_size: Sizes, stride: Sizes | None = None, padding: Sizes = 0, ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:  # fmt: skip
        super().__init__()
        self.kernel_size = per_dimension("AvgPool1d", "kernel_size", kernel_size, 1)
        self.stride = self.kernel_size if stride is None else per_dimension("AvgPool1d", "stride", stride, 1)
        self.padding = per_dimension("AvgPool1d", "padding", padding, 1)
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad

    def forward(self, input: Any) -> Any:
        """The mean of each window."""
        return F.avg_pool1d(input, self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad)

    def extra_repr(self) -> str:
        """The settings."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class _AvgPoolNd(Module):
    pool: ClassVar[Callable[..., Any]]

    def __init__(
        self, kernel_size: Sizes, stride: Sizes | None = None, padding: Sizes = 0, ceil_mode: bool = False,
        count_include_pad: bool = True, divisor_override: int | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad
        self.divisor_override = divisor_override

    def forward(self, input: Any) -> Any:
        """The mean of each window."""
        return type(self).pool(
            input, self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad,
            self.divisor_override,
        )  # fmt: skip

    def extra_repr(self) -> str:
        """The settings."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool2d(_AvgPoolNd):
    """The mean of each window of (N, C, H, W) or (C, H, W). Mirrors ``torch.nn.AvgPool2d``.

    Args:
        kernel_size: The size of a window, one number or one for each spatial dimension, as in the next two.
        stride: The step between windows; by default ``kernel_size``.
        padding: Zeros added on each side.
        ceil_mode: Let the last windows end beyond the padding.
        count_include_pad: Count the zeros too.
        divisor_override: What to divide the sums by, instead of the count.

    Example:
        >>> import xpgrad
        >>> xpgrad.nn.AvgPool2d(2)(xpgrad.tensor([[[1.0, 2.0], [3.0, 6.0]]]))
        tensor([[[3.]]])
    """

    pool = F.avg_pool2d


class AvgPool3d(_AvgPoolNd):
    """The mean of each window of (N, C, D, H, W); see `AvgPool2d`. Mirrors ``torch.nn.AvgPool3d``."""

    pool = F.avg_pool3d


class _AdaptiveAvgPoolNd(Module):
    pool: ClassVar[Callable[..., Any]]

    def __init__(self, output_size: OutputSizes) -> None:
        super().__init__()
        self.output_size = output_size

    def forward(self, input: Any) -> Any:
        """The means of windows that cover ``input`` evenly."""
        return type(self).pool(input, self.output_size)

    def extra_repr(self) -> str:
        """The size of the result."""
        return f"output_size={self.output_size}"


class AdaptiveAvgPool1d(_AdaptiveAvgPoolNd):
    """The means of windows that cover (N, C, L) evenly. Mirrors ``torch.nn.AdaptiveAvgPool1d``."""

    pool = F.adaptive_avg_pool1d


class AdaptiveAvgPool2d(_AdaptiveAvgPoolNd):
    """The means of windows that cover (N, C, H, W) or (C, H, W) evenly. Mirrors ``torch.nn.AdaptiveAvgPool2d``.

    Args:
        output_size: The size of the result, one number or one for each spatial dimension; None keeps that of the input.

    Example:
        >>> import xpgrad
        >>> xpgrad.nn.AdaptiveAvgPool2d((5, 7))(xpgrad.randn(1, 64, 8, 9)).shape
        torch.Size([1, 64, 5, 7])
    """

    pool = F.adaptive_avg_pool2d


class AdaptiveAvgPool3d(_AdaptiveAvgPoolNd):
    """The means of windows that cover (N, C, D, H, W) evenly. Mirrors ``torch.nn.AdaptiveAvgPool3d``."""

    pool = F.adaptive_avg_pool3d


class _AdaptiveMaxPoolNd(Module):
    pool: ClassVar[Callable[..., Any]]

    def __init__(self, output_size: OutputSizes, return_indices: bool = False) -> None:
        super().__init__()
        self.output_size = output_size
        self.return_indices = return_indices

    def forward(self, input: Any) -> Any:
        """The largest elements of windows that cover ``input`` evenly, with ``return_indices`` also where each is."""
        return type(self).pool(input, self.output_size, self.return_indices)

    def extra_repr(self) -> str:
        """The size of the result."""
        return f"output_size={self.output_size}"


class AdaptiveMaxPool1d(_AdaptiveMaxPoolNd):
    """The largest elements of windows that cover (N, C, L) evenly. Mirrors ``torch.nn.AdaptiveMaxPool1d``."""

    pool = F.adaptive_max_pool1d


class AdaptiveMaxPool2d(_AdaptiveMaxPoolNd):
    """The largest elements of windows that cover (N, C, H, W) evenly. Mirrors ``torch.nn.AdaptiveMaxPool2d``.

    Args:
        output_size: The size of the result, one number or one for each spatial dimension; None keeps that of the input.
        return_indices: Return where each is, too: its flat spatial index.
    """

    pool = F.adaptive_max_pool2d


class AdaptiveMaxPool3d(_AdaptiveMaxPoolNd):
    """The largest elements of windows that cover (N, C, D, H, W) evenly. Mirrors ``torch.nn.AdaptiveMaxPool3d``."""

    pool = F.adaptive_max_pool3d
