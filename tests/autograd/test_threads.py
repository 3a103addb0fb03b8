"""Backward passes in several threads at once. These tests also hold in PyTorch (`tests/parity`)."""

import threading

import xpgrad as torch


def in_threads(count, work):
    errors = []

    def guarded(number):
        try:
            barrier.wait()
            work(number)
        except BaseException as error:
            errors.append(error)

    barrier = threading.Barrier(count)
    threads = [threading.Thread(target=guarded, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_graphs_of_their_own_over_shared_leaves():
    shared = torch.ones(4, dtype=torch.float64, requires_grad=True)

    def work(number):
        for _ in range(100):
            ((number + 1) * shared).sum().backward()

    in_threads(4, work)
    assert shared.grad.tolist() == [1000.0] * 4


def test_one_graph_retained():
    x = torch.full((3,), 2.0, dtype=torch.float64, requires_grad=True)
    y = (x * x * x).sum()
    in_threads(3, lambda _: [y.backward(retain_graph=True) for _ in range(50)])
    assert x.grad.tolist() == [150 * 12.0] * 3


def test_gradients_without_accumulation():
    x = torch.tensor(2.0, requires_grad=True)
    found = {}

    def work(number):
        y = x
        for _ in range(number + 1):
            y = y * x
        found[number] = [torch.autograd.grad(y, x, retain_graph=True)[0].item() for _ in range(20)]

    in_threads(3, work)
    assert found == {n: [(n + 2) * 2.0 ** (n + 1)] * 20 for n in range(3)}


def test_backward_of_one_thread_with_no_grad_in_another():
    x = torch.tensor(2.0, requires_grad=True)

    def work(number):
        for _ in range(100):
            if number:
                with torch.no_grad():
                    assert not (x * x).requires_grad
            else:
                assert torch.autograd.grad(x * x, x, create_graph=True)[0].requires_grad

    in_threads(2, work)


def test_hooks_run_in_the_thread_that_called_backward():
    x = torch.tensor(2.0, requires_grad=True)
    y = x * 3
    seen = set()
    y.register_hook(lambda g: seen.add(threading.current_thread()))
    threads = []
    in_threads(1, lambda _: (threads.append(threading.current_thread()), y.backward()))
    assert seen == set(threads)
