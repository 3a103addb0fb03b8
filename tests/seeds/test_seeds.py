"""The tutorials this project comes from: every cell does what the tutorial shows."""

from pathlib import Path

import pytest
from seed_runner import PROGRAMS, run_program


def test_every_document_has_its_program() -> None:
    assert [path.stem[:8] for path in PROGRAMS] == [f"seed_{number:03}" for number in range(5)]


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_program(path: Path, library: str, subtests: pytest.Subtests) -> None:
    pytest.importorskip("matplotlib")
    for outcome in run_program(path, library):
        with subtests.test(f"{path.name}:{outcome.cell.line}: {outcome.cell.title}"):
            assert not outcome.problem, outcome.problem
