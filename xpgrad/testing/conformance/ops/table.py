"""The table: every row of ``rows/``, and every op of ``xpgrad.ops``."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import replace

import xpgrad.ops
import xpgrad.testing.conformance.ops.rows as rows_package
from xpgrad.core.op import Op
from xpgrad.testing.conformance.ops.case import Case, Drawn


def rows() -> list[Case]:
    """Every row; those that are asked of complex inputs too are there twice."""
    found: list[Case] = []
    for module in pkgutil.iter_modules(rows_package.__path__):
        for case in importlib.import_module(f"{rows_package.__name__}.{module.name}").CASES:
            found.append(case)
            if case.complex_too:
                found.append(replace(case, kind="complex128"))
    return found


def ops() -> dict[str, Op]:
    """Every op by the name of its module and its own."""
    return {
        f"{module.name}.{name}": value
        for module in pkgutil.iter_modules(xpgrad.ops.__path__)
        for name, value in vars(importlib.import_module(f"xpgrad.ops.{module.name}")).items()
        if isinstance(value, Op)
    }


def narrowed(case: Case) -> Iterator[Case]:
    """The row with one input at a time broadcast against the others: along an axis, then as a 0-d array."""
    for i in case.differentiable():
        whole = case.inputs[i]
        for shape in ((*whole.shape[:-1], 1), whole.shape[1:], ()):
            inputs = (*case.inputs[:i], Drawn(shape, whole.domain), *case.inputs[i + 1 :])
            yield replace(case, inputs=inputs, label=f"{case.label} {case.op.inputs[i]}{list(shape)}".strip())


ROWS = rows()
BROADCASTING = [narrow for case in ROWS if case.broadcasts for narrow in narrowed(case)]
