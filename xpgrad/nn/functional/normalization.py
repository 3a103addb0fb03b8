"""Normalisation. Mirrors that of ``torch.nn.functional``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from xpgrad.array_api.operands import cast
from xpgrad.backends.dtypes import float32
from xpgrad.core.grad_mode import no_grad
from xpgrad.errors import ArgumentError, SettingError, ShapeError
from xpgrad.functions.pointwise import clamp_min, rsqrt
from xpgrad.nn.functional.checks import floating, shape_of
from xpgrad.nn.functional.pooling import avg_pool2d
from xpgrad.ops import normalization as ops
from xpgrad.ops.shape import constant_pad


def batch_norm(
    input: Any, running_mean: Any, running_var: Any, weight: Any = None, bias: Any = None, training: bool = False,
    momentum: float = 0.1, eps: float = 1e-5,
) -> Any:  # fmt: skip
    """``input`` normalised in each channel over everything else (Ioffe and Szegedy 2015).

    Args:
        input: (N, C, *).
        running_mean: (C,), or None with ``training``. With ``training`` it is moved towards the mean of ``input``,
            otherwise used in its place.
        running_var: The same for the variance.
        weight: (C,), the scale that follows, or None.
        bias: (C,), the shift that follows, or None.
        training: Whether to use the statistics of ``input``.
        momentum: How far the running statistics move, from 0 to 1.
        eps: What is added to the variance.

    Raises:
        ArgumentError: With ``training``, a single value per channel.
        SettingError: Without ``training``, no running statistics.
        ShapeError: A vector has not C elements.
    """
    return batch_normalized(input, running_mean, running_var, weight, bias, training, momentum, eps)[0]


def batch_normalized(
    input: Any, running_mean: Any, running_var: Any, weight: Any, bias: Any, training: bool, momentum: float, eps: float
) -> tuple[Any, Any, Any]:
    """`batch_norm`, and the mean and biased variance of each channel that it used."""
    floating("batch_norm", input)
    shape = input._array.shape
    if len(shape) < 2:
        if 0 in shape:
            return input.clone(), running_mean, running_var
        raise ShapeError(f"batch_norm: expected an input of 2 or more dimensions, got {list(shape)}")
    _check_channels(shape[1], running_mean=running_mean, running_var=running_var, weight=weight, bias=bias)
    if not training:
        for name, statistic in (("running_mean", running_mean), ("running_var", running_var)):
            if statistic is None:
                raise SettingError(f"{name} must be defined in evaluation mode")
        out = ops.batch_norm_by(input, weight, bias, running_mean, running_var, eps=eps)
        return out, running_mean, running_var
    count = math.prod(shape) // max(shape[1], 1)
    if count == 1:
        raise ArgumentError(f"Expected more than 1 value per channel when training, got input size {input.shape}")
    out, mean, variance = ops.batch_norm(input, weight, bias, eps=eps)
    with no_grad():
        if running_mean is not None:
            running_mean.mul_(1 - momentum).add_(mean, alpha=momentum)
        if running_var is not None:
            running_var.mul_(1 - momentum).add_(variance, alpha=momentum * count / (count - 1))
    return out, mean, variance


def instance_norm(
    input: Any, running_mean: Any = None, running_var: Any = None, weight: Any = None, bias: Any = None,
    use_input_stats: bool = True, momentum: float = 0.1, eps: float = 1e-5,
) -> Any:  # fmt: skip
    """``input`` (N, C, *) normalised in each channel of each sample; the arguments are those of `batch_norm`.

    Raises:
        ArgumentError: A single spatial element.
    """
    samples, channels, *spatial = input._array.shape
    if use_input_stats and math.prod(spatial) == 1:
        raise ArgumentError(f"Expected more than 1 spatial element when training, got input size {input.shape}")
    # Every channel of every sample is a channel of one sample.
    mean, variance, scale, shift = (
        None if p is None else p.repeat(samples) for p in (running_mean, running_var, weight, bias)
    )
    flat = input.reshape(1, samples * channels, *spatial)
    out = batch_norm(flat, mean, variance, scale, shift, use_input_stats, momentum, eps)
    if use_input_stats:
        with no_grad():
            for statistic, moved in ((running_mean, mean), (running_var, variance)):
                if moved is not None:
                    statistic.copy_(moved.reshape(samples, channels).mean(0))
    return out.reshape(input.shape)


def layer_norm(
    input: Any, normalized_shape: Sequence[int], weight: Any = None, bias: Any = None, eps: float = 1e-5
) -> Any:
    """``input`` normalised over its last dimensions (Ba, Kiros and Hinton 2016).

    Args:
        input: (*, *normalized_shape).
        normalized_shape: The lengths of these dimensions.
        weight: Of that shape, the scale that follows, or None.
        bias: Of that shape, the shift that follows, or None.
        eps: What is added to the variance.

    Raises:
        ShapeError: The shapes do not fit.
    """
    floating("layer_norm", input)
    shape = check_normalized(input, normalized_shape, weight=weight, bias=bias)
    return ops.layer_norm(input, weight, bias, ndim=len(shape), eps=eps)[0]


def rms_norm(input: Any, normalized_shape: Sequence[int], weight: Any = None, eps: float | None = None) -> Any:
    """``input`` divided by the root of its mean square over its last dimensions (Zhang and Sennrich 2019).

    Args:
        input: (*, *normalized_shape).
        normalized_shape: The lengths of these dimensions.
        weight: Of that shape, the scale that follows, or None.
        eps: What is added to the mean square; the dtype's epsilon by default.

    Raises:
        ShapeError: The shapes do not fit.
    """
    floating("rms_norm", input)
    shape = check_normalized(input, normalized_shape, weight=weight)
    eps = float(input._place.xp.finfo(input._array.dtype).eps) if eps is None else eps
    # Squares leave the range of float16 long before the root of their mean does.
    wide = cast(input, float32) if input.dtype.itemsize == 2 else input
    out = wide * rsqrt((wide * wide).mean(tuple(range(-len(shape), 0)), keepdim=True) + eps)
    out = cast(out, input.dtype)
    return out if weight is None else out * weight


def group_norm(input: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Any:
    """``input`` (N, C, *) normalised in each of ``num_groups`` groups of channels (Wu and He 2018).

    Args:
        input: (N, C, *).
        num_groups: How many; it divides C.
        weight: (C,), the scale that follows, or None.
        bias: (C,), the shift that follows, or None.
        eps: What is added to the variance.

    Raises:
        ArgumentError: A single value per group.
        ShapeError: The shapes do not fit.
    """
    shape = check_groups(input, num_groups, weight, bias)
    if math.prod(shape[2:]) * shape[0] * shape[1] // num_groups == 1:
        raise ArgumentError(f"Expected more than 1 value per channel when training, got input size {list(shape)}")
    return ops.group_norm(input, weight, bias, groups=num_groups, eps=eps)[0]


def local_response_norm(input: Any, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> Any:
    """``input`` (N, C, *) divided by a power of the mean square over ``size`` neighbouring channels.

    Krizhevsky et al. 2012, section 3.3.
    """
    if input._array.ndim < 3:
        raise ArgumentError(f"Expected 3D or higher dimensionality input (got {input._array.ndim} dimensions)")
    if 0 in input._array.shape:
        return input
    samples, channels, *spatial = input._array.shape
    square = (input * input).reshape(samples, 1, channels, math.prod(spatial))
    around = ((0, 0), (0, 0), (size // 2, (size - 1) // 2), (0, 0))
    means = avg_pool2d(constant_pad.apply(square, widths=around, value=0.0), (size, 1), stride=1)
    return input / (means.reshape(input.shape) * alpha + k) ** beta


def normalize(input: Any, p: float = 2.0, dim: int = 1, eps: float = 1e-12, out: Any = None) -> Any:
    """``input`` divided by its ``p``-norm along ``dim``, or by ``eps`` if that is greater."""
    quotient = input / clamp_min(input.norm(p, dim, keepdim=True), eps)
    return quotient if out is None else out.copy_(quotient)


def check_groups(input: Any, num_groups: int, weight: Any, bias: Any) -> tuple[int, ...]:
    """The shape of ``input``, which can be normalised in so many groups of channels."""
    shape = shape_of("group_norm", floating("group_norm", input))
    if len(shape) < 2:
        raise ShapeError(f"Expected at least 2 dimensions for input tensor but received {len(shape)}")
    if num_groups < 1 or shape[1] % num_groups:
        raise ShapeError(
            f"Expected number of channels in input to be divisible by num_groups, but got input of shape {list(shape)} "
            f"and num_groups={num_groups}"
        )
    _check_channels(shape[1], weight=weight, bias=bias)
    return shape


def _check_channels(channels: int, **vectors: Any) -> None:
    for name, vector in vectors.items():
        if vector is not None and tuple(vector._array.shape) != (channels,):
            raise ShapeError(f"{name} should contain {channels} elements not {vector.numel()}")


def check_normalized(input: Any, normalized_shape: Sequence[int], **affine: Any) -> tuple[int, ...]:
    """``normalized_shape``, which the last dimensions of ``input`` have, and what scales and shifts."""
    shape = tuple(normalized_shape)
    if not shape:
        raise ShapeError(
            "Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, but got "
            "normalized_shape = []"
        )
    if tuple(input._array.shape[-len(shape) :]) != shape:
        raise ShapeError(
            f"Given normalized_shape={list(shape)}, expected input with shape {['*', *shape]}, but got input of size "
            f"{list(input.shape)}".replace("'", "")
        )
    for name, tensor in affine.items():
        if tensor is not None and tuple(tensor._array.shape) != shape:
            raise ShapeError(
                f"Expected {name} to be of same shape as normalized_shape, but got {name} of shape "
                f"{list(tensor.shape)} and normalized_shape = {list(shape)}"
            )
    return shape
