"""The report of a whole run: what it says conforms, and what its badge shows."""

from xpgrad.testing.conformance.report import About, Outcome, Report
from xpgrad.testing.conformance.suite import checks

ABOUT = About("toy", "toy:cpu", 1, {}, (), len(checks()))


def whole(**others):
    return {name: Outcome(others.get(check.level, "passed")) for name, check in checks().items()}


def test_everything_passed():
    report = Report(ABOUT, whole())
    assert report.conforms
    assert f"{len(checks()):,} of {len(checks()):,}" in report.badge()


def test_a_failure():
    outcomes = whole() | {"arrays/backend/name": Outcome("failed", detail="it has none")}
    report = Report(ABOUT, outcomes)
    assert not report.conforms
    assert "1 failing" in report.badge()
    assert "it has none" in report.page()


def test_what_is_unsupported_is_not_counted_as_passed():
    report = Report(ABOUT, whole() | {"arrays/backend/name": Outcome("unsupported")})
    assert report.conforms
    assert f"{len(checks()) - 1:,} of {len(checks()):,}" in report.badge()


def test_a_level_of_which_nothing_could_be_asked_does_not_conform():
    assert not Report(ABOUT, whole(nn="unsupported")).conforms


def test_nothing_asked_conforms_to_nothing():
    assert not Report(ABOUT, {}).conforms
