"""Each planted fault is found, by a check whose name says what is wrong.

That the same checks are silent where there is no fault is what `test_checks` asks.
"""

from __future__ import annotations

import itertools

import pytest
from faults import FAULTS

from xpgrad.backends import loading
from xpgrad.backends.registry import register_backend
from xpgrad.testing.conformance.check import failures
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


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("faulty", FAULTS, indirect=True)
def test_a_planted_fault_is_found(faulty):
    subject, fault = faulty
    asked = (check for check in checks().values() if matches(fault.found_by, check.id))
    assert next(failures(asked, subject), None) is not None
