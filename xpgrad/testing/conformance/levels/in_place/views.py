"""Views and writes: each kind of view shows in its base what is written to it, and sees what is written to that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

import xpgrad
from xpgrad.errors import InplaceError
from xpgrad.testing.conformance.check import Level
from xpgrad.testing.conformance.subject import Host, Subject, agree, identical, raises

LEVEL = Level("in-place")

X: Final = np.arange(12, dtype=np.float32).reshape(3, 4) + 1

View = Callable[[Any], Any]

# What `as_strided` below shows, by position.
_EVERY_SECOND: Final = np.asarray([[1, 3, 5], [7, 9, 11]])

# Of a tensor (3, 4), and the same of a NumPy array.
VIEWS: Final[dict[str, tuple[View, View]]] = {
    "row": (lambda x: x[1], lambda x: x[1]),
    "column": (lambda x: x[:, 2], lambda x: x[:, 2]),
    "block": (lambda x: x[1:, :2], lambda x: x[1:, :2]),
    "steps": (lambda x: x[::2, ::3], lambda x: x[::2, ::3]),
    "backwards": (lambda x: x[::-1], lambda x: x[::-1]),
    "element": (lambda x: x[1, 2], lambda x: x[1:2, 2:3].reshape(())),
    "all": (lambda x: x[...], lambda x: x[...]),
    "none": (lambda x: x[1:1], lambda x: x[1:1]),
    "new-axis": (lambda x: x[:, None], lambda x: x[:, None]),
    "transposed": (lambda x: x.t(), lambda x: x.T),
    "permuted": (lambda x: x.permute(1, 0), lambda x: x.T),
    "reshaped": (lambda x: x.reshape(2, 6), lambda x: x.reshape(2, 6)),
    "viewed": (lambda x: x.view(-1), lambda x: x.reshape(-1)),
    "flattened": (lambda x: x.flatten(), lambda x: x.reshape(-1)),
    "unsqueezed": (lambda x: x.unsqueeze(0), lambda x: x[None]),
    "squeezed": (lambda x: x[1:2].squeeze(0), lambda x: x[1]),
    "selected": (lambda x: x.select(1, -1), lambda x: x[:, -1]),
    "narrowed": (lambda x: x.narrow(1, 1, 2), lambda x: x[:, 1:3]),
    "diagonal": (lambda x: x.diagonal(), lambda x: x.reshape(-1)[:11:5]),
    "moved": (lambda x: x.movedim(0, 1), lambda x: x.T),
    "unflattened": (lambda x: x.unflatten(1, (2, 2)), lambda x: x.reshape(3, 2, 2)),
    "unfolded": (lambda x: x.unfold(1, 2, 2), lambda x: x.reshape(3, 2, 2)),
    "of-a-view": (lambda x: x[1:].t()[::2], lambda x: x[1:].T[::2]),
    "of-views": (lambda x: x.view(2, 6)[:, 1:].t()[2], lambda x: x.reshape(2, 6)[:, 1:].T[2]),
    "as_strided": (lambda x: x.as_strided((2, 3), (6, 2), 1), lambda x: x.reshape(-1)[_EVERY_SECOND]),
}
# Views of which there come several at once: while recording they cannot be written to, and what they show is not used.
PIECES: Final[dict[str, tuple[View, View]]] = {
    "unbound": (lambda x: x.unbind(1)[2], lambda x: x[:, 2]),
    "split": (lambda x: x.split([1, 3], 1)[1], lambda x: x[:, 1:]),
    "chunk": (lambda x: x.chunk(2, 1)[1], lambda x: x[:, 2:]),
}

# What is written to a view, and what a NumPy array holds then; the factor on what was there before, for gradients.
WRITES: Final[dict[str, tuple[View, View, float]]] = {
    "add_": (lambda v: v.add_(10), lambda v: v + 10, 1),
    "mul_": (lambda v: v.mul_(3), lambda v: v * 3, 3),
    "fill_": (lambda v: v.fill_(5), lambda v: v * 0 + 5, 0),
    "zero_": (lambda v: v.zero_(), lambda v: v * 0, 0),
    "copy_": (lambda v: v.copy_(v * 2 + 1), lambda v: v * 2 + 1, 2),
    "setitem": (lambda v: v.__setitem__(..., 7.0), lambda v: v * 0 + 7, 0),
}
_TWO: Final = ("add_", "fill_")


def _rows() -> dict[str, tuple[str, str]]:
    few = {"row", "transposed", "diagonal", "of-a-view"}
    return {f"{write}/view-{view}": (write, view) for view in VIEWS for write in (WRITES if view in few else _TWO)}


def _written(view: View, write: View) -> Host:
    """``X`` after ``write`` to a view of it."""
    out = X.copy()
    out.reshape(-1)[view(np.arange(12).reshape(3, 4))] = write(view(X))
    return out


@LEVEL.each(_rows(), needs={"int64"})
def bases_see_what_is_written_to_views(subject: Subject, row: tuple[str, str]) -> None:
    """The base holds what was written; its gradient and that of the leaf behind it know of it."""
    write, view = row
    method, expected, factor = WRITES[write]
    of_tensor, of_array = VIEWS[view]
    what = f"{write} on a view ({view})"
    with subject.using():
        plain = subject.tensor(X)
        method(of_tensor(plain))
        identical(subject.host(plain), _written(of_array, expected), f"the base after {what}")
        leaf = subject.tensor(X, requires_grad=True)
        base = leaf * 1
        method(of_tensor(base))
        identical(subject.host(base), _written(of_array, expected), f"the base in a graph after {what}")
        (base * subject.tensor(X)).sum().backward()
    agree(subject.host(leaf.grad), _written(of_array, lambda v: v * factor), 1e-6, f"the gradient after {what}")


@LEVEL.each({f"base-written/view-{name}": name for name in VIEWS}, needs={"int64"})
def views_see_what_is_written_to_bases(subject: Subject, name: str) -> None:
    """A view shows the base's new values, and its gradient goes through what was done to the base."""
    view, expected = VIEWS[name]
    with subject.using():
        leaf = subject.tensor(X, requires_grad=True)
        base = leaf * 1
        part = view(base)
        base.mul_(3)
        identical(subject.host(part), expected(X * 3), f"a view ({name}) after base.mul_(3)")
        weights = subject.tensor(np.ascontiguousarray(expected(X)))
        (part * weights).sum().backward()
    right = np.zeros(12, np.float32)
    np.add.at(right, expected(np.arange(12).reshape(3, 4)), 3 * expected(X))
    agree(subject.host(leaf.grad), right.reshape(3, 4), 1e-6, f"the gradient of a view ({name}) after base.mul_(3)")


