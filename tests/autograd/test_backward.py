"""`backward`: what it accumulates, where, and how often. These tests also hold in PyTorch (`tests/parity`)."""

import pytest

import xpgrad as torch


def leaf(*values):
    return torch.tensor(values if len(values) > 1 else values[0], requires_grad=True)


def test_scalar_starts_from_one():
    x = leaf(3.0)
    (x * x).backward()
    assert x.grad.item() == 6.0
    assert not x.grad.requires_grad


def test_one_element_counts_as_scalar():
    x = torch.tensor([[3.0]], requires_grad=True)
    (x * x).backward()
    assert x.grad.tolist() == [[6.0]]


def test_gradients_accumulate_in_the_same_tensor():
    x = leaf(1.0, 2.0)
    (2 * x).sum().backward()
    first = x.grad
    (3 * x).sum().backward()
    assert x.grad is first
    assert first.tolist() == [5.0, 5.0]


@pytest.mark.filterwarnings("ignore:Using backward")  # PyTorch's advice against reference cycles, which we do not have
def test_accumulation_with_create_graph_makes_a_new_tensor():
    x = leaf(1.0, 2.0)
    (x * x).sum().backward()
    first = x.grad
    (x * x).sum().backward(create_graph=True)
    assert x.grad is not first
    assert first.tolist() == [2.0, 4.0]
    assert x.grad.tolist() == [4.0, 8.0]
    assert x.grad.requires_grad


def test_none_starts_over():
    x = leaf(1.0)
    (2 * x).backward()
    x.grad = None
    (3 * x).backward()
    assert x.grad.item() == 3.0


def test_an_assigned_gradient_is_added_to():
    x = leaf(1.0, 2.0)
    mine = torch.tensor([10.0, 20.0])
    x.grad = mine
    (2 * x).sum().backward()
    assert mine.tolist() == [12.0, 22.0]


def test_leaf_itself_can_be_the_root():
    x = leaf(1.0, 2.0)
    x.backward(torch.tensor([3.0, 4.0]))
    assert x.grad.tolist() == [3.0, 4.0]


# Nothing else may hold the memory of a gradient.


def test_two_leaves_do_not_share_a_gradient():
    x, y = leaf(1.0, 2.0), leaf(3.0, 4.0)
    (x + y).sum().backward()
    x.grad.zero_()
    assert y.grad.tolist() == [1.0, 1.0]


def test_a_leaf_does_not_take_the_gradient_given():
    x = leaf(1.0, 2.0)
    given = torch.tensor([3.0, 4.0])
    x.backward(given)
    x.grad.zero_()
    assert given.tolist() == [3.0, 4.0]


def test_a_gradient_is_no_saved_value():
    x, y = leaf(1.0, 2.0), torch.tensor([3.0, 4.0])
    product = (x * y).sum()
    product.backward(retain_graph=True)
    x.grad.zero_()
    product.backward()
    assert y.tolist() == [3.0, 4.0]
    assert x.grad.tolist() == [3.0, 4.0]


def test_the_gradient_of_an_expanded_leaf_is_its_own_memory():
    x = leaf(1.0)
    x.expand(3).sum().backward()
    x.grad.add_(1)
    assert x.grad.item() == 4.0


def test_one_sum_for_two_leaves_each_used_twice():
    x, y = leaf(1.0, 2.0), leaf(3.0, 4.0)
    s = x + y
    (s + s).sum().backward()
    x.grad.mul_(10)
    assert y.grad.tolist() == [2.0, 2.0]


@pytest.mark.filterwarnings("ignore:Using backward")
def test_create_graph_leaves_do_not_share_either():
    x, y = leaf(1.0, 2.0), leaf(3.0, 4.0)
    (x + y).sum().backward(create_graph=True)
    with torch.no_grad():
        x.grad.zero_()
    assert y.grad.tolist() == [1.0, 1.0]


# Counting dependencies.


def test_each_node_runs_once_however_many_paths_lead_to_it():
    x = leaf(1.0)
    y = x * 1
    runs = []
    for _ in range(60):
        y.grad_fn.register_hook(lambda *_: runs.append(1))
        y = y + y
    y.backward()
    assert x.grad.item() == 2.0**60
    assert len(runs) == 60


def test_paths_of_different_lengths_wait_for_each_other():
    x = leaf(2.0)
    a = x * 3
    b = a * a
    c = b * a + b
    c.backward()
    assert x.grad.item() == 3 * 27 * 4 + 2 * 9 * 2


def test_several_roots_run_shared_nodes_once():
    x = leaf(2.0)
    shared = x * x
    runs = []
    shared.grad_fn.register_hook(lambda *_: runs.append(1))
    torch.autograd.backward([shared * 3, shared * 5])
    assert x.grad.item() == 32.0
    assert runs == [1]


