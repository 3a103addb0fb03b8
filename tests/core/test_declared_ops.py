"""Declaring operations: what rules may ask for, what is saved for them, and what the specialised code does."""

import sys
import threading
import traceback

import numpy as np
import pytest

import xpgrad
from xpgrad.autograd import gradcheck, gradgradcheck
from xpgrad.core.op import op
from xpgrad.core.specialise import source
from xpgrad.errors import ArgumentTypeError, GradientError, GraphFreedError, MixedBackendsError, SavedValueModifiedError


def product_op():
    @op("Product")
    def product(xp, x, y, /, *, scale=1.0):
        """``scale * x * y``."""
        return scale * (x * y)

    @product.vjp("x")
    def _(xp, g, y, scale):
        return scale * (g * y)

    @product.vjp("y")
    def _(xp, g, x, scale):
        return scale * (g * x)

    return product


def leaf(*values, dtype=xpgrad.float64):
    return xpgrad.tensor(values, dtype=dtype, requires_grad=True)


def test_an_op_runs_forward_and_backward_to_any_order():
    product = product_op()
    x, y = leaf(1.0, 2.0), leaf(3.0, 4.0)
    result = product(x, y, scale=10.0)
    assert result.tolist() == [30.0, 80.0]
    assert result.grad_fn.name() == "ProductBackward0"
    assert type(result.grad_fn).__doc__ == "``scale * x * y``."
    assert gradcheck(lambda x, y: product(x, y, scale=10.0), (x, y))
    assert gradgradcheck(lambda x, y: product(x, y, scale=10.0), (x, y))


def test_plain_values_may_stand_for_inputs():
    product = product_op()
    x = leaf(1.0, 2.0)
    product(x, 3.0).sum().backward()
    product(2.0, x).sum().backward()
    assert x.grad.tolist() == [5.0, 5.0]
    assert product.apply_ts(x, 3.0).tolist() == product.apply_st(3.0, x).tolist() == [3.0, 6.0]
    with pytest.raises(
        ArgumentTypeError, match=r"product: takes 2 inputs \(x, y\), at least one of them a tensor; got 2"
    ):
        product(1.0, 2.0)
    with pytest.raises(ArgumentTypeError, match=r"product: takes 2 inputs .* got 1 with 1 tensors"):
        product(x)


def test_only_what_is_asked_for_is_saved():
    product = product_op()
    x, y, constant = leaf(1.0, 2.0), leaf(3.0, 4.0), xpgrad.tensor([5.0, 6.0], dtype=xpgrad.float64)
    node = product(x, constant).grad_fn
    assert node.s_y.tolist() == [5.0, 6.0]
    assert not hasattr(node, "s_x")
    result = product(x, y)
    assert result.grad_fn.s_x.tolist() == [1.0, 2.0]
    result.sum().backward()
    assert (result.grad_fn.s_x, result.grad_fn.s_y) == (None, None)
    with pytest.raises(GraphFreedError, match="met at ProductBackward0"):
        result.sum().backward()


def test_what_rules_may_ask_for():
    seen = {}

    @op("Asks")
    def asks(xp, x, y, /, *, factor):
        return x.sum() * factor * y

    @asks.vjp("x")
    def _(xp, g, x_shape, x_dtype, y_shape, factor, out, y):
        seen.update(x_shape=x_shape, x_dtype=x_dtype, y_shape=y_shape, factor=factor, out=out, y=y)
        return xp.broadcast_to((g * y).sum() * factor, x_shape)

    @asks.vjp("y")
    def _(xp, g, x, factor):
        return g * (x.sum() * factor)

    x, y = leaf(1.0, 2.0, 3.0), leaf(1.0, 2.0)
    asks(x, y, factor=2.0).sum().backward()
    assert seen["x_shape"] == (3,)
    assert seen["x_dtype"] == np.float64
    assert seen["y_shape"] == (2,)
    assert seen["factor"] == 2.0
    assert seen["out"].tolist() == [12.0, 24.0]
    assert x.grad.tolist() == [6.0, 6.0, 6.0]
    assert y.grad.tolist() == [12.0, 12.0]
    with pytest.raises(TypeError, match="factor"):
        asks(x, y)


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        (lambda xp, g, z: g, "asks for xp, g, z; it must begin with xp, g and may name"),
        (lambda xp, g, x_size: g, "asks for xp, g, x_size"),
        (lambda g, xp: g, "asks for g, xp"),
        (lambda xp, y: y, "asks for xp, y"),
        (lambda xp, g, needs: g, "asks for xp, g, needs"),
    ],
)
def test_names_that_do_not_exist_are_refused_at_once(rule, problem):
    with pytest.raises(TypeError, match=f"Product: the rule for x {problem}"):
        product_op().vjp("x")(rule)


