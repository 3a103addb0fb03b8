"""Graphs are freed by reference counting alone, whatever they are made of: nothing waits for the cycle collector."""

import gc
import sys
import weakref
from contextlib import contextmanager

import pytest

import xpgrad as torch
from xpgrad.autograd import Function, grad
from xpgrad.core.graph import Node


@contextmanager
def no_collector():
    """Run without the cycle collector, and find no garbage of ours when it is asked at the end."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        assert [o for o in gc.garbage if isinstance(o, (Node, torch.Tensor))] == []
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
        gc.unfreeze()


def leaf(*values):
    return torch.tensor(values, requires_grad=True)


class Cube(Function):
    @staticmethod
    def forward(ctx, x):
        y = x**3
        ctx.save_for_backward(x, y)
        ctx.note = "kept"
        return y

    @staticmethod
    def backward(ctx, g):
        x, _ = ctx.saved_tensors
        return 3 * g * x**2


class AddOne(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.mark_dirty(x)
        return x.add_(1)

    @staticmethod
    def backward(ctx, g):
        return g


class TwoResults(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x + 1, x * 2)
        return x + 1, x * 2

    @staticmethod
    def backward(ctx, g, h):
        return g + 2 * h


def in_place(x):
    y = x * 2
    y.mul_(y.detach().clone())
    y[0] = 3.0
    y += x
    return y


def views(x):
    y = x * 2
    first, matrix = y[0], y.view(2, 1)
    matrix.t().mul_(3)
    first.add_(1)
    return y + matrix.flatten() + first


def views_without_recording(x):
    y = x * 2
    with torch.no_grad():
        part = y[0]
        part.mul_(2)
    y.mul_(2)
    return y + part.detach()


def hooks(x):
    y = x * 2
    y.register_hook(lambda g: g * 2)
    y.retain_grad()
    y.grad_fn.register_hook(lambda grad_inputs, grad_outputs: None)
    y.grad_fn.register_prehook(lambda grad_outputs: None)
    y.grad_fn.metadata["note"] = [1]
    return y * y


def a_hook_holding_its_tensor(x):
    y = x * 2
    handle = y.register_hook(lambda g: g * y.detach())
    handle.remove()
    return y * y


def recorded_gradient(x):
    (g,) = grad((x**3).sum(), x, create_graph=True)
    (h,) = grad((g * x).sum(), x, create_graph=True)
    return h


GRAPHS = {
    "arithmetic": lambda x: (x * 2 + x / 3 - x**2).exp(),
    "reductions": lambda x: x.sum() + x.mean() + x.max() + x.norm(),
    "several results": lambda x: x.sort().values + x.topk(2).values + x.max(0).values,
    "split": lambda x: x.split(1)[0] * x.unbind()[1] + x.chunk(2)[0],
    "joined": lambda x: torch.cat([x, x * 2]) + torch.stack([x, x]).reshape(4),
    "indexed": lambda x: x[torch.tensor([0, 1])] + x[x > 0] + x[0],
    "matrices": lambda x: x.reshape(1, 2) @ x.reshape(2, 1),
    "detached": lambda x: x * x.detach(),
    "in place": in_place,
    "views": views,
    "views without recording": views_without_recording,
    "hooks": hooks,
    "a hook holding its tensor": a_hook_holding_its_tensor,
    "custom function": lambda x: Cube.apply(x) * Cube.apply(x * 2),
    "custom function in place": lambda x: AddOne.apply(x * 2),
    "custom function of two results": lambda x: sum(TwoResults.apply(x)),
    "recorded gradient": recorded_gradient,
    "recorded gradient of a custom function": lambda x: grad(Cube.apply(x).sum(), x, create_graph=True)[0] * x,
}


@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.parametrize("used", ["unused", "backward", "retained", "create_graph"])
def test_a_graph_is_freed_with_its_last_tensor(name, used):
    with no_collector():
        x = leaf(1.0, 2.0)
        result = GRAPHS[name](x).sum()
        if used != "unused":
            result.backward(retain_graph=used == "retained" or None, create_graph=used == "create_graph")
        node, leaf_alive = weakref.ref(result.grad_fn), weakref.ref(x)
        del result
        x.grad = None
        assert node() is None
        del x
        assert leaf_alive() is None


def test_a_gradient_with_a_graph_frees_with_its_leaf():
    with no_collector():
        x = leaf(1.0, 2.0)
        (x**3).sum().backward(create_graph=True)
        gradient = weakref.ref(x.grad)
        del x
        assert gradient() is None


def test_backward_drops_saved_values():
    with no_collector():
        x = leaf(1.0, 2.0)
        middle = x * 2
        array = weakref.ref(middle._array)
        result = (middle * middle).sum()
        del middle
        assert array() is not None
        result.backward()
        assert array() is None


def test_without_recording_nothing_is_kept():
    with no_collector():
        x = leaf(1.0, 2.0)
        with torch.no_grad():
            middle = x * 2
            array = weakref.ref(middle._array)
            result = (middle * middle).sum()
            del middle
        assert array() is None
        assert result.grad_fn is None


def test_only_what_a_rule_asks_for_is_kept():
    with no_collector():
        x, y = leaf(1.0, 2.0), torch.tensor([3.0, 4.0])
        middle = x + 1
        array = weakref.ref(middle._array)
        # The gradient of x needs y, and y needs none.
        result = middle * y
        del middle
        assert array() is None
        assert result.requires_grad


def test_an_error_in_backward_keeps_nothing_alive():
    with no_collector():
        x = leaf(1.0, 2.0)
        y = x * 2
        y.register_hook(lambda g: 1 / 0)
        result = (y * y).sum()
        node = weakref.ref(result.grad_fn)
        with pytest.raises(ZeroDivisionError):
            result.backward()
        del result, y
        assert node() is None


# Depth.


@contextmanager
def shallow_stack():
    """Allow hardly any recursion beyond where we are."""
    depth, frame = 0, sys._getframe()
    while frame is not None:
        depth, frame = depth + 1, frame.f_back
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(depth + 60)
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


def test_a_million_additions(monkeypatch):
    count = 1_000_000
    runs = 0
    kind = type((leaf(1.0) + leaf(1.0)).grad_fn)
    run = kind.run

    def counted(*arguments):
        nonlocal runs
        runs += 1
        return run(*arguments)

    monkeypatch.setattr(kind, "run", counted)
    with no_collector(), shallow_stack():
        x = leaf(1.0)
        y = x
        for _ in range(count):
            y = y + x
        first = weakref.ref(y.grad_fn)
        y.backward(torch.ones(1))
        assert x.grad.item() == count + 1
        assert runs == count
        del y
        assert first() is None


@pytest.mark.parametrize(
    "step",
    [
        lambda y, x: y * x,
        lambda y, x: y.clone().add_(x),
        lambda y, x: Cube.apply(y) * 0 + x,
        lambda y, x: torch.cat([y, x])[1:],
        lambda y, x: y.view(1)[0:].reshape(1),
        lambda y, x: y.sort().values,
    ],
)
def test_deep_graphs_of_other_kinds(step):
    with no_collector(), shallow_stack():
        x = leaf(1.0)
        y = x * 1
        for _ in range(20_000):
            y = step(y, x)
        y.backward()
        assert x.grad is not None
        first = weakref.ref(y.grad_fn)
        del y
        assert first() is None


def test_a_deep_graph_that_is_never_run():
    with no_collector(), shallow_stack():
        x = leaf(1.0)
        y = x
        for _ in range(100_000):
            y = y * x
        first = weakref.ref(y.grad_fn)
        del y
        assert first() is None


def test_deep_recorded_gradients():
    with no_collector(), shallow_stack():
        x = leaf(1.0).detach().double().requires_grad_()
        y = x
        for _ in range(5_000):
            y = y * x
        (g,) = grad(y, x, create_graph=True)
        (h,) = grad(g, x)
        assert g.item() == 5_001
        assert h.item() == 5_001 * 5_000
