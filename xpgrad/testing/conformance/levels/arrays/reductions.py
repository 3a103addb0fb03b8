"""Reductions along every axis, counted from either end, along several, along all and along none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from xpgrad.testing.conformance.check import Level
from xpgrad.testing.conformance.subject import Host, Subject, agree

LEVEL = Level("arrays")

X: Final = np.random.default_rng(3).uniform(0.5, 2.0, (2, 3, 4)).astype(np.float32)

Axis = int | tuple[int, ...] | None

ONE_AXIS: Final[tuple[Axis, ...]] = (None, 0, 1, 2, -1, -2, -3)
AXES: Final[tuple[Axis, ...]] = (*ONE_AXIS, (0, 1), (1, 2), (-1, 0), (2, -2), (0, 1, 2), ())


def _named(**functions: tuple[Axis, ...]) -> dict[str, tuple[str, Axis]]:
    rows = {f"{name}/axis={axis}": (name, axis) for name, axes in functions.items() for axis in axes}
    return {name.replace(" ", ""): row for name, row in rows.items()}


# Reductions of the standard: asked of the raw namespace, and of a tensor under PyTorch's name.
STANDARD: Final = _named(
    sum=AXES, prod=AXES, mean=AXES[:-1], max=AXES[:-1], min=AXES[:-1], std=AXES[:-1], var=AXES[:-1], any=AXES,
    all=AXES, argmax=ONE_AXIS, argmin=ONE_AXIS, count_nonzero=AXES[:-1],
)  # fmt: skip
_TENSORS: Final = {"max": "amax", "min": "amin"}
_OF_TRUTHS: Final = ("any", "all", "count_nonzero")


@LEVEL.each(STANDARD, needs={"int64"})
def the_library_reduces_along_any_axis(subject: Subject, row: tuple[str, Axis]) -> None:
    """The raw namespace's function and the tensor's method give NumPy's values and shape, with ``keepdims`` and not."""
    name, axis = row
    given: Host = X > 1.2 if name in _OF_TRUTHS else X
    x = subject.array(given)
    for keepdims in (False, True):
        expected = getattr(np, name)(given, axis=axis, keepdims=keepdims)
        what = f"{name} of shape (2, 3, 4) with axis={axis}, keepdims={keepdims}"
        if name != "count_nonzero":
            got = subject.place.wrap(getattr(subject.xp, name)(x, axis=axis, keepdims=keepdims))
            agree(subject.host(got), expected, 1e-5, what)
        method = getattr(subject.tensor(given), _TENSORS.get(name, name))
        if name in ("std", "var"):
            agree(subject.host(method(axis, correction=0, keepdim=keepdims)), expected, 1e-5, f"tensor: {what}")
        elif name != "count_nonzero" and axis not in (None, ()) and not (name == "prod" and isinstance(axis, tuple)):
            agree(subject.host(method(axis, keepdim=keepdims)), expected, 1e-5, f"tensor: {what}")
        elif name == "count_nonzero" and not keepdims:
            agree(subject.host(method(axis)), expected, 0, f"tensor: {what}")


# What works along one axis and keeps it.
ALONG: Final[dict[str, tuple[Callable[[Any, int], Any], Callable[[Any, int], Any]]]] = {
    "cumulative_sum": (lambda x, d: x.cumsum(d), lambda x, d: np.cumsum(x, axis=d)),
    "cumulative_prod": (lambda x, d: x.cumprod(d), lambda x, d: np.cumprod(x, axis=d)),
    "cummax": (lambda x, d: x.cummax(d).values, lambda x, d: np.maximum.accumulate(x, axis=d)),
    "logsumexp": (lambda x, d: x.logsumexp(d), lambda x, d: np.log(np.sum(np.exp(x), axis=d))),
    "softmax": (lambda x, d: x.softmax(d), lambda x, d: np.exp(x) / np.sum(np.exp(x), axis=d, keepdims=True)),
    "diff": (lambda x, d: x.diff(dim=d), lambda x, d: np.diff(x, axis=d)),
    "sort": (lambda x, d: x.sort(d).values, lambda x, d: np.sort(x, axis=d)),
    "argsort": (lambda x, d: x.argsort(d), lambda x, d: np.argsort(x, axis=d)),
    "median": (lambda x, d: x.median(d).values, lambda x, d: np.quantile(x, 0.5, axis=d, method="lower")),
    "flip": (lambda x, d: x.flip(d), lambda x, d: np.flip(x, d)),
    "roll": (lambda x, d: x.roll(1, d), lambda x, d: np.roll(x, 1, d)),
    "unbind": (lambda x, d: x.unbind(d)[1], lambda x, d: np.take(x, 1, d)),
    "norm": (lambda x, d: x.norm(dim=d), lambda x, d: np.linalg.norm(x, axis=d)),
}


@LEVEL.each({f"{name}/axis={axis}": (name, axis) for name in ALONG for axis in range(-3, 3)}, needs={"int64"})
def works_along_any_axis(subject: Subject, row: tuple[str, int]) -> None:
    """Functions along one axis give NumPy's values and shape for each, counted from either end."""
    name, axis = row
    function, reference = ALONG[name]
    got = subject.host(function(subject.tensor(X), axis))
    agree(got, reference(X, axis), 1e-5, f"{name} of shape (2, 3, 4) along {axis}")


@LEVEL.each({f"{name}/large": name for name in ("sum", "mean", "max", "argmax", "std")}, needs={"int64"})
def sums_many_elements(subject: Subject, name: str) -> None:
    """Reductions of more elements than a block, a chunk or a thread has are as exact as single precision allows."""
    values = np.random.default_rng(5).uniform(0.0, 1.0, 100_003).astype(np.float32)
    values[77_777] = 2
    settings = {"correction": 0} if name == "std" else {}
    got = subject.host(getattr(subject.tensor(values), _TENSORS.get(name, name))(**settings))
    expected = getattr(np, name)(values.astype(np.float64))
    agree(got / max(1.0, expected), expected / max(1.0, expected), 1e-5, f"{name} of {values.size} elements")
