"""L-BFGS and Adafactor, which are not elementwise."""

import copy

import numpy as np
import pytest
from helpers import host, on

import xpgrad
from xpgrad import optim


def rosenbrock(x):
    return ((1 - x[:-1]) ** 2 + 100 * (x[1:] - x[:-1] ** 2) ** 2).sum()


def quartic(x):
    return ((x - 1) ** 4).sum() + (x.sin() ** 2).sum()


SETTINGS = [
    {}, {"lr": 0.1, "max_iter": 7}, {"lr": 0.01, "max_eval": 3}, {"line_search_fn": "strong_wolfe"},
    {"line_search_fn": "strong_wolfe", "history_size": 3, "max_iter": 5},
    {"line_search_fn": "strong_wolfe", "max_eval": 4}, {"line_search_fn": "strong_wolfe", "lr": 30.0},
]  # fmt: skip


def train(library, x, y, function, settings):
    """The losses, the parameters and the counts after four steps."""
    optimizer = library.optim.LBFGS([x, y], **settings)
    evaluated = []

    def closure():
        optimizer.zero_grad()
        loss = function(x) + (y * y.conj()).real.sum()
        loss.backward()
        evaluated.append(float(loss.detach()))
        return loss

    for _ in range(4):
        optimizer.step(closure)
    return evaluated, optimizer


@pytest.mark.parametrize("function", [rosenbrock, quartic])
@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_as_pytorch(function, settings):
    torch = pytest.importorskip("torch")
    seen = []
    for library in (torch, xpgrad):
        x = library.tensor([-1.2, 1.0, 0.5, 2.0], dtype=library.float64, requires_grad=True)
        y = library.tensor([0.3 + 0.2j], dtype=library.complex128, requires_grad=True)
        losses, optimizer = train(library, x, y, function, settings)
        state = optimizer.state[x]
        seen.append((losses, set(state), state["func_evals"], state["n_iter"], repr(optimizer)))
    np.testing.assert_allclose(seen[1][0], seen[0][0], rtol=1e-5, atol=1e-12)
    assert seen[1][1:] == seen[0][1:]


@pytest.mark.parametrize("settings", [SETTINGS[0], SETTINGS[3]], ids=str)
def test_on_every_backend(place, settings):
    x = on(place, np.array([-1.2, 1.0])).requires_grad_()
    losses, _ = train(xpgrad, x, on(place, np.array([0.5])).requires_grad_(), rosenbrock, settings)
    assert losses[-1] < (1e-8 if settings else 1e-2)


def test_a_saved_state_goes_on():
    def begin():
        x = xpgrad.tensor([-1.2, 1.0], dtype=xpgrad.float64, requires_grad=True)
        return x, optim.LBFGS([x], max_iter=4, line_search_fn="strong_wolfe")

    def step(x, optimizer):
        def closure():
            optimizer.zero_grad()
            loss = rosenbrock(x)
            loss.backward()
            return loss

        optimizer.step(closure)

    x, optimizer = begin()
    step(x, optimizer)
    y, other = begin()
    other.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    y.data = x.detach().clone()
    for _ in range(2):
        step(x, optimizer)
        step(y, other)
    assert x.tolist() == y.tolist()


def test_refusals():
    x, y = xpgrad.ones(1, requires_grad=True), xpgrad.ones(1, requires_grad=True)
    with pytest.raises(ValueError, match="LBFGS doesn't support per-parameter options"):
        optim.LBFGS([{"params": [x]}, {"params": [y]}])
    with pytest.raises(RuntimeError, match="only 'strong_wolfe' is supported"):
        optim.LBFGS([x], line_search_fn="armijo").step(lambda: (x * x).sum())


@pytest.mark.parametrize("shape", [(3, 4), (5,), (), (2, 3, 4)], ids=str)
@pytest.mark.parametrize(
    "settings",
    [{}, {"lr": 0.1, "weight_decay": 0.1, "d": 2.0, "eps": (1e-4, 0.1), "beta2_decay": -0.5}, {"maximize": True}],
    ids=str,
)
def test_adafactor(shape, settings):
    torch = pytest.importorskip("torch")
    seen = []
    for library in (torch, xpgrad):
        generator = np.random.default_rng(0)
        p = library.tensor(generator.standard_normal(shape)).requires_grad_()
        optimizer = library.optim.Adafactor([p], **settings)
        for _ in range(20):
            p.grad = library.tensor(generator.standard_normal(shape))
            optimizer.step()
        state = {name: (str(x.dtype), tuple(x.shape)) for name, x in optimizer.state_dict()["state"][0].items()}
        seen.append((p.detach().numpy(), state, repr(optimizer)))
    np.testing.assert_allclose(seen[1][0], seen[0][0], rtol=1e-12)
    assert [str(s).replace("xpgrad", "torch") for s in seen[1][1:]] == [str(s) for s in seen[0][1:]]


def test_adafactor_on_every_backend(place, numpy_place):
    ends = []
    for where in (place, numpy_place):
        p = on(where, np.arange(12.0).reshape(3, 4)).requires_grad_()
        optimizer = optim.Adafactor([p], lr=0.1)
        for step in range(5):
            p.grad = on(where, np.cos(np.arange(12.0) + step).reshape(3, 4))
            optimizer.step()
        ends.append(host(p))
    np.testing.assert_allclose(ends[0], ends[1], rtol=1e-12)


def test_adafactor_refuses_complex_parameters():
    p = xpgrad.ones(2, dtype=xpgrad.complex64, requires_grad=True)
    p.grad = xpgrad.ones(2, dtype=xpgrad.complex64)
    with pytest.raises(RuntimeError, match="Adafactor does not support complex parameters"):
        optim.Adafactor([p]).step()
