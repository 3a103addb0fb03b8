"""Shapes and places by the standard."""

from __future__ import annotations

import numpy as np
import pytest

import xpgrad
from xpgrad import array_api as xp
from xpgrad.backends.base import Place
from xpgrad.backends.registry import use_backend
from xpgrad.errors import ArgumentError, IndexingError, InplaceError, ShapeError

HOST = np.arange(24.0).reshape(2, 3, 4)


@pytest.fixture(autouse=True)
def _on_every_backend(place: Place):
    with use_backend(place.backend.name):
        yield


@pytest.fixture
def x():
    return xp.asarray(HOST.tolist(), dtype=xp.float64).requires_grad_()


def check(ours, theirs) -> None:
    np.testing.assert_array_equal(np.asarray(ours.tolist()), np.asarray(theirs))
    assert tuple(ours.shape) == np.shape(theirs)


@pytest.mark.parametrize(
    ("name", "arguments", "settings"),
    [
        ("permute_dims", ((2, 0, 1),), {}),
        ("permute_dims", ((-1, 0, -2),), {}),
        ("moveaxis", (0, -1), {}),
        ("moveaxis", ((0, 1), (-1, 0)), {}),
        ("matrix_transpose", (), {}),
        ("expand_dims", (), {"axis": -2}),
        ("expand_dims", (), {"axis": 3}),
        ("broadcast_to", ((5, 2, 3, 4),), {}),
        ("flip", (), {}),
        ("flip", (), {"axis": -1}),
        ("flip", (), {"axis": (0, -1)}),
        ("roll", (5,), {}),
        ("roll", (1,), {"axis": -1}),
        ("roll", ((1, -1),), {"axis": (0, 2)}),
        ("roll", (2,), {"axis": (0, 2)}),
        ("tile", ((2, 1),), {}),
        ("tile", ((2, 1, 1, 3),), {}),
        ("repeat", (2,), {}),
        ("repeat", (2,), {"axis": -1}),
        ("reshape", ((6, -1),), {}),
        ("reshape", ((4, 6),), {"copy": True}),
    ],
)
def test_values_agree_with_numpy_and_gradients_flow(name, arguments, settings, x) -> None:
    out = getattr(xp, name)(x, *arguments, **settings)
    expected = getattr(np, name)(HOST, *arguments, **settings)
    check(out, expected)
    (g,) = xpgrad.autograd.grad((out * out).sum(), x)
    times = expected.size // HOST.size
    np.testing.assert_array_equal(np.asarray(g.tolist()), 2.0 * times * HOST)


def test_squeeze() -> None:
    x = xp.zeros((1, 2, 1, 3))
    assert xp.squeeze(x, 0).shape == (2, 1, 3)
    assert xp.squeeze(x, (0, -2)).shape == (2, 3)
    with pytest.raises(ArgumentError, match=r"squeeze: axis 1 of shape \(1, 2, 1, 3\) is not of length 1"):
        xp.squeeze(x, 1)


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_repeat_by_a_number_for_each(axis, x) -> None:
    counts = [2, 0, 1, 3][: HOST.shape[axis]]
    out = xp.repeat(x, xp.asarray(counts), axis=axis)
    check(out, np.repeat(HOST, counts, axis=axis))
    (g,) = xpgrad.autograd.grad(out.sum(), x)
    shape = [1, 1, 1]
    shape[axis] = -1
    np.testing.assert_array_equal(np.asarray(g.tolist()), np.broadcast_to(np.reshape(counts, shape), HOST.shape))


def test_repeat_needs_a_number_for_each(x) -> None:
    assert xp.repeat(x, xp.asarray([2]), axis=0).shape == (4, 3, 4)
    with pytest.raises(ShapeError, match=r"repeat: \(3,\) repeats for an axis of length 2"):
        xp.repeat(x, xp.asarray([1, 2, 3]), axis=0)


@pytest.mark.parametrize("axis", [0, 1, -1, None])
def test_concat_promotes(axis, x) -> None:
    other = xp.ones((2, 3, 4), dtype=xp.float32)
    out = xp.concat([x, other], axis=axis)
    check(out, np.concatenate([HOST, np.ones_like(HOST)], axis=axis))
    assert out.dtype is xp.float64
    with pytest.raises(ShapeError, match=r"concat: shapes \(2, 3, 4\), \(2, 3\) differ in more than axis 0"):
        xp.concat([x, x[..., 0]])


@pytest.mark.parametrize("axis", [0, 2, -1, 3])
def test_stack(axis, x) -> None:
    check(xp.stack((x, x), axis=axis), np.stack((HOST, HOST), axis=axis))
    with pytest.raises(ShapeError, match=r"stack: shapes \(2, 3, 4\), \(3, 4\) differ"):
        xp.stack([x, x[0]])


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_unstack_has_one_gradient_for_all_its_parts(axis, x) -> None:
    parts = xp.unstack(x, axis=axis)
    for part, expected in zip(parts, np.moveaxis(HOST, axis, 0), strict=True):
        check(part, expected)
    assert len({part.grad_fn for part in parts}) == 1
    assert parts[0].grad_fn.name() == "UnbindBackward0"
    (g,) = xpgrad.autograd.grad(parts[0].sum() + (2.0 * parts[-1]).sum(), x)
    expected = np.zeros_like(HOST)
    np.moveaxis(expected, axis, 0)[0] += 1.0
    np.moveaxis(expected, axis, 0)[-1] += 2.0
    np.testing.assert_array_equal(np.asarray(g.tolist()), expected)


