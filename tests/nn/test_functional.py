"""What the tables of ops and layers do not show: randomness, in-place forms, edge values, gradients of compositions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import xpgrad
import xpgrad.nn.functional as F
from xpgrad import nn
from xpgrad.autograd import gradcheck, gradgradcheck

EVERYWHERE = pytest.mark.parametrize("backend", ["numpy", "numpy-readonly", "strict"])


def leaf(*shape: int, low: float = -2.0, high: float = 2.0) -> Any:
    values = np.random.default_rng(sum(shape)).uniform(low, high, shape)
    return xpgrad.tensor(values, dtype=xpgrad.float64, requires_grad=True)


# Gradients of what is composed of several ops, first and second.

COMPOSED: dict[str, Any] = {
    "softsign": lambda: (F.softsign, leaf(3)),
    "tanhshrink": lambda: (F.tanhshrink, leaf(3)),
    "bilinear": lambda: (F.bilinear, leaf(2, 3), leaf(2, 2), leaf(2, 3, 2), leaf(2)),
    "conv2d same": lambda: (
        lambda x, w, b: F.conv2d(x, w, b, padding="same"), leaf(2, 3, 3), leaf(2, 2, 2, 1), leaf(2)
    ),
    "conv_transpose2d": lambda: (
        lambda x, w: F.conv_transpose2d(x, w, stride=2, output_padding=1), leaf(1, 2, 2, 2), leaf(2, 1, 2, 2)
    ),
    "max_pool1d": lambda: (lambda x: F.max_pool1d(x, 2, 1), leaf(1, 2, 5)),
    "max_unpool1d": lambda: (lambda x: F.max_unpool1d(x, xpgrad.tensor([[[0, 3]]]), 2), leaf(1, 1, 2)),
    "lp_pool1d": lambda: (lambda x: F.lp_pool1d(x, 3.0, 2), leaf(1, 2, 4, low=0.5)),
    "instance_norm": lambda: (F.instance_norm, leaf(2, 2, 4)),
    "rms_norm": lambda: (lambda x, w: F.rms_norm(x, (3,), w), leaf(2, 3), leaf(3)),
    "local_response_norm": lambda: (lambda x: F.local_response_norm(x, 2, alpha=0.5), leaf(1, 3, 2)),
    "normalize": lambda: (F.normalize, leaf(2, 3)),
    "cosine_similarity": lambda: (F.cosine_similarity, leaf(2, 3), leaf(2, 3, low=1.0, high=3.0)),
    "pairwise_distance": lambda: (F.pairwise_distance, leaf(2, 3), leaf(2, 3, low=2.5, high=4.0)),
    "smoothed cross entropy": lambda: (
        lambda x: F.cross_entropy(x, xpgrad.tensor([0, 2]), label_smoothing=0.2), leaf(2, 3)
    ),
    "soft cross entropy": lambda: (F.cross_entropy, leaf(2, 3), leaf(2, 3, low=0.0)),
    "kl_div": lambda: (lambda x, y: F.kl_div(x, y, reduction="batchmean"), leaf(2, 3), leaf(2, 3, low=0.2)),
    "gaussian_nll_loss": lambda: (F.gaussian_nll_loss, leaf(2, 3), leaf(3, 2).T, leaf(2, 3, low=0.2)),
    "poisson_nll_loss": lambda: (lambda x, y: F.poisson_nll_loss(x, y, full=True), leaf(2, 3), leaf(2, 3, low=1.2)),
    "hinge_embedding_loss": lambda: (lambda x: F.hinge_embedding_loss(x, xpgrad.tensor([1.0, -1.0, -1.0])), leaf(3)),
    "margin_ranking_loss": lambda: (
        lambda x, y: F.margin_ranking_loss(x, y, xpgrad.tensor([1.0, -1.0])), leaf(2), leaf(2, low=1.0)
    ),
    "cosine_embedding_loss": lambda: (
        lambda x, y: F.cosine_embedding_loss(x, y, xpgrad.tensor([1, -1]), margin=-0.9), leaf(2, 3), leaf(3, 2).T
    ),
    "triplet_margin_loss": lambda: (F.triplet_margin_loss, leaf(2, 3), leaf(2, 3, low=1.0), leaf(3, 2).T),
    "multi_margin_loss": lambda: (lambda x: F.multi_margin_loss(x, xpgrad.tensor([0, 2]), p=2), leaf(2, 3)),
    "multilabel_soft_margin_loss": lambda: (F.multilabel_soft_margin_loss, leaf(2, 3), leaf(2, 3)),
    "pad": lambda: (lambda x: F.pad(x, (1, -1, 0, 2), value=3.0), leaf(2, 3)),
}  # fmt: skip


@pytest.mark.parametrize("name", COMPOSED)
def test_gradients_of_compositions(name: str) -> None:
    function, *inputs = COMPOSED[name]()
    assert gradcheck(function, inputs)
    assert gradgradcheck(function, inputs)


# Randomness.


@EVERYWHERE
def test_dropout_is_the_same_everywhere(backend: str) -> None:
    with xpgrad.use_backend(backend):
        xpgrad.manual_seed(0)
        x = xpgrad.ones(2, 4, requires_grad=True)
        y = F.dropout(x, 0.25)
        y.sum().backward()
        channels = F.dropout2d(xpgrad.ones(1, 4, 2, 2), 0.5)
    kept = np.full((2, 4), 1 / 0.75, np.float32)
    kept[1, 0] = 0.0
    assert y.tolist() == kept.tolist() == x.grad.tolist()
    assert channels.flatten(2).tolist() == [[[2.0] * 4, [2.0] * 4, [2.0] * 4, [0.0] * 4]]


def test_dropout_keeps_the_mean() -> None:
    xpgrad.manual_seed(1)
    x = xpgrad.ones(200, 200)
    dropped = F.dropout(x, 0.3)
    assert abs((dropped == 0).float().mean().item() - 0.3) < 0.01
    assert abs(dropped.mean().item() - 1) < 0.01
    assert F.dropout(x, 0.3, training=False) is x and F.dropout(x, 0.0) is x
    assert F.dropout(x, 1.0).abs().sum().item() == 0


def test_alpha_dropout_keeps_mean_and_variance() -> None:
    xpgrad.manual_seed(1)
    dropped = F.alpha_dropout(xpgrad.randn(300, 300), 0.4, training=True)
    assert abs(dropped.mean().item()) < 0.02 and abs(dropped.std().item() - 1) < 0.02
    channels = F.feature_alpha_dropout(xpgrad.zeros(1, 50, 3), 0.4, training=True)
    assert len(set(map(tuple, channels[0].tolist()))) == 2


def test_random_slopes_and_samples() -> None:
    xpgrad.manual_seed(1)
    slopes = -F.rrelu(-xpgrad.ones(1000), 0.2, 0.4, training=True)
    assert 0.2 <= slopes.min().item() < 0.22 and 0.38 < slopes.max().item() < 0.4
    logits = xpgrad.tensor([[math.log(0.7), math.log(0.3)]], requires_grad=True)
    picks = F.gumbel_softmax(logits.expand(4000, 2), hard=True)
    assert set(picks.flatten().tolist()) == {0.0, 1.0} and abs(picks[:, 0].mean().item() - 0.7) < 0.03
    picks[:, 0].sum().backward()
    assert logits.grad[0, 0].item() > 0
    assert F.gumbel_softmax(logits, tau=0.5).sum().item() == pytest.approx(1.0)


# In place.


@EVERYWHERE
@pytest.mark.parametrize(
    "function",
    [
        F.relu,
        F.relu6,
        F.leaky_relu,
        F.elu,
        F.selu,
        F.celu,
        F.silu,
        F.mish,
        F.hardtanh,
        F.hardsigmoid,
        F.hardswish,
        lambda x, inplace=False: F.threshold(x, 0.1, 2.0, inplace),
    ],
)
def test_in_place(function: Any, backend: str) -> None:
    with xpgrad.use_backend(backend):
        plain, x = (
            xpgrad.tensor([-1.5, 0.2, 4.0], requires_grad=True),
            xpgrad.tensor([-1.5, 0.2, 4.0], requires_grad=True),
        )
        expected = function(plain * 1)
        expected.sum().backward()
        y = x * 1
        assert function(y, inplace=True) is y
        y.sum().backward()
    assert y.tolist() == expected.tolist() and x.grad.tolist() == plain.grad.tolist()
    with pytest.raises(RuntimeError, match="a leaf Variable that requires grad"):
        function(x, inplace=True)


def test_dropout_in_place() -> None:
    x = xpgrad.ones(100)
    assert F.dropout(x, 0.5, inplace=True) is x and set(x.tolist()) == {0.0, 2.0}
    assert F.alpha_dropout(x, 0.5, training=True, inplace=True) is x


# Values at the edges, where NumPy alone warns.

ignoring_numpy = pytest.mark.filterwarnings("ignore::RuntimeWarning")


@ignoring_numpy
def test_no_overflow() -> None:
    x = xpgrad.tensor([-200.0, 200.0], requires_grad=True)
    for function, values, slopes in (
        (F.softplus, [0.0, 200.0], [0.0, 1.0]),
        (F.logsigmoid, [-200.0, 0.0], [1.0, 0.0]),
        (F.elu, [-1.0, 200.0], [0.0, 1.0]),
        (lambda x: F.binary_cross_entropy_with_logits(x, xpgrad.ones(2), reduction="none"), [200.0, 0.0], [-1.0, 0.0]),
        (lambda x: F.soft_margin_loss(x, xpgrad.ones(2), reduction="none"), [200.0, 0.0], [-1.0, 0.0]),
    ):
        y = function(x)
        (g,) = xpgrad.autograd.grad(y.sum(), x)
        assert (y.tolist(), g.tolist()) == (values, slopes)


def test_relu_at_zero_and_nan() -> None:
    x = xpgrad.tensor([0.0, math.nan, -1.0], requires_grad=True)
    y = F.relu(x)
    y.backward(xpgrad.tensor([1.0, 1.0, math.inf]))
    assert x.grad.tolist() == [0.0, 1.0, 0.0] and math.isnan(y[1].item())
    assert F.relu(xpgrad.tensor([-1, 2])).tolist() == [0, 2]
    scalar = xpgrad.tensor(2.0, requires_grad=True)
    (F.relu(scalar) * 3.0).backward()
    assert scalar.grad.item() == 3.0


@ignoring_numpy
def test_ignored_elements_may_be_infinite() -> None:
    x = xpgrad.tensor([[-math.inf, 0.0], [-1.0, -2.0]], requires_grad=True)
    loss = F.nll_loss(x, xpgrad.tensor([-100, 1]))
    loss.backward()
    assert loss.item() == 2.0 and x.grad.tolist() == [[0.0, 0.0], [0.0, -1.0]]
    nothing = F.nll_loss(x, xpgrad.tensor([-100, -100]))
    (gradient,) = xpgrad.autograd.grad(nothing, x)
    assert math.isnan(nothing.item()) and gradient.tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_targets_of_other_types() -> None:
    x = xpgrad.tensor([[1.0, 2.0], [3.0, 1.0]])
    expected = F.cross_entropy(x, xpgrad.tensor([1, 0])).item()
    assert F.cross_entropy(x, xpgrad.tensor([1, 0], dtype=xpgrad.uint8)).item() == expected
    assert F.cross_entropy(x[0], xpgrad.tensor([1])).item() == F.cross_entropy(x[0], xpgrad.tensor(1)).item()
    assert F.mse_loss(xpgrad.tensor([1, 2]), xpgrad.tensor([1.0, 4.0])).item() == 2.0
    assert F.mse_loss(x.double(), x + 1).dtype is xpgrad.float64


def test_losses_warn_of_broadcasting() -> None:
    with pytest.warns(
        UserWarning, match=r"Using a target size \(torch.Size\(\[3\]\)\) that is different to the input"
    ) as seen:
        F.mse_loss(xpgrad.ones(3, 1), xpgrad.ones(3))
    assert seen[0].filename == __file__


def test_reductions_of_old() -> None:
    x = xpgrad.tensor([1.0, 2.0])
    with pytest.warns(UserWarning, match="please use reduction='sum' instead"):
        assert F.l1_loss(x, 0 * x, size_average=False).item() == 3.0
    with pytest.warns(UserWarning, match="please use reduction='none' instead"):
        assert nn.MSELoss(reduce=False)(x, 0 * x).tolist() == [1.0, 4.0]


def test_softmax_without_dim_warns() -> None:
    for function in (F.softmax, F.log_softmax, F.softmin):
        with pytest.warns(UserWarning, match="Implicit dimension choice for"):
            assert function(xpgrad.zeros(2, 4)).exp().sum(1).shape == (2,)


# Running statistics, tables.


@EVERYWHERE
def test_running_statistics(backend: str) -> None:
    with xpgrad.use_backend(backend):
        norm, mean_of_all = nn.BatchNorm1d(2, momentum=0.5), nn.BatchNorm1d(2, momentum=None)
        for x in (xpgrad.tensor([[0.0, 1.0], [2.0, 5.0]]), xpgrad.tensor([[4.0, 1.0], [4.0, 1.0]])):
            norm(x), mean_of_all(x)
        assert norm.running_mean.tolist() == [2.25, 1.25] and norm.running_var.tolist() == [0.75, 2.25]
        assert mean_of_all.running_mean.tolist() == [2.5, 2.0] and norm.num_batches_tracked.item() == 2
        y = norm.eval()(xpgrad.tensor([[2.25, 1.25]]))
        assert y.tolist() == [[0.0, 0.0]] and norm.num_batches_tracked.item() == 2
        norm.reset_running_stats()
        assert norm.running_var.tolist() == [1.0, 1.0]


@EVERYWHERE
def test_rows_without_gradient_and_rows_often_used(backend: str) -> None:
    with xpgrad.use_backend(backend):
        table = xpgrad.ones(4, 2, requires_grad=True)
        words = xpgrad.tensor([[0, 1], [1, 3]])
        F.embedding(words, table, padding_idx=0, scale_grad_by_freq=True).sum().backward()
        assert table.grad.tolist() == [[0.0, 0.0], [1.0, 1.0], [0.0, 0.0], [1.0, 1.0]]
        layer = nn.Embedding.from_pretrained(xpgrad.tensor([[3.0, 4.0], [0.3, 0.4], [6.0, 8.0]]), max_norm=1.0)
        layer(xpgrad.tensor([0, 1]))
        np.testing.assert_allclose(layer.weight.tolist(), [[0.6, 0.8], [0.3, 0.4], [6.0, 8.0]], rtol=1e-6)
        assert not layer.weight.requires_grad and nn.Embedding(3, 2, padding_idx=1).weight[1].tolist() == [0.0, 0.0]


def test_nothing_in() -> None:
    nothing = xpgrad.zeros(0, 2, 3, requires_grad=True)
    for function in (F.softmax, F.log_softmax):
        assert function(nothing, 2).shape == (0, 2, 3) and function(nothing.permute(1, 2, 0), 2).shape == (2, 3, 0)
    for module in (nn.GroupNorm(1, 2), nn.LocalResponseNorm(2), nn.LayerNorm(3), nn.ReLU(), nn.Linear(3, 4)):
        module(nothing).sum().backward()


def test_unpooling_overlapping_windows() -> None:
    x = xpgrad.tensor([[[1.0, 5.0, 2.0]]])
    values, indices = F.max_pool1d(x, 2, 1, return_indices=True)
    values.requires_grad_()
    restored = F.max_unpool1d(values, indices, 2, 1)
    restored.sum().backward()
    assert restored.tolist() == [[[0.0, 5.0, 0.0]]] and values.grad.tolist() == [[[1.0, 1.0]]]


def test_one_hot() -> None:
    assert F.one_hot(xpgrad.tensor([[0, 2]])).tolist() == [[[1, 0, 0], [0, 0, 1]]]
    assert F.one_hot(xpgrad.tensor([1]), 4).tolist() == [[0, 1, 0, 0]]
    assert F.one_hot(xpgrad.zeros(0, 2, dtype=xpgrad.int64), 3).shape == (0, 2, 3)


def test_modes_of_padding() -> None:
    x = xpgrad.tensor([[1, 2, 3]])
    assert F.pad(x, (2, 1)).tolist() == [[0, 0, 1, 2, 3, 0]]
    assert F.pad(x, (-1, 1), value=7).tolist() == [[2, 3, 7]]
    assert F.pad(x, (2, 1), mode="reflect").tolist() == [[3, 2, 1, 2, 3, 2]]
    assert F.pad(x, (2, 1), mode="replicate").tolist() == [[1, 1, 1, 2, 3, 3]]
    assert F.pad(x, (2, 1), mode="circular").tolist() == [[2, 3, 1, 2, 3, 1]]
    assert F.pad(x, (-1, 2), mode="circular").tolist() == [[2, 3, 2, 3]]
    assert F.pad(xpgrad.tensor([True]), (0, 1)).tolist() == [True, False]


def test_output_sizes_of_transposes() -> None:
    layer, pool = nn.ConvTranspose2d(1, 1, 3, stride=2), nn.MaxPool2d(2, return_indices=True)
    x = xpgrad.ones(1, 1, 4, 5)
    assert layer(x).shape == (1, 1, 9, 11) and layer(x, output_size=(10, 11)).shape == (1, 1, 10, 11)
    assert layer(x[0], output_size=(1, 10, 12)).shape == (1, 10, 12)
    with pytest.raises(ValueError, match="output_size must have 2 or 4 elements"):
        layer(x, output_size=(1, 10, 12))
    values, indices = pool(xpgrad.randn(1, 1, 4, 5))
    assert nn.MaxUnpool2d(2)(values, indices, output_size=(4, 5)).shape == (1, 1, 4, 5)
    with pytest.raises(RuntimeError, match="invalid output_size"):
        nn.MaxUnpool2d(2)(values, indices, output_size=(9, 9))


def test_a_network_learns() -> None:
    xpgrad.manual_seed(0)
    net = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.BatchNorm1d(16), nn.Linear(16, 2))
    x = xpgrad.randn(64, 2)
    labels = (x[:, 0] * x[:, 1] > 0).long()
    for _ in range(150):
        net.zero_grad()
        loss = F.cross_entropy(net(x), labels)
        loss.backward()
        with xpgrad.no_grad():
            for p in net.parameters():
                p -= 0.5 * p.grad
    assert loss.item() < 0.1 and (net.eval()(x).argmax(1) == labels).float().mean().item() > 0.95


def test_a_seed_decides_slopes_in_place_from_the_first_call_on() -> None:
    def slopes() -> Any:
        xpgrad.manual_seed(0)
        return F.rrelu_(-xpgrad.ones(5, requires_grad=True) * 1, 0.1, 0.4, True).tolist()

    assert slopes() == slopes()
