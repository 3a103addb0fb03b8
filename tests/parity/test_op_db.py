"""PyTorch's operator database: every entry in scope passes in full, but for the known ones."""

import pytest

import xpgrad
from tests.parity.op_db.entries import KNOWN, UNORDERED, entries, full_name, scope
from tests.parity.op_db.walk import walk

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]
IN_SCOPE = [entry for entry in entries() if scope(entry) is None]


def questions(asked):
    """The entries, those that are known to differ as strict expectations of failure."""
    for entry in asked:
        name = full_name(entry)
        marks = [pytest.mark.xfail(reason=KNOWN[name], strict=True)] if name in KNOWN else []
        yield pytest.param(entry, id=name, marks=marks)


def failures(entry, limit):
    findings = walk(entry, limit)
    assert any(findings.asked.values()), "nothing was asked"
    return {check: problems[:3] for check, problems in findings.failures.items() if problems}


@pytest.mark.parametrize("entry", list(questions(IN_SCOPE)))
def test_numpy(entry):
    assert failures(entry, limit=40) == {}


@pytest.mark.parametrize("entry", list(questions(e for e in IN_SCOPE[::3] if full_name(e) not in UNORDERED)))
def test_strict(entry):
    with xpgrad.use_backend("strict"):
        assert failures(entry, limit=8) == {}


def test_known_entries_exist():
    assert set(KNOWN) <= {full_name(entry) for entry in IN_SCOPE}
