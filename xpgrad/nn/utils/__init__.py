"""Helpers for training: norms of gradients, and parameters as one vector. Mirrors ``torch.nn.utils``."""

from xpgrad.nn.utils import rnn as rnn
from xpgrad.nn.utils.clipping import clip_grad_norm_, clip_grad_value_, clip_grads_with_norm_, get_total_norm
from xpgrad.nn.utils.vectors import parameters_to_vector, vector_to_parameters

__all__ = [
    "clip_grad_norm_",
    "clip_grad_value_",
    "clip_grads_with_norm_",
    "get_total_norm",
    "parameters_to_vector",
    "rnn",
    "vector_to_parameters",
]
