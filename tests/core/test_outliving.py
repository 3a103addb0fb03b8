"""What a library that computes late is asked to compute, and when: seen by one that writes down what it is asked."""

from __future__ import annotations

import gc

import pytest

import xpgrad
from xpgrad import nn
from xpgrad.backends.numpy import NumpyBackend
from xpgrad.backends.registry import get_backend, register_backend, use_backend
from xpgrad.core.outliving import remembered


class LateBackend(NumpyBackend):
    name = "late"
    mutable = False
    lazy = True
    plain_device_names = False

    def __init__(self):
        super().__init__()
        self.asked = []

    def compute(self, arrays):
        self.asked.append({id(x) for x in arrays})


@pytest.fixture(scope="module", autouse=True)
def registered():
    register_backend(LateBackend)


@pytest.fixture
def asked():
    remembered.clear()
    with use_backend("late"):
        found = get_backend("late").asked
        found.clear()
        yield found


def ids(*tensors):
    return {id(x._array) for x in tensors}


def test_a_backward_pass_computes_its_root_its_leaves_and_their_gradients(asked):
    x, y = xpgrad.ones(3, requires_grad=True), xpgrad.ones(3, requires_grad=True)
    loss = (x * y).sum()
    assert asked == []
    loss.backward()
    assert asked == [ids(loss, x, y, x.grad, y.grad)]


def test_gradients_that_are_returned_are_computed(asked):
    x, y = xpgrad.ones(3, requires_grad=True), xpgrad.ones(3, requires_grad=True)
    loss = (x * y).sum()
    (g,) = xpgrad.autograd.grad(loss, x)
    assert asked == [ids(loss, x, g)]


def test_recorded_gradients_are_not(asked):
    x = xpgrad.ones(3, requires_grad=True)
    xpgrad.autograd.grad((x * x).sum(), x, create_graph=True)
    (x * x).sum().backward(create_graph=True)
    assert asked == []


def test_gradients_that_add_up_are_computed_each_time(asked):
    x = xpgrad.ones(3, requires_grad=True)
    for _ in range(2):
        (x * x).sum().backward()
        assert ids(x.grad) < asked.pop()


def test_what_was_written_is_computed_at_the_end_of_the_next_pass(asked):
    x, total, part = xpgrad.ones(3, requires_grad=True), xpgrad.zeros(3), xpgrad.zeros(4)
    total.add_(x.detach())
    part[1:].mul_(2.0)
    assert asked == []
    x.sum().backward()
    assert ids(total, part) < asked.pop()
    x.sum().backward()
    assert not ids(total, part) & asked.pop()


def test_a_step_leaves_nothing_out(asked):
    net = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    optimizer = xpgrad.optim.Adam(net.parameters())
    for _ in range(2):
        loss = net(xpgrad.rand(4, 2)).sum()
        loss.backward()
        optimizer.step()
    loss = net(xpgrad.rand(4, 2)).sum()
    loss.backward()
    state = [x for each in optimizer.state.values() for name, x in each.items() if name != "step"]
    assert ids(loss, *net.parameters(), *net.buffers(), *state) <= asked[-1]


def test_nothing_is_kept_alive(asked):
    x = xpgrad.zeros(3)
    x.add_(1.0)
    assert len(remembered) == 1
    del x
    gc.collect()
    y = xpgrad.ones(3, requires_grad=True)
    y.sum().backward()
    assert not remembered
    assert len(asked) == 1


def test_others_are_not_asked():
    remembered.clear()
    x = xpgrad.ones(3, requires_grad=True, device="strict:cpu")
    x.sum().backward()
    x.grad.add_(1.0)
    assert not remembered
