"""Memory: graphs, saved values and batches go as soon as nobody needs them, without the collector of cycles."""

from __future__ import annotations

import gc
import tracemalloc
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from xpgrad import nn, optim
from xpgrad.autograd import grad
from xpgrad.core.grad_mode import no_grad
from xpgrad.core.graph import Node
from xpgrad.core.tensor_base import TensorBase
from xpgrad.data import DataLoader, TensorDataset
from xpgrad.testing.conformance.check import Level
from xpgrad.testing.conformance.experiments import Experiments, ask, given, moved, needs
from xpgrad.testing.conformance.layers.layer import classes, normal
from xpgrad.testing.conformance.subject import Subject

LEVEL = Level("memory", "Memory")

MEMORY = Experiments()

# Deeper than any stack of Python, and not so long that a lazy library is asked for the impossible.
_DEPTH: Final = 5_000


@contextmanager
def no_collector() -> Iterator[None]:
    """Run without the collector of cycles."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _written_in_place(x: Any) -> Any:
    y = x * 2
    y.mul_(y.detach().clone())
    y[0] = 3.0
    return y + x


def _through_views(x: Any) -> Any:
    y = x * 2
    first, turned = y[0], y.T
    turned.mul_(3)
    first.add_(1)
    return y + turned.T + first


def _with_hooks(x: Any) -> Any:
    y = x * 2
    y.register_hook(lambda g: g * 2)
    y.retain_grad()
    return y * y


def _recorded_gradient(x: Any) -> Any:
    (g,) = grad((x**3).sum(), x, create_graph=True)
    return g * x


_GRAPHS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "arithmetic": lambda x: (x * 2 + x / 3 - x**2).exp(),
    "reductions": lambda x: x.sum() + x.mean(0) + x.max() + x.var(1)[:4],
    "matmul": lambda x: x @ x.T,
    "indexing": lambda x: x[[0, 2]] + x[x > 0].sum() + x[1],
    "several-results": lambda x: x.sort(1).values * x.unbind()[0],
    "joining": lambda x: x.repeat(2, 1).reshape(2, -1),
    "in-place": _written_in_place,
    "views": _through_views,
    "hooks": _with_hooks,
    "recorded-gradient": _recorded_gradient,
    "convolution": lambda x: nn.functional.conv2d(x.reshape(1, 1, 4, 4), x[None, None, :2, :2]),
    "pooling": lambda x: nn.functional.max_pool2d(x.reshape(1, 1, 4, 4), 2),
    "normalization": lambda x: nn.functional.batch_norm(nn.functional.layer_norm(x, (4,)), None, None, training=True),
    "loss": lambda x: nn.functional.cross_entropy(x, x.detach().softmax(1)),
}


@LEVEL.each(_GRAPHS, "freed", needs=["float32", "int64"])
def is_freed(subject: Subject, graph: Callable[[Any], Any]) -> None:
    """A graph goes with its last tensor, after a backward pass, after a recorded one, and without one."""
    for how in ("without a backward pass", "after one", "after a recorded one"):
        with subject.using(), no_collector():
            x = given(subject, normal(4, 4), requires_grad=True)
            result = graph(x).sum()
            node, leaf = weakref.ref(result.grad_fn), weakref.ref(x)
            if how != "without a backward pass":
                result.backward(create_graph=how == "after a recorded one")
                assert subject.host(x.grad).shape == (4, 4)
            del result
            x.grad = None
            assert node() is None, f"the graph is kept {how}"
            del x
            assert leaf() is None, f"the leaf is kept {how}"


def _reference(tensor: Any) -> Callable[[], Any]:
    """A weak reference to a tensor's array, or to the tensor where the library's arrays know no such references."""
    try:
        return weakref.ref(tensor._array)
    except TypeError:
        return weakref.ref(tensor)


@LEVEL.check("saved-values/backward", needs=["float32"])
def are_dropped(subject: Subject) -> None:
    """What was saved for a backward pass goes with it."""
    with subject.using(), no_collector():
        x = given(subject, normal(3), requires_grad=True)
        middle = x * 2
        saved = _reference(middle)
        result = (middle * middle).sum()
        del middle
        result.backward()
        assert saved() is None, "a saved value is kept after backward()"
        subject.host(x.grad)


@LEVEL.check("saved-values/no_grad", needs=["float32"])
def are_not_made(subject: Subject) -> None:
    """Without recording nothing is kept."""
    with subject.using(), no_collector(), no_grad():
        x = given(subject, normal(3), requires_grad=True)
        middle = x * 2
        unsaved = _reference(middle)
        result = (middle * middle).sum()
        subject.host(result)
        del middle
        if subject.backend.mutable:
            # Lazy libraries keep what they have yet to compute.
            assert unsaved() is None, "an array is kept though nothing is recorded"


@MEMORY.add("chain/backward")
def _(here: Subject) -> Any:
    """A graph deeper than Python's stack."""
    x = given(here, normal(2), requires_grad=True)
    y = x
    for _ in range(_DEPTH):
        y = y + x
    y.sum().backward()
    return x.grad


