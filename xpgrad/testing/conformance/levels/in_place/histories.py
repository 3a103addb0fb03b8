"""Writes in a graph: version counters, values that were saved, aliases without history, ``out=`` and assignment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

import xpgrad
from xpgrad.errors import DtypeError, InplaceError, SavedValueModifiedError, ShapeError
from xpgrad.testing.conformance.check import Level
from xpgrad.testing.conformance.subject import Subject, agree, identical, raises

LEVEL = Level("in-place")

X: Final = np.asarray([1.0, 2.0, 3.0], np.float32)
WEIGHTS: Final = np.asarray([1.0, 10.0, 100.0], np.float32)


# Programs on a leaf [1, 2, 3] whose result is weighed by [1, 10, 100], each with that result and the leaf's gradient.
PROGRAMS: Final[dict[str, tuple[Callable[[Any], Any], list[float], list[float]]]] = {
    "in-turn": (lambda x: (x * 2).add_(1).mul_(3), [9, 15, 21], [6, 60, 600]),
    "with-itself": (lambda x: _with_itself(x * 2), [4, 8, 12], [4, 40, 400]),
    "overwritten": (lambda x: (x * 2).fill_(3), [3, 3, 3], [0, 0, 0]),
    "zeroed": (lambda x: (x * 2).zero_(), [0, 0, 0], [0, 0, 0]),
    "copied": (lambda x: xpgrad.zeros(3).copy_(x * x), [1, 4, 9], [2, 40, 600]),
    "copied-over": (lambda x: (x * 5).copy_(x), [1, 2, 3], [1, 10, 100]),
    "accumulated": (lambda x: _accumulated(x), [2, 6, 12], [3, 50, 700]),
    "part-of-a-plain-tensor": (lambda x: _assigned(xpgrad.zeros(3), slice(1, 3), x[:2] * 2), [0, 2, 4], [20, 200, 0]),
    "part-overwritten": (lambda x: _assigned(x * 1, 1, 7.0), [1, 7, 3], [1, 0, 100]),
    "part-by-part": (lambda x: _assigned(_assigned(x * 1, 0, x[2] * 2), 2, x[0]), [6, 2, 1], [100, 10, 2]),
    "exchanged": (lambda x: _assigned(x * 1, [0, 2], x[[2, 0]]), [3, 2, 1], [100, 10, 1]),
    "masked": (lambda x: _assigned(x * 2, x > 1.5, 0.0), [2, 0, 0], [2, 0, 0]),
    "duplicates-added": (lambda x: (x * 1).index_add_(0, xpgrad.tensor([0, 0, 2]), x), [4, 2, 6], [2, 11, 200]),
    "saved-before": (lambda x: _saved_before(x * 1), [2, 6, 12], [3, 50, 700]),
    "view-then-base": (lambda x: _view_then_base(x * 1), [2, 4, 6], [2, 20, 200]),
    "base-gone": (lambda x: (x * 1)[1:].mul_(3).sum() + xpgrad.zeros(3), [15, 15, 15], [0, 333, 333]),
    "detached": (lambda x: _detached(x * 2), [5, 5, 5], [2, 20, 200]),
    "without-recording": (lambda x: _without_recording(x * 1), [10, 20, 30], [1, 10, 100]),
    "data": (lambda x: _data(x * 2), [102, 104, 106], [2, 20, 200]),
}


def _with_itself(y: Any) -> Any:
    y += y
    return y


def _accumulated(x: Any) -> Any:
    total = xpgrad.zeros(3)
    total += x
    total += x * x
    return total


def _assigned(y: Any, index: Any, value: Any) -> Any:
    y[index] = value
    return y


def _saved_before(y: Any) -> Any:
    kept = (y * 1) ** 2
    return y.add_(kept)


def _view_then_base(y: Any) -> Any:
    view = y[:]
    y.mul_(2)
    return view


def _detached(y: Any) -> Any:
    y.detach().fill_(5)
    return y


def _without_recording(y: Any) -> Any:
    with xpgrad.no_grad():
        y.mul_(10)
    return y


def _data(y: Any) -> Any:
    y.data += 100
    return y


@LEVEL.each({f"programs/{name}": row for name, row in PROGRAMS.items()}, needs={"int64", "data-dependent shapes"})
def gradients_are_known(subject: Subject, row: tuple[Callable[[Any], Any], list[float], list[float]]) -> None:
    """The result and the gradient are those worked out by hand."""
    program, values, gradient = row
    with subject.using():
        x = subject.tensor(X, requires_grad=True)
        result = program(x)
        identical(subject.host(result.detach()), np.asarray(values, np.float32), "the result")
        (result * subject.tensor(WEIGHTS)).sum().backward()
    agree(subject.host(x.grad), np.asarray(gradient), 1e-6, "the gradient of the leaf")


# Version counters.

COUNTED: Final[dict[str, tuple[Callable[[Any], Any], int]]] = {
    "nothing": (lambda x: x + 1, 0),
    "add_": (lambda x: x.add_(1), 1),
    "fill_": (lambda x: x.fill_(1), 1),
    "setitem": (lambda x: x.__setitem__(0, 1.0), 1),
    "setitem-of-mask": (lambda x: x.__setitem__(x > 1, 1.0), 1),
    "view": (lambda x: x[1:].mul_(2), 1),
    "view-of-view": (lambda x: x[1:].view(2, 1).t().mul_(2), 1),
    "detached": (lambda x: x.detach().mul_(2), 1),
    "out": (lambda x: xpgrad.add(x, 1, out=x), 1),
    "without-recording": (lambda x: xpgrad.no_grad()(x.add_)(1), 1),
    "two": (lambda x: x.add_(1)[0].mul_(2), 2),
    "clone": (lambda x: x.clone().add_(1), 0),
}


@LEVEL.each({f"version/{name}": row for name, row in COUNTED.items()}, needs={"int64"})
def writes_are_counted(subject: Subject, row: tuple[Callable[[Any], Any], int]) -> None:
    """Every write counts, through whichever view or alias, and the count is that of all of them."""
    write, expected = row
    with subject.using():
        x = subject.tensor(X)
        view, alias = x[:2], x.detach()
        write(x)
        found = {"tensor": x._version, "view": view._version, "alias": alias._version}
    for name, count in found.items():
        assert count == expected, f"_version of the {name}: expected {expected}, got {count}"


# Values that are saved for the backward pass.

SAVERS: Final[dict[str, Callable[[Any], Any]]] = {
    "mul": lambda y: y * y,
    "pow": lambda y: y**3,
    "exp": lambda y: y.exp(),
    "sigmoid": lambda y: y.sigmoid(),
    "matmul": lambda y: y @ y,
    "norm": lambda y: y.norm(),
    "prod": lambda y: y.prod(),
    "softmax": lambda y: y.softmax(0),
}
SAVE_RESULT: Final = ("exp", "sigmoid", "softmax")
SPOILERS: Final[dict[str, Callable[[Any], Any]]] = {
    "add_": lambda y: y.add_(1),
    "zero_": lambda y: y.zero_(),
    "setitem": lambda y: y.__setitem__(0, 5.0),
    "view": lambda y: y.view(3, 1).mul_(2),
    "detached": lambda y: y.detach().mul_(2),
    "without-recording": lambda y: xpgrad.no_grad()(y.add_)(1),
}


@LEVEL.each({f"saved/{saver}-{spoiler}": (saver, spoiler) for saver in SAVERS for spoiler in SPOILERS}, needs={"int64"})
def saved_values_are_not_to_be_written(subject: Subject, row: tuple[str, str]) -> None:
    """A backward pass that needs a value which was written to since is an error that says where that happened."""
    saver, spoiler = row
    with subject.using():
        y = subject.tensor(X, requires_grad=True) * 1
        result = SAVERS[saver](y)
        SPOILERS[spoiler](result if saver in SAVE_RESULT else y)
        with raises(
            SavedValueModifiedError, f"backward of {saver} after {spoiler}", "modified by an inplace operation"
        ):
            result.sum().backward()


# Each with the gradient of the sum of its result.
UNSAVED: Final[dict[str, tuple[Callable[[Any], Any], float]]] = {
    "add": (lambda y: y + 1, 1),
    "mul-by-number": (lambda y: y * 2, 2),
    "sum": (lambda y: y.sum(), 1),
    "reshape": (lambda y: y.reshape(3, 1) + 0, 1),
    "neg": (lambda y: -y, -1),
    "cat": (lambda y: xpgrad.cat([y, y]), 2),
}


@LEVEL.each({f"unsaved/{name}": row for name, row in UNSAVED.items()})
def what_is_not_saved_may_be_written(subject: Subject, row: tuple[Callable[[Any], Any], float]) -> None:
    """A function whose gradient needs no value does not mind writes to its operand."""
    function, slope = row
    with subject.using():
        x = subject.tensor(X, requires_grad=True)
        y = x * 1
        result = function(y)
        y.mul_(10)
        result.sum().backward()
    agree(subject.host(x.grad), np.full(3, slope), 1e-6, "the gradient of the leaf")


# Leaves and optimizers.


@LEVEL.check("leaf/updated")
def leaves_are_updated_without_recording(subject: Subject) -> None:
    """Under `no_grad` a leaf takes new values, and stays a leaf whose gradient is at these."""
    x = subject.tensor(X, requires_grad=True)
    with subject.using(), xpgrad.no_grad():
        x -= 0.5
        x[0] = 7.0
    identical(subject.host(x), np.asarray([7.0, 1.5, 2.5], np.float32), "the leaf")
    assert x.is_leaf and x.requires_grad, "a leaf that was updated: expected a leaf that requires grad"
    (x * x).sum().backward()
    agree(subject.host(x.grad), np.asarray([14.0, 3.0, 5.0]), 1e-6, "the gradient")


@LEVEL.check("leaf/accumulated")
def gradients_add_up_in_place(subject: Subject) -> None:
    """A second backward pass adds to the gradient that is there, and does not write to what was given."""
    x = subject.tensor(X, requires_grad=True)
    given = subject.tensor(WEIGHTS)
    for times in (1, 2, 3):
        (x * 1).backward(given)
        agree(subject.host(x.grad), times * WEIGHTS, 1e-6, f"the gradient after {times} passes")
    identical(subject.host(given), WEIGHTS, "the gradient that was given")


# out=

OUT: Final[dict[str, tuple[Callable[[Any, Any], Any], Callable[[Any], Any]]]] = {
    "add": (lambda x, out: xpgrad.add(x, 1, out=out), lambda x: x + 1),
    "mul": (lambda x, out: xpgrad.mul(x, x, out=out), lambda x: x * x),
    "exp": (lambda x, out: xpgrad.exp(x, out=out), np.exp),
    "cumsum": (lambda x, out: xpgrad.cumsum(x, 0, out=out), np.cumsum),
    "cat": (lambda x, out: xpgrad.cat([x[:1], x[1:]], out=out), lambda x: x),
    "clamp": (lambda x, out: xpgrad.clamp(x, 1.5, 2.5, out=out), lambda x: np.clip(x, 1.5, 2.5)),
    "where": (lambda x, out: xpgrad.where(x > 1, x, 0.0, out=out), lambda x: np.where(x > 1, x, 0)),
    "matmul": (lambda x, out: xpgrad.matmul(xpgrad.eye(3) * 2, x, out=out), lambda x: 2 * x),
    "maximum": (lambda x, out: xpgrad.maximum(x, 3 - x, out=out), lambda x: np.maximum(x, 3 - x)),
}


@LEVEL.each({f"out/{name}": row for name, row in OUT.items()})
def results_are_written_where_they_should_go(
    subject: Subject, row: tuple[Callable[[Any, Any], Any], Callable[[Any], Any]]
) -> None:
    """``out=`` is filled and given back, its aliases see it, and a view of other memory is written through."""
    function, reference = row
    expected = reference(X)
    with subject.using():
        x, out = subject.tensor(X), subject.tensor(np.zeros_like(X))
        alias = out.detach()
        assert function(x, out) is out, "expected the tensor that was given as out="
        agree(subject.host(alias), expected, 1e-6, "an alias of out=")
        base = subject.tensor(np.zeros((2, 3), np.float32))
        function(x, base[1])
        agree(subject.host(base), np.stack([np.zeros(3), expected]), 1e-6, "the base of a view given as out=")
        identical(subject.host(x), X, "the operand")


@LEVEL.check("out/empty")
def an_empty_out_grows(subject: Subject) -> None:
    """An ``out=`` without elements takes the result's shape."""
    with subject.using():
        out = xpgrad.empty(0)
        xpgrad.mul(subject.tensor(X), 2, out=out)
    identical(subject.host(out), 2 * X, "out= of no elements")


