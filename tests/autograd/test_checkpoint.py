"""Checkpoints give what the function itself gives, saving less. These tests also hold in PyTorch."""

import contextlib

import pytest

import xpgrad as torch
from xpgrad.utils.checkpoint import CheckpointError, checkpoint, checkpoint_sequential, set_checkpoint_early_stop

both_ways = pytest.mark.parametrize("reentrant", [True, False])


def leaf(*values):
    return torch.tensor(values, requires_grad=True)


class Counted:
    """A function that counts its calls."""

    def __init__(self, function):
        self.function = function
        self.calls = 0

    def __call__(self, *args, **kwargs):
        self.calls += 1
        return self.function(*args, **kwargs)


@both_ways
def test_gradients_are_those_of_the_function(reentrant):
    weight = leaf(0.5, -1.0)

    def function(x, power):
        return (x * weight).sin() ** power

    x, y = leaf(1.0, 2.0), leaf(1.0, 2.0)
    counted = Counted(function)
    value = checkpoint(counted, x, 2, use_reentrant=reentrant)
    assert counted.calls == 1
    value.sum().backward()
    assert counted.calls == 2
    of_checkpoint, weight.grad = weight.grad, None
    plain = function(y, 2)
    plain.sum().backward()
    assert torch.equal(value, plain)
    assert torch.equal(x.grad, y.grad)
    assert torch.equal(of_checkpoint, weight.grad)


@both_ways
def test_several_results(reentrant):
    x = leaf(1.0, 2.0)
    a, _, c = checkpoint(lambda t: (t.exp(), t.detach(), t * t), x, use_reentrant=reentrant)
    (a * 2 + c).sum().backward()
    assert torch.allclose(x.grad, 2 * x.detach().exp() + 2 * x.detach())


@both_ways
@pytest.mark.parametrize("preserve", [True, False])
def test_random_numbers_of_the_second_run(reentrant, preserve):
    masks = []

    def drop(x):
        masks.append((torch.rand(100) < 0.5).float())
        return x * masks[-1] * x

    x = torch.ones(100, requires_grad=True)
    value = checkpoint(drop, x, use_reentrant=reentrant, preserve_rng_state=preserve)
    before = torch.rand(3)
    torch.manual_seed(8)
    value.sum().backward()
    assert torch.equal(*masks) == preserve
    if preserve:
        after = torch.rand(3)
        torch.manual_seed(8)
        assert torch.equal(torch.rand(3), after) and not torch.equal(before, after)


@both_ways
def test_without_recording(reentrant):
    with torch.no_grad():
        assert not checkpoint(lambda t: t * 2, leaf(1.0), use_reentrant=reentrant).requires_grad


def test_keyword_arguments_and_containers():
    x, y = leaf(3.0), leaf(2.0)
    checkpoint(
        lambda t, *, factor, extra: t * factor * extra["y"], x, factor=y, extra={"y": y}, use_reentrant=False
    ).backward()
    assert (x.grad.item(), y.grad.item()) == (4.0, 12.0)


def test_grad_and_second_derivatives():
    x = leaf(0.5, 1.5)
    value = checkpoint(lambda t: t.sin() * t, x, use_reentrant=False).sum()
    (first,) = torch.autograd.grad(value, x, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), x)
    t = x.detach()
    assert torch.allclose(first, t.cos() * t + t.sin())
    assert torch.allclose(second, 2 * t.cos() - t * t.sin())


def test_a_graph_that_is_kept():
    x = leaf(2.0)
    value = checkpoint(lambda t: t.exp() * t, x, use_reentrant=False)
    value.backward(retain_graph=True)
    value.backward()
    assert torch.allclose(x.grad, 2 * torch.exp(torch.tensor([2.0])) * 3)
    with pytest.raises(RuntimeError, match="backward through the graph a second time"):
        value.backward()


def test_reentrant_ones_are_for_backward_only():
    x = leaf(2.0)
    value = checkpoint(lambda t: t * t, x, use_reentrant=True)
    with pytest.raises(RuntimeError, match="checkpoint is incompatible with"):
        torch.autograd.grad(value, x)
    value = checkpoint(lambda t: t * t, x, use_reentrant=True)
    with pytest.raises(RuntimeError, match="checkpoint is incompatible with"):
        value.backward(inputs=[x])


def test_nested():
    inner = Counted(lambda t: t.sin().exp())
    outer = Counted(lambda t: checkpoint(inner, t.cos(), use_reentrant=False) * t.tanh())
    x, y = leaf(0.3, 0.7), leaf(0.3, 0.7)
    value = checkpoint(lambda t: checkpoint(outer, t * 2, use_reentrant=False).exp(), x, use_reentrant=False)
    value.sum().backward()
    assert inner.calls > 2
    ((y * 2).cos().sin().exp() * (y * 2).tanh()).exp().sum().backward()
    assert torch.allclose(x.grad, y.grad)


