"""Gradients of a row's op by the engine, and the same by differences.

The scalar that is differentiated is ``sum(re(conj(weight) * result))`` over the results, so that the gradient
of a result is its weight.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from xpgrad.backends.base import Place
from xpgrad.core.engine import run_backward
from xpgrad.core.graph import AccumulateGrad
from xpgrad.core.tensor_base import TensorBase, make_tensor
from xpgrad.testing.conformance.narrow import narrow
from xpgrad.testing.conformance.ops.case import Case, Host
from xpgrad.testing.conformance.subject import host

STEP = 6e-6


def tensors(place: Place, arrays: Sequence[Any], leaves: Sequence[int] = ()) -> list[Any]:
    """The arrays as tensors on ``place``, those at ``leaves`` requiring grad; scalars as they are."""
    made = [
        make_tensor(place.backend.from_host(narrow(place, a), place.handle), place) if isinstance(a, np.ndarray) else a
        for a in arrays
    ]
    for i in leaves:
        made[i]._node = AccumulateGrad(made[i])
    return made


def apply(case: Case, place: Place, inputs: Sequence[Any]) -> tuple[Any, ...]:
    """The results of the row, as tensors: the op's, between what comes before and after it."""
    out = apply_op(case, place, case.before(*inputs) if case.before else inputs)
    return case.after(*out) if case.after else out


def apply_op(case: Case, place: Place, inputs: Sequence[Any]) -> tuple[Any, ...]:
    """The results of the op alone, as tensors."""
    out = case.op(*inputs, **case.settings_on(place))
    return out if isinstance(out, tuple) else (out,)


def gradients(outputs: Sequence[Any], weights: Sequence[Any], leaves: Sequence[Any], *, recorded: bool) -> list[Any]:
    """The gradient of each leaf, None if nothing reached it: raw arrays, or tensors if ``recorded``."""
    roots = [
        (out._node, w if recorded or not isinstance(w, TensorBase) else w._array)
        for out, w in zip(outputs, weights, strict=True)
        if out._node is not None
    ]
    nodes = [leaf._node for leaf in leaves]
    reached = run_backward(roots, keep_graph=recorded, recorded=recorded, capture=nodes)
    return [reached.get(node) for node in nodes]


def weights_of(case: Case, results: Sequence[Host]) -> list[Host]:
    """A fixed weight for each result."""
    random = np.random.default_rng(len(case.id))
    weights = []
    for result in results:
        w: Any = random.uniform(0.5, 1.5, result.shape)
        if result.dtype.kind == "c":
            w = w + 1j * random.uniform(-1.0, 1.0, result.shape)
        weights.append(np.asarray(w, dtype=result.dtype if result.dtype.kind in "fc" else np.float64))
    return weights


def by_differences(
    function: Callable[[list[Any]], Sequence[Host]], arrays: list[Any], weights: Sequence[Host], i: int
) -> Host:
    """The gradient with respect to ``arrays[i]`` by central differences."""

    def loss(at: tuple[int, ...], step: complex) -> float:
        moved = list(arrays)
        moved[i] = arrays[i].copy()
        moved[i][at] += step
        return sum(float(np.sum((np.conj(w) * r).real)) for w, r in zip(weights, function(moved), strict=True))

    gradient: Host = np.zeros_like(arrays[i])
    for at in np.ndindex(arrays[i].shape):
        gradient[at] = (loss(at, STEP) - loss(at, -STEP)) / (2 * STEP)
        if gradient.dtype.kind == "c":
            gradient[at] += 1j * (loss(at, 1j * STEP) - loss(at, -1j * STEP)) / (2 * STEP)
    return gradient


def results(case: Case, place: Place, arrays: Sequence[Any]) -> list[Host]:
    """The differentiable results of the op on host arrays."""
    out = apply(case, place, tensors(place, arrays))
    return [host(place, r) for i, r in enumerate(out) if i not in case.op.constant_outputs]


def first(case: Case, place: Place, arrays: Sequence[Any], weights: Sequence[Host]) -> list[Host]:
    """The gradients of the inputs by the engine, unrecorded; zeros where nothing arrived."""
    leaves = case.differentiable()
    inputs = tensors(place, arrays, leaves)
    out = [r for i, r in enumerate(apply(case, place, inputs)) if i not in case.op.constant_outputs]
    found = gradients(out, tensors(place, weights), [inputs[i] for i in leaves], recorded=False)
    return [np.zeros_like(arrays[i]) if g is None else host(place, g) for i, g in zip(leaves, found, strict=True)]


@functools.cache
def expected_first(case: Case, place: Place) -> tuple[list[Host], list[Host]]:
    """The weights of the results, and the gradients by differences of the forward."""
    arrays = case.arrays()
    weights = weights_of(case, results(case, place, arrays))
    return weights, [
        by_differences(lambda moved: results(case, place, moved), arrays, weights, i) for i in case.differentiable()
    ]


@functools.cache
def expected_second(case: Case, place: Place) -> tuple[list[Host], list[Host]]:
    """The weights of the gradients, and by differences of these the gradients of inputs and result weights."""
    arrays = case.arrays()
    weights, _ = expected_first(case, place)
    second_weights = weights_of(case, first(case, place, arrays, weights))
    everything = [*arrays, *weights]

    def function(moved: list[Any]) -> list[Host]:
        return first(case, place, moved[: len(arrays)], moved[len(arrays) :])

    where = [*case.differentiable(), *range(len(arrays), len(everything))]
    return second_weights, [by_differences(function, everything, second_weights, i) for i in where]
