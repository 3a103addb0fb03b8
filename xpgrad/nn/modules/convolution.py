"""Convolutional layers: one class for any number of dimensions, which the final classes fix."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from xpgrad.errors import ArgumentError
from xpgrad.functions.creation import empty
from xpgrad.nn import init
from xpgrad.nn.functional import convolution as F
from xpgrad.nn.functional.checks import per_dimension
from xpgrad.nn.functional.padding import pad
from xpgrad.nn.modules.module import Module
from xpgrad.nn.parameter import Parameter

Sizes = int | Sequence[int]

_PADDING_MODES = ("zeros", "reflect", "replicate", "circular")


class _ConvolutionNd(Module):
    """What convolutions and their transposes have in common."""

    ndim: ClassVar[int]
    transposed: ClassVar[bool]

    padding: Any  # tuple[int, ...], or for convolutions also "same" or "valid"
    weight: Parameter  # uniform in +-1/sqrt(fan in)
    bias: Parameter | None  # (out_channels,), likewise

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: Sizes, stride: Sizes, padding: Sizes | str,
        dilation: Sizes, output_padding: Sizes, groups: int, bias: bool, padding_mode: str, device: Any, dtype: Any,
    ) -> None:  # fmt: skip
        super().__init__()
        if groups <= 0:
            raise ArgumentError(f"groups must be a positive integer, got {groups}")
        if in_channels % groups:
            raise ArgumentError(f"in_channels must be divisible by groups, got {in_channels} and {groups}")
        if out_channels % groups:
            raise ArgumentError(f"out_channels must be divisible by groups, got {out_channels} and {groups}")
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = self._sizes("kernel_size", kernel_size)
        self.stride = self._sizes("stride", stride)
        self.dilation = self._sizes("dilation", dilation)
        self.output_padding = self._sizes("output_padding", output_padding)
        self.groups = groups
        if isinstance(padding, str):
            if padding not in ("same", "valid"):
                raise ArgumentError(f"Invalid padding string {padding!r}, should be one of 'valid', 'same'")
            if padding == "same" and any(step != 1 for step in self.stride):
                raise ArgumentError("padding='same' is not supported for strided convolutions")
        if padding_mode not in _PADDING_MODES:
            raise ArgumentError(f"padding_mode must be one of {_PADDING_MODES}, but got padding_mode='{padding_mode}'")
        self.padding = padding if isinstance(padding, str) else self._sizes("padding", padding)
        self.padding_mode = padding_mode
        outer, inner = (in_channels, out_channels) if self.transposed else (out_channels, in_channels)
        self.weight = Parameter(empty(outer, inner // groups, *self.kernel_size, device=device, dtype=dtype))
        self.register_parameter("bias", Parameter(empty(out_channels, device=device, dtype=dtype)) if bias else None)
        self.reset_parameters()

    def _sizes(self, argument: str, value: Sizes) -> tuple[int, ...]:
        return per_dimension(type(self).__name__, argument, value, self.ndim)

    def reset_parameters(self) -> None:
        """Draw the parameters anew."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        fan_in = math.prod(self.weight.shape[1:])
        if self.bias is not None and fan_in:
            bound = 1 / math.sqrt(fan_in)
            init.uniform_(self.bias, -bound, bound)

    def extra_repr(self) -> str:
        """The sizes, and what differs from the defaults."""
        text = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
        if self.padding != (0,) * self.ndim:
            text += f", padding={self.padding}"
        if self.dilation != (1,) * self.ndim:
            text += f", dilation={self.dilation}"
        if self.output_padding != (0,) * self.ndim:
            text += f", output_padding={self.output_padding}"
        if self.groups != 1:
            text += f", groups={self.groups}"
        if self.bias is None:
            text += ", bias=False"
        if self.padding_mode != "zeros":
            text += f", padding_mode={self.padding_mode}"
        return text


