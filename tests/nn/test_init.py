"""Initialisers: what they fill tensors with; and the helpers of ``nn.utils``."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import xpgrad
from xpgrad import nn
from xpgrad.nn import init, utils


def filled(function: Any, *shape: int, **settings: Any) -> Any:
    xpgrad.manual_seed(0)
    tensor = xpgrad.empty(*shape, requires_grad=True)
    assert function(tensor, **settings) is tensor and tensor.is_leaf and tensor._version > 0
    return tensor.detach().numpy()


def test_constants() -> None:
    assert filled(init.constant_, 2, val=3.0).tolist() == [3.0, 3.0]
    assert filled(init.ones_, 2).tolist() == [1.0, 1.0] and filled(init.zeros_, 2).tolist() == [0.0, 0.0]
    assert filled(init.eye_, 2, 3).tolist() == [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]


@pytest.mark.parametrize(
    "function, settings, shape, low, high",
    [
        (init.uniform_, {"a": 2.0, "b": 3.0}, (300, 300), 2.0, 3.0),
        (init.xavier_uniform_, {"gain": 2.0}, (200, 400), -2 * math.sqrt(6 / 600), 2 * math.sqrt(6 / 600)),
        (init.kaiming_uniform_, {"a": math.sqrt(5)}, (200, 400), -1 / 20, 1 / 20),
        (
            init.kaiming_uniform_,
            {"mode": "fan_out", "nonlinearity": "relu"},
            (64, 16, 5, 5),
            -math.sqrt(6 / 1600),
            math.sqrt(6 / 1600),
        ),
    ],
)
def test_uniform_ones(function: Any, settings: Any, shape: Any, low: float, high: float) -> None:
    values = filled(function, *shape, **settings)
    assert low <= values.min() < low + 0.01 * (high - low) and high - 0.01 * (high - low) < values.max() <= high
    np.testing.assert_allclose(values.mean(), (low + high) / 2, atol=0.01 * (high - low))


@pytest.mark.parametrize(
    "function, settings, shape, mean, std",
    [
        (init.normal_, {"mean": 2.0, "std": 0.5}, (300, 300), 2.0, 0.5),
        (init.xavier_normal_, {}, (200, 400), 0.0, math.sqrt(2 / 600)),
        (init.kaiming_normal_, {"nonlinearity": "tanh"}, (200, 400), 0.0, 5 / 3 / 20),
        (init.trunc_normal_, {"std": 0.5, "a": -5.0, "b": 5.0}, (300, 300), 0.0, 0.5),
    ],
)
def test_normal_ones(function: Any, settings: Any, shape: Any, mean: float, std: float) -> None:
    values = filled(function, *shape, **settings)
    np.testing.assert_allclose([values.mean(), values.std()], [mean, std], atol=0.02 * std)


def test_truncated() -> None:
    values = filled(init.trunc_normal_, 300, 300, mean=1.0, std=2.0, a=0.0, b=2.0)
    assert values.min() >= 0.0 and values.max() <= 2.0
    # The variance of the normal distribution within half a deviation of its mean.
    density, mass = math.exp(-0.125) / math.sqrt(2 * math.pi), math.erf(0.5 / math.sqrt(2))
    np.testing.assert_allclose(values.std(), 2 * math.sqrt(1 - density / mass), rtol=0.02)
    with pytest.warns(UserWarning, match="mean is more than 2 std from"):
        init.trunc_normal_(xpgrad.empty(2), mean=9.0)


def test_gains() -> None:
    assert [init.calculate_gain(n) for n in ("linear", "conv2d", "sigmoid", "selu")] == [1, 1, 1, 0.75]
    assert init.calculate_gain("tanh") == 5 / 3 and init.calculate_gain("relu") == math.sqrt(2)
    assert init.calculate_gain("leaky_relu", 3) == math.sqrt(0.2) and init.calculate_gain("leaky_relu") < math.sqrt(2)


def test_structured_ones() -> None:
    for shape in ((3, 5), (5, 3), (4, 2, 3)):
        rows = filled(init.orthogonal_, *shape, gain=2.0).reshape(shape[0], -1)
        product = rows @ rows.T if rows.shape[0] < rows.shape[1] else rows.T @ rows
        np.testing.assert_allclose(product, 4 * np.eye(len(product)), atol=1e-5)
    kernels = filled(init.dirac_, 4, 2, 3, groups=2)
    images = xpgrad.randn(1, 4, 6)
    passed = nn.functional.conv1d(images, xpgrad.tensor(kernels), padding=1, groups=2)
    assert passed.tolist() == images.tolist()
    sparse = filled(init.sparse_, 10, 5, sparsity=0.25)
    assert ((sparse == 0).sum(axis=0) == 3).all()


def test_nothing_to_fill() -> None:
    with pytest.warns(UserWarning, match="Initializing zero-element tensors is a no-op"):
        init.kaiming_uniform_(xpgrad.empty(0, 3))
    with pytest.warns(UserWarning):
        nn.Linear(0, 3)
    assert init.orthogonal_(xpgrad.empty(0, 3)).shape == (0, 3)


@pytest.mark.parametrize("backend", ["numpy-readonly", "strict"])
def test_weights_are_the_same_everywhere(backend: str) -> None:
    def weights(name: str) -> list[Any]:
        xpgrad.manual_seed(3)
        with xpgrad.use_backend(name):
            net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Linear(3, 2), nn.Embedding(3, 2))
            made = [init.orthogonal_(xpgrad.empty(2, 3)), init.trunc_normal_(xpgrad.empty(3))]
            return [t.tolist() for t in (*net.parameters(), *made)]

    for got, expected in zip(weights(backend), weights("numpy"), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-6)


def test_a_generator_of_ones_own() -> None:
    values = [init.normal_(xpgrad.empty(2), generator=xpgrad.Generator().manual_seed(5)).tolist() for _ in range(2)]
    assert values[0] == values[1]


# Helpers.


def with_gradients() -> list[Any]:
    parameters = [nn.Parameter(xpgrad.zeros(2)), nn.Parameter(xpgrad.zeros(1)), nn.Parameter(xpgrad.zeros(1))]
    parameters[0].grad, parameters[1].grad = xpgrad.tensor([3.0, 0.0]), xpgrad.tensor([-4.0])
    return parameters


def test_clipping_by_norm() -> None:
    parameters = with_gradients()
    assert utils.clip_grad_norm_(parameters, 10.0).item() == 5.0
    assert parameters[0].grad.tolist() == [3.0, 0.0]
    assert utils.clip_grad_norm_(iter(parameters), 1.0).item() == 5.0
    np.testing.assert_allclose(
        [*parameters[0].grad.tolist(), *parameters[1].grad.tolist()], [0.6, 0.0, -0.8], rtol=1e-5
    )
    assert utils.clip_grad_norm_(with_gradients(), 1.0, norm_type=math.inf).item() == 4.0
    assert utils.clip_grad_norm_(with_gradients()[0], 1.0).item() == 3.0
    assert utils.clip_grad_norm_([], 1.0).item() == 0.0
    assert utils.get_total_norm([xpgrad.ones(3)], 1.0).item() == 3.0
    parameters[0].grad = xpgrad.tensor([math.nan, 0.0])
    with pytest.raises(
        RuntimeError, match=r"The total norm of order 2\.0 for gradients from `parameters` is non-finite"
    ):
        utils.clip_grad_norm_(parameters, 1.0, error_if_nonfinite=True)


def test_clipping_by_value() -> None:
    parameters = with_gradients()
    utils.clip_grad_value_(parameters, 2.0)
    assert [p.grad.tolist() for p in parameters[:2]] == [[2.0, 0.0], [-2.0]]


def test_parameters_as_a_vector() -> None:
    parameters = [nn.Parameter(xpgrad.tensor([[1.0, 2.0], [3.0, 4.0]])), nn.Parameter(xpgrad.tensor([5.0]))]
    vector = utils.parameters_to_vector(parameters)
    assert vector.tolist() == [1.0, 2.0, 3.0, 4.0, 5.0]
    vector.sum().backward()
    assert parameters[0].grad.tolist() == [[1.0, 1.0], [1.0, 1.0]]
    utils.vector_to_parameters(vector.detach() * 2, parameters)
    assert parameters[0].tolist() == [[2.0, 4.0], [6.0, 8.0]] and parameters[1].requires_grad
    with pytest.raises(RuntimeError, match="Expected all tensors to be on the same device"):
        utils.parameters_to_vector([parameters[0], parameters[1].to("strict:cpu")])