@both_ways
@pytest.mark.filterwarnings("ignore:None of the inputs have requires_grad")
def test_nested_in_either_way(reentrant):
    x, y = leaf(0.3, 0.7), leaf(0.3, 0.7)

    def inner(t):
        return checkpoint(lambda u: u.sin() * u, t.cos(), use_reentrant=reentrant) + t

    checkpoint(inner, x, use_reentrant=reentrant).sum().backward()
    (y.cos().sin() * y.cos() + y).sum().backward()
    assert torch.allclose(x.grad, y.grad)


def test_the_second_run_stops_when_it_has_all():
    reached = []

    def function(t):
        result = t.exp()
        result = result.sin()
        reached.append(len(reached))
        return result

    for early, runs in ((True, 1), (False, 2)):
        reached.clear()
        checkpoint(function, leaf(1.0), use_reentrant=False, early_stop=early).backward()
        assert len(reached) == runs
    reached.clear()
    with set_checkpoint_early_stop(False):
        value = checkpoint(function, leaf(1.0), use_reentrant=False)
    value.backward()
    assert len(reached) == 2


def test_contexts_around_both_runs():
    entered = []

    @contextlib.contextmanager
    def note(name):
        entered.append(name)
        yield

    checkpoint(
        lambda t: t.exp(), leaf(1.0), use_reentrant=False, context_fn=lambda: (note("first"), note("again"))
    ).backward()
    assert entered == ["first", "again"]


def changing(*functions):
    """A function that is another each time."""
    turns = iter(functions)
    return lambda t: next(turns)(t)


def test_a_function_that_saves_less_the_second_time():
    value = checkpoint(changing(lambda t: t.sin().exp(), lambda t: t.sin()), leaf(1.0), use_reentrant=False)
    with pytest.raises(CheckpointError, match="A different number of tensors was saved"):
        value.backward()


def test_a_function_that_saves_more_the_second_time():
    value = checkpoint(
        changing(lambda t: t.sin(), lambda t: t.sin().cos()), leaf(1.0), use_reentrant=False, early_stop=False
    )
    with pytest.raises(CheckpointError, match="trying to save more tensors during recomputation"):
        value.backward()


def test_a_function_that_saves_something_else_the_second_time():
    narrow, wide = (lambda t: t.sin().sum()), (lambda t: t.expand(2).sin().sum())
    value = checkpoint(changing(narrow, wide), leaf(1.0), use_reentrant=False)
    with pytest.raises(CheckpointError, match="different metadata than during the forward pass"):
        value.backward()


def test_an_argument_that_was_modified():
    x = leaf(1.0, 2.0)
    y = x * 2
    value = checkpoint(lambda t: t.sin(), y, use_reentrant=False)
    y.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        value.sum().backward()


def test_nothing_is_recomputed_that_nobody_asks_for():
    counted = Counted(lambda t: t * 2)
    checkpoint(counted, leaf(1.0), use_reentrant=False).backward()
    assert counted.calls == 1


def test_under_hooks_for_saved_tensors():
    packed = []

    def pack(t):
        packed.append(tuple(t.shape))
        return t

    x = leaf(1.0, 2.0)
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t):
        y = x * 3
        value = checkpoint(lambda t: t.sin().exp(), y, use_reentrant=False).sum()
    assert packed == [(2,)]
    value.backward()
    t = x.detach() * 3
    assert torch.allclose(x.grad, 3 * t.sin().exp() * t.cos())


@both_ways
@pytest.mark.parametrize("segments", [1, 2, 3])
def test_sequential(reentrant, segments):
    layers = [torch.nn.Linear(3, 3), torch.nn.Tanh(), torch.nn.Linear(3, 3), torch.nn.ReLU(), torch.nn.Linear(3, 1)]
    model = torch.nn.Sequential(*layers)
    x = torch.ones(2, 3, requires_grad=True)
    model(x).sum().backward()
    wanted = [p.grad.clone() for p in model.parameters()]
    of_input, x.grad = x.grad, None
    for functions in (model, layers):
        model.zero_grad()
        x.grad = None
        checkpoint_sequential(functions, segments, x, use_reentrant=reentrant).sum().backward()
        assert all(torch.allclose(p.grad, g) for p, g in zip(model.parameters(), wanted, strict=True))
        assert torch.allclose(x.grad, of_input)


REFUSED = {
    "keyword": lambda f, x: checkpoint(f, x, use_reentrant=True, factor=2),
    "context_fn": lambda f, x: checkpoint(f, x, use_reentrant=True, context_fn=contextlib.nullcontext),
    "debug": lambda f, x: checkpoint(f, x, use_reentrant=True, debug=True),
    "determinism_check": lambda f, x: checkpoint(f, x, use_reentrant=False, determinism_check="some"),
    "keyword of sequential": lambda f, x: checkpoint_sequential([f], 1, x, use_reentrant=True, factor=2),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusals(case):
    with pytest.raises(ValueError):
        REFUSED[case](lambda t: t, leaf(1.0))


def test_the_variant_should_be_said():
    with pytest.warns(UserWarning, match="the use_reentrant parameter should be passed explicitly"):
        checkpoint(lambda t: t * 2, leaf(1.0))
    with pytest.warns(UserWarning, match="None of the inputs have requires_grad=True"):
        checkpoint(lambda t: t * 2, torch.ones(1), use_reentrant=True)
