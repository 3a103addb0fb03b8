"""What the base class makes of six members or fewer, and what NumPy's backend puts right."""

from __future__ import annotations

import contextlib
import types
from typing import ClassVar

import array_api_compat.numpy as compat
import array_api_strict
import numpy as np
import pytest

import xpgrad
from xpgrad.backends import dtypes
from xpgrad.backends.base import Backend, layered
from xpgrad.backends.devices import device
from xpgrad.backends.fallbacks import FALLBACKS
from xpgrad.backends.registry import get_backend, host_place, place_for, register_backend, transfer, use_backend
from xpgrad.errors import DtypeError, NoDeviceError, UnknownDeviceError

pytestmark = pytest.mark.usefixtures("fresh")


class SmallestBackend(Backend):
    """Three members."""

    name = "smallest"
    xp = array_api_strict
    array_types = (type(array_api_strict.empty(0)),)


class ManyDevices(Backend):
    """A library of which only the names of its devices matter."""

    name = "many"
    xp = array_api_strict
    array_types = SmallestBackend.array_types
    current = "cuda:1"

    def devices(self):
        return {name: array_api_strict.Device("CPU_DEVICE") for name in ("cuda:0", "cuda:1", "cpu")}

    def current_device(self):
        return self.current


def test_three_members_are_enough_to_train_on():
    register_backend(SmallestBackend)
    with use_backend("smallest"):
        x = xpgrad.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
        (x @ x).sum().backward()
    assert str(x.device) == "smallest:cpu"
    assert x.grad.tolist() == [[7.0, 11.0], [9.0, 13.0]]


# Devices.


@pytest.mark.parametrize(
    ("asked", "found"),
    [("cuda", "cuda:1"), ("cuda:0", "cuda:0"), ("cuda:1", "cuda:1"), ("cpu", "cpu"), ("cpu:0", "cpu"), ("tpu", None)],
)
def test_finding_a_device(asked, found):
    backend = ManyDevices()
    place = backend.find(device(asked))
    assert place is (found and backend.place(found))


def test_without_an_index_the_first_of_the_type_if_the_current_one_is_not():
    backend = ManyDevices()
    backend.current = "cpu"
    assert backend.find(device("cuda")) is backend.place("cuda:0")
    assert backend.current_place() is backend.place("cpu")


def test_an_index_too_high():
    with pytest.raises(UnknownDeviceError, match=r"backend 'many' has no device 'cuda:2'; it has cuda:0, cuda:1, cpu"):
        ManyDevices().find(device("cuda:2"))
    with pytest.raises(UnknownDeviceError, match=r"backend 'many' has no device 'tpu'"):
        ManyDevices().place("tpu")


def test_no_device_at_all():
    class NoDevice(SmallestBackend):
        def devices(self):
            return {}

    with pytest.raises(NoDeviceError, match="backend 'smallest' is installed, but finds no device to run on"):
        NoDevice().current_place()


def test_places_are_interned():
    backend = ManyDevices()
    assert [place.device.type for place in backend.places()] == ["cuda", "cuda", "cpu"]
    assert backend.place("cpu") is backend.place("cpu") is backend.places()[2]


# The raw namespace.


def test_kernels_come_first_then_extensions_then_the_library(monkeypatch):
    class Library(types.SimpleNamespace):
        add, erf, negative = "the library's", "of the same name", "the library's"

    class Kernels(SmallestBackend):
        xp = Library()
        kernels: ClassVar = {"negative": lambda xp, x, /: (xp.add, x), "taken": lambda xp: xp}

        def raw_dtypes(self, handle):
            return {}

    assert "erf" in FALLBACKS
    xp = Kernels().namespace(None)
    assert xp.add == "the library's"
    assert xp.negative(3) == ("the library's", 3)
    assert xp.taken() is xp
    assert xp.erf.func is FALLBACKS["erf"]
    assert (xp.erf.args, xp.erf.__name__, xp.erf.__doc__) == ((xp,), "erf", FALLBACKS["erf"].__doc__)
    assert xp.erf is xp.erf
    with pytest.raises(AttributeError, match="the namespace of backend 'smallest' has no 'nothing'"):
        xp.nothing  # noqa: B018


def test_a_guard_is_entered_by_every_function_and_nothing_else():
    entered = []

    class Guarded(SmallestBackend):
        def guard(self, handle):
            @contextlib.contextmanager
            def enter():
                entered.append(handle)
                yield

            return enter

    place = Guarded().place("cpu")
    x = place.xp.asarray([[2.0, 0.0], [0.0, 4.0]])
    assert entered == [None]
    assert float(place.xp.linalg.det(x)) == pytest.approx(8.0)
    assert len(entered) == 2
    place.xp.erf(x)
    assert len(entered) > 3
    entered.clear()
    assert place.xp.pi == array_api_strict.pi
    assert place.xp.float32 is array_api_strict.float32
    assert place.guard is not None
    assert entered == []
    assert type(get_backend("numpy"))().place("cpu").guard is None


