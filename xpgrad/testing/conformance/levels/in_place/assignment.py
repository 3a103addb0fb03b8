"""``x[index] = value`` in a graph: what is overwritten gets no gradient, what is written gets that of its places."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

import xpgrad
from xpgrad.testing.conformance.check import Level
from xpgrad.testing.conformance.subject import Host, Subject, agree, identical

LEVEL = Level("in-place")

_draw = np.random.default_rng(4)
X: Final = _draw.uniform(0.5, 1.5, (3, 4)).astype(np.float32)
WEIGHTS: Final = _draw.uniform(0.5, 1.5, (3, 4)).astype(np.float32)

# None of them names an element twice.
INDICES: Final[dict[str, Any]] = {
    "row": 1,
    "last-row": -1,
    "slice": slice(None, 2),
    "block": (slice(1, None), slice(None, 2)),
    "steps": (slice(None), slice(None, None, 2)),
    "backwards": (slice(None, None, -1), slice(2, 0, -1)),
    "element": (-1, -1),
    "ellipsis": (..., 1),
    "all": ...,
    "new-axis": (None, 0),
    "nothing": slice(1, 1),
    "list": [0, 2],
    "rows": np.asarray([2, 0]),
    "columns": (slice(None), np.asarray([3, 1])),
    "places": (np.asarray([0, 1]), np.asarray([3, 0])),
    "table": (np.asarray([[0], [2]]), np.asarray([[1, 3]])),
    "mask": X > 1.0,
    "mask-of-rows": np.asarray([True, False, True]),
}


def _index(subject: Subject, index: Any) -> Any:
    """``index`` with tensors in the place of arrays."""
    if isinstance(index, tuple):
        return tuple(_index(subject, part) for part in index)
    return subject.tensor(index) if isinstance(index, np.ndarray) else index


@LEVEL.each({f"setitem/{name}": name for name in INDICES}, needs={"int64", "data-dependent shapes"})
def assignment_is_differentiated(subject: Subject, name: str) -> None:
    """Of a value for each place, and of one for all, in a tensor and in a view of one."""
    index = INDICES[name]
    for value in (np.asarray(X[index] * 2), np.asarray(2.0, np.float32)):
        for view in (False, True):
            what = f"x[{name}] = a value of shape {value.shape}{' in a view' * view}"
            with subject.using():
                leaf, given = subject.tensor(X, requires_grad=True), subject.tensor(value, requires_grad=True)
                base = (leaf * 3)[None] if view else leaf * 3
                target = base[0] if view else base
                target[_index(subject, index)] = given
                (base * subject.tensor(WEIGHTS)).sum().backward()
            expected, gradient = 3 * X, 3 * WEIGHTS
            expected[index], gradient[index] = value, 0
            agree(subject.host(base.detach()).reshape(3, 4), expected, 1e-6, what)
            agree(subject.host(leaf.grad), gradient, 1e-6, f"{what}: the gradient of x")
            sent = np.asarray(WEIGHTS[index]) if value.ndim else np.sum(WEIGHTS[index])
            agree(subject.host(given.grad), sent, 1e-5, f"{what}: the gradient of the value")


@LEVEL.check("setitem/of-itself", needs={"int64"})
def what_is_assigned_may_be_a_part_of_the_tensor(subject: Subject) -> None:
    """A copy of a part, and elements in another order, are read before anything is written."""
    with subject.using():
        x = subject.tensor(X)
        x[1:] = x[:2].clone()
        identical(subject.host(x), X[[0, 0, 1]], "x[1:] = x[:2].clone()")
        x[[0, 2]] = x[[2, 0]]
        identical(subject.host(x), X[[1, 0, 0]], "x[[0, 2]] = x[[2, 0]]")


VALUES: Final[dict[str, Host]] = {
    "bool": np.asarray([True, False, True, True]),
    "int32": np.asarray([1, -2, 3, 4], np.int32),
    "int64": np.asarray([1, -2, 3, 4]),
    "float16": np.asarray([0.5, 1.5, -2.0, 3.0], np.float16),
    "float64": np.asarray([0.1, 1 / 3, -2.0, 3.0]),
}


@LEVEL.each({f"setitem/{name}": name for name in VALUES}, needs=lambda name: {name})
def values_are_cast_and_broadcast(subject: Subject, name: str) -> None:
    """A value of another dtype is cast, and one of fewer dimensions repeated."""
    x = subject.tensor(X)
    x[1:] = subject.tensor(VALUES[name])
    expected = X.copy()
    expected[1:] = VALUES[name]
    identical(subject.host(x), expected, f"x[1:] = a row of {name}")


@LEVEL.check("setitem/numbers")
def numbers_of_python_are_assigned(subject: Subject) -> None:
    """Booleans, integers and floats of Python take the dtype of the tensor."""
    for number in (True, 2, 2.5, float("inf"), -0.0):
        x, expected = subject.tensor(X), X.copy()
        x[0, 1:3] = number
        expected[0, 1:3] = number
        identical(subject.host(x), expected, f"x[0, 1:3] = {number}")


@LEVEL.check("gradients/apart")
def gradients_of_two_leaves_are_two_arrays(subject: Subject) -> None:
    """The gradients of a sum's operands, which are one array on the way, are apart once they have arrived."""
    with subject.using():
        x, y = subject.tensor(X, requires_grad=True), subject.tensor(X, requires_grad=True)
        given = subject.tensor(WEIGHTS)
        (x + y).backward(given)
        x.grad.zero_()
        identical(subject.host(y.grad), WEIGHTS, "y.grad after x.grad.zero_()")
        y.grad.add_(1)
        identical(subject.host(given), WEIGHTS, "the gradient that was given, after y.grad.add_(1)")
        z = subject.tensor(X, requires_grad=True)
        z.grad = given
        xpgrad.mul(z, 2).sum().backward()
        identical(subject.host(z.grad), WEIGHTS + 2, "z.grad after a backward pass adds to it")
