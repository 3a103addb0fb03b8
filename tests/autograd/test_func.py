"""Derivatives as functions of functions. These tests also hold in PyTorch (`tests/parity`)."""

import pytest

import xpgrad as torch
from xpgrad.func import (
    functional_call,
    grad,
    grad_and_value,
    hessian,
    jacfwd,
    jacrev,
    jvp,
    linearize,
    stack_module_state,
    vjp,
)


def values(*numbers):
    return torch.tensor(numbers, dtype=torch.float64)


def close(a, b):
    assert a.dtype == b.dtype and a.shape == b.shape
    assert torch.allclose(a, b)


def test_gradients():
    x, y = values(1.0, 2.0), values(3.0, -1.0)
    found = grad(lambda x: (x**2).sum())(x)
    close(found, 2 * x)
    assert not found.requires_grad
    first, second = grad(lambda x, y: (x * y**2).sum(), argnums=(0, 1))(x, y)
    close(first, y**2)
    close(second, 2 * x * y)
    close(grad(lambda x, y: (x * y).sum(), argnums=-1)(x, y), x)
    of_dict = grad(lambda d: (d["a"] * d["b"][0]).sum())({"a": x, "b": [y]})
    close(of_dict["a"], y)
    close(of_dict["b"][0], x)


def test_values_and_what_else():
    x = values(1.0, 2.0)
    found, value = grad_and_value(lambda x: (x**2).sum())(x)
    close(value, values(5.0)[0])
    found, (value, extra) = grad_and_value(lambda x: ((x**2).sum(), {"twice": x * 2}), has_aux=True)(x)
    close(extra["twice"], 2 * x)
    found, extra = grad(lambda x: ((x**2).sum(), x), has_aux=True)(x)
    close(found, 2 * x)
    assert not extra.requires_grad and not value.requires_grad


def test_nested_gradients():
    x = values(2.0)[0]
    close(grad(grad(grad(lambda x: x**4)))(x), 48 * x / 2 * 1.0)
    # The inner derivative is with respect to its own argument only.
    close(grad(lambda x: x * grad(lambda y: x + y)(values(1.0)[0]))(x), values(1.0)[0])
    close(grad(lambda x: x * grad(lambda y: x * y * y)(x))(x), 6 * x**2)


def test_what_requires_grad_outside():
    x, w = values(1.0, 2.0), values(3.0, 4.0).requires_grad_()
    found = grad(lambda x: (x**2 * w).sum())(x)
    found.sum().backward()
    close(w.grad, 2 * x)
    z = values(1.0, 2.0).requires_grad_()
    grad(lambda x: (x**3).sum())(z).sum().backward()
    close(z.grad, 6 * x)
    with torch.no_grad():
        assert not grad(lambda x: (x**2 * w).sum())(x).requires_grad


def test_products_from_the_left():
    x, y = values(1.0, 2.0), values(3.0, -1.0)
    value, pull = vjp(lambda x: x**2, x)
    close(value, x**2)
    (g,) = pull(y)
    close(g, 2 * x * y)
    close(pull(x)[0], 2 * x * x)
    value, pull = vjp(lambda x, y: {"product": x * y, "second": y}, x, y)
    first, second = pull({"product": x, "second": y})
    close(first, x * y)
    close(second, x * x + y)
    value, pull, extra = vjp(lambda x: (x**2, x + 1), x, has_aux=True)
    close(extra, x + 1)


def test_products_from_the_right():
    x, y, t = values(1.0, 2.0), values(3.0, -1.0), values(0.5, 2.0)
    value, product = jvp(lambda x: x**2, (x,), (t,))
    close(value, x**2)
    close(product, 2 * x * t)
    _, (first, second) = jvp(lambda x, y: (x * y, y.exp()), (x, y), (t, t))
    close(first, t * y + x * t)
    close(second, y.exp() * t)
    _, outer = jvp(lambda x: jvp(lambda x: x**3, (x,), (t,))[1], (x,), (t,))
    close(outer, 6 * x * t * t)


@pytest.mark.filterwarnings("ignore:Attempted to insert a get_attr Node")
def test_a_linear_function_at_a_point():
    x, t = values(1.0, 2.0), values(0.5, 2.0)
    value, product = linearize(lambda x: x.sin(), x)
    close(value, x.sin())
    close(product(t), x.cos() * t)
    close(product(2 * t), 2 * x.cos() * t)


