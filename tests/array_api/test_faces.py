"""The standard's functions over tensors: signatures, promotion, named results, messages."""

from __future__ import annotations

import inspect
from typing import Any

import array_api_strict
import numpy as np
import pytest

from xpgrad.array_api import data_types, elementwise, reductions, searching, sets
from xpgrad.backends import dtypes
from xpgrad.backends.base import Place
from xpgrad.core.tensor_base import make_tensor
from xpgrad.errors import ArgumentError, ArgumentTypeError, DtypeError

FACES = {name: getattr(m, name) for m in (data_types, elementwise, reductions, searching, sets) for name in m.__all__}


def tensor(place: Place, values: Any, dtype: str = "float32") -> Any:
    return make_tensor(place.backend.from_host(np.asarray(values, dtype=dtype), place.handle), place)


def values(x: Any) -> Any:
    return np.asarray(x._place.backend.to_host(x._array)).tolist()


@pytest.mark.parametrize("name", sorted(FACES))
def test_signatures_are_the_standards(name: str) -> None:
    def shape_of(function: Any) -> list[Any]:
        parameters = inspect.signature(function).parameters.values()
        return [
            (p.kind, p.default if p.kind is not p.POSITIONAL_ONLY else None)
            + ((p.name,) if p.kind is not p.POSITIONAL_ONLY else ())
            for p in parameters
        ]

    ours = shape_of(FACES[name])
    theirs = shape_of(getattr(array_api_strict, name))
    if name == "astype":
        # array-api-strict marks "no device" with an object of its own.
        ours, theirs = ours[:-1], theirs[:-1]
    assert ours == theirs


@pytest.mark.parametrize("name", sorted(FACES))
def test_every_face_says_in_a_line_what_it_does(name: str) -> None:
    first, *_ = (FACES[name].__doc__ or "").splitlines()
    assert first.endswith(".")
    assert FACES[name].__name__ == name


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("float32", "float64", "float64"),
        ("int32", "float32", "float32"),
        ("int8", "uint8", "int16"),
        ("bool", "int32", "int32"),
        ("float64", "complex64", "complex128"),
    ],
)
def test_tensors_meet_in_the_promoted_dtype_zero_dimensional_ones_too(left, right, expected, place: Place) -> None:
    for x, y in (([1, 2], [1, 2]), ([1, 2], 1)):
        assert elementwise.add(tensor(place, x, left), tensor(place, y, right)).dtype.name == expected


@pytest.mark.parametrize(
    ("dtype", "scalar", "expected"),
    [
        ("int8", 2, "int8"),
        ("float32", 2, "float32"),
        ("float64", 2.5, "float64"),
        ("float32", 1j, "complex64"),
        ("int32", 2.5, "float32"),
        ("bool", 2, "int64"),
    ],
)
def test_python_scalars_take_the_dtype_of_the_tensor_if_it_can_hold_them(dtype, scalar, expected, place: Place) -> None:
    x = tensor(place, [1, 0], dtype)
    for out in (elementwise.multiply(x, scalar), elementwise.multiply(scalar, x)):
        assert out.dtype.name == expected
    assert values(elementwise.multiply(x, scalar)) == [scalar, 0]
    assert data_types.result_type(x, scalar).name == expected
    assert data_types.result_type(scalar, x.dtype).name == expected


def test_functions_that_need_floats_take_integers_in_the_default_dtype(place: Place) -> None:
    for out in (elementwise.exp(tensor(place, [0], "int64")), elementwise.divide(tensor(place, [2], "int32"), 2)):
        assert (out.dtype, values(out)) == (dtypes.float32, [1.0])


def test_sums_of_integers_have_64_bits_unless_told(place: Place) -> None:
    for dtype, expected in (("int8", "int64"), ("uint8", "uint64"), ("bool", "int64"), ("float32", "float32")):
        x = tensor(place, [1, 1], dtype)
        assert reductions.sum(x).dtype.name == reductions.prod(x).dtype.name == expected
        assert reductions.cumulative_sum(x).dtype.name == reductions.cumulative_prod(x).dtype.name == expected
    assert reductions.sum(tensor(place, [1, 1], "int8"), dtype=dtypes.float64).dtype is dtypes.float64


def test_set_functions_return_the_standards_named_tuples(place: Place) -> None:
    x = tensor(place, [3, 1, 3], "int64")
    everything = sets.unique_all(x)
    assert [values(part) for part in everything] == [[1, 3], [1, 0], [1, 0, 1], [1, 2]]
    assert everything._fields == ("values", "indices", "inverse_indices", "counts")
    assert sets.unique_counts(x)._fields == ("values", "counts")
    assert sets.unique_inverse(x)._fields == ("values", "inverse_indices")
    assert sorted(values(sets.unique_values(x))) == [1, 3]