def test_layers_meet_in_submodules_too():
    top = types.SimpleNamespace(sort="top", linalg=types.SimpleNamespace(eig="top"))
    xp = layered("made", top, np)
    assert (xp.sort, xp.linalg.eig) == ("top", "top")
    assert xp.argsort is np.argsort
    assert xp.linalg.det is np.linalg.det
    assert xp.fft is np.fft
    with pytest.raises(AttributeError, match=r"made\.linalg has no 'nothing'"):
        xp.linalg.nothing  # noqa: B018


# Dtypes.


def test_a_device_without_a_dtype_says_what_it_has():
    place = get_backend("strict").place("no_float64")
    assert place.dtype(array_api_strict.float32) is dtypes.float32
    with pytest.raises(DtypeError) as caught:
        place.raw_dtype(dtypes.float64)
    assert str(caught.value).startswith("strict:no_float64 of backend 'strict' has no torch.float64; it has ")


def test_an_array_of_a_dtype_that_tensors_lack():
    with pytest.raises(
        DtypeError, match=r"numpy: arrays of dtype complex256 cannot be tensors; convert them to one of "
    ):
        host_place().dtype(np.dtype("complex256"))


def test_bfloat16_comes_with_ml_dtypes():
    ml_dtypes = pytest.importorskip("ml_dtypes")
    place = type(get_backend("numpy"))().place("cpu")
    assert place.dtype(np.dtype(ml_dtypes.bfloat16)) is dtypes.bfloat16
    assert place.raw_dtype(dtypes.bfloat16) == np.dtype(ml_dtypes.bfloat16)


def test_without_ml_dtypes_there_is_no_bfloat16(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "ml_dtypes", None)
    place = type(get_backend("numpy"))().place("cpu")
    with pytest.raises(
        DtypeError, match=r"cpu of backend 'numpy' has no torch\.bfloat16; it has bool, .*xpgrad\[bfloat16\]"
    ):
        place.raw_dtype(dtypes.bfloat16)


# Where NumPy deviates from the standard.


@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize("descending", [False, True])
def test_sorting_in_either_direction_keeps_the_order_of_equals(axis, descending):
    xp = host_place().xp
    x = np.random.default_rng(0).integers(0, 4, (6, 7)).astype(np.float32)
    np.testing.assert_array_equal(
        xp.argsort(x, axis=axis, descending=descending), compat.argsort(x, axis=axis, descending=descending)
    )
    np.testing.assert_array_equal(
        xp.sort(x, axis=axis, descending=descending), compat.sort(x, axis=axis, descending=descending)
    )


def test_the_other_deviations():
    xp = host_place().xp
    assert xp.fft.fftfreq(5, d=0.5, dtype=np.float32).dtype == np.float32
    np.testing.assert_allclose(xp.fft.rfftfreq(5, d=0.5), np.fft.rfftfreq(5, 0.5))
    symmetric = np.array([[2.0, 1.0], [1.0, 2.0]], dtype=np.float32)
    values, vectors = xp.linalg.eig(symmetric)
    assert (values.dtype, vectors.dtype, xp.linalg.eigvals(symmetric).dtype) == (np.complex64,) * 3
    np.testing.assert_allclose(symmetric @ vectors, vectors * values, rtol=1e-5)
    assert xp.finfo(symmetric).bits == xp.finfo(np.float32).bits == 32
    assert xp.iinfo(np.ones(2, np.int16)).max == 2**15 - 1


# Transfers.


@pytest.mark.parametrize(
    ("source", "target"),
    [("numpy:cpu", "strict:cpu"), ("strict:device1", "numpy:cpu"), ("strict:device1", "strict:device2")],
)
def test_a_transfer_is_a_copy(source, target):
    source, target = xpgrad.zeros(1, device=source)._place, xpgrad.zeros(1, device=target)._place
    array = source.backend.from_host(np.arange(6.0).reshape(2, 3), source.handle)
    moved = transfer(array, source, target)
    assert place_for(moved) is target
    assert transfer(array, source, source) is array
    array[0, 0] = 5.0
    np.testing.assert_array_equal(target.backend.to_host(moved), np.arange(6.0).reshape(2, 3))


def test_a_transfer_of_a_dtype_that_the_target_lacks():
    target = get_backend("strict").place("no_float64")
    with pytest.raises(DtypeError, match=r"strict:no_float64 of backend 'strict' has no torch\.float64"):
        transfer(np.ones(2), host_place(), target)
