"""`autograd.grad`. These tests also hold in PyTorch (`tests/parity`)."""

import pytest

import xpgrad as torch
from xpgrad.autograd import grad


def leaf(*values):
    return torch.tensor(values if len(values) > 1 else values[0], requires_grad=True)


def test_returns_a_tuple_and_touches_no_grad():
    x, y = leaf(2.0), leaf(3.0)
    found = grad(x * y, [x, y])
    assert [g.item() for g in found] == [3.0, 2.0]
    assert (x.grad, y.grad) == (None, None)
    assert not found[0].requires_grad


def test_of_results_in_the_middle():
    x = leaf(2.0)
    middle = x * 3
    y = middle * middle
    (g,) = grad(y, middle, retain_graph=True)
    assert g.item() == 12.0
    assert [g.item() for g in grad(y, [middle, x])] == [12.0, 36.0]


def test_of_an_output_that_is_an_input():
    x = leaf(2.0)
    assert grad(x, x)[0].item() == 1.0
    y = x * 2
    assert [g.item() for g in grad(y, [y, x])] == [1.0, 2.0]


def test_of_one_input_twice():
    x = leaf(2.0)
    assert [g.item() for g in grad(x * x, [x, x])] == [4.0, 4.0]


def test_several_outputs_add_up():
    x = leaf(2.0)
    assert grad([x * 2, x * 3], x)[0].item() == 5.0
    x = leaf(1.0, 2.0)
    g = grad([x * 2, (x * x).sum()], x, grad_outputs=[torch.tensor([10.0, 20.0]), None])[0]
    assert g.tolist() == [22.0, 44.0]


def test_unused_inputs():
    x, y = leaf(2.0), leaf(1.0, 2.0)
    with pytest.raises(RuntimeError, match="The differentiated Tensor at index 1 appears to not have been used in the"):
        grad(x * 2, [x, y])
    assert grad(x * 2, [x, y], allow_unused=True)[1] is None
    assert grad(x * 2, [x, y], materialize_grads=True)[1].tolist() == [0.0, 0.0]
    with pytest.raises((RuntimeError, ValueError), match="Expected allow_unused to be True or not passed when"):
        grad(x * 2, [x, y], materialize_grads=True, allow_unused=False)


def test_inputs_must_require_grad():
    with pytest.raises(RuntimeError, match="One of the differentiated Tensors does not require grad"):
        grad(leaf(1.0) * 2, torch.tensor(1.0))


def test_inputs_must_be_tensors():
    with pytest.raises(RuntimeError, match="all inputs have to be Tensors"):
        grad(leaf(1.0) * 2, [2.0])


def test_the_graph_is_freed_unless_retained():
    x = leaf(2.0)
    y = x * x
    grad(y, x, retain_graph=True)
    grad(y, x)
    with pytest.raises(RuntimeError, match="Trying to backward through the graph a second time"):
        grad(y, x)


def test_create_graph():
    x = leaf(2.0)
    (g,) = grad(x**3, x, create_graph=True)
    assert g.requires_grad
    (h,) = grad(g, x)
    assert (g.item(), h.item()) == (12.0, 12.0)


def test_the_gradient_given_can_be_differentiated():
    x, v = leaf(2.0), leaf(5.0)
    (g,) = grad(x * x, x, v, create_graph=True)
    assert grad(g, v)[0].item() == 4.0


def test_double_backward_trick_for_forward_mode():
    x = leaf(1.0, 2.0)
    v = torch.zeros(2, requires_grad=True)
    (g,) = grad(x**2, x, v, create_graph=True)
    assert grad(g, v, torch.tensor([1.0, 10.0]))[0].tolist() == [2.0, 40.0]


def test_batched_gradients():
    x = leaf(1.0, 2.0)
    (jacobian,) = grad(x * x, x, torch.eye(2), is_grads_batched=True)
    assert jacobian.tolist() == [[2.0, 0.0], [0.0, 4.0]]


@pytest.mark.parametrize("start", [None, 1.0], ids=["none", "without a batch"])
def test_batched_gradients_need_a_batch(start):
    x = leaf(2.0)
    with pytest.raises((RuntimeError, ValueError, IndexError)):
        grad(x * x, x, None if start is None else torch.tensor(start), is_grads_batched=True)


def test_hooks_on_inputs_run():
    x = leaf(2.0)
    x.register_hook(lambda g: g * 10)
    assert grad(x * x, x)[0].item() == 40.0
    middle = x * 3
    middle.register_hook(lambda g: g * 100)
    assert grad(middle * middle, middle)[0].item() == 1200.0


def test_post_accumulate_hooks_do_not_run():
    x = leaf(2.0)
    x.register_post_accumulate_grad_hook(lambda p: pytest.fail("nothing was accumulated"))
    grad(x * x, x)
