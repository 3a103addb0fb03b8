"""In-place operations, views and version counters. These tests also hold in PyTorch (`tests/parity`)."""

import pytest

import xpgrad as torch


def leaf(*values):
    return torch.tensor(values if len(values) > 1 else values[0], requires_grad=True)


# In-place operations on whole tensors.


def test_in_place_operations_return_the_tensor_itself():
    x = torch.ones(2)
    assert x.add_(1) is x
    y = x
    y += 1
    assert y is x
    assert x.tolist() == [3.0, 3.0]


def test_gradients_go_through_in_place_operations():
    x = leaf(1.0, 2.0)
    y = x * 2
    y.mul_(torch.tensor([3.0, 5.0]))
    y += 1
    y.sum().backward()
    assert y.tolist() == [7.0, 21.0]
    assert x.grad.tolist() == [6.0, 10.0]


def test_an_in_place_operation_with_itself():
    x = leaf(1.0, 2.0)
    y = x * 2
    y += y
    y.sum().backward()
    assert x.grad.tolist() == [4.0, 4.0]


def test_a_plain_tensor_takes_up_a_graph():
    x, total = leaf(3.0), torch.zeros(())
    total += x
    total += x * x
    assert total.requires_grad
    total.backward()
    assert x.grad.item() == 7.0


@pytest.mark.parametrize("write", [lambda y: y.zero_(), lambda y: y.fill_(3), lambda y: y.copy_(torch.ones(2))])
def test_what_is_overwritten_gets_zeros(write):
    x = leaf(1.0, 2.0)
    y = x * 2
    write(y)
    assert y.requires_grad
    y.sum().backward()
    assert x.grad.tolist() == [0.0, 0.0]


def test_copying_a_leaf_does_not_make_a_leaf():
    x = leaf(1.0, 2.0)
    y = torch.zeros(2).copy_(x)
    assert not y.is_leaf
    (y * y).sum().backward()
    assert x.grad.tolist() == [2.0, 4.0]


def test_copy_casts_and_broadcasts():
    x = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
    y = torch.zeros(3, 2).copy_(x)
    assert y.dtype is torch.float32
    y.sum().backward()
    assert x.grad.tolist() == [3.0, 3.0]


def test_names_of_nodes():
    x = leaf(1.0, 2.0)
    names = [type((x * 1).zero_().grad_fn).__name__, type((x * 1).fill_(1).grad_fn).__name__]
    names += [type((x * 1).add_(1).grad_fn).__name__]
    assert names == ["ZeroBackward0", "FillBackward2", "AddBackward0"]
    y = x * 1
    y[0] = 1
    assert y.grad_fn.name().endswith("CopySlices")


# Leaves.


def test_a_leaf_that_requires_grad_refuses():
    text = "a leaf Variable that requires grad is being used in an in-place operation"
    for write in (lambda x: x.add_(1), lambda x: x.zero_(), lambda x: x.__setitem__(torch.tensor([True, False]), 1.0)):
        with pytest.raises(RuntimeError, match=text):
            write(leaf(1.0, 2.0))


def test_a_view_of_a_leaf_that_requires_grad_refuses():
    text = "a view of a leaf Variable that requires grad is being used in an in-place operation"
    for write in (
        lambda x: x.__setitem__(0, 1.0),
        lambda x: x[0].add_(1),
        lambda x: x.view(2, 1).zero_(),
        lambda x: x[:][1].mul_(2),
    ):
        with pytest.raises(RuntimeError, match=text):
            write(leaf(1.0, 2.0))


def test_leaves_can_be_updated_without_recording():
    x = leaf(1.0, 2.0)
    with torch.no_grad():
        x -= 0.5
        x[0] = 7.0
    assert x.tolist() == [7.0, 1.5]
    assert x.is_leaf
    assert x.requires_grad
    (x * x).sum().backward()
    assert x.grad.tolist() == [14.0, 3.0]


def test_data_shares_memory_but_neither_history_nor_version():
    x = leaf(1.0, 2.0)
    x.data[0] = 5.0
    x.data.mul_(2)
    assert x.tolist() == [10.0, 4.0]
    assert x._version == 0
    assert not x.data.requires_grad
    y = x * x
    y.data.add_(100)
    assert y.tolist() == [200.0, 116.0]
    y.sum().backward()
    assert x.grad.tolist() == [20.0, 8.0]


