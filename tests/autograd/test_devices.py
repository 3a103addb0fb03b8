"""Gradients stay on the device of what they belong to."""

import pytest

import xpgrad
from xpgrad.autograd import Function
from xpgrad.errors import GradientError


class Abroad(Function):
    @staticmethod
    def forward(ctx, x):
        return x * 1

    @staticmethod
    def backward(ctx, g):
        return g.to("strict:cpu")


def test_a_function_must_not_return_gradients_on_another_device():
    x = xpgrad.ones(2, requires_grad=True)
    said = "Function AbroadBackward returned an invalid gradient at index 0 - expected device cpu but got strict:cpu"
    with pytest.raises(GradientError, match=said):
        Abroad.apply(x).sum().backward()


def test_gradients_flow_back_across_a_move():
    x = xpgrad.ones(2, requires_grad=True)
    (x.to("strict:device1") * 3).sum().backward()
    assert (x.grad.tolist(), str(x.grad.device)) == ([3.0, 3.0], "cpu")
