"""PyTorch's operator database: every entry in scope passes in full, but for the known ones."""

import pytest

import xpgrad
from tests.parity.op_db.entries import BEYOND_THE_STANDARD, KNOWN, entries, full_name, scope
from tests.parity.op_db.walk import walk

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]
IN_SCOPE = [entry for entry in entries() if scope(entry) is None]


def questions(asked, known):
    """The entries, those that are known to differ as strict expectations of failure."""
    for entry in asked:
        name = full_name(entry)
        marks = [pytest.mark.xfail(reason=known[name], strict=True)] if name in known else []
        yield pytest.param(entry, id=name, marks=marks)


def failures(entry, limit=None):
    findings = walk(entry, limit)
    assert any(findings.asked.values()), "nothing was asked"
    return {check: problems[:3] for check, problems in findings.failures.items() if problems}


@pytest.mark.parametrize("entry", list(questions(IN_SCOPE, KNOWN)))
def test_numpy(entry):
    assert failures(entry) == {}


@pytest.mark.parametrize("entry", list(questions(IN_SCOPE[::3], KNOWN | BEYOND_THE_STANDARD)))
def test_strict(entry):
    with xpgrad.use_backend("strict"):
        assert failures(entry, limit=8) == {}


@pytest.mark.parametrize("entry", list(questions(IN_SCOPE[1::7], {})))
def test_immutable_arrays(entry):
    with xpgrad.use_backend("numpy-readonly"):
        assert failures(entry, limit=4) == {}


def test_known_entries_exist():
    assert KNOWN.keys() | BEYOND_THE_STANDARD.keys() <= {full_name(entry) for entry in IN_SCOPE}
