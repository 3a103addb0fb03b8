"""Sorting keeps the order of equals."""

import pytest

import xpgrad
from xpgrad.testing.conformance.subject import Subject


@pytest.mark.parametrize(("descending", "order"), [(False, [1, 3, 0, 2]), (True, [0, 2, 1, 3])])
def test_sorting_is_stable_in_both_directions(place, descending, order):
    with Subject(place).using():
        x = xpgrad.tensor([2.0, 1.0, 2.0, 1.0], requires_grad=True)
        values, indices = xpgrad.sort(x, stable=True, descending=descending)
        values.backward(xpgrad.tensor([1.0, 2.0, 3.0, 4.0]))
    assert indices.tolist() == order
    assert values.tolist() == [[2.0, 1.0, 2.0, 1.0][i] for i in order]
    assert x.grad.numpy()[order].tolist() == [1.0, 2.0, 3.0, 4.0]