@LEVEL.each({f"unrecorded/view-{name}": (name, *views) for name, views in {**VIEWS, **PIECES}.items()}, needs={"int64"})
def writes_without_recording_show_too(subject: Subject, row: tuple[str, View, View]) -> None:
    """Under `no_grad` a view and its base see each other's writes, and the counter counts them."""
    name, view, expected = row
    with subject.using(), xpgrad.no_grad():
        base = subject.tensor(X)
        part, alias = view(base), base.detach()
        part += 1
        base *= 2
        right = _written(expected, lambda v: v + 1) * 2
        for what, tensor in (("base", base), ("alias", alias)):
            identical(subject.host(tensor), right, f"the {what} of a view ({name}) after view += 1; base *= 2")
            assert tensor._version == 2, f"_version of the {what}: expected 2, got {tensor._version}"
        identical(subject.host(part), expected(right), f"a view ({name}) after view += 1; base *= 2")


# Views of the parts of complex numbers, and what adding 1 to each element of them does to the numbers.
PARTS: Final[dict[str, tuple[View, complex]]] = {
    "real": (lambda z: z.real, 1),
    "imag": (lambda z: z.imag, 1j),
    "view_as_real": (lambda z: xpgrad.view_as_real(z)[:, 1], 1j),
}


@LEVEL.each({f"add_/view-{name}": row for name, row in PARTS.items()}, needs={"complex64", "int64"})
def parts_of_complex_numbers_are_views(subject: Subject, row: tuple[View, complex]) -> None:
    """What is written to real or imaginary parts shows in the numbers."""
    view, step = row
    values = np.asarray([1 + 1j, 1 + 2j, -3j], np.complex64)
    z = subject.tensor(values)
    view(z).add_(1)
    agree(subject.host(z), values + step, 1e-6, "complex numbers after add_(1) to their parts")


