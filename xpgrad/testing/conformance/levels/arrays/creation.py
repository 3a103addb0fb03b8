"""Making tensors: every function in every dtype, on every device."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np

import xpgrad
from xpgrad.backends.dtypes import BY_NAME
from xpgrad.testing.conformance import capabilities
from xpgrad.testing.conformance.check import Level
from xpgrad.testing.conformance.subject import Host, Subject, agree, identical

LEVEL = Level("arrays")

LIST: Final = [[0, 1], [1, 0]]


class Making(NamedTuple):
    """A function that makes tensors.

    Attributes:
        make: Calls it with settings, a dtype among them.
        expected: What comes of it, in NumPy's words.
        without: Kinds of dtypes that it is not for.
        needs: The dtype in which it counts.
    """

    make: Callable[..., Any]
    expected: Callable[[Any], Host]
    without: str = ""
    needs: str = "float32"


MAKINGS: Final = {
    "zeros": Making(lambda **s: xpgrad.zeros(2, 3, **s), lambda k: np.zeros((2, 3), k)),
    "ones": Making(lambda **s: xpgrad.ones((2, 3), **s), lambda k: np.ones((2, 3), k)),
    "full": Making(lambda **s: xpgrad.full((2, 3), 1, **s), lambda k: np.full((2, 3), 1, k)),
    "arange": Making(
        lambda **s: xpgrad.arange(1, 9, 2, **s), lambda k: np.arange(1, 9, 2).astype(k), "bool complex", "int64"
    ),
    "linspace": Making(lambda **s: xpgrad.linspace(0, 6, 4, **s), lambda k: np.asarray([0, 2, 4, 6], k), "bool"),
    "logspace": Making(
        lambda **s: xpgrad.logspace(0, 3, 4, base=2, **s), lambda k: np.asarray([1, 2, 4, 8], k), "bool int uint"
    ),
    "eye": Making(lambda **s: xpgrad.eye(3, 4, **s), lambda k: np.eye(3, 4, dtype=k)),
    "tensor": Making(lambda **s: xpgrad.tensor(LIST, **s), lambda k: np.asarray(LIST, k)),
    "tensor,of_a_number": Making(lambda **s: xpgrad.tensor(1, **s), lambda k: np.asarray(1, k)),
    "tensor,of_an_array": Making(lambda **s: xpgrad.tensor(np.asarray(LIST), **s), lambda k: np.asarray(LIST, k)),
    "scalar_tensor": Making(lambda **s: xpgrad.scalar_tensor(1, **s), lambda k: np.asarray(1, k)),
    "zeros_like": Making(lambda **s: xpgrad.zeros_like(xpgrad.ones(2, 3, **s)), lambda k: np.zeros((2, 3), k)),
    "ones_like": Making(lambda **s: xpgrad.ones_like(xpgrad.zeros(2, 3, **s)), lambda k: np.ones((2, 3), k)),
    "full_like": Making(lambda **s: xpgrad.full_like(xpgrad.zeros(2, 3, **s), 1), lambda k: np.full((2, 3), 1, k)),
    "new_full": Making(lambda **s: xpgrad.zeros(1, **s).new_full((2, 3), 1), lambda k: np.full((2, 3), 1, k)),
}
EMPTY: Final[dict[str, Callable[..., Any]]] = {
    "empty": lambda **s: xpgrad.empty(2, 3, **s),
    "empty_like": lambda **s: xpgrad.empty_like(xpgrad.zeros(2, 3, **s)),
}


@LEVEL.each(
    {
        f"{function}/{name}": (making, name)
        for function, making in MAKINGS.items()
        for name, d in BY_NAME.items()
        if d.kind not in making.without.split()
    },
    needs=lambda row: {row[1], row[0].needs},
)
def is_made_in_a_dtype(subject: Subject, row: tuple[Making, str]) -> None:
    """Values, shape and dtype are as asked, and the tensor is on the device to which new ones go."""
    making, name = row
    with subject.using():
        made = making.make(dtype=BY_NAME[name])
    assert made.dtype is BY_NAME[name], f"expected {name}, got {made.dtype}"
    identical(subject.host(made), making.expected(host_dtype(subject, name)), f"in {name}")


@LEVEL.each(
    {f"{function}/{name}": (make, name) for function, make in EMPTY.items() for name in BY_NAME},
    needs=lambda row: {row[1]},
)
def is_made_without_values(subject: Subject, row: tuple[Callable[..., Any], str]) -> None:
    """Shape, dtype and device are as asked; values are what they are."""
    make, name = row
    with subject.using():
        made = subject.host(make(dtype=BY_NAME[name]))
    wanted = ((2, 3), host_dtype(subject, name))
    assert (made.shape, made.dtype) == wanted, f"expected shape and dtype {wanted}, got {(made.shape, made.dtype)}"


@LEVEL.each({f"{function}/device": making for function, making in MAKINGS.items()}, needs=lambda row: {row.needs})
def is_made_on_a_device(subject: Subject, making: Making) -> None:
    """``device=`` says where the tensor is made, wherever new ones go otherwise."""
    for place in subject.backend.places():
        if not capabilities.has(place, making.needs):
            continue
        here = Subject(place)
        made = making.make(dtype=xpgrad.float32, device=f"{subject.backend.name}:{here.device}")
        identical(here.host(made), making.expected(np.float32), f"device={here.device!r}")


@LEVEL.each({f"{function}/device": make for function, make in EMPTY.items()})
def is_made_empty_on_a_device(subject: Subject, make: Callable[..., Any]) -> None:
    """``device=`` says where the tensor is made."""
    for place in subject.backend.places():
        made = Subject(place).host(make(dtype=xpgrad.float32, device=f"{subject.backend.name}:{Subject(place).device}"))
        assert made.shape == (2, 3), f"device={place.device}: expected shape (2, 3), got {made.shape}"


@LEVEL.each({f"zeros/shape={shape}".replace(" ", ""): shape for shape in [(), (0,), (3, 0, 2), (1,), (1,) * 6, (2, 1)]})
def has_the_shape_asked_for(subject: Subject, shape: tuple[int, ...]) -> None:
    """Shapes without dimensions, without elements and with many dimensions are as good as others."""
    with subject.using():
        made = xpgrad.zeros(shape)
    identical(subject.host(made), np.zeros(shape, np.float32), f"zeros({shape})")
    said = (tuple(made.shape), made.ndim, made.numel(), made.tolist())
    expected = (shape, len(shape), int(np.prod(shape)), np.zeros(shape).tolist())
    assert said == expected, f"zeros({shape}): expected shape, ndim, numel() and tolist() {expected}, got {said}"


RANGES: Final[dict[str, tuple[Callable[[], Any], Any]]] = {
    "arange,of_floats": (lambda: xpgrad.arange(0, 1, 0.125), np.arange(8) / 8),
    "arange,downwards": (lambda: xpgrad.arange(2.0, -1.5, -0.5), [2, 1.5, 1, 0.5, 0, -0.5, -1]),
    "arange,of_nothing": (lambda: xpgrad.arange(3.0, 3.0), []),
    "arange,uneven": (lambda: xpgrad.arange(0.0, 1.0, 0.3), [0, 0.3, 0.6, 0.9]),
    "linspace,of_one": (lambda: xpgrad.linspace(2, 5, 1), [2]),
    "linspace,of_none": (lambda: xpgrad.linspace(2, 5, 0), []),
    "linspace,downwards": (lambda: xpgrad.linspace(1, -1, 5), [1, 0.5, 0, -0.5, -1]),
    "linspace,uneven": (lambda: xpgrad.linspace(0.1, 0.7, 7), [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]),
}


@LEVEL.each(RANGES, needs={"int64"})
def spaces_its_values_evenly(subject: Subject, row: tuple[Callable[[], Any], Any]) -> None:
    """Ranges have as many values as they should, with the first and, of ``linspace``, the last one exact."""
    make, expected = row
    right = np.asarray(expected, np.float32)
    with subject.using():
        got = subject.host(make())
    agree(got, right, 2e-7)
    if right.size:
        assert got[0] == right[0] and (got[-1] == right[-1] or right.size == 4), (
            f"expected to go from {right[0]!r} to {right[-1]!r}, got {got[0]!r} to {got[-1]!r}"
        )


def host_dtype(subject: Subject, name: str) -> Any:
    """NumPy's dtype called ``name``.

    Raises:
        DtypeError: It is from a package that is not installed.
    """
    return subject.reference.raw_dtype(BY_NAME[name])
