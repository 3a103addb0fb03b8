"""The same questions to every op, on every backend."""

from __future__ import annotations

import gc
from typing import Any

import numpy as np
import pytest
from case import Case
from derivatives import apply, apply_op, expected_first, expected_second, first, gradients, host, tensors
from table import BROADCASTING, ROWS, ops

from xpgrad.backends.base import Place
from xpgrad.core.graph import Node
from xpgrad.core.tensor_base import TensorBase

every_row = pytest.mark.parametrize("case", ROWS, ids=lambda case: case.id)
every_differentiable_row = pytest.mark.parametrize(
    "case", [case for case in ROWS if case.differentiable()], ids=lambda case: case.id
)


def close(got: Any, expected: Any, tolerance: float) -> None:
    for g, e in zip(got, expected, strict=True):
        assert g.shape == e.shape
        np.testing.assert_allclose(g, e, rtol=tolerance, atol=tolerance)


@every_row
def test_forward_agrees_with_the_reference(case: Case, place: Place) -> None:
    arrays = case.arrays()
    reference = case.reference or getattr(np, case.op.forward.__name__)
    expected = reference(*arrays, **case.settings)
    out = [host(place, r) for r in apply(case, place, tensors(place, arrays, case.differentiable()))]
    close(out, [np.asarray(e) for e in (expected if isinstance(expected, (tuple, list)) else [expected])], 1e-12)


@every_differentiable_row
def test_gradients_agree_with_differences(case: Case, place: Place, numpy_place: Place) -> None:
    weights, expected = expected_first(case, numpy_place)
    close(first(case, place, case.arrays(), weights), expected, case.tolerance)


@pytest.mark.parametrize("case", BROADCASTING, ids=lambda case: case.id)
def test_gradients_of_broadcast_inputs_agree_with_differences(case: Case, place: Place, numpy_place: Place) -> None:
    weights, expected = expected_first(case, numpy_place)
    close(first(case, place, case.arrays(), weights), expected, case.tolerance)


@every_differentiable_row
def test_gradients_fit_their_inputs(case: Case, place: Place, numpy_place: Place) -> None:
    leaves = case.differentiable()
    single = {"float64": np.float32, "complex128": np.complex64}[case.kind]
    for kind in (case.kind, single):
        arrays = [a.astype(kind) if i in leaves else a for i, a in enumerate(case.arrays())]
        inputs = tensors(place, arrays, leaves)
        out = apply(case, place, inputs)
        wanted = [i for i in range(len(out)) if i not in case.op.constant_outputs]
        ones = [place.xp.ones_like(out[i]._array) for i in wanted]
        found = gradients([out[i] for i in wanted], ones, [inputs[i] for i in leaves], recorded=False)
        for i, g in zip(leaves, found, strict=True):
            if g is None:
                continue
            x = inputs[i]._array
            assert (tuple(g.shape), g.dtype) == (tuple(x.shape), x.dtype)
            assert place.backend.place_of(place.wrap(g)) is place


@every_differentiable_row
def test_recorded_gradients_equal_raw_ones(case: Case, place: Place, numpy_place: Place) -> None:
    weights, _ = expected_first(case, numpy_place)
    leaves, arrays = case.differentiable(), case.arrays()
    inputs = tensors(place, arrays, leaves)
    out = [r for i, r in enumerate(apply(case, place, inputs)) if i not in case.op.constant_outputs]
    recorded = gradients(out, tensors(place, weights), [inputs[i] for i in leaves], recorded=True)
    raw = first(case, place, arrays, weights)
    close([np.zeros_like(r) if g is None else host(place, g) for g, r in zip(recorded, raw, strict=True)], raw, 1e-12)


