"""Functions of layers that PyTorch has at its top level: what those of ``torch.nn.functional`` are made of there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from xpgrad.backends.dtypes import uint8
from xpgrad.core.grad_mode import no_grad
from xpgrad.errors import ArgumentTypeError, ShapeError
from xpgrad.functions.results import deliver_all
from xpgrad.nn.functional import convolution as convolutions
from xpgrad.nn.functional import normalization, pooling
from xpgrad.nn.functional.checks import per_dimension
from xpgrad.nn.functional.embedding import embedding as look_up
from xpgrad.nn.functional.grid import affine_places
from xpgrad.nn.functional.interpolation import resized
from xpgrad.nn.functional.padding import pad as padded
from xpgrad.ops.normalization import group_norm as group_norm_op
from xpgrad.ops.normalization import layer_norm as layer_norm_op
from xpgrad.ops.pooling import max_pool_gradient


def adaptive_max_pool1d(input: Any, output_size: pooling.OutputSizes) -> Any:
    """The largest elements of windows, and where they are. Mirrors ``torch.adaptive_max_pool1d``."""
    return pooling.adaptive_max_pool1d(input, output_size, True)


def affine_grid_generator(theta: Any, size: Sequence[int], align_corners: bool) -> Any:
    """The grid of an affine map, see `nn.functional.affine_grid`. Mirrors ``torch.affine_grid_generator``."""
    return affine_places(theta, size, align_corners)


def batch_norm(
    input: Any, weight: Any, bias: Any, running_mean: Any, running_var: Any, training: bool, momentum: float,
    eps: float, cudnn_enabled: bool,
) -> Any:  # fmt: skip
    """`nn.functional.batch_norm` with its arguments in another order. Mirrors ``torch.batch_norm``."""
    return normalization.batch_norm(input, running_mean, running_var, weight, bias, training, momentum, eps)


def constant_pad_nd(input: Any, pad: Sequence[int], value: float = 0) -> Any:
    """``input`` with ``value`` added at its ends, see `nn.functional.pad`. Mirrors ``torch.constant_pad_nd``."""
    return padded(input, pad, "constant", value)


def convolution(
    input: Any, weight: Any, bias: Any, stride: Sequence[int], padding: Sequence[int], dilation: Sequence[int],
    transposed: bool, output_padding: Sequence[int], groups: int,
) -> Any:  # fmt: skip
    """A convolution or its transpose, of as many dimensions as ``weight`` says. Mirrors ``torch.convolution``.

    Raises:
        ShapeError: There are not one, two or three spatial dimensions.
    """
    ndim = weight._array.ndim - 2
    if ndim not in (1, 2, 3):
        raise ShapeError(f"convolution: weight has to have 3, 4 or 5 dimensions, got {list(weight.shape)}")
    if transposed:
        transpose = getattr(convolutions, f"conv_transpose{ndim}d")
        return transpose(input, weight, bias, stride, padding, output_padding, groups, dilation)
    return getattr(convolutions, f"conv{ndim}d")(input, weight, bias, stride, padding, dilation, groups)


def embedding(
    weight: Any, indices: Any, padding_idx: int = -1, scale_grad_by_freq: bool = False, sparse: bool = False
) -> Any:
    """`nn.functional.embedding` with its arguments in another order. Mirrors ``torch.embedding``."""
    return look_up(
        indices, weight, None if padding_idx < 0 else padding_idx, scale_grad_by_freq=scale_grad_by_freq, sparse=sparse
    )


def group_norm(
    input: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5, cudnn_enabled: bool = True
) -> Any:
    """`nn.functional.group_norm` under its name in ``torch``."""
    return normalization.group_norm(input, num_groups, weight, bias, eps)


def instance_norm(
    input: Any, weight: Any, bias: Any, running_mean: Any, running_var: Any, use_input_stats: bool, momentum: float,
    eps: float, cudnn_enabled: bool,
) -> Any:  # fmt: skip
    """`nn.functional.instance_norm` with its arguments in another order. Mirrors ``torch.instance_norm``."""
    return normalization.instance_norm(input, running_mean, running_var, weight, bias, use_input_stats, momentum, eps)


def layer_norm(
    input: Any, normalized_shape: Sequence[int], weight: Any = None, bias: Any = None, eps: float = 1e-5,
    cudnn_enable: bool = True,
) -> Any:  # fmt: skip
    """`nn.functional.layer_norm` under its name in ``torch``."""
    return normalization.layer_norm(input, normalized_shape, weight, bias, eps)


def max_pool2d_with_indices_backward(
    grad_output: Any, input: Any, kernel_size: pooling.Sizes, stride: pooling.Sizes, padding: pooling.Sizes,
    dilation: pooling.Sizes, ceil_mode: bool, indices: Any,
) -> Any:  # fmt: skip
    """The gradient of `nn.functional.max_pool2d`: ``grad_output`` added to zeros like ``input`` at ``indices``."""
    if input._array.ndim == 4:
        return max_pool_gradient.apply(grad_output, input, indices)
    return max_pool_gradient.apply(*(x.unsqueeze(0) for x in (grad_output, input, indices))).squeeze(0)


def native_batch_norm(
    input: Any, weight: Any, bias: Any, running_mean: Any, running_var: Any, training: bool, momentum: float,
    eps: float, *, out: Any = None,
) -> Any:  # fmt: skip
    """`nn.functional.batch_norm`, and what it normalised by. Mirrors ``torch.native_batch_norm``.

    Returns:
        The result, and while training the mean (C,) and the reciprocal deviation (C,) of each channel, else nothing
        (0,) twice. Only the first takes part in gradients.
    """
    result, mean, variance = normalization.batch_normalized(
        input, running_mean, running_var, weight, bias, training, momentum, eps
    )
    with no_grad():
        nothing = input.new_empty(0)
        saved = (mean.detach(), (variance + eps) ** -0.5) if training else (nothing, nothing.clone())
    return deliver_all(out, (result, *saved))


def _native_batch_norm_legit(input: Any, weight: Any, bias: Any, *settings: Any, out: Any = None, **named: Any) -> Any:
    """`native_batch_norm`, whose running statistics may be left out."""
    names = ("running_mean", "running_var", "training", "momentum", "eps")
    if len(settings) + len(named) == 3:
        settings = (None, None, *settings)
    if len(settings) + len(named) != 5:
        raise ArgumentTypeError(f"_native_batch_norm_legit(): takes input, weight, bias and {', '.join(names)}")
    given = dict(zip(names, settings, strict=False)) | named
    return native_batch_norm(input, weight, bias, *(given[name] for name in names), out=out)


def _batch_norm_with_update(
    input: Any, weight: Any, bias: Any, running_mean: Any, running_var: Any, momentum: float, eps: float, *,
    out: Any = None,
) -> Any:  # fmt: skip
    """`native_batch_norm` while training, with a place for what another device may want to keep."""
    results = native_batch_norm(input, weight, bias, running_mean, running_var, True, momentum, eps)
    return deliver_all(out, (*results, input.new_empty(0, dtype=uint8)))


def native_group_norm(
    input: Any, weight: Any, bias: Any, N: int, C: int, HxW: int, group: int, eps: float
) -> tuple[Any, Any, Any]:
    """`nn.functional.group_norm`, and what it normalised by. Mirrors ``torch.native_group_norm``.

    Returns:
        The result, and the mean and the reciprocal deviation of each group, (N, group).
    """
    normalization.check_groups(input, group, weight, bias)
    if (N, C, HxW) != (*input.shape[:2], math.prod(input.shape[2:])):
        raise ShapeError(f"native_group_norm: {N}, {C} and {HxW} are not the sizes of {list(input.shape)}")
    out, mean, inverse = group_norm_op(input, weight, bias, groups=group, eps=eps)
    return out, mean.reshape(N, group), inverse.reshape(N, group)


def native_layer_norm(
    input: Any, normalized_shape: Sequence[int], weight: Any, bias: Any, eps: float
) -> tuple[Any, Any, Any]:
    """`nn.functional.layer_norm`, and what it normalised by. Mirrors ``torch.native_layer_norm``.

    Returns:
        The result, and the mean and the reciprocal deviation with dimensions of length 1 in place of those normalised.
        Only the first takes part in gradients.
    """
    shape = normalization.check_normalized(input, normalized_shape, weight=weight, bias=bias)
    out, mean, inverse = layer_norm_op(input, weight, bias, ndim=len(shape), eps=eps)
    return out, mean.detach(), inverse.detach()


def _upsample_bilinear2d_aa(
    input: Any, output_size: Sequence[int] | None, align_corners: bool, *scales: Any, **named: Any
) -> Any:
    """`nn.functional.interpolate` with ``mode="bilinear"`` and ``antialias=True``, by its pieces."""
    return _upsampled(input, "bilinear", output_size, align_corners, *scales, **named)


def _upsample_bicubic2d_aa(
    input: Any, output_size: Sequence[int] | None, align_corners: bool, *scales: Any, **named: Any
) -> Any:
    """`nn.functional.interpolate` with ``mode="bicubic"`` and ``antialias=True``, by its pieces."""
    return _upsampled(input, "bicubic", output_size, align_corners, *scales, **named)


def _upsampled(
    input: Any, mode: str, output_size: Any, align_corners: bool, scales_h: Any = None, scales_w: Any = None, *,
    scale_factors: Sequence[float] | None = None,
) -> Any:  # fmt: skip
    """The two overloads: a factor for height and one for width, or both as a list, which may stand for the size."""
    if isinstance(scales_h, (list, tuple)):
        scales_h, scale_factors = None, scales_h
    if scale_factors is not None:
        scales_h, scales_w = scale_factors
    if output_size is None:
        output_size = [int(n * factor) for n, factor in zip(input.shape[2:], (scales_h, scales_w), strict=True)]
    size = per_dimension(f"_upsample_{mode}2d_aa", "output_size", output_size, 2)
    return resized(input, mode, size, (scales_h, scales_w), align_corners=align_corners, antialias=True)
