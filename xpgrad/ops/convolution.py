"""Convolutions, closed under differentiation: the transposes in the input and in the kernels are ops themselves.

Shapes are those of the extension functions: ``x`` (N, C, *S), ``weight`` (O, C/groups, *K), results (N, O, *S').
"""

from __future__ import annotations

from xpgrad.core.op import op


@op("Convolution")
def convolution(xp, x, weight, /, *, stride, padding, dilation, groups):
    """The cross-correlation of ``x`` with ``weight``."""
    return xp.convolution(x, weight, stride=stride, padding=padding, dilation=dilation, groups=groups)


@op("Convolution")
def biased_convolution(xp, x, weight, bias, /, *, stride, padding, dilation, groups):
    """`convolution` plus ``bias`` (O,)."""
    return xp.biased_convolution(
        x, weight, bias, stride=stride, padding=padding, dilation=dilation, groups=groups
    )

@convolution.vjp("x")
@biased_convolution.vjp("x")
def _(xp, g, weight, x_shape, stride, padding, dilation, groups):
    return xp.convolution_input(
        g, weight, size=x_shape[2:], stride=stride, padding=padding, dilation=dilation, groups=groups
    )

@convolution.vjp("weight")
@biased_convolution.vjp("weight")
def _(xp, g, x, weight_shape, stride, padding, dilation, groups):
    return xp.convolution_weight(
        g, x, size=weight_shape[2:], stride=stride, padding=padding, dilation=dilation, groups=groups
    )

@biased_convolution.vjp("bias")
def _(xp, g): return xp.sum(g, axis=(0, *range(2, g.ndim)))


@op("ConvolutionBackwardBackward0")
def convolution_input(xp, x, weight, /, *, size, stride, padding, dilation, groups):
    """The transpose of `convolution` in ``x``: (N, O, *S') to (N, C, *size)."""
    return xp.convolution_input(
        x, weight, size=size, stride=stride, padding=padding, dilation=dilation, groups=groups
    )

transposed_convolution = convolution_input.named("Convolution")


@op("Convolution")
def biased_transposed_convolution(xp, x, weight, bias, /, *, size, stride, padding, dilation, groups):
    """`convolution_input` plus ``bias`` (C,)."""
    out = xp.convolution_input(
        x, weight, size=size, stride=stride, padding=padding, dilation=dilation, groups=groups
    )
    return out + _along_channels(xp, bias, out.ndim)

@convolution_input.vjp("x")
@biased_transposed_convolution.vjp("x")
def _(xp, g, weight, stride, padding, dilation, groups):
    return xp.convolution(g, weight, stride=stride, padding=padding, dilation=dilation, groups=groups)

@convolution_input.vjp("weight")
@biased_transposed_convolution.vjp("weight")
def _(xp, g, x, weight_shape, stride, padding, dilation, groups):
    return xp.convolution_weight(
        x, g, size=weight_shape[2:], stride=stride, padding=padding, dilation=dilation, groups=groups
    )

@biased_transposed_convolution.vjp("bias")
def _(xp, g): return xp.sum(g, axis=(0, *range(2, g.ndim)))


@op("ConvolutionBackwardBackward0")
def convolution_weight(xp, y, x, /, *, size, stride, padding, dilation, groups):
    """The transpose of `convolution` in ``weight``: ``y`` (N, O, *S') and ``x`` (N, C, *S) to (O, C/groups, *size)."""
    return xp.convolution_weight(
        y, x, size=size, stride=stride, padding=padding, dilation=dilation, groups=groups
    )

@convolution_weight.vjp("y")
def _(xp, g, x, stride, padding, dilation, groups):
    return xp.convolution(x, g, stride=stride, padding=padding, dilation=dilation, groups=groups)

@convolution_weight.vjp("x")
def _(xp, g, y, x_shape, stride, padding, dilation, groups):
    return xp.convolution_input(
        y, g, size=x_shape[2:], stride=stride, padding=padding, dilation=dilation, groups=groups
    )


def _along_channels(xp, bias, ndim):
    """``bias`` (C,) as (C, 1, ...), to broadcast with (N, C, *S)."""
    return xp.reshape(bias, (-1,) + (1,) * (ndim - 2))
