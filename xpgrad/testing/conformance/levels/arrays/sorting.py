"""Orders: sorting that keeps equals in order, searching in what is sorted, distinct values, what is not 0."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

import xpgrad
from xpgrad.testing.conformance.check import Level
from xpgrad.testing.conformance.subject import Host, Subject, identical

LEVEL = Level("arrays")

_draw = np.random.default_rng(11)
# With many equal elements.
ARRAYS: Final[dict[str, Host]] = {
    "float32": _draw.integers(-3, 4, (3, 40)).astype(np.float32),
    "int32": _draw.integers(-3, 4, (3, 40)).astype(np.int32),
    "int64": _draw.integers(-3, 4, (3, 40)),
    "uint8": _draw.integers(0, 5, (3, 40)).astype(np.uint8),
    "bool": _draw.integers(0, 2, (3, 40)).astype(bool),
}
SORTED: Final = np.asarray([-2.0, -1.0, -1.0, 0.0, 2.0, 2.0, 2.0, 5.0], np.float32)
SOUGHT: Final = np.asarray([[-3.0, -2.0, -1.0], [0.5, 2.0, 9.0]], np.float32)


def _order(x: Host, axis: int, descending: bool) -> Any:
    if not descending:
        return np.argsort(x, axis=axis, stable=True)
    backwards = np.argsort(np.flip(x, axis), axis=axis, stable=True)
    return x.shape[axis] - 1 - np.flip(backwards, axis)


@LEVEL.each(
    {
        f"sort/{name}/axis={axis}{',descending' * descending}": (name, axis, descending)
        for name in ARRAYS
        for axis in (-1, 0)
        for descending in (False, True)
    },
    needs=lambda row: {row[0], "int64"},
)
def equals_keep_their_order(subject: Subject, row: tuple[str, int, bool]) -> None:
    """A stable sort, up or down, gives NumPy's values and the indices of equals in the order in which they were."""
    name, axis, descending = row
    x = ARRAYS[name]
    order = _order(x, axis, descending)
    got = subject.tensor(x).sort(dim=axis, descending=descending, stable=True)
    what = f"sort of {name} along {axis}, descending={descending}, stable=True"
    identical(subject.host(got.values), np.take_along_axis(x, order, axis=axis), f"{what}: values")
    identical(subject.host(got.indices), order, f"{what}: indices")
    if name == "bool":
        # Which the standard has no order for.
        return
    raw = subject.xp.argsort(subject.array(x), axis=axis, descending=descending, stable=True)
    identical(subject.host(raw).astype(np.int64), order, f"the raw namespace's arg{what}")
    raw = subject.xp.sort(subject.array(x), axis=axis, descending=descending, stable=True)
    identical(subject.host(raw), np.take_along_axis(x, order, axis=axis), f"the raw namespace's {what}")


@LEVEL.each({f"topk/largest={largest}": largest for largest in (True, False)}, needs={"int64"})
def the_greatest_come_first(subject: Subject, largest: bool) -> None:
    """``topk`` gives the greatest or least values in order."""
    x = _draw_apart((3, 7))
    got = subject.tensor(x).topk(3, largest=largest)
    order = _order(x, -1, largest)[:, :3]
    identical(subject.host(got.values), np.take_along_axis(x, order, axis=-1), f"topk(3, largest={largest}): values")
    identical(subject.host(got.indices), order, f"topk(3, largest={largest}): indices")


def _draw_apart(shape: tuple[int, ...]) -> Host:
    count = int(np.prod(shape))
    return np.random.default_rng(2).permutation(count).astype(np.float32).reshape(shape)


@LEVEL.each({f"searchsorted/{side}": side for side in ("left", "right")}, needs={"int64"})
def finds_where_values_belong(subject: Subject, side: str) -> None:
    """``searchsorted`` and ``bucketize`` say where a value would go before or after its equals."""
    expected = np.searchsorted(SORTED, SOUGHT.ravel(), side=side).reshape(SOUGHT.shape)  # type: ignore[call-overload]
    edges, x = subject.tensor(SORTED), subject.tensor(SOUGHT)
    identical(subject.host(xpgrad.searchsorted(edges, x, side=side)), expected, f"searchsorted(side={side!r})")
    right = side == "right"
    identical(subject.host(xpgrad.bucketize(x, edges, right=right)), expected, f"bucketize(right={right})")


DISTINCT: Final[dict[str, Callable[[Any], Any]]] = {
    "values": lambda x: (x.unique(),),
    "inverse": lambda x: x.unique(return_inverse=True),
    "counts": lambda x: x.unique(return_counts=True),
}


@LEVEL.each(
    {f"unique/{what}/{name}": (what, name) for what in DISTINCT for name in ("float32", "int64", "bool")},
    needs={"data-dependent shapes", "int64"},
)
def finds_what_is_distinct(subject: Subject, row: tuple[str, str]) -> None:
    """``unique`` gives distinct values in order, which of them each element is, and how often each is there."""
    what, name = row
    x = ARRAYS[name]
    values, inverse, counts = np.unique(x, return_inverse=True, return_counts=True)
    expected = {"values": (values,), "inverse": (values, inverse.reshape(x.shape)), "counts": (values, counts)}[what]
    for got, right in zip(DISTINCT[what](subject.tensor(x)), expected, strict=True):
        identical(subject.host(got), right, f"unique of {name}: {what}")


@LEVEL.check("unique/of-nothing", needs={"data-dependent shapes", "int64"})
def nothing_is_distinct_in_nothing(subject: Subject) -> None:
    """Of no elements there are no distinct ones."""
    got = subject.host(subject.tensor(np.zeros((0,), np.float32)).unique())
    identical(got, np.zeros((0,), np.float32), "unique of nothing")


FOUND: Final[dict[str, Host]] = {
    "1-d": np.asarray([0, 3, 0, 1]),
    "2-d": ARRAYS["float32"][:, :4],
    "3-d": (np.arange(12) % 5 == 0).reshape(2, 3, 2),
    "none": np.zeros((2, 3)),
    "empty": np.zeros((0, 2), np.float32),
}


@LEVEL.each({f"nonzero/{name}": x for name, x in FOUND.items()}, needs={"data-dependent shapes", "int64"})
def finds_what_is_not_zero(subject: Subject, x: Host) -> None:
    """``nonzero`` gives the positions in order, as rows or as one index for each dimension."""
    x = x.astype(np.float32)
    expected = np.argwhere(x)
    tensor = subject.tensor(x)
    identical(subject.host(tensor.nonzero()), expected, "nonzero()")
    for axis, got in enumerate(tensor.nonzero(as_tuple=True)):
        identical(subject.host(got), expected[:, axis], f"nonzero(as_tuple=True)[{axis}]")