def test_the_same_root_twice_counts_twice():
    x = leaf(2.0)
    y = x * x
    torch.autograd.backward([y, y])
    assert x.grad.item() == 8.0


def test_a_root_inside_the_graph_of_another():
    x = leaf(2.0)
    inner = x * x
    torch.autograd.backward([inner * 3, inner])
    assert x.grad.item() == 16.0


# What is not reached, not needed, or gone.


def test_a_leaf_that_nothing_keeps_does_no_harm():
    x, y = leaf(1.0), leaf(2.0)
    z = x * y
    del x
    z.backward()
    assert y.grad.item() == 1.0


def test_leaves_outside_the_graph_keep_none():
    x, y = leaf(1.0), leaf(2.0)
    (x * 2).backward()
    assert y.grad is None


def test_inputs_that_do_not_require_grad_get_nothing():
    x, y = leaf(1.0), torch.tensor(2.0)
    (x * y).backward()
    assert y.grad is None


def test_a_leaf_frozen_after_the_forward_pass_gets_nothing():
    x = leaf(1.0)
    y = x * 2
    x.requires_grad_(False)
    y.backward()
    assert x.grad is None


def test_one_result_of_several_is_enough():
    x = torch.tensor([[3.0, 1.0], [2.0, 5.0]], requires_grad=True)
    values, indices = x.max(1)
    assert not indices.requires_grad
    values[0].backward()
    assert x.grad.tolist() == [[1.0, 0.0], [0.0, 0.0]]


def test_pieces_of_a_split_meet_again():
    x = leaf(1.0, 2.0, 3.0)
    a, b = x.split([1, 2])
    (a * b).sum().backward()
    assert x.grad.tolist() == [5.0, 1.0, 1.0]


def test_no_grad_inside_cuts_the_graph():
    x = leaf(2.0)
    with torch.no_grad():
        constant = x * x
    (constant * x).backward()
    assert x.grad.item() == 4.0


# retain_graph and create_graph.


def test_a_second_backward_needs_retain_graph():
    x = leaf(2.0)
    y = x * x
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.item() == 8.0
    with pytest.raises(RuntimeError, match=r"Trying to backward through the graph a second time .* retain_graph=True"):
        y.backward()


def test_what_saves_nothing_runs_again():
    x = leaf(1.0, 2.0)
    y = (x + 1).sum()
    y.backward()
    y.backward()
    assert x.grad.tolist() == [2.0, 2.0]


def test_freeing_one_root_frees_what_it_shares():
    x = leaf(2.0)
    shared = x * x
    (shared + 1).backward()
    with pytest.raises(RuntimeError, match="Trying to backward through the graph a second time"):
        (shared + 2).backward()


def test_derivatives_of_every_order():
    x = leaf(2.0)
    y = x**5
    factors = [5 * 16, 20 * 8, 60 * 4, 120 * 2, 120, 0]
    for factor in factors[:5]:
        (y,) = torch.autograd.grad(y, x, create_graph=True)
        assert y.item() == factor


@pytest.mark.filterwarnings("ignore:Using backward")
def test_create_graph_keeps_the_graph():
    x = leaf(2.0)
    y = x * x * x
    y.backward(create_graph=True)
    x.grad.backward()
    assert x.grad.item() == 12.0 + 12.0


def test_create_graph_with_retain_graph_false_frees_it():
    x = leaf(2.0)
    y = x * x
    torch.autograd.grad(y, x, create_graph=True, retain_graph=False)
    with pytest.raises(RuntimeError, match="second time"):
        y.backward()


def test_gradient_penalty():
    x = leaf(1.0, 2.0)
    w = leaf(3.0, 4.0)
    (g,) = torch.autograd.grad((w * x * x).sum(), x, create_graph=True)
    (g**2).sum().backward()
    # g = 2 w x, so d/dw sum(g^2) = 8 w x^2 and d/dx = 8 w^2 x.
    assert w.grad.tolist() == [24.0, 128.0]
    assert x.grad.tolist() == [72.0, 256.0]


# inputs=


def test_inputs_limits_accumulation():
    x, y = leaf(2.0), leaf(3.0)
    (x * y).backward(inputs=[x])
    assert x.grad.item() == 3.0
    assert y.grad is None


def test_inputs_may_be_one_tensor():
    x, y = leaf(2.0), leaf(3.0)
    (x * y).backward(inputs=y)
    assert (x.grad, y.grad.item()) == (None, 2.0)


def test_inputs_may_be_no_leaf():
    x = leaf(2.0)
    middle = x * 3
    middle.retain_grad()
    (middle * middle).backward(inputs=[middle])
    assert middle.grad.item() == 12.0
    assert x.grad is None


