"""Hooks on tensors and nodes: their order and what they may change. These tests also hold in PyTorch."""

import pytest

import xpgrad as torch


def leaf(*values):
    return torch.tensor(values if len(values) > 1 else values[0], requires_grad=True)


def test_a_hook_sees_the_gradient_and_may_replace_it():
    x = leaf(2.0)
    middle = x * 3
    seen = []
    middle.register_hook(lambda g: seen.append(g.item()))
    middle.register_hook(lambda g: g * 10)
    middle.register_hook(lambda g: seen.append(g.item()))
    (middle * 5).backward()
    assert seen == [5.0, 50.0]
    assert x.grad.item() == 150.0


def test_a_hook_can_be_removed():
    x = leaf(2.0)
    handle = x.register_hook(lambda g: g * 10)
    (x * 1).backward()
    handle.remove()
    handle.remove()
    (x * 1).backward()
    assert x.grad.item() == 11.0


def test_a_handle_is_a_context_manager():
    x = leaf(2.0)
    with x.register_hook(lambda g: g * 10):
        (x * 1).backward()
    (x * 1).backward()
    assert x.grad.item() == 11.0


def test_removing_one_of_several_hooks():
    x = leaf(2.0)
    handle = x.register_hook(lambda g: g * 10)
    x.register_hook(lambda g: g + 1)
    handle.remove()
    (x * 1).backward()
    assert x.grad.item() == 2.0


def test_order_of_all_kinds_of_hooks():
    x = leaf(2.0)
    middle = x * 3
    log = []
    middle.grad_fn.register_hook(
        lambda grad_inputs, grad_outputs: log.append(("after", grad_inputs[0].item(), grad_outputs[0].item()))
    )
    middle.grad_fn.register_prehook(lambda grad_outputs: log.append(("before", grad_outputs[0].item())))
    middle.register_hook(lambda g: log.append(("tensor", g.item())))
    x.register_post_accumulate_grad_hook(lambda p: log.append(("accumulated", p.grad.item())))
    x.register_hook(lambda g: log.append(("leaf", g.item(), x.grad)))
    (middle * middle).backward()
    assert log == [
        ("tensor", 12.0),
        ("before", 12.0),
        ("after", 36.0, 12.0),
        ("leaf", 36.0, None),
        ("accumulated", 36.0),
    ]


def test_a_node_hook_replaces_what_the_node_computed():
    x, y = leaf(2.0), leaf(3.0)
    z = x * y
    z.grad_fn.register_hook(lambda grad_inputs, grad_outputs: (grad_inputs[0] * 10, grad_inputs[1] + 1))
    z.backward()
    assert (x.grad.item(), y.grad.item()) == (30.0, 3.0)


def test_a_node_hook_sees_gradients_in_the_shapes_of_the_inputs():
    x, y = torch.ones(3, requires_grad=True), torch.ones(2, 3, requires_grad=True)
    z = x + y
    shapes = []
    z.grad_fn.register_hook(lambda grad_inputs, grad_outputs: shapes.extend(tuple(g.shape) for g in grad_inputs))
    z.sum().backward()
    assert shapes == [(3,), (2, 3)]


def test_a_node_hook_sees_none_for_inputs_that_need_nothing():
    x = leaf(2.0)
    z = x * torch.tensor(3.0)
    seen = []
    z.grad_fn.register_hook(lambda grad_inputs, _: seen.append(grad_inputs[1]))
    z.backward()
    assert seen == [None]


def test_a_prehook_replaces_what_arrives():
    x = leaf(2.0)
    z = x * 3
    z.grad_fn.register_prehook(lambda grad_outputs: (grad_outputs[0] * 10,))
    z.backward()
    assert x.grad.item() == 30.0


def test_hooks_where_gradients_meet_run_once_on_the_sum():
    x = leaf(2.0)
    middle = x * 1
    seen = []
    middle.register_hook(lambda g: seen.append(g.item()))
    (middle * 3 + middle * 4).backward()
    assert seen == [7.0]


