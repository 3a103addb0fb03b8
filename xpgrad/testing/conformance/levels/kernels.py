"""Kernels, the backend's own and those of packs, give what the fallbacks over the standard give."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from xpgrad.testing.conformance.check import Level
from xpgrad.testing.conformance.kernels.asking import LAYOUTS, answers, close, right_answers
from xpgrad.testing.conformance.kernels.row import Call, Row
from xpgrad.testing.conformance.kernels.table import KERNELS
from xpgrad.testing.conformance.subject import Subject

LEVEL = Level("kernels", "Kernels")


@dataclass(frozen=True, eq=False)
class Question:
    """A row in one dtype."""

    name: str
    row: Row
    dtype: str

    def needs(self) -> Iterable[str]:
        """The dtype, and a kernel: where there is none, the fallback would be asked of itself."""
        return {self.dtype, f"kernel:{self.name}"}

    def needs_of_layouts(self) -> Iterable[str]:
        """Of other layouts besides arrays whose slices are views."""
        return {*self.needs(), "mutable"}


QUESTIONS = {f"{name}/{dtype}": Question(name, row, dtype) for name, row in KERNELS.items() for dtype in row.dtypes}
# How memory lies is hardly ever a matter of the dtype.
OF_LAYOUTS = {
    f"{name}/{dtype}": QUESTIONS[f"{name}/{dtype}"]
    for name, row in KERNELS.items()
    if row.layouts
    for dtype in row.dtypes[:2]
}


@LEVEL.each(QUESTIONS, "values", needs=Question.needs)
def gives_the_fallbacks_answer(subject: Subject, question: Question) -> None:
    """In shape, dtype and value, into new memory, with its inputs left alone."""
    for call in question.row.calls:
        _ask(subject, question, call)


@LEVEL.each(OF_LAYOUTS, "layouts", needs=Question.needs_of_layouts)
def gives_it_for_other_layouts(subject: Subject, question: Question) -> None:
    """Of arrays that are turned, backwards, with gaps, or begin within their memory."""
    for call in question.row.calls:
        for layout in LAYOUTS:
            _ask(subject, question, call, layout)


def _ask(subject: Subject, question: Question, call: Call, layout: str = "") -> None:
    name, row, dtype = question.name, question.row, question.dtype
    with np.errstate(all="ignore"):
        found = answers(subject, name, row, call, dtype, LAYOUTS[layout] if layout else None)
        kinds, expected = right_answers(subject, name, row, call, dtype)
    if row.look is not None:
        found, kinds, expected = (row.look(call.cast(dtype), results) for results in (found, kinds, expected))
    what = _described(name, call, dtype, layout)
    assert len(found) == len(expected), f"{what}: expected {len(expected)} results, got {len(found)}"
    for i, (got, kind, right) in enumerate(zip(found, kinds, expected, strict=True)):
        at = f"{what}: result {i}" if len(found) > 1 else what
        if not isinstance(right, np.ndarray):
            assert got == right, f"{at}: expected {right!r}, got {got!r}"
            continue
        assert isinstance(got, np.ndarray), f"{at}: expected an array, got {got!r}"
        assert got.dtype == kind.dtype, f"{at}: expected {kind.dtype}, got {got.dtype}"
        assert got.shape == right.shape, f"{at}: expected shape {right.shape}, got {got.shape}"
        agreeing = close(got, right, row, dtype)
        if not agreeing.all():
            first = tuple(int(n) for n in np.argwhere(~agreeing)[0])
            raise AssertionError(
                f"{at}: expected {right[first]}, got {got[first]} at {list(first)}; "
                f"{int((~agreeing).sum())} of {agreeing.size} numbers are off"
            )


def _described(name: str, call: Call, dtype: str, layout: str) -> str:
    arrays = ", ".join(str(np.shape(x)) if isinstance(x, np.ndarray) else f"{x!r:.40}" for x in call.arrays)
    settings = "".join(f", {key}={value}" for key, value in call.settings.items())
    return f"{name}({arrays}{settings}) of {dtype}{f', {layout}' if layout else ''}"
