"""`assert_close` accepts and refuses what PyTorch's does, in its words."""

import numpy as np
import pytest

import xpgrad
from xpgrad.testing import assert_allclose, assert_close, make_tensor

NAN = float("nan")

# Pairs of what is compared, and settings, as functions of the library.
CASES = {
    "vectors": lambda t: ((t([1.0, 2.0, 3.0]), t([1.0, 2.0, 4.0])), {}),
    "close vectors": lambda t: ((t([1.0, 2.0]), t([1.0, 2.0000001])), {}),
    "no tolerance": lambda t: ((t([1.0, 2.0]), t([1.0, 4.0])), {"rtol": 0, "atol": 0}),
    "tolerances": lambda t: ((t([1.0, 2.0]), t([1.0, 3.0])), {"rtol": 1e-3, "atol": 0.1}),
    "one tolerance": lambda t: ((t(1.0), t(1.0)), {"rtol": 1e-3}),
    "integers": lambda t: ((t([1, 2, 3]), t([1, 2, 4])), {}),
    "booleans": lambda t: ((t([True, False]), t([True, True])), {}),
    "complex numbers": lambda t: ((t([1.0 + 2j, 2.0]), t([1.0 + 0j, 3.0])), {}),
    "scalars": lambda t: ((t(1.0), t(2.0)), {}),
    "matrices": lambda t: ((t([[1.0, 2.0], [3.0, 4.0]]), t([[1.0, 3.0], [3.0, 5.0]])), {}),
    "shapes": lambda t: ((t([1.0]), t([1.0, 2.0])), {}),
    "dtypes": lambda t: ((t([1.0]), t([1])), {}),
    "dtypes left out": lambda t: ((t([1.0]), t([1])), {"check_dtype": False}),
    "strides": lambda t: ((t([[1.0, 2.0], [3.0, 4.0]]), t([[1.0, 3.0], [2.0, 4.0]]).T), {"check_stride": True}),
    "nan": lambda t: ((t([1.0, NAN]), t([1.0, NAN])), {}),
    "equal nan": lambda t: ((t([1.0, NAN]), t([1.0, NAN])), {"equal_nan": True}),
    "numbers": lambda t: ((1.0, 2.0), {}),
    "whole numbers": lambda t: ((3, 4), {}),
    "a number that is nan": lambda t: ((NAN, NAN), {}),
    "types of numbers": lambda t: ((1.0, 1), {}),
    "types of numbers left out": lambda t: ((1.0, 1), {"check_dtype": False}),
    "truth": lambda t: ((True, False), {}),
    "nothing": lambda t: ((None, None), {}),
    "something and nothing": lambda t: ((t([1.0]), None), {}),
    "sequences": lambda t: (([1.0, t([1.0, 2.0])], (1.0, t([1.0, 3.0]))), {}),
    "nested sequences": lambda t: (([[1.0, t([1.0, 2.0])]], [[1.0, t([1.0, 3.0])]]), {}),
    "lengths": lambda t: (([1.0], [1.0, 2.0]), {}),
    "mappings": lambda t: (({"a": 1.0, "b": t([1.0])}, {"b": t([2.0]), "a": 1.0}), {}),
    "keys": lambda t: (({"a": 1.0}, {"b": 1.0}), {}),
    "arrays": lambda t: ((np.array([1.0, 2.0]), np.array([1.0, 2.5])), {}),
    "a message": lambda t: ((t([1.0]), t([2.0])), {"msg": "no"}),
    "a function for the message": lambda t: ((t([1.0]), t([2.0])), {"msg": lambda text: "so: " + text}),
    "a tensor and a number": lambda t: ((t([1.0]), 1.0), {}),
    "an array and a tensor": lambda t: ((np.array([1.0]), t([1.0])), {}),
    "strings": lambda t: (("a", "a"), {}),
}


def verdict(library, case):
    pair, settings = CASES[case](library.tensor)
    try:
        library.testing.assert_close(*pair, **settings)
    except Exception as error:
        return error
    return None


@pytest.mark.parametrize("case", CASES)
def test_as_pytorch(case):
    torch = pytest.importorskip("torch")
    theirs, ours = verdict(torch, case), verdict(xpgrad, case)
    if theirs is None:
        assert ours is None
    else:
        assert isinstance(ours, type(theirs))
    if isinstance(theirs, AssertionError):
        assert str(ours) == str(theirs)


def test_any_backend(place):
    x = xpgrad.tensor([[1.0, 2.0], [3.0, 4.0]], device=place.device)
    assert_close(x, x.clone())
    with pytest.raises(AssertionError, match=r"Greatest absolute difference: 1.0 at index \(1, 0\)"):
        assert_close(x, x + xpgrad.tensor([[0.0, 0.0], [1.0, 0.0]], device=place.device))


def test_gradients_are_no_matter():
    x = xpgrad.ones(2, requires_grad=True)
    assert_close(x * 2, xpgrad.full((2,), 2.0))


def test_assert_allclose_is_deprecated():
    with pytest.warns(FutureWarning, match="Please use `torch.testing.assert_close"):
        assert_allclose(xpgrad.ones(2), [1.0, 1.0])


DTYPES = ["bool", "uint8", "int8", "int64", "float16", "float32", "float64", "complex64", "complex128"]


@pytest.mark.parametrize("dtype", DTYPES)
def test_made_tensors_lie_within_their_bounds(dtype):
    kind = getattr(xpgrad, dtype)
    made = make_tensor((20, 10), dtype=kind, device="cpu", low=0, high=2, noncontiguous=True)
    parts = [made.real, made.imag] if kind.is_complex else [made]
    assert made.dtype is kind
    assert not made.is_contiguous()
    assert all(part.min() >= 0 and part.max() <= 2 and part.max() > part.min() for part in parts)


def test_made_tensors_take_their_shape_apart_and_together():
    assert make_tensor(2, 3, dtype=xpgrad.float32, device="cpu").shape == (2, 3)
    assert make_tensor((), dtype=xpgrad.float32, device="cpu", requires_grad=True).requires_grad


def test_made_tensors_without_zeros():
    assert (make_tensor(100, dtype=xpgrad.int8, device="cpu", low=0, high=2, exclude_zero=True) == 1).all()


@pytest.mark.parametrize(
    "settings",
    [
        {"low": 3, "high": 2},
        {"low": NAN},
        {"requires_grad": True, "dtype": "int8"},
        {"low": 2, "high": 2, "dtype": "int8"},
    ],
    ids=str,
)
def test_tensors_that_cannot_be_made(settings):
    dtype = getattr(xpgrad, settings.pop("dtype", "float32"))
    with pytest.raises(ValueError):
        make_tensor(3, dtype=dtype, device="cpu", **settings)
