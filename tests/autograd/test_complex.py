"""Gradients of complex functions: the conjugate of the Wirtinger derivative. These tests also hold in PyTorch."""

import pytest

import xpgrad as torch

REAL_RESULTS = {
    "abs": lambda z: z.abs(),
    "abs squared": lambda z: (z * z.conj()).real,
    "real": lambda z: z.real,
    "imag": lambda z: z.imag,
    "real of a product": lambda z: ((2 + 3j) * z).real,
    "exp of abs": lambda z: z.abs().exp(),
}
# f and its derivative, where it has one in the complex sense.
HOLOMORPHIC = {
    "square": (lambda z: z * z, lambda z: 2 * z),
    "cube": (lambda z: z**3, lambda z: 3 * z * z),
    "exp": (lambda z: z.exp(), lambda z: z.exp()),
    "log": (lambda z: z.log(), lambda z: 1 / z),
    "sqrt": (lambda z: z.sqrt(), lambda z: 0.5 / z.sqrt()),
    "sin": (lambda z: z.sin(), lambda z: z.cos()),
    "tanh": (lambda z: z.tanh(), lambda z: 1 - z.tanh() ** 2),
    "reciprocal": (lambda z: 1 / z, lambda z: -1 / (z * z)),
    "times a constant": (lambda z: (2 - 1j) * z, lambda z: torch.tensor(2 - 1j, dtype=z.dtype)),
    "divided by a constant": (lambda z: z / (2 - 1j), lambda z: torch.tensor(1 / (2 - 1j), dtype=z.dtype)),
}


def point():
    return torch.tensor(0.6 + 0.8j, dtype=torch.complex128, requires_grad=True)


@pytest.mark.parametrize("name", HOLOMORPHIC)
def test_holomorphic_functions_give_the_conjugate_of_their_derivative(name):
    function, derivative = HOLOMORPHIC[name]
    z = point()
    function(z).backward(torch.tensor(1.0 + 0j, dtype=torch.complex128))
    assert abs(z.grad.item() - derivative(z.detach()).item().conjugate()) < 1e-12


@pytest.mark.parametrize("name", REAL_RESULTS)
def test_real_functions_give_the_direction_of_steepest_ascent(name):
    function, z, step = REAL_RESULTS[name], point(), 1e-6
    function(z).backward()
    here = z.detach()
    along_real = (function(here + step) - function(here - step)).item() / (2 * step)
    along_imag = (function(here + 1j * step) - function(here - 1j * step)).item() / (2 * step)
    assert abs(z.grad.item() - (along_real + 1j * along_imag)) < 1e-8


def test_gradient_descent_goes_down():
    z = point()
    for _ in range(60):
        loss = ((z - (1 - 2j)) * (z - (1 - 2j)).conj()).real
        loss.backward()
        with torch.no_grad():
            z -= 0.2 * z.grad
        z.grad = None
    assert abs(z.item() - (1 - 2j)) < 1e-6


def test_a_real_leaf_in_a_complex_product_gets_a_real_gradient():
    x = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
    y = x * torch.tensor(3 + 4j, dtype=torch.complex128)
    y.backward(torch.tensor(1 + 1j, dtype=torch.complex128))
    assert x.grad.dtype is torch.float64
    # The real part of g * conj(3 + 4j).
    assert x.grad.item() == 7.0


def test_the_gradient_arrives_and_leaves_in_the_same_convention():
    z = point()
    y = z * 1
    y.retain_grad()
    given = torch.tensor(2 + 3j, dtype=torch.complex128)
    y.backward(given)
    assert y.grad.item() == z.grad.item() == 2 + 3j
    (g,) = torch.autograd.grad(z * 1, z, given)
    assert g.item() == 2 + 3j


def test_second_derivatives():
    z = point()
    (g,) = torch.autograd.grad((z**3).real, z, create_graph=True)
    # g = conj(3 z^2); the gradient of its real part is conj(6 z).
    (h,) = torch.autograd.grad(g.real, z)
    assert abs(g.item() - (3 * z.item() ** 2).conjugate()) < 1e-12
    assert abs(h.item() - (6 * z.item()).conjugate()) < 1e-12


def test_products_of_matrices():
    z = torch.tensor([[1 + 1j, 2.0], [0.5j, 1 - 1j]], dtype=torch.complex128, requires_grad=True)
    w = torch.tensor([[1j, 1.0], [2.0, 1 - 1j]], dtype=torch.complex128, requires_grad=True)
    g = torch.tensor([[1.0, 1j], [2.0, 0.0]], dtype=torch.complex128)
    (z @ w).backward(g)
    for ours, expected in ((z.grad, g @ w.detach().conj().t()), (w.grad, z.detach().conj().t() @ g)):
        assert (ours - expected).abs().max().item() < 1e-12


def test_a_gradient_may_not_be_complex_for_a_real_result():
    x = torch.ones(2, requires_grad=True)
    with pytest.raises(RuntimeError, match="both grad_output and output are required to have the same dtype"):
        (x * 2).backward(torch.ones(2, dtype=torch.complex64))
