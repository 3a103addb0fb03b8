"""The strict backend: found by its entry point, on devices that refuse to meet, on arrays that never change."""

from __future__ import annotations

import array_api_strict
import numpy as np
import pytest

import xpgrad
from xpgrad.backends import discovery
from xpgrad.backends.registry import get_backend, use_backend
from xpgrad.errors import DtypeError, MixedBackendsError
from xpgrad_strict import StrictBackend


@pytest.fixture
def strict() -> StrictBackend:
    backend = get_backend("strict")
    assert isinstance(backend, StrictBackend)
    return backend


def test_it_is_found_by_its_entry_point(strict):
    source = discovery.find("strict")
    assert (source.target, source.distribution) == ("xpgrad_strict:StrictBackend", "xpgrad-strict")
    assert discovery.for_arrays_of({"array_api_strict"}) == "strict"


def test_the_standard_is_pinned(strict):
    assert array_api_strict.get_array_api_strict_flags()["api_version"] == "2024.12"
    assert strict.version() == array_api_strict.__version__


def test_its_devices(strict):
    names = strict.device_names()
    assert names[:3] == ["cpu", "device1", "device2"]
    assert set(names[3:]) <= {"no_float64", "no_x64"}
    assert str(strict.place("device1").device) == "strict:device1"


@pytest.mark.parametrize("name", ["cpu", "device1", "device2"])
def test_arrays_stay_on_their_device(strict, name):
    with use_backend(f"strict:{name}"):
        x = xpgrad.tensor([[1.0, -2.0], [3.0, 0.5]], requires_grad=True)
        loss = ((x @ x).exp() * x.relu()).mean() + x[0].sum()
    loss.backward()
    for tensor in (x, loss, x.grad):
        assert tensor._array.device == strict.place(name).handle
        assert str(tensor.device) == f"strict:{name}"


def test_values_agree_with_numpy():
    def gradient(device):
        x = xpgrad.tensor([[1.0, -2.0], [3.0, 0.5]], device=device, requires_grad=True)
        ((x @ x).sigmoid() * x.tanh()).sum().backward()
        return x.grad

    np.testing.assert_allclose(gradient("strict:cpu").numpy(), gradient("cpu").numpy(), rtol=1e-6)


def test_devices_refuse_to_meet():
    x, y = (xpgrad.ones(2, device=f"strict:{name}") for name in ("cpu", "device1"))
    with pytest.raises(MixedBackendsError, match="at least two devices, strict:cpu and strict:device1!"):
        x + y
    assert (x.to("strict:device1") + y).tolist() == [2.0, 2.0]


def test_in_place_methods_rebind():
    x = xpgrad.ones(3, device="strict:cpu")
    array, view = x._array, x[:2]
    x.add_(1.0)
    assert x._array is not array
    assert float(array[0]) == 1.0
    assert view.tolist() == [2.0, 2.0]
    view.mul_(3.0)
    assert x.tolist() == [6.0, 6.0, 2.0]


def test_devices_without_64_bits(strict):
    if "no_float64" not in strict.device_names():
        pytest.skip("array-api-strict before 2.6 has no such device")
    x = xpgrad.ones(3, device="strict:no_float64", requires_grad=True)
    (x * 2.0).exp().sum().backward()
    assert x.grad.dtype is xpgrad.float32
    with pytest.raises(DtypeError, match=r"has no torch\.float64"):
        x.double()
