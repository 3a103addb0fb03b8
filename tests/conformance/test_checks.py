"""Every check of the conformance suite, of the backends that every run of the tests asks."""

import pytest

from xpgrad.testing.conformance.check import Check
from xpgrad.testing.conformance.known import declared_by
from xpgrad.testing.conformance.subject import Subject
from xpgrad.testing.conformance.suite import checks


@pytest.mark.parametrize("check", checks().values(), ids=checks().keys())
def test_conforms(check: Check, place, request: pytest.FixtureRequest) -> None:
    subject = Subject(place)
    lacking = subject.lacks(check.needs)
    if lacking:
        pytest.skip(f"needs {', '.join(lacking)}")
    known = declared_by(subject.backend).known_for(subject.device, check.id)
    if known is not None:
        request.applymarker(pytest.mark.xfail(reason=known.reason, run=known.run, strict=True))
    check.put_to(subject)