@pytest.mark.parametrize("transform", [jacrev, jacfwd])
def test_jacobians(transform):
    x, y = values(1.0, 2.0), values(3.0, -1.0, 2.0)
    close(transform(lambda x: x**2)(x), torch.diag(2 * x))
    outer = transform(lambda x, y: (x[:, None] * y, y), argnums=(0, 1))(x, y)
    assert [[tuple(b.shape) for b in row] for row in outer] == [[(2, 3, 2), (2, 3, 3)], [(3, 2), (3, 3)]]
    close(outer[0][0][0, :, 0], y)
    close(outer[1][0], torch.zeros(3, 2, dtype=torch.float64))
    found, extra = transform(lambda x: (x * 3, x), has_aux=True)(x)
    close(found, 3 * torch.eye(2, dtype=torch.float64))
    close(extra, x)
    close(transform(lambda d: d["x"] ** 2)({"x": x})["x"], torch.diag(2 * x))


@pytest.mark.parametrize("outer", [jacrev, jacfwd])
@pytest.mark.parametrize("inner", [jacrev, jacfwd])
def test_second_derivatives(outer, inner):
    x = values(1.0, 2.0)
    wanted = torch.diag(6 * x)
    close(outer(inner(lambda x: (x**3).sum()))(x), wanted)
    close(outer(grad(lambda x: (x**3).sum()))(x), wanted)
    close(hessian(lambda x: (x**3).sum())(x), wanted)


REFUSED = {
    "scalar": (lambda x: grad(lambda x: x * 2)(x), "Expected .* to return a scalar Tensor, got tensor with 1 dims"),
    "tensor": (lambda x: grad(lambda x: 3)(x), "Expected .* to return a Tensor, got <class 'int'>"),
    "argnums": (lambda x: grad(lambda x: x.sum(), argnums=2)(x), "Got argnum=2, but only 1 positional inputs"),
    "primals": (lambda x: jvp(lambda x: x, x, x), "Expected primals to be a tuple"),
    "tangents": (lambda x: jvp(lambda x: x, (x,), (torch.ones(3, dtype=torch.float64),)), "different size"),
    "structure": (lambda x: vjp(lambda x: x, x)[1]((x, x)), "Expected pytree structure of cotangents"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusals(case):
    call, message = REFUSED[case]
    with pytest.raises(RuntimeError, match=message):
        call(values(1.0, 2.0))


def model():
    return torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3), torch.nn.Linear(3, 1)).double()


def test_a_module_with_other_parameters():
    module, x = model().eval(), values(1.0, 2.0)[None]
    before = module(x)
    other = {name: torch.zeros_like(p) for name, p in module.named_parameters()}
    other["2.bias"] = values(7.0)
    assert functional_call(module, other, (x,)).tolist() == [[7.0]]
    assert functional_call(module, other, x).tolist() == [[7.0]]
    statistics = {"1.running_mean": values(1.0, 2.0, 3.0)}
    assert not torch.equal(functional_call(module, (dict(module.named_parameters()), statistics), x), before)
    assert torch.equal(module(x), before)
    found = grad(lambda p: functional_call(module, p, x).sum())(dict(module.named_parameters()))
    module(x).sum().backward()
    for name, p in module.named_parameters():
        close(found[name], p.grad)


def test_tied_parameters():
    module = torch.nn.Sequential(torch.nn.Linear(2, 2, bias=False), torch.nn.Linear(2, 2, bias=False))
    module[1].weight = module[0].weight
    x, ones = torch.ones(1, 2), torch.ones(2, 2)
    assert functional_call(module, {"0.weight": ones}, x).tolist() == [[4.0, 4.0]]
    untied = functional_call(module, {"0.weight": ones, "1.weight": ones * 2}, x, tie_weights=False)
    assert untied.tolist() == [[8.0, 8.0]]
    with pytest.raises(ValueError, match="functional_call got"):
        functional_call(module, {"0.weight": ones, "1.weight": ones * 2}, x)


def test_names_that_must_be_right():
    module, x = torch.nn.Linear(2, 1), torch.ones(1, 2)
    functional_call(module, {"weight": torch.ones(1, 2)}, x)
    with pytest.raises(RuntimeError, match="Missing key"):
        functional_call(module, {"weight": torch.ones(1, 2)}, x, strict=True)
    with pytest.raises(ValueError, match="appeared in multiple dictionaries"):
        functional_call(module, [{"weight": torch.ones(1, 2)}, {"weight": torch.ones(1, 2)}], x)


def test_stacked_parameters():
    models = [model() for _ in range(3)]
    parameters, buffers = stack_module_state(models)
    assert parameters["0.weight"].shape == (3, 3, 2) and parameters["0.weight"].requires_grad
    assert buffers["1.running_mean"].shape == (3, 3)
    assert torch.equal(parameters["2.bias"][1], models[1][2].bias)
    with pytest.raises(RuntimeError, match="at least one model"):
        stack_module_state([])
    with pytest.raises(RuntimeError, match="same class"):
        stack_module_state([torch.nn.Linear(1, 1), torch.nn.ReLU()])
