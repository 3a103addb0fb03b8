"""What the ops keep alive, and that the table of the conformance kit has them all."""

from __future__ import annotations

import gc
from typing import Any

import numpy as np
import pytest

from xpgrad.backends.base import Place
from xpgrad.core.graph import Node
from xpgrad.core.tensor_base import TensorBase
from xpgrad.testing.conformance.ops.case import Case
from xpgrad.testing.conformance.ops.derivatives import apply_op, tensors
from xpgrad.testing.conformance.ops.table import ROWS, ops
from xpgrad.testing.conformance.subject import host


@pytest.mark.parametrize("case", [c for c in ROWS if c.differentiable()], ids=lambda case: case.id)
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
    names = [case.name for case in ROWS]
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