@every_differentiable_row
def test_second_order_agrees_with_differences(case: Case, place: Place, numpy_place: Place) -> None:
    weights, _ = expected_first(case, numpy_place)
    second_weights, expected = expected_second(case, numpy_place)
    leaves, arrays = case.differentiable(), case.arrays()
    inputs = tensors(place, arrays, leaves)
    incoming = tensors(place, weights, range(len(weights)))
    out = [r for i, r in enumerate(apply(case, place, inputs)) if i not in case.op.constant_outputs]
    recorded = gradients(out, incoming, [inputs[i] for i in leaves], recorded=True)
    reached = [(g, w) for g, w in zip(recorded, second_weights, strict=True) if g is not None]
    sources = [*(inputs[i] for i in leaves), *incoming]
    found = gradients([g for g, _ in reached], tensors(place, [w for _, w in reached]), sources, recorded=False)
    close(
        [np.zeros_like(e) if g is None else host(place, g) for g, e in zip(found, expected, strict=True)],
        expected,
        case.tolerance,
    )


@every_row
def test_inputs_are_unchanged(case: Case, numpy_place: Place) -> None:
    leaves, arrays = case.differentiable(), case.arrays()
    inputs = tensors(numpy_place, arrays, leaves)
    out = [r for i, r in enumerate(apply(case, numpy_place, inputs)) if i not in case.op.constant_outputs]
    ones = [numpy_place.xp.ones_like(r._array) for r in out]
    kept = [w.copy() for w in ones]
    gradients(out, ones, [inputs[i] for i in leaves], recorded=False)
    for before, after in zip([*arrays, *kept], [*inputs, *ones], strict=True):
        np.testing.assert_array_equal(host(numpy_place, after), before)


@every_row
def test_only_views_share_memory_with_inputs(case: Case, numpy_place: Place) -> None:
    inputs = tensors(numpy_place, case.arrays())
    out = apply(case, numpy_place, inputs)
    shared = [
        (i, j)
        for i, r in enumerate(out)
        for j, x in enumerate(inputs)
        if isinstance(x, TensorBase) and np.shares_memory(r._array, x._array)
    ]
    assert case.op.is_view or not shared


@every_differentiable_row
def test_only_what_rules_ask_for_is_saved(case: Case, numpy_place: Place) -> None:
    arrays = case.arrays()
    if case.before:
        arrays = [host(numpy_place, x) for x in case.before(*tensors(numpy_place, arrays))]
    for i in case.differentiable():
        inputs = tensors(numpy_place, arrays, [i])
        out = apply_op(case, numpy_place, inputs)
        if case.op.variadic:
            (asked,) = [set(names) for _, names in case.op.rules.values()]
        else:
            asked = {name for xs, (_, names) in case.op.rules.items() if case.op.inputs[i] in xs for name in names}
        named = [x for name, x in zip(case.op.inputs, inputs, strict=False) if name in asked]
        allowed = [x._array for x in named if isinstance(x, TensorBase)]
        if "out" in asked:
            allowed += [r._array for r in out]
        node = next(r._node for r in out if r._node is not None)
        saved = arrays_held_by(node if len(out) == 1 else node.next[0])
        assert all(any(a is b for b in allowed) for a in saved)


def arrays_held_by(node: Node) -> list[Any]:
    """The arrays that a node keeps alive, directly or in a tuple."""
    held = [o for o in gc.get_referents(node) if not isinstance(o, (Node, type))]
    held += [o for container in held if isinstance(container, tuple) for o in container]
    return [o for o in held if isinstance(o, np.ndarray)]


def test_every_op_has_a_row() -> None:
    covered = {case.op.forward for case in ROWS}
    assert sorted(name for name, op in ops().items() if op.forward not in covered) == []


def test_every_row_has_its_own_name() -> None:
    names = [case.id for case in ROWS]
    assert sorted({name for name in names if names.count(name) > 1}) == []


def test_every_input_has_a_rule_or_is_declared_without() -> None:
    without = {
        f"{name}: {x}"
        for name, op in ops().items()
        if op.differentiable
        for x in op.inputs
        if x not in op.constants and not any(x in xs for xs in op.rules)
    }
    contradictory = {name for name, op in ops().items() if op.rules and not op.differentiable}
    assert (without, contradictory) == (set(), set())