def test_parts_are_views() -> None:
    leaf = xp.asarray([[1.0, 2.0], [3.0, 4.0]]).requires_grad_()
    first, second = xp.unstack(leaf * 1.0)
    (g,) = xpgrad.autograd.grad((first * second).sum(), leaf)
    assert g.tolist() == [[3.0, 4.0], [1.0, 2.0]]
    with pytest.raises(InplaceError, match="the output of a function that returns multiple views"):
        second.add_(1.0)


def test_parts_that_are_not_recorded_are_views_too() -> None:
    base = xp.asarray([1.0, 2.0])
    first, _ = xp.unstack(base)
    first.add_(5.0)
    assert base.tolist() == [6.0, 2.0]
    assert xp.unstack(xp.zeros((0, 2))) == ()


def test_broadcast_arrays() -> None:
    x, y = xp.ones((2, 1)).requires_grad_(), xp.zeros((3,))
    wide, other = xp.broadcast_arrays(x, y)
    assert (wide.shape, other.shape) == ((2, 3), (2, 3))
    assert xpgrad.autograd.grad(wide.sum(), x)[0].tolist() == [[3.0], [3.0]]
    with pytest.raises(ShapeError, match=r"shapes \(2, 1\) and \(3, 1\) do not broadcast"):
        xp.broadcast_arrays(x, xp.ones((3, 1)))


def test_take(x) -> None:
    indices = xp.asarray([2, 0, -1])
    check(xp.take(x, indices, axis=1), np.take(HOST, [2, 0, -1], axis=1))
    check(xp.take(x[0, 0], indices), HOST[0, 0, [2, 0, -1]])
    check(xp.take(x, xp.asarray([[1, 0]]), axis=-1), np.take(HOST, [[1, 0]], axis=-1))
    with pytest.raises(IndexingError, match="index 3 is out of bounds for dimension 1 with size 3"):
        xp.take(x, xp.asarray([0, 3]), axis=1)
    with pytest.raises(IndexingError, match="index -3 is out of bounds for dimension 0 with size 2"):
        xp.take(x, xp.asarray([-3]), axis=0)
    with pytest.raises(ArgumentError, match="give axis="):
        xp.take(x, indices)


def test_take_along_axis(x) -> None:
    order = np.argsort(-HOST, axis=1)
    check(xp.take_along_axis(x, xp.asarray(order.tolist()), axis=1), np.take_along_axis(HOST, order, axis=1))
    check(xp.take_along_axis(x, xp.asarray([[[-1]]])), HOST[..., -1:])
    with pytest.raises(IndexingError, match="index 9 is out of bounds for dimension 2 with size 4"):
        xp.take_along_axis(x, xp.asarray([[[9]]]))
    with pytest.raises(ShapeError, match="must have as many axes"):
        xp.take_along_axis(x, xp.asarray([1]))


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda x: xp.reshape(x, (5, 5)), ShapeError, r"shape \(2, 3, 4\) has 24 elements, which do not fit \(5, 5\)"),
        (lambda x: xp.reshape(x, (-1, -1)), ShapeError, "do not fit"),
        (lambda x: xp.permute_dims(x, (0, 1)), ArgumentError, "must name each of 3 axes once"),
        (lambda x: xp.permute_dims(x, (0, 0, 1)), ArgumentError, "name one axis twice"),
        (lambda x: xp.moveaxis(x, (0, 1), (1,)), ArgumentError, "differ in length"),
        (
            lambda x: xp.expand_dims(x, axis=4),
            IndexingError,
            "axis 4 is out of range for 4 axes; give one from -4 to 3",
        ),
        (lambda x: xp.flip(x, axis=3), IndexingError, "flip: axis 3 is out of range"),
        (lambda x: xp.roll(x, (1, 2), axis=0), ArgumentError, "2 shifts and 1 axes"),
        (lambda x: xp.broadcast_to(x, (2, 3)), ShapeError, r"shape \(2, 3, 4\) does not broadcast to \(2, 3\)"),
        (lambda x: xp.matrix_transpose(x[0, 0]), ShapeError, r"takes matrices \(..., n, m\), got shape \(4,\)"),
        (lambda x: xp.squeeze(x[0, 0, 0], 0), IndexingError, "for a 0-d array"),
    ],
)
def test_what_does_not_fit(call, error, text, x) -> None:
    with pytest.raises(error, match=text):
        call(x)


def test_reshape_without_a_copy(x, place: Place) -> None:
    assert xp.reshape(x, (24,), copy=False).shape == (24,)
    if place.mutable:
        with pytest.raises(ArgumentError, match="needs a copy here; give copy=None"):
            xp.reshape(xp.permute_dims(x, (2, 1, 0)), (24,), copy=False)


def test_flip_is_a_copy(x) -> None:
    with xpgrad.no_grad():
        y = xp.flip(x)
        y.zero_()
    check(x, HOST)
