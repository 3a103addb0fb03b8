"""Tangents. These tests also hold in PyTorch (`tests/parity`)."""

import pytest

import xpgrad as torch
from xpgrad.autograd.forward_ad import dual_level, enter_dual_level, exit_dual_level, make_dual, unpack_dual


def values(*numbers):
    return torch.tensor(numbers, dtype=torch.float64)


def test_the_tangent_of_a_result():
    x, t, w = values(0.5, 2.0), values(1.0, -3.0), values(2.0, 5.0)
    with dual_level():
        dual = make_dual(x, t)
        value, tangent = unpack_dual(dual.sin() * w)
        assert torch.allclose(value, x.sin() * w)
        assert torch.allclose(tangent, x.cos() * w * t)
        assert not value.requires_grad and not tangent.requires_grad


def test_what_carries_no_tangent():
    x = values(1.0, 2.0)
    assert unpack_dual(x).tangent is None
    with dual_level():
        make_dual(x, x)
        assert unpack_dual(x * 2).tangent is None
        assert unpack_dual(x.clone().requires_grad_() * 2).tangent is None
        dual = make_dual(x, x + 1)
        assert torch.equal(unpack_dual(dual).tangent, x + 1)
        assert torch.equal(unpack_dual(dual).primal, x)
    assert unpack_dual(dual).tangent is None


def test_several_duals():
    x, y = values(1.0, 2.0), values(3.0, -1.0)
    with dual_level():
        a, b = make_dual(x, values(1.0, 0.5)), make_dual(y, values(-1.0, 2.0))
        (product, quotient) = a * b, a / b
        assert torch.allclose(unpack_dual(product).tangent, values(1.0, 0.5) * y + x * values(-1.0, 2.0))
        assert torch.allclose(unpack_dual(quotient).tangent, values(1.0, 0.5) / y - x / y**2 * values(-1.0, 2.0))


def test_tangents_of_matrices_and_complex_numbers():
    a = torch.tensor([[1.0, 2.0], [0.5, 3.0]], dtype=torch.float64)
    z = torch.tensor([1 + 2j, -1j], dtype=torch.complex128)
    with dual_level():
        tangent = unpack_dual(torch.linalg.inv(make_dual(a, torch.ones_like(a)))).tangent
        inverse = torch.linalg.inv(a)
        assert torch.allclose(tangent, -inverse @ torch.ones_like(a) @ inverse)
        assert torch.allclose(unpack_dual(make_dual(z, z + 1) ** 2).tangent, 2 * z * (z + 1))


def test_tangents_can_be_differentiated():
    x = values(0.5, 2.0).requires_grad_()
    w = values(1.5, -1.0).requires_grad_()
    with dual_level():
        value, tangent = unpack_dual((make_dual(x, values(1.0, 1.0)) * w).exp())
    assert value.requires_grad and tangent.requires_grad
    tangent.sum().backward()
    product = (x * w).detach()
    assert torch.allclose(x.grad, w.detach() ** 2 * product.exp())
    assert torch.allclose(w.grad, product.exp() * (1 + product))


def test_a_tangent_that_requires_grad():
    t = values(1.0, 2.0).requires_grad_()
    with dual_level():
        tangent = unpack_dual(make_dual(values(3.0, 4.0), t) ** 2).tangent
    tangent.sum().backward()
    assert t.grad.tolist() == [6.0, 8.0]


def test_in_place():
    with dual_level():
        dual = make_dual(values(3.0, 4.0), values(1.0, 1.0)) * 1
        dual.mul_(3).sin_()
        dual[0] = 7.0
        assert torch.allclose(unpack_dual(dual).tangent, torch.stack([values(0.0)[0], values(12.0).cos()[0] * 3]))


def test_levels():
    with pytest.raises(RuntimeError, match="no level exists"):
        make_dual(values(1.0), values(1.0))
    with pytest.raises(RuntimeError, match="was not the last one"):
        exit_dual_level(level=0)
    assert enter_dual_level() == 0
    with pytest.raises(RuntimeError, match="Nested forward mode"):
        enter_dual_level()
    exit_dual_level()


def test_refusals():
    with dual_level():
        with pytest.raises(ValueError, match="Expected primal to be floating point or complex"):
            make_dual(torch.tensor([1]), values(1.0))
        with pytest.raises(ValueError, match="Expected tangent to be floating point or complex"):
            make_dual(values(1.0), torch.tensor([1]))
        with pytest.raises(RuntimeError, match="different size"):
            make_dual(values(1.0), values(1.0, 2.0))


def test_in_a_block_without_recording():
    with torch.no_grad(), dual_level():
        assert unpack_dual(make_dual(values(3.0), values(1.0)) ** 2).tangent.tolist() == [6.0]
