"""Products with Jacobians and Hessians, and these themselves. These tests also hold in PyTorch (`tests/parity`)."""

import pytest

import xpgrad as torch
from xpgrad.autograd.functional import hessian, hvp, jacobian, jvp, vhp, vjp


def point():
    return torch.tensor([[0.5, -1.0], [2.0, 0.3]], dtype=torch.float64)


def other():
    return torch.tensor([1.5, -0.5], dtype=torch.float64)


def rows(x):
    return (x**3).sum(1)


def both(x, y):
    return x * y, (x**2).sum() * y


def number(x, y):
    return (x**2 * y).sum() + (y**3).sum()


def close(a, b):
    assert a.dtype == b.dtype and a.shape == b.shape
    assert torch.allclose(a, b)


def test_vjp_and_jvp_of_one_tensor():
    v = torch.tensor([2.0, -1.0], dtype=torch.float64)
    value, product = vjp(rows, point(), v)
    close(value, rows(point()))
    close(product, 3 * point() ** 2 * v[:, None])
    value, product = jvp(rows, point(), point())
    close(product, 3 * (point() ** 3).sum(1))
    assert not value.requires_grad and not product.requires_grad


def test_products_are_those_with_the_jacobian():
    blocks = jacobian(both, (point(), other()))
    v_out = (point() + 1, other() * 2)
    _, from_left = vjp(both, (point(), other()), v_out)
    _, from_right = jvp(both, (point(), other()), (point(), other()))
    for i, got in enumerate(from_left):
        wanted = sum(torch.tensordot(v, blocks[o][i], v.ndim) for o, v in enumerate(v_out))
        close(got, wanted)
    for o, got in enumerate(from_right):
        wanted = sum(torch.tensordot(blocks[o][i], x, x.ndim) for i, x in enumerate((point(), other())))
        close(got, wanted)


@pytest.mark.parametrize("settings", [{}, {"vectorize": True}, {"vectorize": True, "strategy": "forward-mode"}])
def test_jacobian(settings):
    blocks = jacobian(both, (point(), other()), **settings)
    assert [[tuple(b.shape) for b in row] for row in blocks] == [[(2, 2, 2, 2), (2, 2, 2)], [(2, 2, 2), (2, 2)]]
    close(blocks[1][1], torch.eye(2, dtype=torch.float64) * (point() ** 2).sum())
    close(blocks[1][0], 2 * other()[:, None, None] * point())
    single = jacobian(rows, point(), **settings)
    close(single[0, 0], 3 * point()[0] ** 2)
    close(single[0, 1], torch.zeros(2, dtype=torch.float64))


@pytest.mark.parametrize(
    "settings", [{}, {"vectorize": True}, {"vectorize": True, "outer_jacobian_strategy": "forward-mode"}]
)
def test_hessian(settings):
    blocks = hessian(number, (point(), other()), **settings)
    close(blocks[1][1], torch.diag(6 * other()))
    close(blocks[0][1][:, :, 0], torch.stack([2 * point()[:, 0], torch.zeros(2, dtype=torch.float64)], 1))
    close(hessian(lambda x: (x**3).sum(), other(), **settings), torch.diag(6 * other()))


def test_products_with_the_hessian():
    v = (point() * 0.5, other() + 1)
    blocks = hessian(number, (point(), other()))
    _, right = hvp(number, (point(), other()), v)
    value, left = vhp(number, (point(), other()), v)
    close(value, number(point(), other()))
    for i in range(2):
        wanted = sum(torch.tensordot(blocks[i][j], v[j], v[j].ndim) for j in range(2))
        close(right[i], wanted)
        close(left[i], wanted)


def test_results_that_can_be_differentiated():
    x = other().clone().requires_grad_()
    found = jacobian(lambda t: t**3, x, create_graph=True)
    found.sum().backward()
    close(x.grad, 6 * other())
    for function in (vhp, hvp):
        y = other().clone().requires_grad_()
        value, product = function(lambda t: (t**4).sum(), y, torch.ones(2, dtype=torch.float64), create_graph=True)
        assert value.requires_grad
        product.sum().backward()
        close(y.grad, 24 * other())
    z = other().clone().requires_grad_()
    for function in (vjp, jvp):
        z.grad = None
        _, product = function(lambda t: t**3, z, torch.ones(2, dtype=torch.float64), create_graph=True)
        product.sum().backward()
        close(z.grad, 6 * other())


def test_without_recording():
    with torch.no_grad():
        close(jacobian(lambda t: t**2, other()), torch.diag(2 * other()))
        close(vjp(lambda t: (t**2).sum(), other())[1], 2 * other())