class _ConvNd(_ConvolutionNd):
    transposed: ClassVar[bool] = False
    convolve: ClassVar[Callable[..., Any]]

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: Sizes, stride: Sizes = 1, padding: Sizes | str = 0,
        dilation: Sizes = 1, groups: int = 1, bias: bool = True, padding_mode: str = "zeros", device: Any = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, dilation, 0, groups, bias, padding_mode, device,
            dtype,
        )  # fmt: skip

    def forward(self, input: Any) -> Any:
        """The cross-correlation of ``input`` with the weight, plus the bias."""
        padding = self.padding
        if self.padding_mode != "zeros":
            input, padding = pad(input, self._around(), self.padding_mode), (0,) * self.ndim
        return type(self).convolve(input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)

    def _around(self) -> list[int]:
        """The padding as `pad` takes it: both ends of the last dimension first."""
        if self.padding == "valid":
            return [0, 0] * self.ndim
        if self.padding == "same":
            total = [gap * (length - 1) for gap, length in zip(self.dilation, self.kernel_size, strict=True)]
            return [n for both in reversed(total) for n in (both // 2, both - both // 2)]
        return [n for n in reversed(self.padding) for _ in range(2)]


class _ConvTransposeNd(_ConvolutionNd):
    transposed: ClassVar[bool] = True
    convolve: ClassVar[Callable[..., Any]]

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: Sizes, stride: Sizes = 1, padding: Sizes = 0,
        output_padding: Sizes = 0, groups: int = 1, bias: bool = True, dilation: Sizes = 1,
        padding_mode: str = "zeros", device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        if padding_mode != "zeros":
            raise ArgumentError(
                f'Only "zeros" padding mode is supported for {type(self).__name__}, got {padding_mode!r}'
            )
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, dilation, output_padding, groups, bias,
            padding_mode, device, dtype,
        )  # fmt: skip

    def forward(self, input: Any, output_size: Sequence[int] | None = None) -> Any:
        """The transpose of a convolution, plus the bias.

        Args:
            input: (N, in_channels, *S) or (in_channels, *S).
            output_size: Which of the sizes that convolve to S is meant, with or without the first dimensions.

        Raises:
            ArgumentError: There is no such size.
        """
        extra = self.output_padding if output_size is None else self._extra(input, output_size)
        return type(self).convolve(
            input, self.weight, self.bias, self.stride, self.padding, extra, self.groups, self.dilation
        )

    def _extra(self, input: Any, output_size: Sequence[int]) -> tuple[int, ...]:
        """The output padding with which the result has ``output_size``."""
        leading = input.ndim - self.ndim
        wanted = list(output_size)[leading:] if len(output_size) == input.ndim else list(output_size)
        if len(wanted) != self.ndim:
            raise ArgumentError(
                f"{type(self).__name__}: for {input.ndim}D input, output_size must have {self.ndim} or {input.ndim} "
                f"elements (got {len(output_size)})"
            )
        least = [
            (n - 1) * step - 2 * pad + gap * (length - 1) + 1
            for n, step, pad, gap, length in zip(
                input.shape[leading:], self.stride, self.padding, self.dilation, self.kernel_size, strict=True
            )
        ]
        greatest = [n + step - 1 for n, step in zip(least, self.stride, strict=True)]
        if any(not low <= n <= high for n, low, high in zip(wanted, least, greatest, strict=True)):
            raise ArgumentError(
                f"requested an output size of {list(output_size)}, but valid sizes range from {least} to {greatest} "
                f"(for an input of {list(input.shape[leading:])})"
            )
        return tuple(n - low for n, low in zip(wanted, least, strict=True))


class Conv1d(_ConvNd):
    """Convolution of (N, in_channels, L) or (in_channels, L); see `Conv2d`. Mirrors ``torch.nn.Conv1d``."""

    ndim = 1
    convolve = F.conv1d


class Conv2d(_ConvNd):
    """Convolution of images (N, in_channels, H, W) or (in_channels, H, W). Mirrors ``torch.nn.Conv2d``.

    Its weight is (out_channels, in_channels / groups, *kernel_size), its bias (out_channels,), both uniform in
    +-sqrt(groups / (in_channels * prod(kernel_size))).

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output.
        kernel_size: The size of a window, one number or one for each spatial dimension, as in the next three.
        stride: The step between windows.
        padding: What is added on each side; ``"valid"`` means nothing, ``"same"`` as much as keeps the size.
        dilation: The distance between the elements of a window.
        groups: Number of blocks of channels that are convolved separately.
        bias: Whether there is one.
        padding_mode: What is added: ``"zeros"``, ``"reflect"``, ``"replicate"`` or ``"circular"``.
        device: Where the parameters are.
        dtype: Their dtype.

    Raises:
        ArgumentError: ``groups`` does not divide the channels, or a word is not one of the above.

    Example:
        >>> import xpgrad
        >>> xpgrad.nn.Conv2d(16, 33, 3, stride=2)(xpgrad.randn(20, 16, 50, 100)).shape
        torch.Size([20, 33, 24, 49])
    """

    ndim = 2
    convolve = F.conv2d


class Conv3d(_ConvNd):
    """Convolution of (N, in_channels, D, H, W) or (in_channels, D, H, W); see `Conv2d`. Mirrors ``torch.nn.Conv3d``."""

    ndim = 3
    convolve = F.conv3d


class ConvTranspose1d(_ConvTransposeNd):
    """The transpose of `Conv1d`; see `ConvTranspose2d`. Mirrors ``torch.nn.ConvTranspose1d``."""

    ndim = 1
    convolve = F.conv_transpose1d


class ConvTranspose2d(_ConvTransposeNd):
    """The transpose of a convolution of images: it spreads each pixel over a window.

    Mirrors ``torch.nn.ConvTranspose2d``.

    Its weight is (in_channels, out_channels / groups, *kernel_size).

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output.
        kernel_size, stride, padding, dilation, groups: Those of the convolution that this is the transpose of.
        output_padding: What is added to one side of the result, since several sizes convolve to one.
        bias: Whether there is one.
        padding_mode: ``"zeros"``.
        device: Where the parameters are.
        dtype: Their dtype.

    Raises:
        ArgumentError: ``groups`` does not divide the channels, or the padding mode is another.

    Example:
        >>> import xpgrad
        >>> xpgrad.nn.ConvTranspose2d(16, 33, 3, stride=2)(xpgrad.randn(2, 16, 5, 10)).shape
        torch.Size([2, 33, 11, 21])
    """

    ndim = 2
    convolve = F.conv_transpose2d


class ConvTranspose3d(_ConvTransposeNd):
    """The transpose of `Conv3d`; see `ConvTranspose2d`. Mirrors ``torch.nn.ConvTranspose3d``."""

    ndim = 3
    convolve = F.conv_transpose3d