def test_inputs_that_do_not_exist_are_refused_at_once():
    with pytest.raises(TypeError, match="the rule for z asks for"):
        product_op().vjp("z")(lambda xp, g: g)


@pytest.mark.parametrize(
    "forward",
    [
        lambda x, /: x,
        lambda xp, x: x,
        lambda xp, x, /, y: x,
        lambda xp, place, /: place,
        lambda xp, x, /, *, node: x,
        lambda xp, x, /, *, s_x: x,
    ],
)
def test_forwards_of_other_forms_are_refused_at_once(forward):
    with pytest.raises(TypeError):
        op("Form")(forward)


def test_the_rule_of_a_view_cannot_ask_for_its_result():
    part = op("Part", is_view=True)(lambda xp, x, /: x[1:])
    with pytest.raises(TypeError, match="the rule of a view cannot ask for out"):
        part.vjp("x")(lambda xp, g, out: g)


def test_one_rule_for_several_inputs():
    asked = []

    @op("Both")
    def both(xp, x, y, /):
        return x * y

    @both.vjp("x", "y")
    def _(xp, g, needs, x, y):
        asked.append(needs)
        return g * y, g * x

    x, y = leaf(2.0), leaf(3.0)
    both(x, y).backward()
    both(x, xpgrad.tensor([3.0], dtype=xpgrad.float64)).backward()
    assert asked == [(True, True), (True, False)]
    assert (x.grad.tolist(), y.grad.tolist()) == ([6.0], [2.0])


def two_results_op(**options):
    @op("Two", outputs=2, **options)
    def two(xp, x, /):
        return x * x, x + 1.0

    @two.vjp("x")
    def _(xp, g, x, out):
        square, _ = out
        return 2.0 * x * g[0] + g[1] + 0.0 * square

    return two


def test_several_results():
    two = two_results_op()
    x = leaf(1.0, 2.0)
    square, more = two(x)
    assert (square.output_nr, more.output_nr) == (0, 1)
    assert square.grad_fn is more.grad_fn
    (square + 10 * more).sum().backward()
    assert x.grad.tolist() == [12.0, 14.0]
    # Zeros stand for the result that nothing was computed from.
    x.grad = None
    two(x)[1].sum().backward()
    assert x.grad.tolist() == [1.0, 1.0]
    assert gradcheck(two, x)
    assert gradgradcheck(two, x)


def test_results_that_are_constant():
    square, more = two_results_op(constant_outputs=(1,))(leaf(1.0, 2.0))
    assert square.requires_grad
    assert not more.requires_grad


def test_any_result_that_was_saved_must_stay():
    square, more = two_results_op()(leaf(1.0, 2.0))
    more.add_(1)
    with pytest.raises(
        SavedValueModifiedError, match="the result of TwoBackward0, is at version 1; expected version 0"
    ):
        square.sum().backward()


