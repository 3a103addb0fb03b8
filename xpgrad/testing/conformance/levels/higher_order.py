"""Gradients of gradients: the rules again, over recorded operations."""

from __future__ import annotations

import numpy as np

from xpgrad.testing.conformance.check import Level
from xpgrad.testing.conformance.levels.functions import needs
from xpgrad.testing.conformance.levels.gradients import DIFFERENTIABLE
from xpgrad.testing.conformance.narrow import tolerance
from xpgrad.testing.conformance.ops.case import Case
from xpgrad.testing.conformance.ops.derivatives import apply, expected_first, expected_second, first, gradients, tensors
from xpgrad.testing.conformance.subject import Subject, agree

LEVEL = Level("higher-order")


@LEVEL.each(DIFFERENTIABLE, "recorded", needs=needs)
def recorded_gradients_equal_raw_ones(subject: Subject, case: Case) -> None:
    """``create_graph=True`` changes no gradient."""
    place, weights = subject.place, expected_first(case, subject.reference)[0]
    leaves, arrays = case.differentiable(), case.arrays()
    inputs = tensors(place, arrays, leaves)
    out = [r for i, r in enumerate(apply(case, place, inputs)) if i not in case.op.constant_outputs]
    recorded = gradients(out, tensors(place, weights), [inputs[i] for i in leaves], recorded=True)
    for got, raw in zip(recorded, first(case, place, arrays, weights), strict=True):
        agree(np.zeros_like(raw) if got is None else subject.host(got), raw, tolerance(place, 1e-12))


@LEVEL.each(DIFFERENTIABLE, "differences", needs=needs)
def second_order_agrees_with_differences(subject: Subject, case: Case) -> None:
    """The gradients of gradients are those of finite differences of gradients."""
    place, weights = subject.place, expected_first(case, subject.reference)[0]
    second_weights, expected = expected_second(case, subject.reference)
    leaves, arrays = case.differentiable(), case.arrays()
    inputs = tensors(place, arrays, leaves)
    incoming = tensors(place, weights, range(len(weights)))
    out = [r for i, r in enumerate(apply(case, place, inputs)) if i not in case.op.constant_outputs]
    recorded = gradients(out, incoming, [inputs[i] for i in leaves], recorded=True)
    reached = [(g, w) for g, w in zip(recorded, second_weights, strict=True) if g is not None]
    sources = [*(inputs[i] for i in leaves), *incoming]
    found = gradients([g for g, _ in reached], tensors(place, [w for _, w in reached]), sources, recorded=False)
    for got, right in zip(found, expected, strict=True):
        agree(np.zeros_like(right) if got is None else subject.host(got), right, tolerance(place, case.tolerance))
