"""Every check of the conformance suite, of the backends that every run of the tests asks.

A test asks all checks about one subject: one test for each takes twice as long as the checks themselves.
"""

import itertools

import pytest

from xpgrad.testing.conformance.check import Check, failures
from xpgrad.testing.conformance.known import declared_by
from xpgrad.testing.conformance.subject import Subject
from xpgrad.testing.conformance.suite import checks


def about(check: Check) -> str:
    """Its level and its subject."""
    return "/".join(check.id.split("/")[:2])


GROUPS = {name: list(group) for name, group in itertools.groupby(sorted(checks().values(), key=about), key=about)}


@pytest.mark.parametrize("group", GROUPS.values(), ids=GROUPS.keys())
def test_conforms(group: list[Check], place) -> None:
    subject = Subject(place)
    declared = declared_by(subject.backend)
    asked = [check for check in group if not subject.lacks(check.needs)]
    if not asked:
        pytest.skip(f"needs {', '.join(subject.lacks(group[0].needs))}")
    failed = dict(failures(asked, subject))
    wrong: list[Exception] = []
    for check in asked:
        is_known = declared.known_for(subject.device, check.id) is not None
        if check in failed and not is_known:
            failed[check].add_note(f"It is the check {check.id}.")
            wrong.append(failed[check])
        elif check not in failed and is_known:
            wrong.append(AssertionError(f"{check.id} is declared as failing, and passes"))
    if wrong:
        raise ExceptionGroup(f"{about(group[0])} on {place.device}: {len(wrong)} of {len(asked)} checks", wrong)