def test_nonzero_gives_the_indices_along_each_axis(place: Place) -> None:
    assert [values(i) for i in searching.nonzero(tensor(place, [[0, 1], [2, 0]]))] == [[0, 1], [1, 0]]


def test_searchsorted_looks_through_the_sorter(place: Place) -> None:
    x, order = tensor(place, [3.0, 1.0, 2.0]), tensor(place, [1, 2, 0], "int64")
    assert values(searching.searchsorted(x, tensor(place, [2.0, 9.0]), sorter=order)) == [1, 3]
    assert values(searching.searchsorted(x, tensor(place, [2.0]), side="right", sorter=order)) == [2]


def test_clip_keeps_the_dtype_of_its_first_argument(place: Place) -> None:
    x = tensor(place, [-2, 0, 2])
    assert values(elementwise.clip(x, max=tensor(place, [1, 1, 1], "float64"), min=-1)) == [-1, 0, 1]
    assert elementwise.clip(x, tensor(place, 0.0, "float64")).dtype is dtypes.float32
    assert values(elementwise.clip(x)) == [-2, 0, 2]


def test_diff_joins_what_is_prepended_and_appended(place: Place) -> None:
    x, zero, nine = tensor(place, [[1, 3]]), tensor(place, [[0]]), tensor(place, [[9]])
    assert values(reductions.diff(x, prepend=zero, append=nine)) == [[1, 2, 6]]
    assert values(reductions.diff(x, n=2, append=nine)) == [[4]]


def test_astype_makes_a_copy_unless_told(place: Place) -> None:
    x = tensor(place, [1.5])
    assert data_types.astype(x, dtypes.float32, copy=False) is x
    assert data_types.astype(x, dtypes.float32) is not x
    assert values(data_types.astype(x, dtypes.int64)) == [1]


def test_limits_are_those_of_numpy() -> None:
    for dtype in (dtypes.float16, dtypes.float32, dtypes.float64, dtypes.complex64, dtypes.complex128):
        ours, theirs = data_types.finfo(dtype), np.finfo(dtype.name)
        for limit in ("bits", "eps", "max", "min", "smallest_normal"):
            assert getattr(ours, limit) == getattr(theirs, limit)
        assert ours.dtype is dtype.to_real()
    for dtype in dtypes.BY_NAME.values():
        if dtype.kind in ("int", "uint"):
            ours, theirs = data_types.iinfo(dtype), np.iinfo(dtype.name)
            assert (ours.bits, ours.max, ours.min) == (theirs.bits, theirs.max, theirs.min)


def test_kinds_and_casts_are_the_standards() -> None:
    for dtype in (dtypes.bool_, dtypes.int8, dtypes.uint16, dtypes.float32, dtypes.complex128):
        raw = getattr(array_api_strict, dtype.name)
        for kind in data_types._KINDS:
            assert data_types.isdtype(dtype, kind) == array_api_strict.isdtype(raw, kind)
    assert data_types.isdtype(dtypes.int8, ("bool", dtypes.int8))
    assert data_types.can_cast(dtypes.float32, dtypes.float64)
    assert not data_types.can_cast(dtypes.float64, dtypes.float32)
    assert not data_types.can_cast(dtypes.uint64, dtypes.int64)


def test_bad_arguments_are_told_what_to_do(place: Place) -> None:
    x = tensor(place, [[1.0]])
    with pytest.raises(ArgumentTypeError, match=r"add: takes tensors and Python scalars, got list: \[1.0\]; make it"):
        elementwise.add(x, [1.0])
    for face in (reductions.sum, reductions.cumulative_sum, reductions.diff, searching.nonzero):
        with pytest.raises(
            ArgumentTypeError, match=rf"{face.__name__}: takes a tensor, got ndarray: array\(\[1\]\); make it"
        ):
            face(np.asarray([1]))
    with pytest.raises(ArgumentTypeError, match=r"pow: takes at least one tensor, got only 2, 3"):
        elementwise.pow(2, 3)
    with pytest.raises(ArgumentTypeError, match=r"result_type: takes at least one tensor or dtype, got only 1"):
        data_types.result_type(1)
    with pytest.raises(
        ArgumentError, match=r"cumulative_sum: axis may be left out in one dimension only, the shape is"
    ):
        reductions.cumulative_sum(x)
    with pytest.raises(DtypeError, match=r"where: the condition must be boolean, it is torch.float32; compare it"):
        searching.where(x, x, x)
    with pytest.raises(DtypeError, match=r"finfo: takes a floating or complex dtype, got torch.int8; integers have"):
        data_types.finfo(dtypes.int8)
    with pytest.raises(DtypeError, match=r"iinfo: takes an integer dtype, got torch.float32; floating ones have"):
        data_types.iinfo(x)
    with pytest.raises(ArgumentError, match=r"isdtype: no kind is called 'real'; there are bool, signed integer"):
        data_types.isdtype(dtypes.int8, "real")