def test_data_can_be_replaced():
    x = leaf(1.0, 2.0)
    x.data = torch.tensor([5.0, 6.0, 7.0])
    (x * x).sum().backward()
    assert x.grad.tolist() == [10.0, 12.0, 14.0]
    with pytest.raises(
        RuntimeError, match="data set to a tensor that requires gradients must be floating point or compl"
    ):
        x.data = torch.tensor([1])
    with pytest.raises(TypeError, match="Variable data has to be a tensor, but got list"):
        x.data = [1.0]


def test_requires_grad_of_results_and_integers():
    y = leaf(1.0) * 2
    with pytest.raises(RuntimeError, match="you can only change requires_grad flags of leaf variables"):
        y.requires_grad = False
    with pytest.raises(RuntimeError, match="only Tensors of floating point and complex dtype can require gradients"):
        torch.tensor([1]).requires_grad = True
    with pytest.raises(RuntimeError, match="Only Tensors of floating point and complex dtype can require gradients"):
        torch.tensor([1], requires_grad=True)
    with pytest.raises(RuntimeError, match="only Tensors of floating point"):
        torch.tensor([True]).requires_grad_()
    assert not torch.tensor([1]).requires_grad_(False).requires_grad


# detach


def test_detach_shares_memory():
    x = leaf(1.0, 2.0)
    y = x * 2
    d = y.detach()
    assert not d.requires_grad
    d[0] = 100.0
    assert y.tolist() == [100.0, 4.0]


def test_writes_to_a_detached_alias_are_not_recorded():
    x = leaf(1.0, 2.0)
    y = x * 1
    name = y.grad_fn.name()
    y.detach().mul_(5)
    assert y.grad_fn.name() == name
    y.sum().backward()
    assert x.grad.tolist() == [1.0, 1.0]


def test_writes_to_a_detached_alias_are_counted():
    x = leaf(1.0, 2.0)
    y = x * x
    x.detach().add_(1)
    assert x._version == 1
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()


def test_a_detached_alias_has_a_graph_of_its_own():
    x, w = leaf(1.0, 2.0), leaf(3.0)
    d = (x * 1).detach()
    d.mul_(w)
    d.sum().backward()
    assert w.grad.item() == 3.0
    assert x.grad is None


def test_a_detached_alias_may_become_a_leaf_and_stays_one():
    x = leaf(1.0, 2.0)
    d = x.detach().requires_grad_()
    with torch.no_grad():
        x.add_(1)
    (d * d).sum().backward()
    assert d.grad.tolist() == [4.0, 6.0]
    assert x.grad is None


def test_detach_in_place():
    x = leaf(1.0, 2.0)
    y = x * 2
    y.detach_()
    assert y.is_leaf
    assert not y.requires_grad
    with pytest.raises(RuntimeError, match=r"Can't detach views in-place. Use detach\(\) instead"):
        (x * 2)[0].detach_()


# Views.


def test_writing_through_a_view_changes_base_and_gradient():
    x = leaf(1.0, 2.0, 3.0)
    y = x * 1
    part = y[1:]
    part.mul_(10)
    assert y.tolist() == [1.0, 20.0, 30.0]
    y.sum().backward()
    assert x.grad.tolist() == [1.0, 10.0, 10.0]


def test_writing_to_the_base_changes_views_and_their_gradient():
    x = leaf(1.0, 2.0, 3.0)
    y = x * 1
    part = y[1:]
    y.mul_(10)
    assert part.tolist() == [20.0, 30.0]
    part.sum().backward()
    assert x.grad.tolist() == [0.0, 10.0, 10.0]


def test_views_of_views_and_sisters():
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    y = x * 1
    turned = y.t()
    sister = y[:, 0]
    turned[0].mul_(3)
    assert y.tolist() == [[3.0, 2.0], [9.0, 4.0]]
    assert sister.tolist() == [3.0, 9.0]
    (sister * torch.tensor([1.0, 10.0])).sum().backward()
    assert x.grad.tolist() == [[3.0, 0.0], [30.0, 0.0]]


def test_the_base_may_be_gone():
    x = leaf(1.0, 2.0)
    part = (x * 1)[0]
    part.mul_(3)
    part.backward()
    assert x.grad.tolist() == [3.0, 0.0]


def test_a_base_gets_a_graph_from_what_is_written_into_its_view():
    buffer, x = torch.zeros(3), leaf(2.0)
    buffer[0] = x
    buffer[1:].add_(x * x)
    assert buffer.requires_grad
    buffer.sum().backward()
    assert x.grad.item() == 1 + 2 * 4.0


