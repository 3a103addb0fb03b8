"""What `autograd.graph` shows and changes. These tests also hold in PyTorch (`tests/parity`)."""

import pytest

import xpgrad as torch
from xpgrad.autograd import Function
from xpgrad.autograd.graph import (
    GradientEdge,
    Node,
    allow_mutation_on_saved_tensors,
    disable_saved_tensors_hooks,
    get_gradient_edge,
    increment_version,
    register_multi_grad_hook,
    save_on_cpu,
    saved_tensors_hooks,
)


def leaf(*values):
    return torch.tensor(values, requires_grad=True)


def same(tensor):
    return tensor


class Square(Function):
    @staticmethod
    def forward(ctx, x):
        result = x * x
        ctx.save_for_backward(x, result, None)
        return result

    @staticmethod
    def backward(ctx, g):
        x, result, nothing = ctx.saved_tensors
        assert nothing is None and torch.equal(result, x * x)
        return 2 * x * g


@pytest.mark.parametrize(
    "function",
    [torch.exp, lambda x: x * x, lambda x: (x / 3).tanh(), lambda x: x.softmax(0), lambda x: x.sort()[0], Square.apply],
)
def test_packed_values_give_the_same_gradients(function):
    wanted = leaf(0.5, 2.0)
    (first,) = torch.autograd.grad(function(wanted).sum() ** 2, wanted, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), wanted)
    store, x = {}, leaf(0.5, 2.0)

    def pack(tensor):
        store[len(store)] = tensor.clone()
        return len(store) - 1

    with saved_tensors_hooks(pack, store.__getitem__):
        value = function(x).sum() ** 2
    assert store
    (g,) = torch.autograd.grad(value, x, create_graph=True)
    assert torch.allclose(g, first)
    assert torch.allclose(torch.autograd.grad(g.sum(), x)[0], second)


def test_the_innermost_hooks_count():
    seen = []

    def noting(name):
        return saved_tensors_hooks(lambda t: (seen.append(name), t)[1], same)

    x = leaf(1.0)
    with noting("outer"):
        x.exp()
        with noting("inner"):
            x.exp()
        x.exp()
    x.exp()
    assert seen == ["outer", "inner", "outer"]


def test_nothing_is_packed_that_is_not_saved():
    seen = []
    with saved_tensors_hooks(seen.append, same):
        leaf(1.0) + leaf(2.0)
        with torch.no_grad():
            leaf(1.0).exp()
        torch.ones(2).exp()
        leaf(1.0) * 3
    assert seen == []


def test_values_are_unpacked_when_they_are_needed_only():
    unpacked = []

    def unpack(tensor):
        unpacked.append(tuple(tensor.shape))
        return tensor

    x, y = leaf(1.0, 2.0), torch.tensor([3.0, 4.0])
    with saved_tensors_hooks(same, unpack):
        value = (x * y).sum()
    assert unpacked == []
    value.backward()
    assert unpacked == [(2,)]
    assert x.grad.tolist() == [3.0, 4.0]


def test_an_unpacked_value_is_not_checked_for_writes():
    x = leaf(1.0, 2.0)
    with saved_tensors_hooks(lambda t: t.clone(), same):
        y = x.exp()
        z = y.sum()
    with torch.no_grad():
        y.zero_()
    z.backward()
    assert torch.allclose(x.grad, x.detach().exp())


def test_hooks_that_do_it_wrong():
    x = leaf(1.0)
    with saved_tensors_hooks(same, lambda t: 3):
        y = x.exp()
    with pytest.raises(TypeError, match="Output of saved tensor unpack_hook expected to be a Tensor but got result of"):
        y.backward()
    message = "A saved tensor pack hook is modifying its input in place"
    with pytest.raises(RuntimeError, match=message), saved_tensors_hooks(lambda t: t.mul_(2), same):
        x.clone() ** 2


def test_a_freed_graph_with_hooks():
    x = leaf(1.0)
    with saved_tensors_hooks(same, same):
        y = x.exp()
    y.backward()
    with pytest.raises(RuntimeError, match="backward through the graph a second time"):
        y.backward()


def test_hooks_can_be_forbidden():
    hooks = saved_tensors_hooks(same, same)
    with disable_saved_tensors_hooks("not here"), pytest.raises(RuntimeError, match="not here"):
        hooks.__enter__()
    with hooks, pytest.raises(RuntimeError, match="too late"):
        disable_saved_tensors_hooks("too late").__enter__()


def test_saving_on_the_host():
    x, y = leaf(1.0, 2.0), leaf(1.0, 2.0)
    with save_on_cpu():
        (x * x.exp()).sum().backward()
    (y * y.exp()).sum().backward()
    assert torch.equal(x.grad, y.grad)


def test_mutation_of_saved_values():
    x = leaf(1.0, 2.0)
    with allow_mutation_on_saved_tensors():
        y = x.clone()
        z = (y**2).sum()
        y.sin_()
        z.backward()
        assert x.grad.tolist() == [2.0, 4.0]
        with pytest.raises(RuntimeError, match="cannot be nested"), allow_mutation_on_saved_tensors():
            pass


