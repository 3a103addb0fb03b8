"""Tensors that are computed from others: parametrizations, and the norms of weights."""

from __future__ import annotations

import copy
import warnings
from typing import Any

import numpy as np
import pytest

import xpgrad
from xpgrad.errors import ArgumentError, HookError, IndexingError, ParametrizationError
from xpgrad.nn.utils import parametrizations, parametrize

nn = xpgrad.nn


class Symmetric(nn.Module):
    def forward(self, x: Any) -> Any:
        return x.triu() + x.triu(1).T

    def right_inverse(self, x: Any) -> Any:
        return x.triu()


class Doubled(nn.Module):
    def forward(self, x: Any) -> Any:
        return x * 2


class RankOne(nn.Module):
    def forward(self, x: Any, y: Any) -> Any:
        return x[:, None] * y

    def right_inverse(self, z: Any) -> Any:
        return z[:, 0], z[0]


def symmetric() -> Any:
    return parametrize.register_parametrization(nn.Linear(3, 3), "weight", Symmetric())


def test_a_parametrized_tensor_is_computed_when_read() -> None:
    layer = symmetric()
    assert bool(xpgrad.equal(layer.weight, layer.weight.T))
    assert sorted(dict(layer.named_parameters())) == ["bias", "parametrizations.weight.original"]
    assert type(layer).__name__ == "ParametrizedLinear"
    assert parametrize.type_before_parametrizations(layer) is nn.Linear
    layer(xpgrad.ones(1, 3)).sum().backward()
    gradient = layer.parametrizations.weight.original.grad
    assert gradient.tolist() == [[1.0, 2.0, 2.0], [0.0, 1.0, 2.0], [0.0, 0.0, 1.0]]


def test_it_can_be_assigned_to_where_there_is_an_inverse() -> None:
    layer = symmetric()
    layer.weight = xpgrad.ones(3, 3)
    assert layer.weight.tolist() == np.ones((3, 3)).tolist()
    parametrize.register_parametrization(layer, "weight", Doubled())
    assert layer.weight.tolist() == np.full((3, 3), 2.0).tolist()
    with pytest.raises(ParametrizationError, match="right_inverse"):
        layer.weight = xpgrad.ones(3, 3)


def test_it_can_be_computed_from_several() -> None:
    layer = nn.Linear(2, 2)
    layer.weight.data = xpgrad.ones(2, 2)
    parametrize.register_parametrization(layer, "weight", RankOne())
    entry = layer.parametrizations["weight"]
    assert [tuple(p.shape) for p in (entry.original0, entry.original1)] == [(2,), (2,)]
    assert layer.weight.tolist() == [[1.0, 1.0], [1.0, 1.0]]
    with pytest.raises(ArgumentError, match="leave_parametrized"):
        parametrize.remove_parametrizations(layer, "weight", leave_parametrized=False)
    parametrize.remove_parametrizations(layer, "weight")
    assert isinstance(layer.weight, nn.Parameter)


def test_it_is_computed_once_within_a_block() -> None:
    layer = symmetric()
    assert layer.weight is not layer.weight
    with parametrize.cached():
        assert layer.weight is layer.weight
        with parametrize.cached():
            assert layer.weight is layer.weight
    assert layer.weight is not layer.weight


@pytest.mark.parametrize("leave", [True, False])
def test_it_can_be_removed(leave: bool) -> None:
    layer = symmetric()
    original = layer.parametrizations.weight.original
    expected = (layer.weight if leave else original).tolist()
    parametrize.remove_parametrizations(layer, "weight", leave)
    assert type(layer) is nn.Linear
    assert layer.weight is original
    assert layer.weight.tolist() == expected
    assert not parametrize.is_parametrized(layer)


def test_copies_and_state_dicts_carry_it() -> None:
    layer = symmetric()
    twin = copy.deepcopy(layer)
    other = symmetric()
    other.load_state_dict(layer.state_dict())
    for x in (twin, other):
        assert bool(xpgrad.equal(x.weight, layer.weight))


def test_buffers_can_be_parametrized() -> None:
    layer = nn.BatchNorm1d(2)
    parametrize.register_parametrization(layer, "running_mean", Doubled())
    assert [name for name, _ in layer.named_buffers()][-1] == "parametrizations.running_mean.original"
    parametrize.remove_parametrizations(layer, "running_mean")
    assert "running_mean" in dict(layer.named_buffers())