def test_one_number_needs_no_direction():
    close(vjp(lambda t: (t**2).sum(), other())[1], 2 * other())
    x = torch.tensor(3.0)
    assert jvp(lambda t: t**2, x)[1].item() == 6.0
    assert hvp(lambda t: t**3, x)[1].item() == vhp(lambda t: t**3, x)[1].item() == 18.0


def test_complex_products():
    z = torch.tensor([1 + 2j, -0.5j], dtype=torch.complex128)
    close(vjp(lambda t: t**2, z, torch.ones_like(z))[1], (2 * z).conj())
    close(jvp(lambda t: t**2, z, torch.ones_like(z))[1], 2 * z)


def test_what_does_not_depend_is_zero():
    close(vjp(lambda x, y: x.sum(), (point(), other()))[1][1], torch.zeros_like(other()))
    close(jacobian(lambda x: torch.ones(3), other()), torch.zeros(3, 2, dtype=torch.float64))
    close(hessian(lambda x: x.sum(), other()), torch.zeros(2, 2, dtype=torch.float64))


STRICT = {
    "vjp of a constant": (lambda: vjp(lambda x: other().sum(), other(), strict=True), "Output 0 of the user-provided"),
    "vjp of another": (lambda: vjp(lambda x, y: x.sum(), (other(), point()), strict=True), "independent of input 1"),
    "jacobian": (
        lambda: jacobian(lambda x, y: x, (other(), point()), strict=True),
        "Output 0 of .* independent of input 1",
    ),
    "jacobian's graph": (
        lambda: jacobian(lambda x: x * 2, other().clone().requires_grad_(), strict=True, create_graph=True),
        "The jacobian of the user-provided function is independent of input 0",
    ),
    "hessian": (lambda: hessian(lambda x: x.sum(), other(), strict=True), "the jacobian .* input 0 is independent"),
    "vhp": (lambda: vhp(lambda x: x.sum(), other(), other(), strict=True), "the jacobian .* input 0 is independent"),
    "jvp": (lambda: jvp(lambda x, y: x, (other(), point()), (other(), point()), strict=True), "independent of input 1"),
}


@pytest.mark.parametrize("case", STRICT)
def test_strictness(case):
    call, message = STRICT[case]
    with pytest.raises(RuntimeError, match=message):
        call()


REFUSED = {
    "no tensor": (
        lambda: vjp(rows, 3),
        TypeError,
        "The inputs given to vjp must be .* given inputs has type <class 'int'>",
    ),
    "no tensors": (lambda: jacobian(both, (other(), 3)), TypeError, "the value at index 1 has type <class 'int'>"),
    "a list": (lambda: vjp(rows, [point()]), TypeError, "<class 'list'>"),
    "no result": (lambda: vjp(lambda x: 3, other()), TypeError, "outputs of the user-provided function given to vjp"),
    "no v": (lambda: vjp(rows, point()), RuntimeError, "v can only be None if the user-provided function returns"),
    "no v in jvp": (lambda: jvp(rows, point()), RuntimeError, "v can only be None if the input to the user-provided"),
    "size of v": (lambda: vjp(rows, point(), point()), RuntimeError, "v has invalid size: should be"),
    "entry of v": (
        lambda: jvp(both, (point(), other()), (other(), other())),
        RuntimeError,
        "Entry 0 in v has invalid size",
    ),
    "length of v": (
        lambda: jvp(both, (point(), other()), (other(),)),
        RuntimeError,
        "invalid length: should be 2 but got 1",
    ),
    "two for one": (lambda: jvp(rows, point(), (point(), point())), RuntimeError, "should contain a single Tensor"),
    "hessian of a vector": (lambda: hessian(rows, point()), RuntimeError, "should contain a single element"),
    "hessian of a tuple": (
        lambda: hessian(lambda x: (x.sum(),), point()),
        RuntimeError,
        "should return a single Tensor",
    ),
    "strategy": (
        lambda: jacobian(rows, point(), strategy="sideways"),
        AssertionError,
        "Expected strategy to be either",
    ),
    "forward": (lambda: jacobian(rows, point(), strategy="forward-mode"), NotImplementedError, "only implemented for"),
    "forward graph": (
        lambda: jacobian(rows, point(), create_graph=True, strategy="forward-mode"),
        NotImplementedError,
        "not supported together",
    ),
    "strict and vectorized": (
        lambda: jacobian(rows, point(), strict=True, vectorize=True),
        RuntimeError,
        "`strict=True` and `vectorized=True` are not supported together",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusals(case):
    call, kind, message = REFUSED[case]
    with pytest.raises(kind, match=message):
        call()
