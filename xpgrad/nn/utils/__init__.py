"""Helpers for training: norms of gradients, and parameters as one vector. Mirrors ``torch.nn.utils``."""

from xpgrad.nn.utils import parametrizations as parametrizations
from xpgrad.nn.utils import parametrize as parametrize
from xpgrad.nn.utils import rnn as rnn
from xpgrad.nn.utils.clipping import (
    clip_grad_norm,
    clip_grad_norm_,
    clip_grad_value_,
    clip_grads_with_norm_,
    get_total_norm,
)
from xpgrad.nn.utils.fusion import fuse_conv_bn_eval, fuse_conv_bn_weights, fuse_linear_bn_eval, fuse_linear_bn_weights
from xpgrad.nn.utils.making import convert_conv2d_weight_memory_format, convert_conv3d_weight_memory_format, skip_init
from xpgrad.nn.utils.spectral_norm import remove_spectral_norm, spectral_norm
from xpgrad.nn.utils.vectors import parameters_to_vector, vector_to_parameters
from xpgrad.nn.utils.weight_norm import remove_weight_norm, weight_norm

__all__ = [
    "clip_grad_norm",
    "clip_grad_norm_",
    "clip_grad_value_",
    "clip_grads_with_norm_",
    "convert_conv2d_weight_memory_format",
    "convert_conv3d_weight_memory_format",
    "fuse_conv_bn_eval",
    "fuse_conv_bn_weights",
    "fuse_linear_bn_eval",
    "fuse_linear_bn_weights",
    "get_total_norm",
    "parameters_to_vector",
    "parametrizations",
    "parametrize",
    "remove_spectral_norm",
    "remove_weight_norm",
    "rnn",
    "skip_init",
    "spectral_norm",
    "vector_to_parameters",
    "weight_norm",
]
