"""Helpers for training: norms of gradients, and parameters as one vector. Mirrors ``torch.nn.utils``."""

from xpgrad.nn.utils import parametrizations as parametrizations
from xpgrad.nn.utils import parametrize as parametrize
from xpgrad.nn.utils import rnn as rnn
from xpgrad.nn.utils.clipping import clip_grad_norm_, clip_grad_value_, clip_grads_with_norm_, get_total_norm
from xpgrad.nn.utils.vectors import parameters_to_vector, vector_to_parameters
from xpgrad.nn.utils.weight_norm import remove_weight_norm, weight_norm

__all__ = [
    "clip_grad_norm_",
    "clip_grad_value_",
    "clip_grads_with_norm_",
    "get_total_norm",
    "parameters_to_vector",
    "parametrizations",
    "parametrize",
    "remove_weight_norm",
    "rnn",
    "vector_to_parameters",
    "weight_norm",
]