def test_old_values_keep_their_gradient():
    x = leaf(1.0, 2.0)
    y = x * 1
    before = y[0] + 0
    y.add_(1).mul_(5)
    after = y[0] + 0
    (before + after).backward()
    assert x.grad.tolist() == [6.0, 0.0]


def test_a_view_may_become_a_leaf():
    base = torch.tensor([1.0, 2.0])
    part = base[0].requires_grad_()
    assert part.is_leaf
    base.add_(1)
    assert part.requires_grad
    (part * part).backward()
    assert part.grad.item() == 4.0


def test_views_made_without_recording_refuse_recorded_writes():
    y = leaf(1.0, 2.0) * 1
    with torch.no_grad():
        part = y[0]
        part.mul_(2)
    with pytest.raises(
        RuntimeError, match="A view was created in no_grad mode and is being modified inplace with grad mode"
    ):
        part.mul_(2)


def test_views_are_known_as_such():
    x = torch.ones(2, 3)
    assert x._base is None
    assert not x._is_view()
    for view in (x[0], x.t(), x.view(6), x.reshape(3, 2), x[:, 1:], x.unsqueeze(0), x.expand(2, 2, 3), x[0][1], x[...]):
        assert view._is_view()
        assert view._base is x
    for copy in (x.clone(), x + 0, x[torch.tensor([0])], x.t().reshape(6), x.flip(0), x.repeat(1, 1)):
        assert not copy._is_view()


def test_overlapping_memory_cannot_be_written_to():
    x = torch.ones(1)
    with pytest.raises(
        RuntimeError, match="unsupported operation: more than one element of the written-to tensor refers"
    ):
        x.expand(3).add_(1)
    x.expand(3)[0].add_(1)
    assert x.tolist() == [2.0]


def test_a_reshape_that_had_to_copy_is_no_view():
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    copy = x.t().reshape(4)
    copy.zero_()
    assert x.tolist() == [[1.0, 2.0], [3.0, 4.0]]


def test_a_view_read_without_recording_keeps_its_history():
    x = leaf(1.0, 2.0)
    y = x * 1
    part = y[0]
    y.mul_(3)
    with torch.no_grad():
        repr(part)
    part.backward()
    assert x.grad.tolist() == [3.0, 0.0]


# Version counters.


def test_versions_count_writes_to_the_memory():
    x = torch.ones(2, 2)
    part = x[0]
    assert (x._version, part._version) == (0, 0)
    x.add_(1)
    part.mul_(2)
    x[1, 1] = 5.0
    x.t().zero_()
    assert (x._version, part._version, x.detach()._version, x.clone()._version) == (4, 4, 4, 0)


MODIFIED = "one of the variables needed for gradient computation has been modified by an inplace operation"


@pytest.mark.parametrize(
    "write",
    [
        lambda y: y.add_(1),
        lambda y: y.zero_(),
        lambda y: y.__setitem__(0, 5.0),
        lambda y: y.view(2, 1).mul_(2),
        lambda y: y.detach().mul_(2),
        lambda y: y.copy_(torch.ones(2)),
        lambda y: torch.no_grad()(y.add_)(1),
    ],
)
@pytest.mark.parametrize(
    "function", [lambda y: y * y, lambda y: y.exp(), lambda y: y**3, lambda y: y.sigmoid(), lambda y: torch.dot(y, y)]
)
def test_saved_values_must_not_be_modified(function, write):
    x = leaf(1.0, 2.0)
    y = x * 1
    result = function(y)
    # Some save their input, some their result.
    saved = result if function(y).grad_fn.name() in ("ExpBackward0", "SigmoidBackward0") else y
    write(saved)
    with pytest.raises(RuntimeError, match=MODIFIED):
        result.sum().backward()


@pytest.mark.parametrize("function", [lambda y: y + 1, lambda y: y * 2, lambda y: y.sum(), lambda y: y.reshape(2, 1)])
def test_what_saves_no_value_does_not_mind(function):
    x = leaf(1.0, 2.0)
    y = x * 1
    result = function(y)
    y.add_(1)
    result.sum().backward()
    assert x.grad is not None


def test_writes_before_saving_do_not_matter():
    x = leaf(1.0, 2.0)
    y = x * 1
    y.add_(1)
    (y * y).sum().backward()
    assert x.grad.tolist() == [4.0, 6.0]


