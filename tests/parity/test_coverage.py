"""Every name that PyTorch documents is here, or missing for a reason, and the document says so."""

import re
from pathlib import Path

import pytest

pytest.importorskip("torch")

from tests.parity.names_covered import REASONS, missing, page

pytestmark = pytest.mark.filterwarnings("ignore")


def test_what_is_missing_has_a_reason():
    assert missing().get("", []) == []


def test_reasons_are_needed():
    names = [name for group in missing().values() for name in group]
    assert [pattern for pattern in REASONS if not any(re.search(pattern, name) for name in names)] == []


def test_the_document_is_up_to_date():
    document = Path(__file__).parents[2] / "docs" / "coverage.md"
    assert document.read_text() == page() + "\n", "run `python -m tests.parity.names_covered > docs/coverage.md`"
