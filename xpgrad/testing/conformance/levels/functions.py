"""Every op forward: what it gives on NumPy, into new memory, and with nothing else touched."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np

from xpgrad.backends.dtypes import dtype
from xpgrad.core.tensor_base import TensorBase, make_tensor
from xpgrad.testing.conformance.check import Level
from xpgrad.testing.conformance.narrow import kinds, narrow, tolerance
from xpgrad.testing.conformance.ops.case import Case
from xpgrad.testing.conformance.ops.derivatives import apply, gradients, tensors
from xpgrad.testing.conformance.ops.table import ROWS
from xpgrad.testing.conformance.subject import Host, Subject, agree, host

LEVEL = Level("functions")

# Of results that may be large, or small differences of others.
_TOLERANCE_OF_SINGLE: Final = 5e-4

BY_NAME = {case.name: case for case in ROWS}


def needs(case: Case) -> Iterable[str]:
    """What a row needs: its dtypes, or narrower ones, and what it says."""
    arrays = [x.dtype.name for x in case.arrays() if isinstance(x, np.ndarray)]
    asked = [value.name for value in case.settings.values() if isinstance(value, dtype)]
    return {*kinds(*arrays, case.kind), *asked, *case.needs}


@LEVEL.each(BY_NAME, "forward", needs=needs)
def agrees_with_the_reference(subject: Subject, case: Case) -> None:
    """The results are those of NumPy or SciPy."""
    _require_reference(subject, case, tensors(subject.place, case.arrays(), case.differentiable()))


def _require_reference(subject: Subject, case: Case, inputs: Sequence[Any]) -> None:
    reference = case.reference or getattr(np, case.op.forward.__name__)
    expected = reference(*case.arrays(), **case.settings)
    expected = expected if isinstance(expected, (tuple, list)) else [expected]
    for got, right in zip(apply(case, subject.place, inputs), expected, strict=True):
        agree(subject.host(got), right, tolerance(subject.place, 1e-12))


@LEVEL.each(BY_NAME, "pure", needs=needs)
def leaves_its_inputs_alone(subject: Subject, case: Case) -> None:
    """Neither the op nor its rules write to an input or to an incoming gradient."""
    place, leaves, arrays = subject.place, case.differentiable(), case.arrays()
    inputs = tensors(place, arrays, leaves)
    out = [r for i, r in enumerate(apply(case, place, inputs)) if i not in case.op.constant_outputs]
    ones = [place.xp.ones_like(r._array) for r in out]
    gradients(out, ones, [inputs[i] for i in leaves], recorded=False)
    for before, after in zip(arrays, inputs, strict=True):
        if isinstance(before, np.ndarray):
            np.testing.assert_array_equal(subject.host(after), narrow(place, before))
    for one in ones:
        np.testing.assert_array_equal(subject.host(one), np.ones_like(subject.host(one)))


@LEVEL.each(
    {name: case for name, case in BY_NAME.items() if not case.op.is_view},
    "new-memory",
    needs=lambda case: {*needs(case), "mutable"},
)
def shares_no_memory(subject: Subject, case: Case) -> None:
    """Writing to an input does not show in a result that is no view."""
    place = subject.place
    inputs: list[Any] = tensors(place, case.arrays())
    out = [r for r in apply(case, place, inputs) if isinstance(r, TensorBase)]
    before = [subject.host(r).copy() for r in out]
    for x in inputs:
        if isinstance(x, TensorBase):
            place.backend.fill(x._array, 1)
    for r, kept in zip(out, before, strict=True):
        np.testing.assert_array_equal(subject.host(r), kept)


@LEVEL.each(
    {name: case for name, case in BY_NAME.items() if case.kind == "float64"},
    "negative-steps",
    needs=lambda case: {*needs(case), "mutable"},
)
def looks_at_strides(subject: Subject, case: Case) -> None:
    """Inputs may be views of every second element, backwards: where memory has strides, they have to be looked at."""
    place = subject.place
    given = case.arrays()
    inputs = [make_tensor(_with_gaps(subject, x), place) if isinstance(x, np.ndarray) else x for x in given]
    _require_reference(subject, case, inputs)


def _with_gaps(subject: Subject, x: Host) -> Any:
    """``x`` on the device as a view of memory in the opposite order, with gaps."""
    x = narrow(subject.place, x)
    if not x.ndim:
        return subject.array(x)
    spread = np.zeros((*x.shape[:-1], 2 * x.shape[-1]), x.dtype)
    spread[..., ::2] = x
    return subject.xp.flip(subject.array(np.flip(spread)))[..., ::2]


@LEVEL.each(BY_NAME, "native", needs=needs)
def gives_the_library_s_own_arrays(subject: Subject, case: Case) -> None:
    """The raw namespace answers with arrays of the library, on their device: nothing else did the work."""
    place = subject.place
    inputs = tensors(place, case.arrays())
    inputs = list(case.before(*inputs)) if case.before else inputs
    raw = [x._array if isinstance(x, TensorBase) else x for x in inputs]
    out = place.guarded(case.op.forward, place.xp, *raw, **case.settings_on(place))
    for result in out if isinstance(out, (tuple, list)) else [out]:
        subject.host(result)


@LEVEL.each({name: case for name, case in BY_NAME.items() if case.differentiable()}, "single", needs=needs)
def stays_in_single_precision(subject: Subject, case: Case) -> None:
    """Of float32 or complex64 no result is wider, but for what a setting asks for, and its values are about right."""
    place, reference, arrays = subject.place, subject.reference, case.arrays()
    asked = {value.name for value in case.settings.values() if isinstance(value, dtype)}
    wide = {"float64": np.float32, "complex128": np.complex64}
    single = [x.astype(wide.get(x.dtype.name, x.dtype)) if isinstance(x, np.ndarray) else x for x in arrays]
    exact = apply(case, reference, tensors(reference, arrays))
    for got, right in zip(apply(case, place, tensors(place, single)), exact, strict=True):
        found = subject.host(got)
        assert found.dtype.name not in wide.keys() - asked, f"expected single precision, got {found.dtype.name}"
        agree(found, host(reference, right), _TOLERANCE_OF_SINGLE)
