"""`gradcheck` and `gradgradcheck` find planted errors. These tests also hold in PyTorch (`tests/parity`)."""

import pytest

import xpgrad as torch
from xpgrad.autograd import Function, gradcheck, gradgradcheck


def leaf(*values):
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


def custom(forward, backward):
    """A function with a gradient of one's own choosing."""

    class Planted(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return forward(x)

        @staticmethod
        def backward(ctx, g):
            return backward(g, *ctx.saved_tensors)

    return Planted.apply


RIGHT = custom(lambda x: x**3, lambda g, x: 3 * g * x**2)
WRONG = {
    "factor": custom(lambda x: x**3, lambda g, x: 2 * g * x**2),
    "sign": custom(lambda x: x**3, lambda g, x: -3 * g * x**2),
    "small": custom(lambda x: x**3, lambda g, x: 3.01 * g * x**2),
    "missing": custom(lambda x: x**3, lambda g, x: None),
    "one element": custom(lambda x: x**3, lambda g, x: 3 * g * x**2 * torch.tensor([1.0, 1.0, 0.9])),
    "transposed": custom(lambda x: x**3, lambda g, x: (3 * g * x**2).flip(0)),
    "nan": custom(lambda x: x**3, lambda g, x: g * float("nan")),
}


def test_right_gradients_pass():
    assert gradcheck(RIGHT, leaf(1.0, 2.0, -3.0))
    assert gradgradcheck(RIGHT, leaf(1.0, 2.0, -3.0))


@pytest.mark.parametrize("name", WRONG)
def test_wrong_gradients_raise(name):
    x = leaf(1.0, 2.0, -3.0)
    with pytest.raises(RuntimeError):
        gradcheck(WRONG[name], x)
    assert not gradcheck(WRONG[name], x, raise_exception=False)


def test_second_order_is_checked_apart():
    def backward(g, x):
        # Right in value, but not in what it says of its own derivative.
        return 3 * g * x * x.detach()

    planted = custom(lambda x: x**3, backward)
    x = leaf(1.0, 2.0, -3.0)
    assert gradcheck(planted, x)
    with pytest.raises(RuntimeError):
        gradgradcheck(planted, x)
    assert not gradgradcheck(planted, x, raise_exception=False)


def test_several_inputs_and_outputs():
    def function(x, y, n):
        return x * y.sum(), (x**n).exp()

    x, y = leaf(0.1, 0.2), leaf(0.5, -0.5, 1.5)
    assert gradcheck(function, (x, y, 2))
    assert gradgradcheck(function, (x, y, 2))


def test_inputs_that_do_not_require_grad_are_constants():
    assert gradcheck(lambda x, y: x * y, (leaf(1.0, 2.0), torch.tensor([3.0, 4.0], dtype=torch.float64)))


def test_an_input_that_the_result_does_not_depend_on():
    assert gradcheck(lambda x, y: x * 2, (leaf(1.0), leaf(2.0)))


def test_tolerances_count():
    x = leaf(1.0, 2.0, -3.0)
    assert gradcheck(WRONG["small"], x, rtol=0.1)
    with pytest.raises(RuntimeError):
        gradcheck(lambda x: x.float().double() ** 3, x)


def test_complex_functions():
    z = torch.tensor([0.5 + 1j, -1 + 0.3j], dtype=torch.complex128, requires_grad=True)
    assert gradcheck(lambda z: z * z.conj() + z**2, z)
    assert gradcheck(lambda z: z.abs(), z)
    assert gradgradcheck(lambda z: z**3, z)
    holomorphic = custom(lambda z: z * z, lambda g, z: 2 * g * z.conj())
    assert gradcheck(holomorphic, z)
    assert not gradcheck(custom(lambda z: z * z, lambda g, z: 2 * g * z), z, raise_exception=False)


def test_something_must_require_grad():
    with pytest.raises(ValueError, match=r"gradcheck expects (at least one|all tensor) input"):
        gradcheck(lambda x: x, torch.ones(2, dtype=torch.float64))


def test_inputs_are_left_as_they_were():
    x = leaf(1.0, 2.0)
    gradcheck(RIGHT, x)
    assert x.grad is None
    assert x.tolist() == [1.0, 2.0]


OPTIONS = [
    {"fast_mode": True},
    {"check_forward_ad": True},
    {"check_forward_ad": True, "check_backward_ad": False, "check_undefined_grad": False},
    {"check_batched_grad": True},
    {"check_undefined_grad": False, "check_grad_dtypes": True},
]


@pytest.mark.parametrize("options", OPTIONS)
def test_options_on_what_is_right(options):
    assert gradcheck(lambda x, y: (x * y.sum(), x.exp()), (leaf(0.1, 0.2), leaf(0.5, -0.5, 1.5)), **options)
    z = torch.tensor([0.5 + 1j, -1 + 0.3j], dtype=torch.complex128, requires_grad=True)
    assert gradcheck(lambda z: z * z.conj() * z, z, **options)


@pytest.mark.parametrize("options", [{"fast_mode": True}, {"check_fwd_over_rev": True}, {"check_batched_grad": True}])
def test_options_of_second_order(options):
    assert gradgradcheck(lambda x, y: x**3 * y.exp(), (leaf(0.5, 2.0), leaf(0.1, -0.2)), **options)


@pytest.mark.parametrize("name", [name for name in WRONG if name not in ("transposed", "one element")])
def test_one_random_product_finds_errors(name):
    assert not gradcheck(WRONG[name], leaf(1.0, 2.0, -3.0), raise_exception=False, fast_mode=True)


def test_what_changes_without_a_gradient():
    with pytest.raises(RuntimeError, match="Numerical gradient for function expected to be zero"):
        gradcheck(lambda x: x.detach() * 2, leaf(1.0, 2.0))
    assert gradcheck(lambda x: torch.ones(2, dtype=torch.float64), leaf(1.0, 2.0))


def test_gradients_that_do_not_come_from_the_gradient():
    adding = custom(lambda x: x * 2, lambda g, x: g * 2 + 1e-7)
    with pytest.raises(RuntimeError, match="backward not multiplied by grad_output"):
        gradcheck(adding, leaf(1.0, 2.0))


def test_gradients_that_change_from_pass_to_pass():
    turns = iter(range(1000))
    drifting = custom(lambda x: x * 2, lambda g, x: g * (2 + 1e-7 * next(turns)))
    with pytest.raises(RuntimeError, match="Backward is not reentrant"):
        gradcheck(drifting, leaf(1.0, 2.0))
    assert gradcheck(drifting, leaf(1.0, 2.0), nondet_tol=1e-3)


@pytest.mark.filterwarnings("ignore:Backwards compatibility")
def test_results_without_a_gradient():
    class Two(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.set_materialize_grads(False)
            return x * 2, x * 3

        @staticmethod
        def backward(ctx, first, second):
            if first is None and second is not None and not second.any():
                raise RuntimeError("no gradient")
            parts = [g * n for g, n in ((first, 2), (second, 3)) if g is not None]
            return sum(parts) if parts else None

    with pytest.raises(RuntimeError, match="Expected backward function to handle undefined output grads"):
        gradcheck(Two.apply, leaf(1.0, 2.0))
    assert gradcheck(Two.apply, leaf(1.0, 2.0), check_undefined_grad=False)


def test_single_precision_is_warned_about():
    x = torch.ones(2, requires_grad=True)
    with pytest.warns(UserWarning, match="Input #0 requires gradient and is not a double precision"):
        gradcheck(lambda x: x * 2, x, raise_exception=False)


NOTHING_TO_CHECK = [
    (gradcheck, {"check_backward_ad": False}),
    (gradcheck, {"check_batched_grad": True, "check_backward_ad": False, "check_forward_ad": True}),
    (gradcheck, {"check_batched_forward_grad": True}),
    (gradgradcheck, {"check_rev_over_rev": False}),
    (gradgradcheck, {"check_rev_over_rev": False, "check_fwd_over_rev": True}),
]


@pytest.mark.parametrize(("function", "options"), NOTHING_TO_CHECK)
def test_options_that_exclude_each_other(function, options):
    with pytest.raises(AssertionError):
        function(lambda x: x, leaf(1.0), **options)
