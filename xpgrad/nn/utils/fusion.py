"""A layer and the batch normalisation after it as one layer, for inference. Mirrors ``torch.nn.utils.fusion``."""

from __future__ import annotations

import copy
from typing import Any

from xpgrad.errors import SettingError
from xpgrad.functions.creation import ones_like, zeros_like
from xpgrad.nn.parameter import Parameter


def fuse_conv_bn_eval(conv: Any, bn: Any, transpose: bool = False) -> Any:
    """A copy of the convolution ``conv`` that does what it and the batch normalisation ``bn`` after it do.

    Args:
        conv: A convolution in evaluation mode.
        bn: A batch normalisation in evaluation mode.
        transpose: Whether ``conv`` is a transposed one.

    Raises:
        SettingError: One of them is in training mode, or ``bn`` has no running statistics.
    """
    fused = _copy(conv, bn)
    fused.weight, fused.bias = fuse_conv_bn_weights(
        fused.weight, fused.bias, bn.running_mean, bn.running_var, bn.eps, bn.weight, bn.bias, transpose
    )
    return fused


def fuse_conv_bn_weights(
    conv_w: Any, conv_b: Any, bn_rm: Any, bn_rv: Any, bn_eps: float, bn_w: Any, bn_b: Any, transpose: bool = False
) -> tuple[Any, Any]:
    """The weight and the bias of `fuse_conv_bn_eval`, from the parameters and statistics of both layers."""
    shape = [1] * conv_w.ndim
    shape[1 if transpose else 0] = -1
    return _weights(conv_w, conv_b, bn_rm, bn_rv, bn_eps, bn_w, bn_b, shape)


def fuse_linear_bn_eval(linear: Any, bn: Any) -> Any:
    """A copy of the linear layer that does what it and the batch normalisation after it do.

    Raises:
        SettingError: One of them is in training mode, or they do not have the same number of features.
    """
    fused = _copy(linear, bn)
    if linear.out_features != bn.num_features and bn.num_features != 1:
        raise SettingError(
            f"To fuse, linear.out_features == bn.num_features or bn.num_features == 1, got {linear.out_features} and "
            f"{bn.num_features}"
        )
    fused.weight, fused.bias = fuse_linear_bn_weights(
        fused.weight, fused.bias, bn.running_mean, bn.running_var, bn.eps, bn.weight, bn.bias
    )
    return fused


def fuse_linear_bn_weights(
    linear_w: Any, linear_b: Any, bn_rm: Any, bn_rv: Any, bn_eps: float, bn_w: Any, bn_b: Any
) -> tuple[Any, Any]:
    """The weight and the bias of `fuse_linear_bn_eval`, from the parameters and statistics of both layers."""
    return _weights(linear_w, linear_b, bn_rm, bn_rv, bn_eps, bn_w, bn_b, [-1, 1])


def _copy(layer: Any, bn: Any) -> Any:
    if layer.training or bn.training:
        raise SettingError("Fusion only for eval! Call .eval() on both layers first.")
    if bn.running_mean is None or bn.running_var is None:
        raise SettingError("the batch normalisation has no running statistics: make it with track_running_stats=True")
    return copy.deepcopy(layer)


def _weights(
    w: Any, b: Any, mean: Any, var: Any, eps: float, scale: Any, shift: Any, shape: list[int]
) -> tuple[Any, Any]:
    b = zeros_like(mean) if b is None else b
    factor = (ones_like(mean) if scale is None else scale) * (var + eps).rsqrt()
    bias = (b - mean) * factor + (zeros_like(mean) if shift is None else shift)
    weight = (w * factor.reshape(shape)).to(w.dtype)
    return Parameter(weight.detach(), w.requires_grad), Parameter(bias.detach().to(b.dtype), b.requires_grad)
