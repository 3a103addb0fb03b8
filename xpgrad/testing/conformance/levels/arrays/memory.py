"""Claims about memory, each against what is observed: who shares it, who owns it, and what writing to it does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

import xpgrad
from xpgrad.core.tensor_base import make_tensor
from xpgrad.testing.conformance.check import Level
from xpgrad.testing.conformance.subject import Subject, identical

LEVEL = Level("arrays")

X: Final = np.arange(12, dtype=np.float32).reshape(3, 4) + 1
ZERO: Final = np.float32(0)

View = Callable[[Any, Any], Any]

# What the standard makes of an array without a copy where memory has strides.
VIEWS: Final[dict[str, View]] = {
    "row": lambda xp, x: x[1, :],
    "column": lambda xp, x: x[:, 2],
    "slice": lambda xp, x: x[1:, :2],
    "steps": lambda xp, x: x[::2, ::3],
    "new-axis": lambda xp, x: x[None, ...],
    "transposed": lambda xp, x: xp.permute_dims(x, (1, 0)),
    "reshaped": lambda xp, x: xp.reshape(x, (2, 6)),
    "expanded": lambda xp, x: xp.expand_dims(x, axis=0),
    "squeezed": lambda xp, x: xp.squeeze(x[:1, :], axis=0),
    "broadcast": lambda xp, x: xp.broadcast_to(x, (2, 3, 4)),
}
# Those that in-place methods write through.
WRITABLE: Final = {name: VIEWS[name] for name in ("row", "column", "slice", "steps", "new-axis", "transposed")}
# What is in memory of its own.
COPIES: Final[dict[str, View]] = {
    "sum-of-two": lambda xp, x: x + x,
    "concat": lambda xp, x: xp.concat([x, x], axis=0),
    "astype": lambda xp, x: xp.astype(x, xp.float32, copy=True),
    "taken": lambda xp, x: xp.take(x, xp.asarray([0, 1], device=x.device), axis=0),
}


@LEVEL.each({f"backend/mutable/{name}": (name, view) for name, view in WRITABLE.items()}, needs={"mutable"})
def views_and_bases_see_writes(subject: Subject, row: tuple[str, View]) -> None:
    """A backend that claims to be mutable writes to memory: a view shows in its base, and the base in its view."""
    name, view = row
    backend, base = subject.backend, subject.array(X)
    part = view(subject.xp, base)
    backend.write(part, part * 10)
    expected = X.copy()
    seen = view(np, expected)
    seen[...] = seen * 10
    identical(subject.host(base), expected, f"mutable: the base after a write to a view ({name})")
    backend.write(base, subject.array(X + 100))
    identical(subject.host(part), view(np, X + 100), f"mutable: a view ({name}) after a write to its base")


WRITES: Final[dict[str, Callable[[Subject, Any], Any]]] = {
    "write": lambda subject, x: subject.backend.write(x, x + 1),
    "fill": lambda subject, x: subject.backend.fill(x, 7.0),
    "add_into": lambda subject, x: subject.backend.add_into(x, x * 2),
}
WRITTEN: Final[dict[str, Any]] = {"write": X + 1, "fill": np.full_like(X, 7), "add_into": X * 3}


@LEVEL.each({f"backend/{name}": name for name in WRITES}, needs={"mutable"})
def writing_stores_what_it_is_given(subject: Subject, name: str) -> None:
    """``write``, ``fill`` and ``add_into`` store in all of the array, and return with the memory written."""
    base = subject.array(X)
    WRITES[name](subject, base)
    identical(subject.host(base), WRITTEN[name], f"{name} to an array")
    base = subject.array(X)
    WRITES[name](subject, base[:, 1:3])
    expected = X.copy()
    expected[:, 1:3] = WRITTEN[name][:, 1:3]
    identical(subject.host(base), expected, f"{name} to a view")


# In-place programs on a tensor around an array that the library or the user holds too.
PROGRAMS: Final[dict[str, Callable[[Any], Any]]] = {
    "add_": lambda x: x.add_(1),
    "zero_": lambda x: x.zero_(),
    "fill_": lambda x: x.fill_(5),
    "copy_": lambda x: x.copy_(x * 2),
    "augmented": lambda x: x.__imul__(3),
    "setitem": lambda x: x.__setitem__(0, 9.0),
    "setitem-of-mask": lambda x: x.__setitem__(x > 3, 0.0),
    "view": lambda x: x[1].mul_(2),
    "out": lambda x: xpgrad.exp(x * 0, out=x),
    "index_add_": lambda x: x.index_add_(0, xpgrad.tensor([0, 0]), x[:2].clone()),
    "relu_": lambda x: x.neg_().relu_(),
    "optimizer": lambda x: _step(x),
}


def _step(x: Any) -> None:
    x.requires_grad_()
    (x * x).sum().backward()
    xpgrad.optim.SGD([x], lr=0.1, momentum=0.9).step()


@LEVEL.each(
    {f"backend/immutable/{name}": (name, program) for name, program in PROGRAMS.items()}, needs={"immutable", "int64"}
)
def nothing_writes_to_what_cannot_be_written(subject: Subject, row: tuple[str, Callable[[Any], Any]]) -> None:
    """A backend that claims to be immutable is never written to: the tensor gets another array, the old one stays."""
    name, program = row
    array = subject.array(X)
    tensor = make_tensor(array, subject.place)
    with subject.using():
        program(tensor)
    identical(subject.host(array), X, f"{name}: the array that the tensor was made of")
    assert not np.array_equal(subject.host(tensor), X), f"{name}: expected the tensor to change, got the same values"


@LEVEL.each(
    {f"backend/shares_memory/{name}": (name, view) for name, view in {**VIEWS, **COPIES}.items()}, needs={"mutable"}
)
def sharing_is_what_writes_show(subject: Subject, row: tuple[str, View]) -> None:
    """``shares_memory`` is true where a write to the base shows; a write that shows is never denied."""
    name, view = row
    backend, base = subject.backend, subject.array(X)
    part = view(subject.xp, base)
    before = subject.host(part).copy()
    claimed = backend.shares_memory(part, base)
    backend.fill(base, 0.0)
    observed = not np.array_equal(subject.host(part), before)
    assert claimed or not observed, f"shares_memory({name} of x, x): expected True, since writes to x show; got False"


@LEVEL.check("backend/shares_memory/of-others", needs={"mutable"})
def arrays_made_apart_share_nothing(subject: Subject) -> None:
    """A write to one array does not show in another that was made alike."""
    x, y = subject.array(X), subject.array(X)
    subject.backend.fill(x, 0.0)
    identical(subject.host(y), X, "y after a write to x, both made of one host array")


@LEVEL.each({f"backend/owns_memory/{name}": (name, view) for name, view in VIEWS.items()}, needs={"mutable"})
def a_view_does_not_own_memory(subject: Subject, row: tuple[str, View]) -> None:
    """``owns_memory`` is false for an array whose memory another one shows."""
    name, view = row
    base = subject.array(X)
    part = view(subject.xp, base)
    claimed = subject.backend.owns_memory(part)
    before = subject.host(part).copy()
    subject.backend.fill(base, 0.0)
    shared = not np.array_equal(subject.host(part), before)
    assert not (claimed and shared), f"owns_memory({name} of x): expected False, since x shows it too; got True"


@LEVEL.check("backend/strides", needs={"mutable"})
def strides_are_those_of_memory(subject: Subject) -> None:
    """Where arrays tell their strides, these are in elements and those of row-major memory and its views."""
    array = subject.array(X)
    found = subject.backend.strides(array)
    if found is None:
        return
    assert found == (4, 1), f"strides of shape (3, 4): expected (4, 1), got {found}"
    for name, expected in (("transposed", (1, 4)), ("column", (4,)), ("steps", (8, 3))):
        found = subject.backend.strides(VIEWS[name](subject.xp, array))
        assert found == expected, f"strides ({name}): expected {expected}, got {found}"


@LEVEL.each({f"backend/copy/{name}": (name, view) for name, view in {"whole": lambda xp, x: x, **VIEWS}.items()})
def a_copy_is_in_memory_of_its_own(subject: Subject, row: tuple[str, View]) -> None:
    """``copy`` gives the same values, dtype and device, and neither side sees what is written to the other."""
    name, view = row
    backend, base = subject.backend, subject.array(X)
    part = view(subject.xp, base)
    made = backend.copy(part)
    identical(subject.host(made), view(np, X), f"copy ({name})")
    if backend.mutable:
        backend.fill(base, 0.0)
        identical(subject.host(made), view(np, X), f"copy ({name}) after a write to what was copied")
        base = subject.array(X)
        backend.fill(backend.copy(view(subject.xp, base)), 0.0)
        identical(subject.host(base), X, f"what was copied ({name}) after a write to the copy")


@LEVEL.check("backend/in_host_memory")
def memory_apart_from_the_host_is_apart(subject: Subject) -> None:
    """A backend that claims its memory is not the host's shares none with NumPy, either way."""
    backend = subject.backend
    if backend.in_host_memory:
        return
    host = X.copy()
    array = backend.from_host(host, subject.place.handle)
    host[...] = 0
    identical(subject.host(array), X, "in_host_memory is False: the array after a write to the host array it came from")
    shown = backend.to_host(array)
    if shown.flags.writeable:
        shown[...] = 0
    identical(subject.host(array), X, "in_host_memory is False: the array after a write to what to_host gave")


@LEVEL.check("backend/address", needs={"address"})
def addresses_are_those_of_memory(subject: Subject) -> None:
    """``address`` is a number, the same for the same memory and another for an array made apart."""
    backend, x, y = subject.backend, subject.array(X), subject.array(X)
    first = backend.address(x)
    assert type(first) is int and first > 0, f"address: expected a positive integer, got {first!r}"
    assert backend.address(x) == first, "address: expected one answer, got another the second time"
    assert backend.address(y) != first, "address: expected two for two arrays, got one"


@LEVEL.check("backend/address/of-views", needs={"address", "mutable"})
def addresses_of_views_are_inside(subject: Subject) -> None:
    """The second row of float32 numbers, four in each, lies 16 bytes after the first."""
    x = subject.array(X)
    step = subject.backend.address(x[1, :]) - subject.backend.address(x)
    assert step == 16, f"address: expected the second of rows of four float32 16 bytes on, got {step}"