def test_writes_between_two_backward_passes():
    x = leaf(1.0, 2.0)
    w = torch.tensor([3.0, 4.0])
    y = (x * w).sum()
    y.backward(retain_graph=True)
    w.add_(1)
    with pytest.raises(RuntimeError, match=MODIFIED):
        y.backward()


def test_modified_values_are_noticed_in_create_graph_too():
    x = leaf(1.0, 2.0)
    y = x * 1
    z = (y * y).sum()
    y.add_(1)
    with pytest.raises(RuntimeError, match=MODIFIED):
        torch.autograd.grad(z, x, create_graph=True)


# What does not fit.


def test_shapes_and_dtypes_stay():
    with pytest.raises(RuntimeError, match=r"output with shape \[1\] doesn't match the broadcast shape \[2\]"):
        torch.ones(1).add_(torch.ones(2))
    with pytest.raises(RuntimeError, match=r"result type .* can't be cast to the desired output type"):
        torch.tensor([1]).add_(1.5)
    with pytest.raises(RuntimeError, match=r"result type .* can't be cast to the desired output type"):
        torch.tensor([1]).div_(2)
    with pytest.raises(RuntimeError, match=r"result type .* can't be cast to the desired output type"):
        torch.tensor([True]).add_(1)
    assert torch.tensor([1.0]).add_(1).dtype is torch.float32
    assert torch.ones(1).add_(torch.ones(1, dtype=torch.float64)).dtype is torch.float32


def test_out():
    x, y = torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0])
    out = torch.zeros(2)
    assert torch.add(x, y, out=out) is out
    assert out.tolist() == [4.0, 6.0]
    with pytest.raises(RuntimeError, match=r"functions with out=... arguments don't support automatic differentiation"):
        torch.add(leaf(1.0, 2.0), y, out=out)
    with pytest.raises(RuntimeError, match=r"functions with out=... arguments don't support automatic differentiation"):
        torch.add(x, y, out=leaf(1.0, 2.0) * 1)
    with torch.no_grad():
        torch.add(leaf(1.0, 2.0), y, out=out)
    assert not out.requires_grad


# Writes that concern no history, which go straight into memory.

PLAIN_WRITES = [
    "c.add_(y)", "c.add_(y, alpha=2)", "c += 1", "c.mul_(y)", "c /= y", "c.zero_()", "c.fill_(2)", "c.copy_(y)",
    "c.addcmul_(y, y, value=0.5)", "c.lerp_(y, 0.25)", "c.exp_()", "c.masked_fill_(y > 0, 3.0)", "c[0] = 1",
    "c[0] += 1", "c[y > 0] = 0", "c[:1] = y[:1]",
]  # fmt: skip


@pytest.mark.parametrize("line", PLAIN_WRITES)
def test_a_plain_write_is_counted_and_noticed(line):
    c, y, w = torch.ones(2), torch.tensor([2.0, 3.0]), leaf(1.0, 1.0)
    view = c[:2]
    product = c * w
    before = c._version
    exec(line, {"c": c, "y": y})
    assert c._version > before
    assert view.tolist() == c.tolist()
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        product.sum().backward()


@pytest.mark.parametrize("line", PLAIN_WRITES)
def test_a_plain_write_to_a_leaf_needs_no_grad(line):
    c, y = leaf(1.0, 1.0), torch.tensor([2.0, 3.0])
    with pytest.raises(RuntimeError, match=r"a (view of a )?leaf Variable that requires grad"):
        exec(line, {"c": c, "y": y})
    with torch.no_grad():
        exec(line, {"c": c, "y": y})
    assert c.requires_grad
    assert c.is_leaf


@pytest.mark.parametrize("line", [line for line in PLAIN_WRITES if "y" in line and ">" not in line])
def test_a_write_of_what_requires_grad_is_recorded(line):
    c, y = torch.ones(2), leaf(2.0, 3.0)
    exec(line, {"c": c, "y": y})
    assert c.requires_grad


def test_what_the_library_declines_goes_the_long_way():
    x = torch.tensor([250, 1], dtype=torch.uint8)
    x += 10
    x -= 300
    assert x.tolist() == [216, 223]
    with pytest.raises(RuntimeError, match="doesn't match the broadcast shape"):
        torch.ones(1).add_(torch.ones(2))
    with pytest.raises(IndexError, match="out of bounds"):
        torch.ones(2)[2] = 1
    y = torch.ones(3)
    with pytest.raises(RuntimeError, match="refer to a single memory location"):
        y[1:].add_(y[:2])
