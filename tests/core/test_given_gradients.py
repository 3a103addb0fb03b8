"""Gradients that users receive are theirs: written to, they change nothing else and hold what was written."""

import pytest

import xpgrad as torch
from xpgrad.errors import GradientError


def test_the_gradient_of_a_sum_can_be_written_to():
    x = torch.ones(3, requires_grad=True)
    (g,) = torch.autograd.grad(x.sum(), x)
    assert g.add_(torch.tensor([1.0, 2.0, 3.0])).tolist() == [2.0, 3.0, 4.0]


def test_gradients_of_two_inputs_do_not_share_memory():
    x, y = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
    start = torch.ones(3)
    gx, gy = torch.autograd.grad(x + y, (x, y), start)
    gx.zero_()
    assert gy.tolist() == start.tolist() == [1.0, 1.0, 1.0]


def test_a_hook_may_write_to_what_it_is_shown():
    x = torch.ones(3, requires_grad=True)
    x.register_hook(lambda g: g.mul_(torch.tensor([0.0, 1.0, 2.0])))
    x.sum().backward()
    assert x.grad.tolist() == [0.0, 1.0, 2.0]


def test_only_what_leads_to_the_inputs_is_computed_or_shown_to_hooks():
    x, y = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
    seen = []
    y.register_hook(seen.append)
    h = y * 2
    h.retain_grad()
    torch.autograd.grad((x * h).sum(), x)
    assert h.grad is None
    assert seen == []


def test_a_hook_cannot_change_the_dtype():
    x = torch.ones(3, requires_grad=True)
    x.register_hook(lambda g: g.double())
    with pytest.raises(GradientError, match="has changed the type of value"):
        x.sum().backward()


def test_out_keeps_its_category():
    with pytest.raises(RuntimeError, match="result type float32 can't be cast to the desired output type int64"):
        torch.add(torch.ones(2), 1.5, out=torch.ones(2, dtype=torch.int64))


def test_tensors_made_in_inference_mode_may_require_grad_there():
    with torch.inference_mode():
        assert torch.ones(2, requires_grad=True).requires_grad
