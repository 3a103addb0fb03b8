"""Operations that users write themselves. These tests also hold in PyTorch (`tests/parity`)."""

import pytest

import xpgrad as torch
from xpgrad.autograd import Function, grad
from xpgrad.autograd.function import once_differentiable


def leaf(*values):
    return torch.tensor(values if len(values) > 1 else values[0], requires_grad=True)


class Cube(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return 3 * g * x**2


class CubeInTwoParts(Function):
    @staticmethod
    def forward(x):
        return x**3

    @staticmethod
    def setup_context(ctx, inputs, output):
        (x,) = inputs
        ctx.save_for_backward(x)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return 3 * g * x**2


@pytest.mark.parametrize("function", [Cube, CubeInTwoParts])
def test_forward_and_backward(function):
    x = leaf(2.0)
    y = function.apply(x)
    assert y.grad_fn.name() == f"{function.__name__}Backward"
    y.backward()
    assert (y.item(), x.grad.item()) == (8.0, 12.0)


@pytest.mark.parametrize("function", [Cube, CubeInTwoParts])
def test_backward_can_be_differentiated(function):
    x = leaf(2.0)
    (g,) = grad(function.apply(x), x, create_graph=True)
    (h,) = grad(g, x, create_graph=True)
    (third,) = grad(h, x)
    assert (g.item(), h.item(), third.item()) == (12.0, 12.0, 6.0)


def test_forward_is_not_recorded():
    seen = []

    class Look(Function):
        @staticmethod
        def forward(ctx, x):
            seen.append((torch.is_grad_enabled(), (x * 2).requires_grad))
            return x * 2

        @staticmethod
        def backward(ctx, g):
            seen.append((torch.is_grad_enabled(), g.requires_grad))
            return g * 2

    x = leaf(1.0)
    Look.apply(x).backward()
    grad(Look.apply(x), x, create_graph=True)
    assert seen == [(False, False), (False, False), (False, False), (True, False)]


def test_arguments_that_are_no_tensors():
    class Scale(Function):
        @staticmethod
        def forward(ctx, x, factor, *, name="unused"):
            ctx.factor = factor
            return x * factor

        @staticmethod
        def backward(ctx, g):
            return g * ctx.factor, None

    x = leaf(2.0)
    Scale.apply(x, 5).backward()
    assert x.grad.item() == 5.0


def test_needs_input_grad():
    seen = []

    class Product(Function):
        @staticmethod
        def forward(ctx, x, y, n):
            ctx.save_for_backward(x, y)
            return x * y

        @staticmethod
        def backward(ctx, g):
            seen.append(ctx.needs_input_grad)
            x, y = ctx.saved_tensors
            return (g * y if ctx.needs_input_grad[0] else None), (g * x if ctx.needs_input_grad[1] else None), None

    x, y = leaf(2.0), torch.tensor(3.0)
    Product.apply(x, y, 4).backward()
    assert seen == [(True, False, False)]
    assert x.grad.item() == 3.0


def test_nothing_is_recorded_without_need():
    assert not Cube.apply(torch.tensor(2.0)).requires_grad
    with torch.no_grad():
        assert not Cube.apply(leaf(2.0)).requires_grad


def test_several_results():
    class SumAndDifference(Function):
        @staticmethod
        def forward(ctx, x, y):
            return x + y, x - y

        @staticmethod
        def backward(ctx, g_sum, g_difference):
            return g_sum + g_difference, g_sum - g_difference

    x, y = leaf(5.0, 1.0), leaf(3.0, 2.0)
    total, difference = SumAndDifference.apply(x, y)
    assert (total.output_nr, difference.output_nr) == (0, 1)
    assert total.grad_fn is difference.grad_fn
    (2 * total + 3 * difference).sum().backward()
    assert (x.grad.tolist(), y.grad.tolist()) == ([5.0, 5.0], [-1.0, -1.0])


def test_results_without_a_gradient_arrive_as_zeros():
    seen = []

    class Twice(Function):
        @staticmethod
        def forward(ctx, x):
            return x + 1, x + 2

        @staticmethod
        def backward(ctx, first, second):
            seen.append((first.tolist(), second.tolist()))
            return first + second

    x = leaf(1.0, 2.0)
    Twice.apply(x)[1].sum().backward()
    assert seen == [([0.0, 0.0], [1.0, 1.0])]


def test_or_as_none_if_asked():
    seen = []

    class Twice(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.set_materialize_grads(False)
            return x + 1, x + 2

        @staticmethod
        def backward(ctx, first, second):
            seen.append(first)
            return second

    Twice.apply(leaf(1.0, 2.0))[1].sum().backward()
    assert seen == [None]


def test_a_result_that_is_no_tensor():
    class Pair(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2, "text"

        @staticmethod
        def backward(ctx, g, nothing):
            assert nothing is None
            return g * 2

    x = leaf(1.0)
    y, text = Pair.apply(x)
    assert text == "text"
    y.backward()
    assert x.grad.item() == 2.0


def test_integer_results_and_those_marked_are_not_differentiable():
    class Sort(Function):
        @staticmethod
        def forward(ctx, x):
            values, indices = x.sort()
            ctx.mark_non_differentiable(indices)
            ctx.save_for_backward(indices)
            return values, indices

        @staticmethod
        def backward(ctx, g, _):
            (indices,) = ctx.saved_tensors
            return torch.zeros_like(g).scatter(0, indices, g)

    x = leaf(3.0, 1.0, 2.0)
    values, indices = Sort.apply(x)
    assert not indices.requires_grad
    (values * torch.tensor([1.0, 2.0, 3.0])).sum().backward()
    assert x.grad.tolist() == [3.0, 1.0, 2.0]

    class Marked(Function):
        @staticmethod
        def forward(ctx, x):
            kept, dropped = x * 2, x * 3
            ctx.mark_non_differentiable(dropped)
            return kept, dropped

        @staticmethod
        def backward(ctx, g, zeros):
            assert zeros.tolist() == [0.0, 0.0, 0.0]
            return g * 2

    kept, dropped = Marked.apply(x)
    assert kept.requires_grad
    assert not dropped.requires_grad
    kept.sum().backward()


def test_saving_the_result():
    class Exp(Function):
        @staticmethod
        def forward(ctx, x):
            y = x.exp()
            ctx.save_for_backward(y)
            return y

        @staticmethod
        def backward(ctx, g):
            (y,) = ctx.saved_tensors
            return g * y

    x = leaf(0.0)
    y = Exp.apply(x)
    (g,) = grad(y, x, create_graph=True)
    (h,) = grad(g, x, create_graph=True)
    assert (g.item(), h.item(), grad(h, x)[0].item()) == (1.0, 1.0, 1.0)


def test_saving_nothing_and_none():
    class Keep(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(None, x)
            return x * 1

        @staticmethod
        def backward(ctx, g):
            nothing, x = ctx.saved_tensors
            assert nothing is None
            return g * x

    x = leaf(3.0)
    Keep.apply(x).backward()
    assert x.grad.item() == 3.0


def test_saved_tensors_are_freed():
    x = leaf(2.0)
    y = Cube.apply(x)
    y.backward(retain_graph=True)
    y.backward()
    with pytest.raises(RuntimeError, match="Trying to backward through the graph a second time"):
        y.backward()


def test_saved_tensors_must_not_be_modified():
    x = leaf(2.0)
    middle = x * 1
    y = Cube.apply(middle)
    middle.add_(1)
    with pytest.raises(
        RuntimeError, match="one of the variables needed for gradient computation has been modified by an"
    ):
        y.backward()


def test_returning_an_input_makes_a_new_tensor():
    class Identity(Function):
        @staticmethod
        def forward(ctx, x):
            return x

        @staticmethod
        def backward(ctx, g):
            return g * 10

    x = leaf(2.0)
    y = Identity.apply(x)
    assert y is not x
    assert y.grad_fn.name() == "IdentityBackward"
    assert x.is_leaf
    y.backward()
    assert x.grad.item() == 10.0


class Both(Function):
    """What it is given, the second part of it without a gradient."""

    @staticmethod
    def forward(ctx, x, y):
        ctx.mark_non_differentiable(y)
        return x, y

    @staticmethod
    def backward(ctx, g, unused):
        return g * 10, None


def test_returned_inputs_may_be_marked_non_differentiable():
    x, y = Both.apply(leaf(2.0), torch.tensor(3.0))
    assert (x.requires_grad, y.requires_grad) == (True, False)


def test_writing_to_a_returned_input_counts_for_what_saved_the_input():
    middle = leaf(2.0) * 1
    square = middle * middle
    returned, _ = Both.apply(middle, torch.tensor(3.0))
    # PyTorch refuses the write already.
    with pytest.raises(RuntimeError, match="modified"):
        returned.add_(1)
        square.backward()


class AddOne(Function):
    """In place."""

    @staticmethod
    def forward(ctx, x):
        ctx.mark_dirty(x)
        x.add_(1)
        return x

    @staticmethod
    def backward(ctx, g):
        return g * 10


def test_dirty_inputs_take_up_the_history():
    x = leaf(2.0)
    middle = x * 3
    y = AddOne.apply(middle)
    assert y is middle
    assert middle.grad_fn.name() == "AddOneBackward"
    middle.backward()
    assert (middle.item(), x.grad.item()) == (7.0, 30.0)


def test_dirty_leaves_are_refused():
    with pytest.raises(
        RuntimeError, match=r"a leaf Variable that requires grad (is being|has been) used in an in-place"
    ):
        AddOne.apply(leaf(2.0))


def test_dirty_views_pass_the_history_on_to_their_base():
    x = leaf(1.0, 2.0)
    base = x * 3
    AddOne.apply(base[0])
    base.sum().backward()
    assert (base.tolist(), x.grad.tolist()) == ([4.0, 6.0], [30.0, 3.0])


def test_once_differentiable():
    class Square(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        @once_differentiable
        def backward(ctx, g):
            assert not torch.is_grad_enabled()
            (x,) = ctx.saved_tensors
            return 2 * g * x

    x = leaf(3.0)
    Square.apply(x).backward()
    assert x.grad.item() == 6.0
    (g,) = grad(Square.apply(x) * 2, x, create_graph=True)
    assert g.item() == 12.0
    (g,) = grad(Square.apply(x) * x, x, create_graph=True)
    with pytest.raises(RuntimeError, match="trying to differentiate twice a function that was marked with @once_diff"):
        g.backward()


def test_none_is_no_gradient():
    class Stop(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

        @staticmethod
        def backward(ctx, g):
            return None

    x = leaf(1.0)
    (Stop.apply(x) + 2 * x).backward()
    assert x.grad.item() == 2.0
    y = leaf(1.0)
    Stop.apply(y * 2).backward()
    assert y.grad is None


def test_the_number_of_gradients_is_checked():
    class TooMany(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

        @staticmethod
        def backward(ctx, g):
            return g, g

    with pytest.raises(
        RuntimeError, match=r"function TooManyBackward returned an incorrect number of gradients \(expected 1"
    ):
        TooMany.apply(leaf(1.0)).backward()

    class TooFew(Function):
        @staticmethod
        def forward(ctx, x, y):
            return x * y

        @staticmethod
        def backward(ctx, g):
            return g

    with pytest.raises(
        RuntimeError, match=r"function TooFewBackward returned an incorrect number of gradients \(expected 2"
    ):
        TooFew.apply(leaf(1.0), leaf(2.0)).backward()


def test_extra_nones_are_allowed():
    class Extra(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

        @staticmethod
        def backward(ctx, g):
            return g, None, None

    x = leaf(1.0)
    Extra.apply(x).backward()
    assert x.grad.item() == 1.0


def test_the_shape_of_gradients_is_checked():
    class Wrong(Function):
        @staticmethod
        def forward(ctx, x):
            return x.sum()

        @staticmethod
        def backward(ctx, g):
            return torch.ones(3)

    with pytest.raises(
        RuntimeError, match=r"WrongBackward returned an invalid gradient at index 0 - got .3. but expected"
    ):
        Wrong.apply(leaf(1.0, 2.0)).backward()


def test_what_a_gradient_may_be():
    class Text(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

        @staticmethod
        def backward(ctx, g):
            return 1.0

    with pytest.raises((RuntimeError, TypeError)):
        Text.apply(leaf(1.0)).backward()


def test_missing_methods():
    class NoBackward(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

    with pytest.raises(NotImplementedError, match=r"You must implement .*backward"):
        NoBackward.apply(leaf(1.0)).backward()

    class NoForward(Function):
        pass

    with pytest.raises(NotImplementedError, match="You must implement the forward function"):
        NoForward.apply(leaf(1.0))


def test_an_exception_in_forward_restores_the_mode():
    class Fail(Function):
        @staticmethod
        def forward(ctx, x):
            raise KeyError

    with pytest.raises(KeyError):
        Fail.apply(leaf(1.0))
    assert torch.is_grad_enabled()


def test_complex_gradients_are_in_pytorchs_convention():
    seen = []

    class Square(Function):
        @staticmethod
        def forward(ctx, z):
            ctx.save_for_backward(z)
            return z * z

        @staticmethod
        def backward(ctx, g):
            seen.append(g.item())
            (z,) = ctx.saved_tensors
            return g * (2 * z).conj()

    z = torch.tensor(1 + 2j, requires_grad=True)
    Square.apply(z).backward(torch.tensor(1j))
    assert seen == [1j]
    assert z.grad.item() == 1j * (2 - 4j)


def test_functions_call_each_other():
    class Sixth(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return Cube.apply(x) ** 2

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return 6 * g * x**2 * Cube.apply(x)

    x = leaf(2.0)
    (g,) = grad(Sixth.apply(x), x, create_graph=True)
    assert (g.item(), grad(g, x)[0].item()) == (192.0, 480.0)


def test_the_context_holds_what_one_puts_there():
    class Remember(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.shape, ctx.note = x.shape, {"a": 1}
            return x.sum()

        @staticmethod
        def backward(ctx, g):
            assert ctx.note == {"a": 1}
            return g.expand(ctx.shape)

    x = leaf(1.0, 2.0)
    Remember.apply(x).backward()
    assert x.grad.tolist() == [1.0, 1.0]


def test_gradients_are_summed_to_the_shape_of_the_input():
    class Add(Function):
        @staticmethod
        def forward(ctx, x, y):
            return x + y

        @staticmethod
        def backward(ctx, g):
            return g, g

    x, y = torch.ones(3, requires_grad=True), torch.ones(2, 3, requires_grad=True)
    Add.apply(x, y).sum().backward()
    assert x.grad.tolist() == [2.0, 2.0, 2.0]


@pytest.mark.filterwarnings("ignore:.*should not be instantiated")
def test_no_instances():
    with pytest.raises(RuntimeError):
        Cube()(leaf(1.0))


def test_backward_may_be_called_vjp():
    class Fivefold(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 5

        @staticmethod
        def vjp(ctx, g):
            return g * 5

    class Both(Fivefold):
        @staticmethod
        def backward(ctx, g):
            return g

        @staticmethod
        def vjp(ctx, g):
            return g

    x = torch.tensor(2.0, requires_grad=True)
    Fivefold.apply(x).backward()
    assert x.grad.item() == 5.0
    with pytest.raises(RuntimeError, match="Implementing both 'backward' and 'vjp'"):
        Both.apply(x).backward()


def test_what_a_function_must_not_do():
    class Modifies(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.mark_dirty(x)
            return x.mul_(2) * 1

    class SavesNumbers(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(3)
            return x * 2

    class ReturnsNumbers(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return 3

    x = torch.tensor(2.0, requires_grad=True)
    with pytest.raises(RuntimeError, match="marked as dirty during the forward method were not returned as output"):
        Modifies.apply(x * 1)
    with pytest.raises(TypeError, match="save_for_backward can only save variables, but argument 0 is of type int"):
        SavesNumbers.apply(x)
    with pytest.raises(RuntimeError, match=r"expected Variable or None \(got int\)"):
        ReturnsNumbers.apply(x).backward()


def test_a_saved_index_gets_no_history():
    class Sorted(Function):
        @staticmethod
        def forward(ctx, x):
            values, order = x.sort()
            ctx.mark_non_differentiable(order)
            ctx.save_for_backward(order)
            return values, order

        @staticmethod
        def backward(ctx, g, _):
            (order,) = ctx.saved_tensors
            assert not order.requires_grad
            return torch.zeros_like(g).index_add(0, order, g)

    x = torch.tensor([3.0, 1.0, 2.0], requires_grad=True)
    values, _ = Sorted.apply(x)
    (values * torch.tensor([1.0, 2.0, 3.0])).sum().backward()
    assert x.grad.tolist() == [3.0, 1.0, 2.0]
