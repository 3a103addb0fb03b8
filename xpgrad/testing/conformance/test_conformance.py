"""What pytest collects: every check, asked of the backend that ``--xpgrad-backend`` names."""

from __future__ import annotations

import pytest

from xpgrad.testing.conformance.check import Check
from xpgrad.testing.conformance.globs import matches
from xpgrad.testing.conformance.session import Session
from xpgrad.testing.conformance.subject import Subject
from xpgrad.testing.conformance.suite import checks


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test for each check."""
    if metafunc.config.pluginmanager.get_plugin("xpgrad-conformance") is None:
        raise pytest.UsageError("the conformance kit asks a backend: name one by --xpgrad-backend=NAME")
    asked = metafunc.config.getoption("xpgrad_checks")
    chosen = [c for c in checks().values() if not asked or any(matches(pattern, c.id) for pattern in asked)]
    metafunc.parametrize("check", chosen, ids=[check.id for check in chosen])


@pytest.fixture(scope="session")
def subject(pytestconfig: pytest.Config) -> Subject:
    """What is asked."""
    session = pytestconfig.pluginmanager.get_plugin("xpgrad-conformance")
    assert isinstance(session, Session)
    return session.subject


def test_conforms(check: Check, subject: Subject) -> None:
    """The backend answers the check."""
    check.put_to(subject)
