"""Gradients where values are not finite, or where there is none: they stay in their place."""

import math

import pytest

import xpgrad
from xpgrad.nn import functional

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


@pytest.mark.parametrize(
    "resized",
    [
        lambda x: functional.interpolate(x, scale_factor=2, mode="linear"),
        lambda x: functional.adaptive_avg_pool1d(x, 3),
    ],
    ids=["interpolate", "adaptive_avg_pool1d"],
)
def test_nan_in_a_gradient_reaches_its_neighbourhood_only(resized):
    x = xpgrad.ones(1, 1, 8, requires_grad=True)
    y = resized(x)
    incoming = xpgrad.ones_like(y)
    incoming[..., 0] = math.nan
    (gradient,) = xpgrad.autograd.grad(y, x, incoming)
    assert gradient[..., 0].isnan().all()
    assert gradient[..., 4:].isfinite().all()


@pytest.mark.parametrize("p", [0.5, 1.5])
def test_second_derivatives_of_distances_of_equal_points(p):
    x = xpgrad.tensor([[1.0, 2.0], [3.0, 5.0]], dtype=xpgrad.float64, requires_grad=True)
    (gradient,) = xpgrad.autograd.grad(xpgrad.cdist(x, x.detach(), p).sum(), x, create_graph=True)
    (second,) = xpgrad.autograd.grad((gradient * x.detach()).sum(), x)
    assert second.isfinite().all()


def test_gradient_of_slogdet_is_infinite_at_singular_matrices():
    x = xpgrad.stack([xpgrad.ones(2, 2), 2 * xpgrad.eye(2)]).requires_grad_()
    (gradient,) = xpgrad.autograd.grad(xpgrad.linalg.slogdet(x).logabsdet.sum(), x)
    assert gradient[0].isinf().all()
    assert xpgrad.allclose(gradient[1], 0.5 * xpgrad.eye(2))


def test_what_a_library_refuses_in_a_gradient():
    x = xpgrad.full((2, 2), math.nan, requires_grad=True)
    out = xpgrad.linalg.det(x)
    try:
        (gradient,) = xpgrad.autograd.grad(out, x)
    except xpgrad.linalg.LinAlgError:
        return
    assert gradient.isnan().all()