@LEVEL.check("out/cast", needs={"float16"})
def results_are_cast_to_what_is_given(subject: Subject) -> None:
    """A result goes into an ``out=`` of the same category of dtypes, not of a lower one."""
    with subject.using():
        out = subject.tensor(np.zeros(3, np.float16))
        xpgrad.mul(subject.tensor(X), 2, out=out)
        identical(subject.host(out), (2 * X).astype(np.float16), "out= of float16")


@LEVEL.check("out/refused", needs={"int32"})
def what_does_not_fit_is_refused(subject: Subject) -> None:
    """Floats do not go into integers, and nothing goes into what requires grad while recording."""
    with subject.using():
        x, whole = subject.tensor(X), subject.tensor(np.zeros(3, np.int32))
        with raises(DtypeError, "out= of int32 for floats", "can't be cast"):
            xpgrad.mul(x, 2.0, out=whole)
        leaf = subject.tensor(X, requires_grad=True)
        with raises(InplaceError, "out= that requires grad", "don't support automatic differentiation"):
            xpgrad.mul(x, 2.0, out=leaf)
        identical(subject.host(leaf), X, "out= after it was refused")


# Casting and broadcasting of what is written.

KINDS: Final = ("uint8", "int32", "int64", "float16", "float32", "float64", "complex64")


