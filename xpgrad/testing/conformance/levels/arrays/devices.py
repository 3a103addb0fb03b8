"""Devices: results are where inputs are, gradients too, and what is apart does not meet by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

import xpgrad
from xpgrad.backends.base import Place
from xpgrad.errors import MixedBackendsError
from xpgrad.testing.conformance import capabilities
from xpgrad.testing.conformance.check import Level
from xpgrad.testing.conformance.subject import Subject, agree, identical, raises

LEVEL = Level("arrays")

X: Final = np.asarray([[1.5, -2.0, 0.5], [3.0, 0.25, -1.0]], np.float32)

# Of a tensor, while new tensors go elsewhere.
FUNCTIONS: Final[dict[str, Callable[[Any], Any]]] = {
    "operator": lambda x: 2 * x - x / 3,
    "matmul": lambda x: x @ x.mT,
    "sum": lambda x: x.sum(),
    "mean-along": lambda x: x.mean(1),
    "argmax": lambda x: x.argmax(1),
    "sort": lambda x: x.sort(1).values,
    "comparison": lambda x: (x > 0).to(x.dtype),
    "where": lambda x: x.where(x > 0, x * 0),
    "zeros_like": lambda x: xpgrad.zeros_like(x) + x,
    "new_full": lambda x: x.new_full((3,), 2.0) * x,
    "to-dtype": lambda x: x.to(xpgrad.int32),
    "getitem": lambda x: x[:, 1],
    "index": lambda x: x[[1, 0]],
    "mask": lambda x: x.masked_fill(x > 0, 0),
    "setitem": lambda x: _set(x * 1),
    "cat": lambda x: xpgrad.cat([x, x]),
    "norm": lambda x: x.norm(),
    "std": lambda x: x.std(),
    "cumsum": lambda x: x.cumsum(0),
    "softmax": lambda x: x.softmax(1),
    "tril": lambda x: x.tril(),
    "one_hot": lambda x: xpgrad.nn.functional.one_hot(x.argmax(1), 3),
    "pad": lambda x: xpgrad.nn.functional.pad(x, (1, 0)),
    "inv": lambda x: xpgrad.linalg.inv(x @ x.mT),
    "convolution": lambda x: xpgrad.nn.functional.conv1d(x[None], x[None, :, :2]),
    "cross_entropy": lambda x: xpgrad.nn.functional.cross_entropy(x, x.argmin(1)),
    "clone": lambda x: x.clone().add_(1),
}


def _set(x: Any) -> Any:
    x[0] = 5.0
    return x


def _places(subject: Subject) -> list[Place]:
    return [place for place in subject.backend.places() if capabilities.has(place, "int64")]


@LEVEL.each({f"devices/{name}": (name, function) for name, function in FUNCTIONS.items()}, needs={"int64"})
def results_are_where_inputs_are(subject: Subject, row: tuple[str, Callable[[Any], Any]]) -> None:
    """On every device of the backend, while new tensors go to NumPy: nothing is made where it should not be."""
    name, function = row
    reference = Subject(subject.reference)
    with reference.using():
        expected = reference.host(function(reference.tensor(X)))
        for place in _places(subject):
            here = Subject(place)
            agree(here.host(function(here.tensor(X))), expected, 1e-5, f"{name} on {place.device}")


@LEVEL.check("devices/backward", needs={"int64"})
def gradients_are_where_leaves_are(subject: Subject) -> None:
    """A backward pass, and an optimizer's step, stay on the device, wherever new tensors go."""
    with Subject(subject.reference).using():
        for place in _places(subject):
            here = Subject(place)
            x = here.tensor(X, requires_grad=True)
            ((x @ x.mT).exp().mean() + x[0].norm()).backward()
            here.host(x.grad)
            optimizer = xpgrad.optim.Adam([x], lr=0.1)
            optimizer.step()
            here.host(x)
            for state in optimizer.state[x].values():
                if getattr(state, "ndim", 0):
                    here.host(state)


@LEVEL.check("devices/names")
def tensors_say_where_they_are(subject: Subject) -> None:
    """A tensor's ``device`` is that of its array, and of a result of it."""
    for place in subject.backend.places():
        x = Subject(place).tensor(X)
        for tensor in (x, x + 1, x.sum()):
            assert tensor.device == place.device, f"device: expected {place.device}, got {tensor.device}"


# Of two tensors on two devices.
MEETINGS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "add": lambda x, y: x + y,
    "matmul": lambda x, y: x @ y.mT,
    "cat": lambda x, y: xpgrad.cat([x, y]),
    "stack": lambda x, y: xpgrad.stack([x, y]),
    "where": lambda x, y: xpgrad.where(x > 0, x, y),
    "add_": lambda x, y: x.add_(y),
    "out": lambda x, y: xpgrad.exp(x, out=y),
    "maximum": lambda x, y: xpgrad.maximum(x, y),
    "equal": lambda x, y: x == y,
    "linear": lambda x, y: xpgrad.nn.functional.linear(x, y),
}


@LEVEL.each({f"devices/meeting/{name}": row for name, row in MEETINGS.items()}, needs={"several devices"})
def two_devices_do_not_meet(subject: Subject, meet: Callable[[Any, Any], Any]) -> None:
    """Operands on two devices of the backend are refused; the error names both and says how to move one."""
    other = next(place for place in subject.backend.places() if place is not subject.place)
    x, y = subject.tensor(X), Subject(other).tensor(X)
    with raises(MixedBackendsError, f"on {x.device} and {y.device}", str(x.device), str(y.device), ".to("):
        meet(x, y)
    identical(subject.host(x), X, "the operand after that")
    identical(Subject(other).host(y), X, "the other operand after that")


@LEVEL.each({f"devices/meeting-numpy/{name}": row for name, row in MEETINGS.items()}, needs={"apart from NumPy"})
def two_libraries_do_not_meet(subject: Subject, meet: Callable[[Any, Any], Any]) -> None:
    """Operands on this device and on NumPy's are refused: nothing moves by itself."""
    reference = Subject(subject.reference)
    x, y = subject.tensor(X), reference.tensor(X)
    for first, second in ((x, y), (y, x)):
        with raises(MixedBackendsError, f"on {first.device} and {second.device}", ".to("):
            meet(first, second)
    identical(subject.host(x), X, "the operand after that")
    identical(reference.host(y), X, "NumPy's operand after that")
