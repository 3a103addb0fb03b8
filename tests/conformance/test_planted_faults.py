"""Each planted fault is found, by a check whose name says what is wrong.

That the same checks are silent where there is no fault is what `test_checks` asks.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from faults import FAULTS

from xpgrad.backends import loading
from xpgrad.backends.registry import register_backend
from xpgrad.testing.conformance.globs import matches
from xpgrad.testing.conformance.subject import Subject
from xpgrad.testing.conformance.suite import checks

_number = itertools.count()


@pytest.fixture
def faulty(request, monkeypatch):
    """The backend with the fault, for one test."""
    fault = FAULTS[request.param]
    for known in ("_loaded", "_by_type"):
        monkeypatch.setattr(loading, known, dict(getattr(loading, known)))
    kind = type(fault.backend.__name__, (fault.backend,), {"name": f"faulty{next(_number)}"})
    return Subject(register_backend(kind).place(fault.device)), fault


def failing(subject: Subject, pattern: str) -> list[str]:
    """The checks like ``pattern`` that fail, up to the third."""
    found = []
    for check in checks().values():
        if matches(pattern, check.id) and not subject.lacks(check.needs):
            try:
                with np.errstate(all="ignore"):
                    check.ask(subject)
            except Exception:
                found.append(check.id)
                if len(found) == 3:
                    break
    return found


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("faulty", FAULTS, indirect=True)
def test_a_planted_fault_is_found(faulty):
    subject, fault = faulty
    assert failing(subject, fault.found_by)
