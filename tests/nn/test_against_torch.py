"""Layers against PyTorch's own, where it is installed: values, gradients and what they print."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import xpgrad
from xpgrad import nn
from xpgrad.nn.parameter import is_lazy
from xpgrad.testing.conformance.layers.layer import Layer, arguments, call, results
from xpgrad.testing.conformance.layers.table import LAYERS

torch = pytest.importorskip("torch")


def ident(layer: Layer) -> str:
    return layer.name


def made_by_torch(layer: Layer) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what would be quicker
        return layer.make(torch.nn)


@pytest.mark.parametrize("layer", LAYERS, ids=ident)
def test_values_and_gradients(layer: Layer) -> None:
    theirs = made_by_torch(layer).train(layer.training)
    ours = layer.make(nn).train(layer.training)
    if any(map(is_lazy, ours.state_dict().values())):
        call(torch, theirs, layer, arguments(torch, layer))
    ours.load_state_dict({name: xpgrad.tensor(value.numpy()) for name, value in theirs.state_dict().items()})
    for got, expected in zip(results(xpgrad, ours, layer), results(torch, theirs, layer), strict=True):
        assert got.dtype == expected.dtype
        np.testing.assert_allclose(got, expected, rtol=2e-4, atol=2e-5)


@pytest.mark.parametrize("layer", LAYERS, ids=ident)
def test_text(layer: Layer) -> None:
    theirs = made_by_torch(layer)
    assert repr(layer.make(nn)) == repr(theirs)
    assert layer.text in ("", repr(theirs))
    assert layer.state == tuple(theirs.state_dict())


def both(function: Callable[[Any], Any]) -> tuple[Any, Any]:
    """``function`` of xpgrad and of torch."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(xpgrad), function(torch)


def weighted(library: Any, name: str, reduction: str) -> Any:
    """The value and gradient of a loss with weights for classes or elements."""
    x = library.tensor(LOGITS.tolist(), requires_grad=True)
    classes, weight = library.tensor([2, 0, 1, 2]), library.tensor([0.5, 2.0, 1.5])
    functional, soft = library.nn.functional, library.tensor(PROBABILITIES.tolist())
    loss = {
        "nll": lambda: functional.nll_loss(x, classes, weight, reduction=reduction),
        "nll ignoring": lambda: functional.nll_loss(x, classes, weight, ignore_index=2, reduction=reduction),
        "cross entropy": lambda: functional.cross_entropy(
            x, classes, weight, ignore_index=2, label_smoothing=0.3, reduction=reduction
        ),
        "soft cross entropy": lambda: functional.cross_entropy(
            x, soft, weight, label_smoothing=0.3, reduction=reduction
        ),
        "binary": lambda: functional.binary_cross_entropy(x.sigmoid(), soft, weight, reduction=reduction),
        "binary with logits": lambda: functional.binary_cross_entropy_with_logits(
            x, soft, weight, reduction=reduction, pos_weight=weight
        ),
        "squares": lambda: functional.mse_loss(x, soft, weight=soft, reduction=reduction),
        "margin": lambda: functional.multi_margin_loss(x, classes, weight=weight, reduction=reduction),
    }[name]()
    loss.sum().backward()
    return loss.detach().tolist(), x.grad.tolist()


LOGITS = np.random.default_rng(0).standard_normal((4, 3))
PROBABILITIES = np.random.default_rng(1).dirichlet([1, 1, 1], 4)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize(
    "name",
    ["nll", "nll ignoring", "cross entropy", "soft cross entropy", "binary", "binary with logits", "squares", "margin"],
)
def test_losses_with_weights(name: str, reduction: str) -> None:
    ours, theirs = both(lambda library: weighted(library, name, reduction))
    for got, expected in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(got, expected, rtol=2e-5, atol=1e-6)


