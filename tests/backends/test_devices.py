"""Names of devices: as PyTorch's, and a backend before them."""

from __future__ import annotations

import copy
import pickle

import pytest

from xpgrad.backends.devices import device
from xpgrad.backends.registry import get_backend, host_place
from xpgrad.errors import ArgumentTypeError, UnknownDeviceError


@pytest.mark.parametrize(
    ("made", "fields", "text", "shown"),
    [
        (device("cpu"), ("cpu", None, None), "cpu", "device(type='cpu')"),
        (device("cuda:1"), ("cuda", 1, None), "cuda:1", "device(type='cuda', index=1)"),
        (device("cuda", 1), ("cuda", 1, None), "cuda:1", "device(type='cuda', index=1)"),
        (device(type="cuda", index=0), ("cuda", 0, None), "cuda:0", "device(type='cuda', index=0)"),
        (device(2), ("cuda", 2, None), "cuda:2", "device(type='cuda', index=2)"),
        (device("jax:cpu"), ("cpu", None, "jax"), "jax:cpu", "device(type='cpu', backend='jax')"),
        (device("jax:cuda:1"), ("cuda", 1, "jax"), "jax:cuda:1", "device(type='cuda', index=1, backend='jax')"),
        (
            device("strict:device1"),
            ("device1", None, "strict"),
            "strict:device1",
            "device(type='device1', backend='strict')",
        ),
    ],
)
def test_parsing_and_printing(made, fields, text, shown):
    assert (made.type, made.index, made.backend) == fields
    assert (str(made), repr(made)) == (text, shown)
    assert device(made) is made
    for again in (pickle.loads(pickle.dumps(made)), copy.deepcopy(made), device(text)):
        assert (again.type, again.index, again.backend) == fields


def test_the_device_of_a_numpy_tensor_prints_as_pytorchs_does():
    assert (str(host_place().device), repr(host_place().device)) == ("cpu", "device(type='cpu')")
    assert host_place().device.backend == "numpy"
    assert str(get_backend("strict").place("cpu").device) == "strict:cpu"


def test_equality():
    assert device("cuda:1") == device("cuda", 1)
    assert device("cuda") != device("cuda:0")
    assert device("cpu") != "cpu"
    assert device("jax:cpu") != device("strict:cpu")
    assert device("jax:cpu") == device("cpu")
    assert hash(device("jax:cpu")) == hash(device("cpu"))


@pytest.mark.parametrize("text", ["cuda:", ":1", "cuda:01", "cuda:-1", "", "a:b:c", "cuda:1:2", "1", "-1"])
def test_what_no_device_string_can_be(text):
    with pytest.raises(UnknownDeviceError, match=f"Invalid device string: {text!r}. Write 'type'"):
        device(text)


@pytest.mark.parametrize("index", [-1, -7])
def test_a_negative_index(index):
    for make in (lambda: device("cuda", index), lambda: device(index)):
        with pytest.raises(UnknownDeviceError, match="Device index must not be negative"):
            make()


def test_two_indices():
    with pytest.raises(
        UnknownDeviceError, match=r"must not include an index because index was passed explicitly: cuda:1"
    ):
        device("cuda:1", 1)


@pytest.mark.parametrize("spec", [1.5, None, b"cpu", ["cpu"]])
def test_what_is_no_string(spec):
    with pytest.raises(ArgumentTypeError, match=r"device\(\) takes a string such as 'cpu' or 'cuda:1'"):
        device(spec)


def test_a_device_cannot_be_changed():
    with pytest.raises(AttributeError, match="attribute 'type' of 'device' objects is not writable"):
        device("cpu").type = "cuda"
    with pytest.raises(AttributeError, match="not writable"):
        del device("cpu").index
