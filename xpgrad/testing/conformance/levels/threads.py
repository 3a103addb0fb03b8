"""Threads: what several do at once is what each would do alone, and what one chooses is its own business."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import FrameType
from typing import Any, Final

from xpgrad import nn, optim
from xpgrad.autograd import grad
from xpgrad.backends.base import Backend
from xpgrad.backends.selection import default_place
from xpgrad.core.grad_mode import is_grad_enabled, no_grad
from xpgrad.functions.creation import ones
from xpgrad.functions.generator import Generator
from xpgrad.functions.random import rand
from xpgrad.testing.conformance.check import Level
from xpgrad.testing.conformance.experiments import Experiments, ask, given, moved, needs, run, same
from xpgrad.testing.conformance.layers.layer import classes, normal
from xpgrad.testing.conformance.levels import functions
from xpgrad.testing.conformance.levels.gradients import DIFFERENTIABLE
from xpgrad.testing.conformance.narrow import tolerance
from xpgrad.testing.conformance.ops.case import Case
from xpgrad.testing.conformance.ops.derivatives import first, results, weights_of
from xpgrad.testing.conformance.subject import Host, Subject, agree

LEVEL = Level("threads", "Threads")

THREADS = Experiments()

_COUNT: Final = 3
_SECONDS: Final = 120.0


def together(work: Callable[[int], Any]) -> list[Any]:
    """What ``work`` returns for each number, in as many threads, begun at once.

    Raises:
        AssertionError: They do not end.
        BaseException: What the first that failed raised.
    """
    results: dict[int, Any] = {}
    errors: list[BaseException] = []
    barrier = threading.Barrier(_COUNT)

    def guarded(number: int) -> None:
        try:
            barrier.wait(_SECONDS)
            results[number] = work(number)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(number,), daemon=True) for number in range(_COUNT)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(_SECONDS)
        assert not thread.is_alive(), f"a thread did not end in {_SECONDS:g} seconds"
    if errors:
        raise errors[0]
    return [results[number] for number in range(_COUNT)]


@contextmanager
def taking_turns(backend: Backend) -> Iterator[None]:
    """Let other threads go on at each line but those of the array library and of what it calls, not just now and then.

    So what is done by lines is seen half done, as it is by threads that run at once for a long time.
    """
    library = {kind.__module__.partition(".")[0] for kind in backend.array_types}

    def called(frame: FrameType, event: str, arg: Any) -> Any:
        if str(frame.f_globals.get("__name__")).partition(".")[0] in library:
            return None
        # Some libraries run thousands of lines of others for each operation.
        caller = frame.f_back
        return line if caller is None or caller.f_trace or caller.f_code.co_filename == __file__ else None

    def line(frame: FrameType, event: str, arg: Any) -> Any:
        if event == "line":
            time.sleep(0)
        return line

    before = sys.gettrace()
    sys.settrace(called)
    try:
        yield
    finally:
        sys.settrace(before)


def _one_of_each() -> dict[str, Case]:
    """The first row of each op: its kernels are the same in the others."""
    firsts: dict[int, str] = {}
    for name, case in DIFFERENTIABLE.items():
        firsts.setdefault(id(case.op), name)
    return {name: DIFFERENTIABLE[name] for name in firsts.values()}


# A kernel that keeps what it works with in one place for all is found by doing it with different values at once.
@LEVEL.each(_one_of_each(), "at-once", needs=functions.needs)
def compute_as_alone(subject: Subject, case: Case) -> None:
    """What an op gives, and its gradients, are the same while other threads ask it about other values."""
    cases = [replace(case, label=f"{case.label} {number}") for number in range(_COUNT)]
    weights = weights_of(case, results(case, subject.reference, case.arrays()))

    def work(number: int) -> list[Host]:
        arrays = cases[number].arrays()
        return results(case, subject.place, arrays) + first(case, subject.place, arrays, weights)

    def in_turns(number: int) -> list[Host]:
        with taking_turns(subject.place.backend):
            return work(number)

    alone = [work(number) for number in range(_COUNT)]
    for number, (found, expected) in enumerate(zip(together(in_turns), alone, strict=True)):
        for i, (got, right) in enumerate(zip(found, expected, strict=True)):
            agree(got, right, tolerance(subject.place, 1e-12), f"thread {number}, array {i}")


def _trained(here: Subject, number: int) -> Any:
    """The parameters after a few steps from values that depend on the number alone."""
    with here.using():
        net = moved(here, lambda: nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.LayerNorm(8), nn.Linear(8, 3)))
        with no_grad():
            for i, p in enumerate(net.parameters()):
                p.copy_(given(here, normal(*p.shape) * (0.3 + 0.1 * i + 0.1 * number)))
        optimizer = optim.Adam(net.parameters(), lr=0.05)
        x, y = given(here, normal(6, 4) + number), given(here, classes(3, 6))
        for _ in range(5):
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(x), y).backward()
            optimizer.step()
        return net.state_dict()


@LEVEL.check("training", needs=["float32", "int64"])
def train_as_alone(subject: Subject) -> None:
    """Networks that are trained at once are what they are when they are trained one after the other."""
    at_once = run(subject, lambda here: together(lambda number: _trained(here, number)))
    alone = run(subject, lambda here: [_trained(here, number) for number in range(_COUNT)])
    same("network", at_once, alone, 1e-6)


@THREADS.add("backward,shared-leaf")
def _(here: Subject) -> Any:
    """Each adds to the gradient of the same parameter; none is lost."""
    shared = given(here, normal(4).round(), requires_grad=True)

    def work(number: int) -> None:
        for _ in range(20):
            ((number + 1) * shared).sum().backward()

    together(work)
    return shared.grad


@THREADS.add("backward,shared-module")
def _(here: Subject) -> Any:
    net = moved(here, lambda: nn.Linear(4, 3))
    x = given(here, normal(6, 4))
    together(lambda number: (net(x) * (number + 1)).sum().backward())
    return [p.grad for p in net.parameters()]


@THREADS.add("backward,one-graph")
def _(here: Subject) -> Any:
    x = given(here, normal(3), requires_grad=True)
    y = (x * x * x).sum()
    together(lambda _: [y.backward(retain_graph=True) for _ in range(10)])
    return x.grad


@THREADS.add("grad")
def _(here: Subject) -> Any:
    """`autograd.grad` adds to no leaf."""
    x = given(here, normal(3), requires_grad=True)
    found = together(lambda number: [grad((x ** (number + 2)).sum(), x)[0] for _ in range(10)][-1])
    return {"found": found, "leaf": x.grad}


@THREADS.add("no_grad")
def _(here: Subject) -> Any:
    """One does not record, the others do."""
    x = given(here, normal(3), requires_grad=True)
    barrier = threading.Barrier(_COUNT)

    def work(number: int) -> Any:
        if number:
            barrier.wait(_SECONDS)
            recorded = [is_grad_enabled(), (x * x).requires_grad]
        else:
            with no_grad():
                barrier.wait(_SECONDS)
                recorded = [is_grad_enabled(), (x * x).requires_grad]
                barrier.wait(_SECONDS)
            return recorded
        barrier.wait(_SECONDS)
        return recorded

    with no_grad():
        return together(work)


@LEVEL.check("use_backend", needs=["float32"])
def choose_by_themselves(subject: Subject) -> None:
    """A choice of a backend holds in the thread that makes it, while others make theirs."""
    reference, before = Subject(subject.reference), default_place()
    barrier = threading.Barrier(_COUNT)

    def work(number: int) -> Any:
        here = reference if number == 1 else subject
        if number == 2:
            barrier.wait(_SECONDS)
            return ones(2)._place
        with here.using():
            barrier.wait(_SECONDS)
            return here.host(ones(2)), ones(2)._place

    with subject.using():
        (_, first), (_, second), third = together(work)
    for which, got, expected in (
        ("that uses the backend", first, subject.place),
        ("that uses NumPy", second, subject.reference),
        ("that chooses nothing", third, before),
    ):
        assert got is expected, f"a tensor of the thread {which}: expected it on {expected.device}, got {got.device}"


@THREADS.add("generators")
def _(here: Subject) -> Any:
    """A generator of one's own gives what its seed says, whatever others draw."""

    def work(number: int) -> Any:
        with here.using():
            own = Generator().manual_seed(number)
            return [rand(3, generator=own) for _ in range(4)]

    return together(work)


@THREADS.add("default-generator")
def _(here: Subject) -> Any:
    """No number of the default generator is drawn twice, and none is left out."""

    def work(_: int) -> Any:
        with here.using():
            return [float(here.host(rand(1))[0]) for _ in range(5)]

    return sorted(number for drawn in together(work) for number in drawn)


LEVEL.each(THREADS, needs=needs)(ask)
