"""Making tensors by the standard."""

from __future__ import annotations

import array_api_strict
import numpy as np
import pytest

import xpgrad
from xpgrad import array_api as xp
from xpgrad.backends.base import Place
from xpgrad.backends.registry import use_backend
from xpgrad.errors import ArgumentError, ArgumentTypeError, DtypeError


@pytest.fixture(autouse=True)
def _on_every_backend(place: Place):
    with use_backend(place.backend.name):
        yield


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        (True, "bool"),
        (2, "int64"),
        (2.5, "float32"),
        (1j, "complex64"),
        ([[1, 2], [3, 4]], "int64"),
        ([1, 2.5], "float32"),
        ([1.0, 2j], "complex64"),
        ([], "float32"),
        (((False, True),), "bool"),
    ],
)
def test_python_values_take_the_default_dtypes(values, dtype) -> None:
    x = xp.asarray(values)
    assert (x.dtype.name, x.tolist()) == (dtype, np.asarray(values).tolist())


def test_a_dtype_that_is_asked_for(place: Place) -> None:
    x = xp.asarray([1, 0, 2], dtype=xp.bool)
    assert (x.dtype, x.tolist(), x._place) == (xp.bool, [True, False, True], place)
    assert xp.asarray([2**63], dtype=xp.uint64).tolist() == [2**63]
    assert xp.asarray([1.5], dtype=xp.complex128).tolist() == [1.5 + 0j]


def test_asarray_of_a_tensor_keeps_its_history() -> None:
    x = xp.asarray([1.0, 2.0]).requires_grad_()
    assert xp.asarray(x) is x
    for y in (xp.asarray(x, copy=True), xp.asarray(x, dtype=xp.float64), xp.asarray(x, dtype=xp.float64, copy=True)):
        assert y is not x
        (g,) = xpgrad.autograd.grad((y * y).sum(), x)
        assert g.tolist() == [2.0, 4.0]


def test_asarray_of_nested_tensors_keeps_their_histories() -> None:
    x, y = (xp.asarray(v).requires_grad_() for v in (1.0, 2.0))
    z = xp.asarray([[x, y], [x * y, 5.0]])
    assert z.tolist() == [[1.0, 2.0], [2.0, 5.0]]
    gx, gy = xpgrad.autograd.grad(xp.sum(z * z), (x, y))
    assert (gx.item(), gy.item()) == (2.0 + 2 * 2.0 * 2.0, 4.0 + 2 * 2.0 * 1.0)


def test_copies() -> None:
    x = xp.asarray([1.0, 2.0])
    assert xp.asarray(x, copy=False) is x
    copied = xp.asarray(x, copy=True)
    with xpgrad.no_grad():
        x[0] = 5.0
    assert copied.tolist() == [1.0, 2.0]
    for refused in ({"obj": [1.0]}, {"obj": x, "dtype": xp.float64}):
        with pytest.raises(ArgumentError, match="without a copy; give copy=None"):
            xp.asarray(refused.pop("obj"), copy=False, **refused)


def test_arrays_of_a_library_stay_where_they_are() -> None:
    host = np.asarray([1, 2], dtype=np.int16)
    x = xp.asarray(host)
    assert (x.dtype, x._place.backend.name) == (xp.int16, "numpy")
    host[0] = 9
    assert x.tolist() == [9, 2]
    assert xp.asarray(host, copy=True)._array is not host
    assert xp.asarray(array_api_strict.asarray([1.5]))._place.backend.name == "strict"


def test_asarray_moves(place: Place) -> None:
    x = xp.asarray(np.asarray([1.0, 2.0], dtype=np.float32), device=place.device)
    assert x._place is place
    y = xp.asarray([1.0, 2.0], device="numpy:cpu").requires_grad_()
    (g,) = xpgrad.autograd.grad((xp.asarray(y, device=place.device) ** 2).sum(), y)
    assert (g.tolist(), g._place) == ([2.0, 4.0], y._place)


def test_what_no_tensor_can_be_made_of() -> None:
    for bad in (object(), "abc", [[1.0], [1.0, 2.0]], ["a"], {1: 2}):
        with pytest.raises(ArgumentTypeError, match="asarray: cannot make a tensor of"):
            xp.asarray(bad)


