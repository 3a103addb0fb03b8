"""The suite as a table: the ids are what plugins declare by, and stay."""

import re

from xpgrad.testing.conformance.suite import LEVELS, SUITE_VERSION, checks


def test_ids_are_one_word():
    assert [name for name in checks() if re.search(r"\s", name)] == []


def test_ids_begin_with_their_level():
    assert {check.level for check in checks().values()} == {level.name for level in LEVELS}


def test_no_check_is_of_a_later_suite():
    assert max(check.since for check in checks().values()) <= SUITE_VERSION


def test_the_names_of_a_newcomer_are_there():
    assert {"functions/trigonometric.sin/forward", "gradients/exponential.exp/differences"} <= checks().keys()