def test_a_version_that_was_incremented():
    x = leaf(1.0, 2.0)
    y = x * 1
    z = y.exp()
    w = y * y
    increment_version(y)
    assert y._version == 1
    z.sum().backward()
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        w.sum().backward()
    increment_version([x, z])
    assert (x._version, z._version) == (1, 1)


def test_gradient_edges():
    x = leaf(1.0, 2.0)
    y = x.exp()
    edge = get_gradient_edge(y)
    assert isinstance(edge, GradientEdge)
    assert edge.node is y.grad_fn and edge.output_nr == 0
    z = (y * 3).sum()
    assert torch.autograd.grad(z, edge, retain_graph=True)[0].tolist() == [3.0, 3.0]
    (g,) = torch.autograd.grad(edge, x, torch.ones(2), retain_graph=True)
    assert torch.allclose(g, y)
    torch.autograd.backward(get_gradient_edge(z))
    assert torch.allclose(x.grad, 3 * y)
    with pytest.raises(RuntimeError, match="does not require gradients"):
        get_gradient_edge(torch.ones(1))


def test_edges_of_several_results():
    x = leaf(3.0, 1.0, 2.0)
    values, _ = x.sort()
    edge = get_gradient_edge(values)
    assert edge.output_nr == 0 and edge.node.name() == "SortBackward0"
    assert torch.autograd.grad((values * 2).sum(), edge)[0].tolist() == [2.0, 2.0, 2.0]
    first, second = (x * 1).unbind(0)[:2]
    assert (get_gradient_edge(first).output_nr, get_gradient_edge(second).output_nr) == (0, 1)


def test_nodes():
    x = leaf(1.0, 2.0)
    y = (x * 2).exp()
    node = y.grad_fn
    assert isinstance(node, Node)
    assert node.name() == "ExpBackward0"
    ((before, number),) = node.next_functions
    assert before.name() == "MulBackward0" and number == 0
    assert before.next_functions[0][0].name() == "torch::autograd::AccumulateGrad"
    assert before.next_functions[0][0].variable is x
    assert before.next_functions[1] == (None, 0)
    node.metadata["note"] = 3
    assert y.grad_fn.metadata == {"note": 3}
    seen = []
    handles = [
        node.register_prehook(lambda outputs: seen.append(("before", outputs[0].tolist()))),
        node.register_hook(lambda inputs, outputs: seen.append(("after", len(inputs), outputs[0].tolist()))),
    ]
    y.sum().backward(retain_graph=True)
    assert seen == [("before", [1.0, 1.0]), ("after", 1, [1.0, 1.0])]
    for handle in handles:
        handle.remove()
    y.sum().backward()
    assert len(seen) == 2


def test_a_hook_on_several_tensors():
    a, b = leaf(1.0, 2.0), leaf(3.0, 4.0)
    c, d = a * b, a + b
    calls = []
    handle = register_multi_grad_hook((a, b, c, d), lambda grads: calls.append([g is not None for g in grads]))
    c.sum().backward(retain_graph=True)
    c.sum().backward(inputs=(a,), retain_graph=True)
    (c.sum() + d.sum()).backward(retain_graph=True)
    assert calls == [[True, True, True, False], [True, False, True, False], [True] * 4]
    handle.remove()
    c.sum().backward()
    assert len(calls) == 3


def test_a_hook_on_any_of_several_tensors():
    a, b = leaf(1.0), leaf(3.0)
    c = a * b
    calls = []
    with register_multi_grad_hook((a, b, c, torch.ones(1)), calls.append, mode="any"):
        (c * 2).backward(retain_graph=True)
        (c * 5).backward()
    assert [g.tolist() for g in calls] == [[2.0], [5.0]]


def test_hooks_on_several_tensors_refuse():
    with pytest.raises(ValueError, match="Expects mode to be one of"):
        register_multi_grad_hook((leaf(1.0),), print, mode="some")


def test_what_a_node_has_saved():
    x, weight = leaf(1.0, 2.0), torch.tensor([3.0, 4.0])
    y = (x * weight).exp()
    assert torch.equal(y.grad_fn._saved_result, y)
    product = y.grad_fn.next_functions[0][0]
    assert torch.equal(product._saved_other, weight)
    assert product._saved_self is None
    assert (x**2).grad_fn._saved_self.tolist() == [1.0, 2.0]
    with pytest.raises(AttributeError):
        _ = y.grad_fn._saved_nothing
    y.sum().backward()
    with pytest.raises(RuntimeError, match="already been freed"):
        _ = y.grad_fn._saved_result


def test_the_node_of_a_function_is_its_context():
    y = Square.apply(leaf(2.0))
    assert [t if t is None else t.tolist() for t in y.grad_fn.saved_tensors] == [[2.0], [4.0], None]
    assert y.grad_fn.needs_input_grad == (True,)