def test_leaf_hooks_run_on_every_backward():
    x = leaf(2.0)
    seen = []
    x.register_hook(lambda g: seen.append(g.item()))
    for factor in (1, 2, 3):
        (x * factor).backward()
    assert seen == [1.0, 2.0, 3.0]
    assert x.grad.item() == 6.0


def test_hooks_run_while_recording_with_create_graph():
    x = leaf(2.0)
    modes = []
    x.register_hook(lambda g: modes.append((torch.is_grad_enabled(), g.requires_grad)))
    torch.autograd.grad(x**3, x)
    torch.autograd.grad(x**3, x, create_graph=True)
    assert modes == [(False, False), (True, True)]


def test_a_hook_with_create_graph_is_part_of_the_graph():
    x = leaf(2.0)
    x.register_hook(lambda g: g * x)
    (g,) = torch.autograd.grad(x**2, x, create_graph=True)
    # 2 x * x
    assert torch.autograd.grad(g, x)[0].item() == 2 * 4.0 * 2.0


def test_backward_inside_a_hook():
    x, y = leaf(2.0), leaf(5.0)

    def hook(g):
        with torch.enable_grad():
            (y * y).backward()
        return g * y.grad

    middle = x * 3
    middle.register_hook(hook)
    middle.backward()
    assert (x.grad.item(), y.grad.item()) == (30.0, 10.0)


def test_an_error_in_a_hook_comes_out_and_leaves_nothing_behind():
    x = leaf(2.0)
    handle = x.register_hook(lambda g: 1 / 0)
    y = x * x
    with pytest.raises(ZeroDivisionError):
        y.backward(retain_graph=True)
    assert torch.is_grad_enabled()
    handle.remove()
    y.backward()
    assert x.grad.item() == 4.0


def test_what_a_hook_returns_is_checked():
    x = leaf(2.0)
    handle = x.register_hook(lambda g: "a")
    with pytest.raises(TypeError, match="expected Variable, but hook returned 'str'"):
        (x * 1).backward()
    handle.remove()

    def grow(g):
        return torch.ones(2)

    x.register_hook(grow)
    with pytest.raises(RuntimeError, match="hook 'grow' has changed the size of value"):
        (x * 1).backward()


def test_who_may_have_hooks():
    with pytest.raises(RuntimeError, match="cannot register a hook on a tensor that doesn't require gradient"):
        torch.tensor(1.0).register_hook(print)
    with pytest.raises(RuntimeError, match="post accumulate grad hooks cannot be registered on non-leaf tensors"):
        (leaf(1.0) * 2).register_post_accumulate_grad_hook(print)
    with pytest.raises(RuntimeError, match="cannot register a hook on a tensor that doesn't require gradient"):
        torch.tensor(1.0).register_post_accumulate_grad_hook(print)


def test_a_post_accumulate_hook_may_clear_the_gradient():
    x = leaf(2.0)

    def step(parameter):
        with torch.no_grad():
            parameter -= 0.5 * parameter.grad
        parameter.grad = None

    handle = x.register_post_accumulate_grad_hook(step)
    (x * 2).backward()
    assert (x.item(), x.grad) == (1.0, None)
    handle.remove()
    (x * 2).backward()
    assert x.item() == 1.0


def test_hooks_on_an_accumulating_node():
    x = leaf(2.0)
    accumulate = x.expand_as(x).grad_fn.next_functions[0][0]
    seen = []
    accumulate.register_hook(lambda grad_inputs, grad_outputs: seen.append((grad_inputs, grad_outputs[0].item())))
    accumulate.register_prehook(lambda grad_outputs: (grad_outputs[0] * 10,))
    (x * 3).backward()
    assert x.grad.item() == 30.0
    assert seen == [((), 30.0)]


# retain_grad


