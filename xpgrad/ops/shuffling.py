"""Moving elements between channels and places, and between groups of channels. Each op's transpose is an op."""

from __future__ import annotations

from xpgrad.core.op import op


@op("PixelShuffle")
def pixel_shuffle(xp, x, /, *, factor):
    """``x`` (N, C * factor**2, H, W) as (N, C, H * factor, W * factor): channels laid out as squares of pixels."""
    return _to_pixels(xp, x, factor)

@pixel_shuffle.vjp("x")
def _(xp, g, factor): return _to_channels(xp, g, factor)


@op("PixelUnshuffle")
def pixel_unshuffle(xp, x, /, *, factor):
    """The inverse of `pixel_shuffle`, and its transpose."""
    return _to_channels(xp, x, factor)

@pixel_unshuffle.vjp("x")
def _(xp, g, factor): return _to_pixels(xp, g, factor)


@op("ChannelShuffle")
def channel_shuffle(xp, x, /, *, groups):
    """``x`` (N, C, ...) with its channels taken from each of ``groups`` equal groups in turn."""
    return _dealt(xp, x, groups)

@channel_shuffle.vjp("x")
def _(xp, g, groups): return _dealt(xp, g, g.shape[1] // groups)


def _to_pixels(xp, x, factor):
    samples, channels, height, width = x.shape
    blocks = xp.reshape(x, (samples, channels // factor**2, factor, factor, height, width))
    turned = xp.permute_dims(blocks, (0, 1, 4, 2, 5, 3))
    return xp.reshape(turned, (samples, channels // factor**2, height * factor, width * factor))


def _to_channels(xp, x, factor):
    samples, channels, height, width = x.shape
    blocks = xp.reshape(x, (samples, channels, height // factor, factor, width // factor, factor))
    turned = xp.permute_dims(blocks, (0, 1, 3, 5, 2, 4))
    return xp.reshape(turned, (samples, channels * factor**2, height // factor, width // factor))


def _dealt(xp, x, groups):
    samples, channels, *rest = x.shape
    hands = xp.reshape(x, (samples, groups, channels // groups, *rest))
    return xp.reshape(xp.permute_dims(hands, (0, 2, 1, *range(3, hands.ndim))), x.shape)