def test_any_number_of_inputs():
    @op("Total")
    def total(xp, *arrays, weight):
        return weight * sum(arrays)

    @total.vjp("arrays")
    def _(xp, g, arrays_shape, weight, needs):
        assert arrays_shape == ((2,), (2,), (2,))
        return [weight * g if needed else None for needed in needs]

    x, y = leaf(1.0, 2.0), leaf(3.0, 4.0)
    result = total(x, y.detach(), y, weight=2.0)
    assert result.tolist() == [14.0, 20.0]
    result.sum().backward()
    assert (x.grad.tolist(), y.grad.tolist()) == ([2.0, 2.0], [2.0, 2.0])


def test_without_a_rule_there_is_no_gradient():
    half = op("Half", differentiable=False)(lambda xp, x, /: x / 2)
    assert not half(leaf(1.0)).requires_grad


def test_an_op_under_another_name():
    product = product_op()
    twin = product.named("Times")
    x = leaf(1.0)
    assert (product(x, x).grad_fn.name(), twin(x, x).grad_fn.name()) == ("ProductBackward0", "TimesBackward0")
    assert product.named("OddBackward7")(x, x).grad_fn.name() == "OddBackward7"
    assert "Times" in repr(twin)


# The engine makes gradients fit.


def test_gradients_are_summed_and_cast():
    product = product_op()
    x, y = leaf(1.0, 2.0, 3.0, dtype=xpgrad.float32), xpgrad.ones(2, 1, dtype=xpgrad.float64, requires_grad=True)
    product(x, y).sum().backward()
    assert x.grad.dtype is xpgrad.float32
    assert x.grad.tolist() == [2.0, 2.0, 2.0]
    assert y.grad.tolist() == [[6.0], [6.0]]


def test_a_gradient_that_cannot_fit_is_an_error():
    @op("Wrong")
    def wrong(xp, x, /):
        return x * 2

    @wrong.vjp("x")
    def _(xp, g):
        return xp.ones((5,))

    message = (
        r"Function WrongBackward0 returned an invalid gradient at index 0 - got \[5\] but expected shape compatible"
    )
    with pytest.raises(GradientError, match=message):
        wrong(leaf(1.0, 2.0)).sum().backward()


def test_places_must_not_mix():
    product = product_op()
    with pytest.raises(
        MixedBackendsError, match="at least two devices, cpu and strict:cpu! product never moves data by"
    ):
        product(leaf(1.0), xpgrad.ones(1, device="strict:cpu"))


# The specialised code is made to be read and stepped through.


def test_the_source_shows_what_runs():
    text = source(product_op())
    assert "def apply(x, y, *, scale=default_scale):" in text
    assert "node.s_y = a_y" in text
    assert "rule_x(xp, g, self.s_y, self.s_scale)" in text


def test_tracebacks_show_specialised_lines_and_the_rule():
    @op("Fails")
    def fails(xp, x, /):
        return x * 2

    @fails.vjp("x")
    def _(xp, g):
        raise KeyError("in the rule")

    try:
        fails(leaf(1.0)).sum().backward()
    except KeyError:
        frames = traceback.extract_tb(sys.exc_info()[2])
    specialised = next(frame for frame in frames if frame.filename == "<backward of Fails>")
    assert "rule_x(xp, g" in specialised.line
    assert frames[-1].line == 'raise KeyError("in the rule")'


def test_an_error_in_a_forward_that_is_no_refusal_stays_itself():
    @op("Broken")
    def broken(xp, x, /):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken(leaf(1.0))


def test_first_use_in_several_threads():
    for _ in range(20):
        product = product_op()
        entry = op("Sum")(lambda xp, x, y, /: x + y).entry(lambda x, y: None)
        x = leaf(1.0, 2.0)
        barrier = threading.Barrier(4)
        found = []

        def work(product=product, entry=entry, x=x, barrier=barrier, found=found):
            barrier.wait()
            found.append((product.apply(x, x).tolist(), entry(x, x).tolist()))

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [([1.0, 4.0], [2.0, 4.0])] * 4