NODES = """
relu(x); relu(x.exp(), inplace=True); sigmoid(x); tanh(x); softmax(x, 1); log_softmax(x, 1); softmin(x, 1); gelu(x)
gelu(x, approximate="tanh"); silu(x); mish(x); leaky_relu(x); elu(x); selu(x); celu(x); hardtanh(x); relu6(x); glu(x)
hardsigmoid(x); hardswish(x); softplus(x); softsign(x); logsigmoid(x); threshold(x, 0.1, 20.0); prelu(x, w[:1, 0])
rrelu(x, training=True); rrelu(x); tanhshrink(x); softshrink(x); hardshrink(x); dropout(x); dropout(x, 0.0)
conv1d(x3, x3); conv2d(x4, x4); conv2d(x4, x4, w[0, :2]); conv_transpose2d(x4, x4); conv3d(x5, x5)
max_pool1d(x3, 2); max_pool2d(x4, 2); max_pool3d(x5, 2); avg_pool1d(x3, 2); avg_pool2d(x4, 2); avg_pool3d(x5, 2)
adaptive_avg_pool1d(x3, 3); adaptive_avg_pool2d(x4, 3); adaptive_avg_pool2d(x4, 1); adaptive_avg_pool3d(x5, 3)
adaptive_max_pool1d(x3, 3); adaptive_max_pool2d(x4, 3); adaptive_max_pool3d(x5, 3)
batch_norm(x4, None, None, training=True); batch_norm(x4, w[0, :2].detach(), w[1, :2].detach().abs())
layer_norm(x, (4,)); group_norm(x4, 2); instance_norm(x4); rms_norm(x, (4,)); normalize(x)
mse_loss(x, w[:3]); l1_loss(x, w[:3]); smooth_l1_loss(x, w[:3]); huber_loss(x, w[:3])
soft_margin_loss(x, w[:3].detach()); cross_entropy(x, i); nll_loss(x, i); cross_entropy(x4, j); kl_div(x, w[:3])
binary_cross_entropy(x.sigmoid(), w[:3].detach().sigmoid()); binary_cross_entropy_with_logits(x, w[:3].detach())
linear(x, w, b); linear(x, w); linear(x3, w, b); linear(x3, w); linear(x[0], w, b); linear(x[0], w)
embedding(i, w); pad(x, (1, 1)); pad(x4, (1, 1), value=2.0); pad(x4, (1, 1, 1, 1), mode="reflect")
pad(x3, (1, 1), mode="replicate"); cosine_similarity(x, w[:3])
interpolate(x3, 5); interpolate(x4, 5); interpolate(x5, 5); interpolate(x4, 5, mode="nearest-exact")
interpolate(x3, 5, mode="linear"); interpolate(x4, 5, mode="bilinear"); interpolate(x5, 5, mode="trilinear")
interpolate(x4, 5, mode="bicubic"); interpolate(x4, 5, mode="bilinear", antialias=True); interpolate(x4, 5, mode="area")
interpolate(x4, 5, mode="lanczos", antialias=True); unfold(x4, 2); fold(x3.reshape(1, 4, 4), (3, 3), 2)
pixel_shuffle(x4.reshape(1, 4, 4, 4), 2); pixel_unshuffle(x4, 2); channel_shuffle(x4, 2)
grid_sample(x4, x4.permute(0, 2, 3, 1), align_corners=True); affine_grid(x3[:, :, :3], (2, 1, 2, 2), False)
fractional_max_pool2d(x4, 2, 2); fractional_max_pool3d(x5, 2, 2); embedding_bag(i[None], w); lp_pool2d(x4, 2, 2)
embedding_bag(i[None], w, mode="max"); embedding_bag(i, w, i * 0, mode="sum")
"""


@pytest.mark.parametrize(
    "call", [call.strip() for line in NODES.split("\n") for call in line.split(";") if call.strip()]
)
def test_names_of_nodes(call: str) -> None:
    def node(library: Any) -> str:
        scope = {
            name: library.tensor(np.random.default_rng(2).uniform(0.1, 1, shape).tolist(), requires_grad=True)
            for name, shape in {
                "x": (3, 4),
                "w": (5, 4),
                "b": (5,),
                "x3": (2, 2, 4),
                "x4": (2, 2, 4, 4),
                "x5": (2, 2, 4, 4, 4),
            }.items()
        }
        scope |= {"i": library.tensor([0, 2, 1]), "j": library.zeros(2, 4, 4, dtype=library.int64)}
        return type(eval(f"functional.{call}", {"functional": library.nn.functional} | scope).grad_fn).__name__

    ours, theirs = both(node)
    assert ours == theirs


@pytest.mark.parametrize("size, mode", [((70, 500), "bilinear"), ((333, 41), "bicubic"), ((90, 90), "lanczos")])
def test_large_images_are_resized_in_bands(size: tuple[int, int], mode: str) -> None:
    image = np.random.default_rng(5).standard_normal((1, 1, 200, 210))

    def resized(library: Any) -> list[Any]:
        x = library.tensor(image, requires_grad=True)
        out = library.nn.functional.interpolate(x, size, mode=mode, antialias=mode == "lanczos")
        out.backward(out.detach().cos())
        return [out.detach().numpy(), x.grad.numpy()]

    for got, expected in zip(*both(resized), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-9)