def test_inputs_cuts_off_what_leads_nowhere():
    x, y = leaf(2.0), leaf(3.0)
    left, right = x * x, y * y
    runs = []
    right.grad_fn.register_hook(lambda *_: runs.append(1))
    (left + right).backward(inputs=[x])
    assert runs == []
    # And so its saved values are still there.
    right.backward()
    assert y.grad.item() == 6.0


def test_inputs_must_not_be_empty():
    with pytest.raises(RuntimeError, match=r"`inputs` argument to `backward\(\)` cannot be empty"):
        (leaf(1.0) * 2).backward(inputs=[])


# Arguments.


def test_a_gradient_is_needed_unless_scalar():
    y = leaf(1.0, 2.0) * 2
    with pytest.raises(RuntimeError, match="grad can be implicitly created only for scalar outputs"):
        y.backward()


def test_a_complex_scalar_needs_a_gradient():
    y = torch.tensor(1j, requires_grad=True) * 2
    with pytest.raises(RuntimeError, match="grad can be implicitly created only for real scalar outputs but got"):
        y.backward()


def test_the_root_must_require_grad():
    text = "element 0 of tensors does not require grad and does not have a grad_fn"
    with pytest.raises(RuntimeError, match=text):
        torch.tensor(1.0).backward()
    with torch.no_grad():
        y = leaf(1.0) * 2
    with pytest.raises(RuntimeError, match=text):
        y.backward()


def test_the_gradient_must_have_the_shape_of_the_root():
    y = leaf(1.0, 2.0) * 2
    with pytest.raises(
        RuntimeError, match=r"Mismatch in shape: grad_output\[0\] has a shape of torch.Size\(\[3\]\) and"
    ):
        y.backward(torch.ones(3))


def test_the_gradient_must_be_a_tensor():
    y = leaf(1.0, 2.0) * 2
    with pytest.raises(TypeError, match="gradients can be either Tensors or None, but got"):
        y.backward([1.0, 1.0])


def test_the_gradient_is_cast_to_the_dtype_of_the_root():
    x = leaf(1.0, 2.0)
    (x * 2).backward(torch.tensor([1, 2], dtype=torch.float64))
    assert x.grad.dtype is torch.float32
    assert x.grad.tolist() == [2.0, 4.0]


@pytest.mark.parametrize("shape", [(3,), (1, 3), (2, 1), (1,), ()])
def test_gradients_of_broadcast_operands_have_their_shapes(shape):
    x, y = torch.ones(shape, requires_grad=True), torch.full((2, 3), 2.0, requires_grad=True)
    (x * y).sum().backward()
    assert x.grad.shape == x.shape
    assert x.grad.sum().item() == 12.0
    assert y.grad.tolist() == [[1.0] * 3] * 2


def test_gradients_have_the_dtype_of_their_leaf():
    x = torch.ones(2, dtype=torch.float64, requires_grad=True)
    y = torch.ones(2, dtype=torch.float32, requires_grad=True)
    (x * y).sum().backward()
    assert (x.grad.dtype, y.grad.dtype) == (torch.float64, torch.float32)


# The graph, seen by its users.


def test_next_functions_lead_to_the_leaves():
    x, y = leaf(1.0), leaf(2.0)
    z = (x * 2 + y).relu()
    ((add, nr),) = z.grad_fn.next_functions
    assert (add.name(), nr) == ("AddBackward0", 0)
    (mul, _), (accumulate, _) = add.next_functions
    assert mul.name() == "MulBackward0"
    assert type(accumulate).__name__ == "AccumulateGrad"
    assert accumulate.variable is y
    assert mul.next_functions[0][0].variable is x
    assert mul.next_functions[1] == (None, 0)
    assert accumulate.next_functions == ()


def test_next_functions_of_one_of_several_results():
    x = torch.ones(2, 2, requires_grad=True)
    values, _ = torch.sort(x)
    doubled = values * 2
    node, number = doubled.grad_fn.next_functions[0]
    assert (node.name(), number) == ("SortBackward0", 0)


def test_a_node_is_one_object_with_room_for_notes():
    y = leaf(1.0) * 2
    assert y.grad_fn is y.grad_fn
    y.grad_fn.metadata["note"] = 1
    assert y.grad_fn.metadata == {"note": 1}


def test_leaves_have_no_node():
    x = leaf(1.0)
    assert x.grad_fn is None
    assert x.is_leaf
    assert not (x * 2).is_leaf
    assert (x * 2).detach().is_leaf


def test_the_gradient_of_a_result_is_not_kept_unless_asked():
    x = leaf(1.0)
    y = x * 2
    y.backward()
    with pytest.warns(UserWarning, match="The .grad attribute of a Tensor that is not a leaf Tensor is being accessed"):
        assert y.grad is None