COPIES: Final[dict[str, View]] = {
    "clone": lambda x: x.clone(),
    "index": lambda x: x[[0, 2]],
    "mask": lambda x: x[x > 3],
    "reshape-of-transposed": lambda x: x.t().reshape(12),
    "contiguous-of-transposed": lambda x: x.t().contiguous(),
    "flip": lambda x: x.flip(0),
    "repeat": lambda x: x.repeat(1, 2),
    "cat": lambda x: xpgrad.cat([x]),
    "to-dtype": lambda x: x.to(xpgrad.int32),
}


@LEVEL.each({f"no-view/{name}": view for name, view in COPIES.items()}, needs={"int64", "data-dependent shapes"})
def what_is_no_view_sees_nothing(subject: Subject, view: View) -> None:
    """Neither side of a copy sees what is written to the other."""
    with subject.using():
        base = subject.tensor(X)
        part = view(base)
        before = subject.host(part).copy()
        base.zero_()
        identical(subject.host(part), before, "the copy after a write to what was copied")
        base = subject.tensor(X)
        view(base).zero_()
        identical(subject.host(base), X, "what was copied after a write to the copy")
        assert not view(base)._is_view(), "_is_view() of a copy: expected False"


REFUSED: Final[dict[str, tuple[Callable[[Any], Any], str]]] = {
    "leaf": (lambda x: x.add_(1), "a leaf Variable that requires grad"),
    "leaf-setitem": (lambda x: x.__setitem__(0, 1.0), "a view of a leaf Variable that requires grad"),
    "view-of-leaf": (lambda x: x.t()[0].mul_(2), "a view of a leaf Variable that requires grad"),
    "expanded": (lambda x: (x * 1)[:1].expand(3, 4).add_(1), "more than one element of the written-to tensor"),
    "overlapping": (lambda x: _overlapping(x * 1), "single memory location"),
    "piece-of-unbind": (lambda x: (x * 1).unbind()[0].add_(1), "is a view and is being modified inplace"),
    "piece-of-chunk": (lambda x: (x * 1).chunk(2)[0].add_(1), "is a view and is being modified inplace"),
    "piece-of-split": (lambda x: (x * 1).split([1, 2])[1].add_(1), "is a view and is being modified inplace"),
    "view-made-without-recording": (lambda x: _unrecorded_view(x * 1).mul_(2), "no_grad mode"),
}


def _overlapping(x: Any) -> None:
    x[1:].copy_(x[:-1] * 1)
    x[1:].add_(x[:-1])


def _unrecorded_view(x: Any) -> Any:
    with xpgrad.no_grad():
        return x[0]


@LEVEL.each({f"refused/{name}": row for name, row in REFUSED.items()})
def what_would_lose_a_gradient_is_refused(subject: Subject, row: tuple[Callable[[Any], Any], str]) -> None:
    """Writes to leaves, to repeated elements and to pieces are refused in PyTorch's words."""
    write, text = row
    with subject.using(), raises(InplaceError, "a write that is to be refused", text):
        write(subject.tensor(X, requires_grad=True))
