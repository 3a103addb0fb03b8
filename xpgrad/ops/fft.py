"""Discrete Fourier transforms.

A transform multiplies by a symmetric matrix, so the plain transpose of a complex one is itself; lengths that differ
from the input's crop it or pad it with zeros, and so does the gradient, the other way round. Axes are not negative.
"""

from __future__ import annotations

from xpgrad.core.op import op
from xpgrad.ops.kinds import is_complex

# The normalisation of the opposite direction that leaves the same factor on the whole.
DUAL = {"backward": "forward", "forward": "backward", "ortho": "ortho"}


def resized(xp, x, shape):
    """``x`` cropped and padded with zeros at the ends to ``shape``."""
    if tuple(x.shape) == tuple(shape):
        return x
    return xp.constant_pad(x, widths=tuple((0, n - have) for n, have in zip(shape, x.shape, strict=True)))


def as_complex(xp, x):
    """``x`` in a complex dtype, since the standard transforms nothing else."""
    if is_complex(xp, x):
        return x
    return xp.astype(x, xp.complex64 if x.dtype == xp.float32 else xp.complex128)


@op("FftC2C")
def fft(xp, x, /, *, n, axis, norm="backward"):
    """The transform of length ``n`` along ``axis``."""
    return xp.fft.fft(as_complex(xp, x), n=n, axis=axis, norm=norm)

@fft.vjp("x")
def _(xp, g, x_shape, axis, norm): return resized(xp, xp.fft.fft(g, axis=axis, norm=norm), x_shape)

fft_of_real = fft.named("FftR2C")


@op("FftC2C")
def ifft(xp, x, /, *, n, axis, norm="backward"):
    """The inverse transform of length ``n`` along ``axis``."""
    return xp.fft.ifft(as_complex(xp, x), n=n, axis=axis, norm=norm)

@ifft.vjp("x")
def _(xp, g, x_shape, axis, norm): return resized(xp, xp.fft.ifft(g, axis=axis, norm=norm), x_shape)

ifft_of_real = ifft.named("Conj")


@op("FftC2C")
def fftn(xp, x, /, *, s, axes, norm="backward"):
    """The transform of lengths ``s`` along ``axes``."""
    return xp.fft.fftn(as_complex(xp, x), s=s, axes=axes, norm=norm)

@fftn.vjp("x")
def _(xp, g, x_shape, s, axes, norm): return resized(xp, xp.fft.fftn(g, s=s, axes=axes, norm=norm), x_shape)


@op("FftC2C")
def ifftn(xp, x, /, *, s, axes, norm="backward"):
    """The inverse transform of lengths ``s`` along ``axes``."""
    return xp.fft.ifftn(as_complex(xp, x), s=s, axes=axes, norm=norm)

@ifftn.vjp("x")
def _(xp, g, x_shape, s, axes, norm): return resized(xp, xp.fft.ifftn(g, s=s, axes=axes, norm=norm), x_shape)


# Between real signals and the half of their Hermitian transforms.

@op("FftR2C")
def rfft(xp, x, /, *, n, axis, norm="backward"):
    """The first ``n // 2 + 1`` elements of the transform of real ``x``."""
    return xp.fft.rfft(x, n=n, axis=axis, norm=norm)

@rfft.vjp("x")
def _(xp, g, x_shape, n, axis, norm): return resized(xp, rfft_transpose(xp, g, n, axis, norm), x_shape)


def rfft_transpose(xp, g, n, axis, norm):
    """The transpose of `rfft` of an input of length ``n``."""
    return xp.fft.irfft(xp.conj(g) * once(xp, g, n, axis, 0.5), n=n, axis=axis, norm=DUAL[norm])


def once(xp, x, n, axis, other):
    """1 for elements of half a transform of length ``n`` that stand for themselves only, ``other`` for the others."""
    k = xp.arange(n // 2 + 1, device=x.device)
    alone = xp.astype((k == 0) | (2 * k == n), x.dtype)
    return xp.reshape(alone * (1.0 - other) + other, tuple(-1 if i == axis else 1 for i in range(x.ndim)))


@op("FftC2R")
def irfft(xp, x, /, *, n, axis, norm="backward"):
    """The real signal of length ``n`` whose transform begins with ``x``."""
    return xp.fft.irfft(as_complex(xp, x), n=n, axis=axis, norm=norm)

@irfft.vjp("x")
def _(xp, g, x_shape, n, axis, norm): return resized(xp, irfft_transpose(xp, g, n, axis, norm), x_shape)


def irfft_transpose(xp, g, n, axis, norm):
    """The transpose of `irfft` with a result of length ``n``."""
    half = xp.conj(xp.fft.rfft(g, n=n, axis=axis, norm=DUAL[norm]))
    return half * once(xp, half, n, axis, 2.0)


@op("FftR2C")
def rfftn(xp, x, /, *, s, axes, norm="backward"):
    """`rfft` along the last of ``axes``, then `fftn` along the others."""
    return xp.fft.rfftn(x, s=s, axes=axes, norm=norm)

@rfftn.vjp("x")
def _(xp, g, x_shape, s, axes, norm):
    if len(axes) > 1:
        g = xp.fft.fftn(g, s=s[:-1], axes=axes[:-1], norm=norm)
    return resized(xp, rfft_transpose(xp, g, s[-1], axes[-1], norm), x_shape)


@op("FftC2R")
def irfftn(xp, x, /, *, s, axes, norm="backward"):
    """`ifftn` along all ``axes`` but the last, then `irfft` along that."""
    return xp.fft.irfftn(as_complex(xp, x), s=s, axes=axes, norm=norm)

@irfftn.vjp("x")
def _(xp, g, x_shape, s, axes, norm):
    g = irfft_transpose(xp, g, s[-1], axes[-1], norm)
    if len(axes) > 1:
        g = xp.fft.ifftn(g, s=s[:-1], axes=axes[:-1], norm=norm)
    return resized(xp, g, x_shape)
