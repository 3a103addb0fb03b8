"""The answers do not depend on the chunks: the conformance suite again, on arrays of a few elements per chunk."""

from __future__ import annotations

import numpy as np
import pytest

import xpgrad
from xpgrad import nn
from xpgrad.backends.registry import use_backend
from xpgrad.nn import functional as F
from xpgrad.testing.conformance.check import failures
from xpgrad.testing.conformance.subject import Subject
from xpgrad.testing.conformance.suite import checks

dask = pytest.importorskip("dask", reason="dask is not installed")
da = pytest.importorskip("dask.array", reason="dask is not installed with its arrays")

# With chunks of a few bytes `dask.array.tile` divides by the length that it makes zero.
EXCEPT = "shape.tile,repetitions=(0,1)/"
# A few numbers; more where there are many, since each chunk costs a task in each operation.
CHUNK_SIZE = {
    "functions": "40 B",
    "gradients": "40 B",
    "higher-order": "40 B",
    "kernels": "100 B",
    "randomness": "400 B",
}
CHECKS = [check for check in checks().values() if EXCEPT not in check.id and "mutable" not in check.needs]

in_small_chunks = pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore:Increasing number of chunks")


def refused(asked, level):
    """The ids of the checks among ``asked``, of one level, that fail, each with how."""
    with dask.config.set({"array.chunk-size": CHUNK_SIZE[level]}):
        return {check.id: repr(error) for check, error in failures(asked, Subject.named("dask"))}


@in_small_chunks
@pytest.mark.parametrize("level", CHUNK_SIZE)
def test_some_checks(level):
    asked = [check for check in CHECKS if check.level == level]
    assert refused(asked[:: max(1, len(asked) // 30)], level) == {}


@in_small_chunks
@pytest.mark.slow
@pytest.mark.parametrize("level", CHUNK_SIZE)
def test_every_check(level):
    assert refused((check for check in CHECKS if check.level == level), level) == {}


# Larger things, on arrays that are chunked as one would.

X = np.random.default_rng(0).normal(size=(64, 2, 8, 8)).astype("float32")
Y = np.random.default_rng(1).integers(0, 3, 64)


def network():
    xpgrad.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(2, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 4, 3, groups=2),
        nn.GroupNorm(2, 4), nn.GELU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3),
    )  # fmt: skip


def trained(backend, x, y, make):
    with use_backend(backend):
        net = network()
        optimizer = make(net.parameters())
        losses = []
        for _ in range(4):
            optimizer.zero_grad()
            loss = F.cross_entropy(net(x), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return losses, [value.numpy() for value in net.state_dict().values()]


@pytest.mark.parametrize(
    "make",
    [lambda p: xpgrad.optim.SGD(p, lr=0.1, momentum=0.9), lambda p: xpgrad.optim.Adam(p, lr=0.01, weight_decay=0.1)],
    ids=["SGD", "Adam"],
)
def test_a_network_learns_as_on_numpy(make):
    expected = trained("numpy", xpgrad.tensor(X), xpgrad.tensor(Y), make)
    arrays = da.from_array(X, chunks=(16, 2, 8, 8)), da.from_array(Y, chunks=16)
    found = trained("dask", *map(xpgrad.as_tensor, arrays), make)
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-5)
    for ours, theirs in zip(found[1], expected[1], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-5)


def test_batches_of_a_loader_are_parts_of_the_chunks():
    dataset = xpgrad.data.TensorDataset(
        xpgrad.as_tensor(da.from_array(X, chunks=(16, 2, 8, 8))), xpgrad.as_tensor(da.from_array(Y, chunks=16))
    )
    loader = xpgrad.data.DataLoader(dataset, batch_size=24, shuffle=True, generator=xpgrad.Generator().manual_seed(0))
    batches = [(x.numpy(), y.numpy()) for x, y in loader]
    assert [len(y) for _, y in batches] == [24, 24, 16]
    order = np.concatenate([x for x, _ in batches])[:, 0, 0, 0].argsort()
    np.testing.assert_array_equal(np.concatenate([y for _, y in batches])[order], Y[X[:, 0, 0, 0].argsort()])


@pytest.mark.parametrize("search", [None, "strong_wolfe"])
def test_logistic_regression_by_lbfgs(search):
    x = np.random.default_rng(0).normal(size=(200, 5)).astype("float32")
    y = (x @ np.asarray([1.0, -2.0, 0.5, 0.0, 1.0]) > 0.0).astype("float32")

    def fitted(x, y):
        w = xpgrad.zeros(5, device=x.device, requires_grad=True)
        optimizer = xpgrad.optim.LBFGS([w], max_iter=8, line_search_fn=search)

        def closure():
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(x @ w, y) + 0.01 * w.square().sum()
            loss.backward()
            return loss

        optimizer.step(closure)
        return w.detach().numpy()

    found = fitted(*(xpgrad.as_tensor(da.from_array(a, chunks=50)) for a in (x, y)))
    np.testing.assert_allclose(found, fitted(xpgrad.tensor(x), xpgrad.tensor(y)), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("chunks", [-1, 100])
@pytest.mark.parametrize(
    "ask",
    [
        lambda x: x.sum(0), lambda x: x.mean(0), lambda x: x.std(0), lambda x: x.cumsum(0)[-1], lambda x: x.T @ x,
        lambda x: (x * 0.0).softmax(0)[0], lambda x: (x * 0.0).log_softmax(0)[0], lambda x: xpgrad.logsumexp(x, 0),
        lambda x: xpgrad.zeros(2, dtype=x.dtype, device=x.device).index_add(
            0, xpgrad.zeros(x.shape[0], dtype=xpgrad.int64, device=x.device), x[:, 0]
        ),
    ],
    ids=["sum", "mean", "std", "cumsum", "matmul", "softmax", "log_softmax", "logsumexp", "index_add"],
)  # fmt: skip
@pytest.mark.parametrize("dtype", [xpgrad.float16, xpgrad.bfloat16], ids=str)
def test_long_sums_in_two_bytes_go_on_growing(ask, dtype, chunks):
    values = np.random.default_rng(0).uniform(0.5, 1.5, (5000, 2)).astype("float32")
    x = xpgrad.as_tensor(da.from_array(values, chunks=chunks)).to(dtype)
    expected = ask(xpgrad.tensor(values).to(dtype))
    found = ask(x)
    assert found.dtype == expected.dtype
    np.testing.assert_allclose(
        found.to(xpgrad.float32).numpy(), expected.to(xpgrad.float32).numpy(), rtol=2 * xpgrad.finfo(dtype).eps
    )


def test_gradients_of_embeddings_add_up_over_chunks():
    indices = np.random.default_rng(0).integers(0, 9, 300)

    def gradient(indices):
        weight = xpgrad.ones(9, 4, device=indices.device, requires_grad=True)
        (F.embedding(indices, weight) * 0.5).square().sum().backward()
        return weight.grad.numpy()

    found = gradient(xpgrad.as_tensor(da.from_array(indices, chunks=70)))
    np.testing.assert_allclose(found, gradient(xpgrad.tensor(indices)))
