"""Layers that move elements between channels and places."""

from __future__ import annotations

from typing import Any

from xpgrad.nn.functional import shuffle as F
from xpgrad.nn.modules.module import Module


class PixelShuffle(Module):
    """(*, C r^2, H, W) as (*, C, H r, W r): channels laid out as squares of pixels. Mirrors ``torch.nn.PixelShuffle``.

    Args:
        upscale_factor: r.

    Example:
        >>> import xpgrad
        >>> xpgrad.nn.PixelShuffle(3)(xpgrad.randn(1, 9, 4, 4)).shape
        torch.Size([1, 1, 12, 12])
    """

    def __init__(self, upscale_factor: int) -> None:
        super().__init__()
        self.upscale_factor = upscale_factor

    def forward(self, input: Any) -> Any:
        """Channels as pixels."""
        return F.pixel_shuffle(input, self.upscale_factor)

    def extra_repr(self) -> str:
        """The factor."""
        return f"upscale_factor={self.upscale_factor}"


class PixelUnshuffle(Module):
    """(*, C, H r, W r) as (*, C r^2, H, W): the inverse of `PixelShuffle`. Mirrors ``torch.nn.PixelUnshuffle``.

    Args:
        downscale_factor: r.
    """

    def __init__(self, downscale_factor: int) -> None:
        super().__init__()
        self.downscale_factor = downscale_factor

    def forward(self, input: Any) -> Any:
        """Pixels as channels."""
        return F.pixel_unshuffle(input, self.downscale_factor)

    def extra_repr(self) -> str:
        """The factor."""
        return f"downscale_factor={self.downscale_factor}"


class ChannelShuffle(Module):
    """(N, C, *) with its channels taken from each of ``groups`` in turn. Mirrors ``torch.nn.ChannelShuffle``."""

    def __init__(self, groups: int) -> None:
        super().__init__()
        self.groups = groups

    def forward(self, input: Any) -> Any:
        """The channels in another order."""
        return F.channel_shuffle(input, self.groups)

    def extra_repr(self) -> str:
        """How many groups."""
        return f"groups={self.groups}"
