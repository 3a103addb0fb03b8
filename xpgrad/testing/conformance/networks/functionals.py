"""Functions of ``nn.functional`` that are no layer's and in no program, or that do more than their layer."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from xpgrad.nn import functional
from xpgrad.testing.conformance.experiments import Experiment, given
from xpgrad.testing.conformance.layers.layer import L3, L4, L5, V, classes, normal, send_back, tensors_in, uniform
from xpgrad.testing.conformance.narrow import kinds
from xpgrad.testing.conformance.subject import Host, Subject

CLASS_WEIGHTS = np.asarray([0.5, 2.0, 1.5, 0.25, 1.0, 3.0], "float32")
Q, K = normal(2, 3, 4), normal(3, 2, 4).reshape(2, 3, 4)
SAMPLES = uniform(2, 4, 2)

# What each does with the functions and with tensors of the arrays; floating ones take part in the gradients.
_ROWS: Final[Mapping[str, tuple[Callable[..., Any], *tuple[Host, ...]]]] = {
    "adaptive_max_pool1d_with_indices": (lambda F, x: F.adaptive_max_pool1d_with_indices(x, 4), L3),
    "adaptive_max_pool2d_with_indices": (lambda F, x: F.adaptive_max_pool2d_with_indices(x, (4, 3)), L4),
    "adaptive_max_pool3d_with_indices": (lambda F, x: F.adaptive_max_pool3d_with_indices(x, 2), L5),
    "binary_cross_entropy,weight": (
        lambda F, x, y, w: F.binary_cross_entropy(x, y, w),
        uniform(5, 6),
        uniform(6, 5).T.copy(),
        CLASS_WEIGHTS,
    ),
    "binary_cross_entropy_with_logits,pos_weight": (
        lambda F, x, y, w: F.binary_cross_entropy_with_logits(x, y, w, pos_weight=w * 2),
        V,
        uniform(5, 6),
        CLASS_WEIGHTS,
    ),
    "conv_tbc": (lambda F, x, w, b: F.conv_tbc(x, w, b, 1), normal(5, 2, 3), normal(2, 3, 4), normal(4)),
    "cross_entropy,weight": (
        lambda F, x, y, w: F.cross_entropy(x, y, w.detach(), ignore_index=2, label_smoothing=0.3),
        V,
        classes(6, 5),
        CLASS_WEIGHTS,
    ),
    "fractional_max_pool2d_with_indices": (
        lambda F, x, s: F.fractional_max_pool2d_with_indices(x, 2, (3, 4), _random_samples=s.detach()),
        L4,
        SAMPLES,
    ),
    "fractional_max_pool3d_with_indices": (
        lambda F, x, s: F.fractional_max_pool3d_with_indices(x, 2, (2, 2, 3), _random_samples=s.detach()),
        L5,
        uniform(2, 4, 3),
    ),
    "gumbel_softmax": (lambda F, x: F.gumbel_softmax(x, 0.7), V),
    "gumbel_softmax,hard": (lambda F, x: F.gumbel_softmax(x, hard=True, dim=0), V),
    "max_pool3d_with_indices": (lambda F, x: F.max_pool3d_with_indices(x, 2), L5),
    "multi_head_attention_forward": (
        lambda F, x, w, b, out_w: F.multi_head_attention_forward(
            x, x, x, 6, 2, w, b, None, None, False, 0.0, out_w, None, average_attn_weights=False
        ),
        normal(4, 2, 6),
        normal(18, 6),
        normal(18),
        normal(6, 6),
    ),
    "nll_loss,weight": (
        lambda F, x, y, w: F.nll_loss(x, y, w.detach(), ignore_index=1),
        V,
        classes(6, 5),
        CLASS_WEIGHTS,
    ),
    "normalize": (lambda F, x: F.normalize(x, 3.0, 0), V),
    "rrelu_": (lambda F, x: F.rrelu_(x * 2, 0.1, 0.4, True), V),
    # The first query meets nothing.
    "scaled_dot_product_attention,mask": (
        lambda F, q, k, mask: F.scaled_dot_product_attention(q, k, k, mask),
        Q,
        K,
        np.tri(3, k=-1).astype(bool),
    ),
    "scaled_dot_product_attention,float-mask": (
        lambda F, q, k, mask: F.scaled_dot_product_attention(q, k, k, mask),
        Q,
        K,
        normal(3, 3),
    ),
    "scaled_dot_product_attention,dropout": (lambda F, q, k: F.scaled_dot_product_attention(q, k, k, None, 0.4), Q, K),
    "upsample_bilinear": (lambda F, x: F.upsample_bilinear(x, (4, 9)), L4),
    "upsample_nearest": (lambda F, x: F.upsample_nearest(x, scale_factor=2), L4),
}


def _experiment(function: Callable[..., Any], *arrays: Host) -> Experiment:
    def program(here: Subject) -> Any:
        inputs = [given(here, x) for x in arrays]
        for x in inputs:
            x.requires_grad_(x.is_floating_point())
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of names of old
            out = list(tensors_in(function(functional, *inputs)))
        send_back(out)
        return {"result": out, "gradient": [x.grad for x in inputs]}

    return Experiment(program, kinds("float32", *(x.dtype.name for x in arrays)), 1e-4)


FUNCTIONALS: Final = {name: _experiment(*row) for name, row in _ROWS.items()}
