"""`gradcheck` and `gradgradcheck` find planted errors. These tests also hold in PyTorch (`tests/parity`)."""

import pytest

import xpgrad as torch
from xpgrad.autograd import Function, gradcheck, gradgradcheck


def leaf(*values):
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


def custom(forward, backward):
    """A function with a gradient of one's own choosing."""

    class Planted(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return forward(x)

        @staticmethod
        def backward(ctx, g):
            return backward(g, *ctx.saved_tensors)

    return Planted.apply


RIGHT = custom(lambda x: x**3, lambda g, x: 3 * g * x**2)
WRONG = {
    "factor": custom(lambda x: x**3, lambda g, x: 2 * g * x**2),
    "sign": custom(lambda x: x**3, lambda g, x: -3 * g * x**2),
    "small": custom(lambda x: x**3, lambda g, x: 3.01 * g * x**2),
    "missing": custom(lambda x: x**3, lambda g, x: None),
    "one element": custom(lambda x: x**3, lambda g, x: 3 * g * x**2 * torch.tensor([1.0, 1.0, 0.9])),
    "transposed": custom(lambda x: x**3, lambda g, x: (3 * g * x**2).flip(0)),
    "nan": custom(lambda x: x**3, lambda g, x: g * float("nan")),
}


def test_right_gradients_pass():
    assert gradcheck(RIGHT, leaf(1.0, 2.0, -3.0))
    assert gradgradcheck(RIGHT, leaf(1.0, 2.0, -3.0))


@pytest.mark.parametrize("name", WRONG)
def test_wrong_gradients_raise(name):
    x = leaf(1.0, 2.0, -3.0)
    with pytest.raises(RuntimeError):
        gradcheck(WRONG[name], x)
    assert not gradcheck(WRONG[name], x, raise_exception=False)


def test_second_order_is_checked_apart():
    def backward(g, x):
        # Right in value, but not in what it says of its own derivative.
        return 3 * g * x * x.detach()

    planted = custom(lambda x: x**3, backward)
    x = leaf(1.0, 2.0, -3.0)
    assert gradcheck(planted, x)
    with pytest.raises(RuntimeError):
        gradgradcheck(planted, x)
    assert not gradgradcheck(planted, x, raise_exception=False)


def test_several_inputs_and_outputs():
    def function(x, y, n):
        return x * y.sum(), (x**n).exp()

    x, y = leaf(0.1, 0.2), leaf(0.5, -0.5, 1.5)
    assert gradcheck(function, (x, y, 2))
    assert gradgradcheck(function, (x, y, 2))


def test_inputs_that_do_not_require_grad_are_constants():
    assert gradcheck(lambda x, y: x * y, (leaf(1.0, 2.0), torch.tensor([3.0, 4.0], dtype=torch.float64)))


def test_an_input_that_the_result_does_not_depend_on():
    assert gradcheck(lambda x, y: x * 2, (leaf(1.0), leaf(2.0)))


def test_tolerances_count():
    x = leaf(1.0, 2.0, -3.0)
    assert gradcheck(WRONG["small"], x, rtol=0.1)
    with pytest.raises(RuntimeError):
        gradcheck(lambda x: x.float().double() ** 3, x)


def test_complex_functions():
    z = torch.tensor([0.5 + 1j, -1 + 0.3j], dtype=torch.complex128, requires_grad=True)
    assert gradcheck(lambda z: z * z.conj() + z**2, z)
    assert gradcheck(lambda z: z.abs(), z)
    assert gradgradcheck(lambda z: z**3, z)
    holomorphic = custom(lambda z: z * z, lambda g, z: 2 * g * z.conj())
    assert gradcheck(holomorphic, z)
    assert not gradcheck(custom(lambda z: z * z, lambda g, z: 2 * g * z), z, raise_exception=False)


def test_something_must_require_grad():
    with pytest.raises(ValueError, match=r"gradcheck expects (at least one|all tensor) input"):
        gradcheck(lambda x: x, torch.ones(2, dtype=torch.float64))


def test_inputs_are_left_as_they_were():
    x = leaf(1.0, 2.0)
    gradcheck(RIGHT, x)
    assert x.grad is None
    assert x.tolist() == [1.0, 2.0]
