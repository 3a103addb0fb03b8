"""Layers that find the size of their input, and softmaxes over clusters of classes."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import xpgrad
from xpgrad.errors import ArgumentError, LazyModuleError, SettingError, ShapeError
from xpgrad.nn.modules.lazy import LazyModuleMixin

nn = xpgrad.nn

KINDS = [
    *((f"LazyConv{n}d", (6, 2), {"groups": 2}, (2, 4, *(5,) * n)) for n in (1, 2, 3)),
    *((f"LazyConvTranspose{n}d", (6, 2), {"bias": False}, (2, 4, *(5,) * n)) for n in (1, 2, 3)),
    *((f"LazyBatchNorm{n}d", (), {}, (2, 4, *(5,) * n)) for n in (1, 2, 3)),
    *((f"LazyInstanceNorm{n}d", (), {"track_running_stats": True}, (2, 4, *(5,) * n)) for n in (1, 2, 3)),
    ("LazyLinear", (3,), {}, (2, 4)),
]


@pytest.mark.parametrize(("name", "args", "settings", "shape"), KINDS)
def test_the_first_input_tells_the_shapes(name: str, args: Any, settings: Any, shape: Any) -> None:
    layer = getattr(nn, name)(*args, **settings)
    assert layer.has_uninitialized_params()
    size = {"LazyL": "in_features", "LazyC": "in_channels"}.get(name[:5], "num_features")
    assert getattr(layer, size) == 0
    layer(xpgrad.ones(shape))
    assert type(layer) is getattr(nn, name.removeprefix("Lazy"))
    assert getattr(layer, size) == 4
    assert all(type(p) is nn.Parameter for p in layer.parameters())
    layer(xpgrad.ones(shape)).sum().backward()


@pytest.mark.parametrize(("name", "args", "settings", "shape"), KINDS)
def test_a_state_dict_tells_the_shapes(name: str, args: Any, settings: Any, shape: Any) -> None:
    known = getattr(nn, name)(*args, **settings)
    known(xpgrad.ones(shape))
    layer = getattr(nn, name)(*args, **settings)
    layer.load_state_dict(known.state_dict())
    assert not layer.has_uninitialized_params()
    known.eval(), layer.eval()
    x = xpgrad.randn(shape)
    assert bool(xpgrad.equal(layer(x), known(x)))
    assert repr(layer) == repr(known)


def test_what_is_not_known_is_copied_and_kept_as_such() -> None:
    layer = copy.deepcopy(nn.LazyLinear(3, dtype=xpgrad.float64))
    other = nn.LazyLinear(3, dtype=xpgrad.float64)
    other.load_state_dict(layer.state_dict())
    assert repr(other.weight) == "<UninitializedParameter>"
    with pytest.raises(ShapeError, match="uninitialized"):
        _ = other.weight.shape
    assert other(xpgrad.ones(1, 2, dtype=xpgrad.float64)).dtype is xpgrad.float64


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ShapeError, match="Expected 3D"):
        nn.LazyConv2d(3, 2)(xpgrad.ones(2, 2))
    with pytest.raises(ArgumentError, match="divisible"):
        nn.LazyConv1d(4, 2, groups=2)(xpgrad.ones(1, 3, 5))

    class Forgetful(LazyModuleMixin, nn.Linear):
        def __init__(self) -> None:
            super().__init__(1, 1)
            self.extra = nn.UninitializedParameter()

        def initialize_parameters(self, input: Any) -> None:
            pass

    with pytest.raises(LazyModuleError, match="fully initialized"):
        Forgetful()(xpgrad.ones(1))


@pytest.mark.parametrize("target", [np.asarray([0, 4, 9, 1, 2, 7]), np.asarray([1, 0, 1, 0, 1, 1]), np.asarray(8)])
def test_the_adaptive_softmax_is_pytorchs(target: Any) -> None:
    torch = pytest.importorskip("torch")
    theirs = torch.nn.AdaptiveLogSoftmaxWithLoss(8, 10, [2, 5], 2.0, head_bias=True)
    ours = nn.AdaptiveLogSoftmaxWithLoss(8, 10, [2, 5], 2.0, head_bias=True)
    assert repr(ours) == repr(theirs)
    ours.load_state_dict({k: xpgrad.tensor(v.numpy()) for k, v in theirs.state_dict().items()})
    x = np.random.default_rng(0).standard_normal((*target.shape, 8)).astype(np.float32)
    found = []
    for library, layer in ((xpgrad, ours), (torch, theirs)):
        y = library.tensor(x, requires_grad=True)
        out, loss = layer(y, library.tensor(target))
        loss.backward()
        values = [out, loss, y.grad]
        if target.ndim:
            values += [layer.log_prob(y), layer.predict(y)]
        found.append([v.detach().numpy() for v in values])
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_the_adaptive_softmax_refuses_what_does_not_fit() -> None:
    for cutoffs in ([], [3, 2], [0, 2], [2, 10], [2, 2]):
        with pytest.raises(ArgumentError, match="cutoffs"):
            nn.AdaptiveLogSoftmaxWithLoss(4, 10, cutoffs)
    layer = nn.AdaptiveLogSoftmaxWithLoss(4, 10, [5])
    layer.reset_parameters()
    with pytest.raises(SettingError, match="Target values"):
        layer(xpgrad.ones(1, 4), xpgrad.tensor([10]))
    for shape, target in (((2, 4), (1, 1)), ((4,), (1,)), ((2, 4), (1,))):
        with pytest.raises(ShapeError):
            layer(xpgrad.ones(shape), xpgrad.zeros(target, dtype=xpgrad.int64))


def test_what_is_not_known_can_be_moved() -> None:
    layer = nn.LazyBatchNorm1d().double().to("strict:cpu")
    out = layer(xpgrad.ones(2, 3, dtype=xpgrad.float64, device="strict:cpu"))
    assert out.dtype is xpgrad.float64
    assert {str(t.device) for t in (out, *layer.state_dict().values())} == {"strict:cpu"}