@LEVEL.check("chain/freed", needs=["float32"])
def goes_without_recursion(subject: Subject) -> None:
    """Such a graph that is never run goes all the same."""
    with subject.using(), no_collector():
        x = given(subject, normal(2), requires_grad=True)
        y = x
        for _ in range(_DEPTH):
            y = y * 1
        first = weakref.ref(y.grad_fn)
        subject.backend.synchronize(subject.place.handle)
        del y
        assert first() is None, "the graph is kept"


def _loop(here: Subject, width: int = 4) -> Iterator[Mapping[str, Callable[[], Any]]]:
    """A training loop as people write it; after each step weak references to what was made for its batch.

    Args:
        here: Where it trains.
        width: The features of a sample, and the samples of a batch.
    """
    made: dict[str, Callable[[], Any]] = {}
    net = moved(
        here,
        lambda: nn.Sequential(nn.Linear(width, width), nn.BatchNorm1d(width), nn.ReLU(), nn.Linear(width, 3)),
    )
    for name, layer in net.named_children():
        layer.register_forward_hook(
            lambda layer, inputs, out, name=name: made.update({f"result of {name}": _reference(out)})
        )
    optimizer = optim.Adam(net.parameters(), lr=0.01)
    data = TensorDataset(given(here, normal(3 * width, width)), given(here, classes(3, 3 * width)))
    while True:
        for x, y in DataLoader(data, batch_size=width, shuffle=True):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(net(x), y)
            loss.backward()
            made |= {f"gradient of {name}": _reference(p.grad) for name, p in net.named_parameters()}
            optimizer.step()
            here.host(loss)
            yield {"inputs": _reference(x), "graph": weakref.ref(loss.grad_fn), **made}


@LEVEL.check("loop/previous-batch", needs=["float32", "int64"])
def is_not_kept(subject: Subject) -> None:
    """Nothing keeps a batch or its graph alive once the next has come."""
    with subject.using(), no_collector():
        loop = _loop(subject)
        made = next(loop)
        for _ in range(2):
            next(loop)
        kept = [name for name, reference in made.items() if reference() is not None]
        assert not kept, f"kept of a batch two steps later: {', '.join(kept)}"


def _growth(subject: Subject, loop: Iterator[Any], measure: Callable[[], int]) -> tuple[int, int]:
    """What ``measure`` says after 4 steps of a loop, and after 13."""
    seen = []
    for steps in (4, 9):
        for _ in range(steps):
            next(loop)
        subject.backend.synchronize(subject.place.handle)
        seen.append(measure())
    return seen[0], seen[1]


@LEVEL.check("loop/objects", needs=["float32", "int64"])
def does_not_grow(subject: Subject) -> None:
    """A loop has as many tensors and nodes after many steps as after a few."""

    def count() -> int:
        return sum(isinstance(thing, (TensorBase, Node)) for thing in gc.get_objects())

    with subject.using(), no_collector():
        before, after = _growth(subject, _loop(subject), count)
        assert after <= before, f"expected {before} tensors and nodes after 13 steps as after 4, got {after}"


@LEVEL.check("loop/host-bytes", needs=["float32", "int64"])
def takes_no_more_of_the_host(subject: Subject) -> None:
    """Python, and the libraries that say to it what they allocate, have not kept a batch for each step."""
    width = 64
    with subject.using(), no_collector():
        tracemalloc.start()
        try:
            before, after = _growth(subject, _loop(subject, width), lambda: tracemalloc.get_traced_memory()[0])
        finally:
            tracemalloc.stop()
    # Caches of libraries grow a little, but not by a batch for each of the 9 steps.
    allowed = 4 * (4 * width * width)
    assert after - before < allowed, (
        f"expected less than {allowed} bytes more after 13 steps than after 4, got {after - before}"
    )


@LEVEL.check("loop/device-bytes", needs=["float32", "int64", "memory statistics"])
def takes_no_more_of_the_device(subject: Subject) -> None:
    """The device has as much memory in use after many steps as after a few."""

    def used() -> int:
        return subject.backend.memory_stats(subject.place.handle)["used_bytes"]

    with subject.using(), no_collector():
        before, after = _growth(subject, _loop(subject), used)
        assert after <= before, f"expected {before} bytes in use after 13 steps as after 4, got {after}"


LEVEL.each(MEMORY, needs=needs)(ask)