def test_from_dlpack() -> None:
    host = np.asarray([1.0, 2.0])
    assert xp.from_dlpack(host).tolist() == [1.0, 2.0]
    x = xp.asarray([1.0])
    assert xp.from_dlpack(x) is x
    assert xp.from_dlpack(x, copy=True) is not x

    class Exporter:
        """An array of a library that no backend knows."""

        def __dlpack__(self, **options):
            return host.__dlpack__(**options)

        def __dlpack_device__(self):
            return host.__dlpack_device__()

    foreign = xp.from_dlpack(Exporter())
    assert (foreign.tolist(), foreign.dtype) == ([1.0, 2.0], xp.float64)
    assert xp.asarray(Exporter()).tolist() == [1.0, 2.0]


def test_filled_tensors(place: Place) -> None:
    assert xp.zeros((2,)).dtype is xp.float32
    assert xp.ones(3).tolist() == [1.0, 1.0, 1.0]
    assert xp.empty((2, 0)).shape == (2, 0)
    for value, dtype in ((True, xp.bool), (3, xp.int64), (0.5, xp.float32), (1j, xp.complex64)):
        made = xp.full((2,), value)
        assert (made.dtype, made.tolist(), made._place) == (dtype, [value, value], place)
    x = xp.asarray([[1, 2]], dtype=xp.int16)
    for made, value in ((xp.zeros_like(x), 0), (xp.ones_like(x), 1), (xp.full_like(x, 7), 7)):
        assert (made.dtype, made.tolist()) == (xp.int16, [[value, value]])
    assert xp.empty_like(x, dtype=xp.float64).dtype is xp.float64
    assert xp.zeros_like(x, device="numpy:cpu")._place.backend.name == "numpy"
    assert xp.eye(2, 3, k=1, dtype=xp.int32).tolist() == [[0, 1, 0], [0, 0, 1]]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((4,), [0, 1, 2, 3]),
        ((1, 4), [1, 2, 3]),
        ((5, 0, -2), [5, 3, 1]),
        ((3, 1), []),
        ((0.0, 1.0, 0.25), [0.0, 0.25, 0.5, 0.75]),
        ((1, 2, 0.5), [1.0, 1.5]),
    ],
)
def test_arange(arguments, expected) -> None:
    x = xp.arange(*arguments)
    assert x.tolist() == expected
    assert x.dtype is (xp.int64 if all(isinstance(a, int) for a in arguments) else xp.float32)


def test_arange_has_as_many_elements_as_the_numbers_say() -> None:
    # A running sum of 0.1 in float32 would give one element more or less.
    assert xp.arange(0.0, 1000.0, 0.1).shape == (10000,)
    assert xp.arange(2, 5, dtype=xp.float64).tolist() == [2.0, 3.0, 4.0]
    with pytest.raises(ArgumentError, match="the step must not be 0"):
        xp.arange(0, 1, 0)


def test_linspace() -> None:
    assert xp.linspace(0, 1, 5).tolist() == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert xp.linspace(0, 1, 4, endpoint=False).tolist() == [0.0, 0.25, 0.5, 0.75]
    assert xp.linspace(0, 1j, 2).dtype is xp.complex64
    assert xp.linspace(0, 1, 2, dtype=xp.float64).dtype is xp.float64


@pytest.mark.parametrize("indexing", ["xy", "ij"])
def test_meshgrid(indexing) -> None:
    x, y, z = xp.asarray([1.0, 2.0]).requires_grad_(), xp.asarray([3.0, 4.0, 5.0]), xp.asarray([6.0])
    grids = xp.meshgrid(x, y, z, indexing=indexing)
    for ours, theirs in zip(grids, np.meshgrid([1.0, 2.0], [3.0, 4.0, 5.0], [6.0], indexing=indexing), strict=True):
        assert ours.tolist() == theirs.tolist()
    (g,) = xpgrad.autograd.grad(grids[0].sum(), x)
    assert g.tolist() == [3.0, 3.0]
    with pytest.raises(ArgumentError, match="indexing must be 'xy' or 'ij', not 'yx'"):
        xp.meshgrid(x, indexing="yx")


def test_a_dtype_that_the_device_lacks() -> None:
    with pytest.raises(DtypeError, match="float64"):
        xp.zeros((1,), dtype=xp.float64, device="strict:no_float64")