def test_retain_grad_keeps_the_gradient_of_a_result():
    x = leaf(2.0)
    middle = x * 3
    assert not middle.retains_grad
    middle.retain_grad()
    assert middle.retains_grad
    (middle * middle).backward()
    assert middle.grad.item() == 12.0


def test_retain_grad_accumulates():
    middle = leaf(2.0) * 3
    middle.retain_grad()
    (middle * 2).backward(retain_graph=True)
    (middle * 5).backward()
    assert middle.grad.item() == 7.0


def test_retain_grad_on_a_leaf_changes_nothing():
    x = leaf(2.0)
    x.retain_grad()
    assert not x.retains_grad
    (x * 3).backward()
    assert x.grad.item() == 3.0


def test_retain_grad_needs_requires_grad():
    with pytest.raises(RuntimeError, match="can't retain_grad on Tensor that has requires_grad=False"):
        torch.tensor(1.0).retain_grad()


def test_kept_gradients_have_seen_the_hooks_whatever_the_order():
    x = leaf(2.0)
    middle = x * 3
    middle.retain_grad()
    middle.register_hook(lambda g: g * 10)
    middle.grad_fn.register_prehook(lambda g: (g[0] * 100,))
    middle.backward()
    assert (middle.grad.item(), x.grad.item()) == (10.0, 3000.0)


def test_retain_grad_follows_a_tensor_through_in_place_operations():
    x = leaf(2.0)
    middle = x * 3
    middle.retain_grad()
    middle.mul_(5)
    (middle * middle).backward()
    assert (middle.grad.item(), x.grad.item()) == (60.0, 900.0)


def test_retain_grad_follows_a_base_written_through_a_view():
    x = leaf(1.0, 2.0)
    base = x * 2
    base.retain_grad()
    part = base.view(2, 1)
    part.mul_(3)
    part.sum().backward()
    assert (base.grad.tolist(), x.grad.tolist()) == ([1.0, 1.0], [6.0, 6.0])


def test_retain_grad_follows_a_view_whose_base_was_written_to():
    x = leaf(1.0, 2.0)
    base = x * 2
    part = base[0]
    part.retain_grad()
    base.mul_(3)
    part.backward()
    assert (part.grad.item(), x.grad.tolist()) == (1.0, [6.0, 0.0])


def test_hooks_stay_with_the_values_they_were_registered_on():
    x = leaf(2.0)
    middle = x * 3
    seen = []
    middle.register_hook(lambda g: seen.append(("before", g.item())))
    middle.mul_(5)
    middle.register_hook(lambda g: seen.append(("after", g.item())))
    (middle * middle).backward()
    assert seen == [("after", 60.0), ("before", 300.0)]


def test_hooks_on_one_of_several_results():
    x = leaf(1.0, 2.0)
    a, b = x.unbind()
    seen = []
    a.register_hook(lambda g: seen.append(g.item()))
    (a * 3 + b * 4).backward()
    assert seen == [3.0]


def test_hooks_see_complex_gradients_in_pytorchs_convention():
    z = torch.tensor(1 + 2j, requires_grad=True)
    square = z * z
    seen = []
    z.register_hook(lambda g: seen.append(g.item()))
    square.grad_fn.register_prehook(lambda g: seen.append(g[0].item()))
    square.grad_fn.register_hook(lambda grad_inputs, _: seen.append(grad_inputs[0].item()))
    square.backward(torch.tensor(1j))
    # 1j * conj(z) for each factor, and both together.
    assert seen == [1j, 1j * (1 - 2j), 2j * (1 - 2j)]


def test_hooks_may_replace_complex_gradients():
    z = torch.tensor(1 + 2j, requires_grad=True)
    square = z * z
    square.register_hook(lambda g: g * 1j)
    square.backward(torch.tensor(1 + 0j))
    assert z.grad.item() == 1j * 2 * (1 - 2j)