@LEVEL.each({f"copy_/{name}": name for name in KINDS}, needs=lambda name: {name})
def copies_are_cast(subject: Subject, name: str) -> None:
    """``copy_`` casts to the dtype of the tensor and broadcasts to its shape."""
    values = np.asarray([0, 1, 3])
    for source in KINDS:
        if subject.lacks(frozenset({source})) or (source == "complex64" != name):
            continue
        with subject.using():
            target = subject.tensor(np.ones((2, 3), name))
            target.copy_(subject.tensor(values.astype(source)))
        identical(subject.host(target), np.stack([values, values]).astype(name), f"{source} copied to {name}")


REFUSED: Final[dict[str, tuple[Callable[[Any, Any], Any], type[Exception], str]]] = {
    "shape-grows": (lambda x, n: x.add_(xpgrad.ones(2, 3)), ShapeError, "[2, 3]"),
    "shape-of-copy": (lambda x, n: x.copy_(xpgrad.ones(4)), ShapeError, "4"),
    "shape-of-setitem": (lambda x, n: x.__setitem__(slice(0, 2), xpgrad.ones(3)), ShapeError, "3"),
    "floats-into-integers": (lambda x, n: n.add_(1.5), DtypeError, "can't be cast"),
    "division-of-integers": (lambda x, n: n.div_(2), DtypeError, "can't be cast"),
}


@LEVEL.each({f"refused/{name}": row for name, row in REFUSED.items()}, needs={"int32"})
def what_does_not_fit_in_place_is_refused(
    subject: Subject, row: tuple[Callable[[Any, Any], Any], type[Exception], str]
) -> None:
    """A result of another shape or of a higher category of dtypes is refused, and nothing is written."""
    write, kind, text = row
    with subject.using():
        x, n = subject.tensor(X), subject.tensor(X.astype(np.int32))
        with raises(kind, "a write that does not fit", text):
            write(x, n)
        identical(subject.host(x), X, "the tensor after it was refused")
        identical(subject.host(n), X.astype(np.int32), "the tensor of integers after it was refused")
