"""The gradient of every op: finite differences on NumPy say what it is."""

from __future__ import annotations

from typing import Any

import numpy as np

from xpgrad.testing.conformance.check import Level
from xpgrad.testing.conformance.levels.functions import BY_NAME, needs
from xpgrad.testing.conformance.narrow import tolerance
from xpgrad.testing.conformance.ops.case import Case
from xpgrad.testing.conformance.ops.derivatives import apply, expected_first, first, gradients, tensors
from xpgrad.testing.conformance.ops.edges import EDGES
from xpgrad.testing.conformance.ops.table import BROADCASTING
from xpgrad.testing.conformance.subject import Subject, agree, host

LEVEL = Level("gradients", "Gradients")

DIFFERENTIABLE = {name: case for name, case in BY_NAME.items() if case.differentiable()}


@LEVEL.each({**DIFFERENTIABLE, **{case.name: case for case in BROADCASTING}}, "differences", needs=needs)
def agree_with_differences(subject: Subject, case: Case) -> None:
    """The gradients are those of finite differences."""
    weights, expected = expected_first(case, subject.reference)
    found = first(case, subject.place, case.arrays(), weights)
    for got, right in zip(found, expected, strict=True):
        agree(got, right, tolerance(subject.place, case.tolerance))


@LEVEL.each(DIFFERENTIABLE, "fit", needs=needs)
def fit_their_inputs(subject: Subject, case: Case) -> None:
    """A gradient has the shape, dtype and device of its input, in single precision too."""
    place, leaves = subject.place, case.differentiable()
    single = {"float64": np.float32, "complex128": np.complex64}[case.kind]
    for kind in (case.kind, single):
        arrays = [a.astype(kind) if i in leaves else a for i, a in enumerate(case.arrays())]
        inputs = tensors(place, arrays, leaves)
        out = apply(case, place, inputs)
        wanted = [i for i in range(len(out)) if i not in case.op.constant_outputs]
        ones = [place.xp.ones_like(out[i]._array) for i in wanted]
        found = gradients([out[i] for i in wanted], ones, [inputs[i] for i in leaves], recorded=False)
        for i, g in zip(leaves, found, strict=True):
            if g is not None:
                x = inputs[i]._array
                assert (tuple(g.shape), g.dtype) == (tuple(x.shape), x.dtype)
                host(place, g)


@LEVEL.each(EDGES, "edges")
def at_edges_are_those_of_pytorch(subject: Subject, edge: tuple[Case, Any]) -> None:
    """At ties, bounds, zeros and infinities, where differences have nothing to say, gradients are PyTorch's."""
    case, expected = edge
    place, arrays = subject.place, case.arrays()
    with np.errstate(all="ignore"):
        out = subject.host(apply(case, place, tensors(place, arrays))[0])
        found = first(case, place, arrays, [np.ones_like(out)])
    for got, right in zip(found, expected, strict=True):
        agree(got, right, tolerance(place, 1e-7))