def test_what_does_not_fit_is_refused() -> None:
    class Shorter(nn.Module):
        def forward(self, x: Any) -> Any:
            return x[1:]

    layer = nn.Linear(2, 2)
    with pytest.raises(ArgumentError, match="shape"):
        parametrize.register_parametrization(layer, "weight", Shorter())
    parametrize.register_parametrization(layer, "weight", Shorter(), unsafe=True)
    assert tuple(layer.weight.shape) == (1, 2)
    with pytest.raises(ArgumentError, match="does not have"):
        parametrize.register_parametrization(layer, "height", Doubled())
    with pytest.raises(ArgumentError, match="does not have"):
        parametrize.remove_parametrizations(layer, "bias")


NORMALIZED = [
    ("weight_norm", "Linear", (3, 4), {}),
    ("weight_norm", "Linear", (3, 4), {"dim": None}),
    ("weight_norm", "Conv2d", (3, 4, 2), {"dim": 1}),
    ("spectral_norm", "Linear", (3, 4), {}),
    ("spectral_norm", "Conv1d", (3, 4, 2), {"n_power_iterations": 2}),
    ("spectral_norm", "ConvTranspose1d", (3, 4, 2), {}),
    ("spectral_norm", "LayerNorm", (4,), {}),
]


@pytest.mark.parametrize(("norm", "kind", "args", "settings"), NORMALIZED)
def test_norms_of_weights_are_pytorchs(norm: str, kind: str, args: Any, settings: Any) -> None:
    torch = pytest.importorskip("torch")
    theirs, ours = (
        getattr(library.nn.utils.parametrizations, norm)(getattr(library.nn, kind)(*args), **settings)
        for library in (torch, xpgrad)
    )
    assert repr(ours) == repr(theirs)
    ours.load_state_dict({k: xpgrad.tensor(v.numpy()) for k, v in theirs.state_dict().items()})
    shape = (2, 4) if kind == "LayerNorm" else (2, 3, *(5,) * {"Conv2d": 2, "Linear": 0}.get(kind, 1))
    x = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    found = []
    for library, layer in ((xpgrad, ours), (torch, theirs)):
        out = layer(library.tensor(x))
        gradients = library.autograd.grad((out * out.detach().cos()).sum(), list(layer.parameters()))
        found.append([t.detach().numpy() for t in (out, layer.weight, *gradients)])
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


def test_spectral_norm_refuses_what_does_not_fit() -> None:
    with pytest.raises(ArgumentError, match="no parameter"):
        parametrizations.spectral_norm(nn.Linear(2, 2, bias=False), "bias")
    with pytest.raises(ArgumentError, match="n_power_iterations"):
        parametrizations.spectral_norm(nn.Linear(2, 2), n_power_iterations=0)
    with pytest.raises(IndexingError):
        parametrizations.spectral_norm(nn.Linear(2, 2), dim=2)


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_weight_norm_by_hooks_is_pytorchs() -> None:
    torch = pytest.importorskip("torch")
    theirs, ours = (library.nn.utils.weight_norm(library.nn.Linear(3, 4)) for library in (torch, xpgrad))
    ours.load_state_dict({k: xpgrad.tensor(v.numpy()) for k, v in theirs.state_dict().items()})
    assert list(ours.state_dict()) == list(theirs.state_dict())
    for library, layer in ((xpgrad, ours), (torch, theirs)):
        layer(library.ones(2, 3)).sum().backward()
    np.testing.assert_allclose(ours.weight_g.grad.numpy(), theirs.weight_g.grad.numpy(), rtol=1e-5)
    np.testing.assert_allclose(ours.weight_v.grad.numpy(), theirs.weight_v.grad.numpy(), rtol=1e-5, atol=1e-6)
    with pytest.raises(HookError, match="two weight_norm hooks"):
        nn.utils.weight_norm(ours)
    weight = ours.weight.tolist()
    nn.utils.remove_weight_norm(ours)
    assert isinstance(ours.weight, nn.Parameter)
    np.testing.assert_allclose(ours.weight.tolist(), weight, rtol=1e-6)
    with pytest.raises(ArgumentError, match="not found"):
        nn.utils.remove_weight_norm(ours)


def test_weight_norm_by_hooks_is_deprecated() -> None:
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        nn.utils.weight_norm(nn.Linear(1, 1))
    assert seen[0].category is FutureWarning
