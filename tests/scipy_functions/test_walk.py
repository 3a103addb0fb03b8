"""SciPy's functions on tensors: what `docs/scipy.md` says works, works."""

from __future__ import annotations

import functools
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

scipy = pytest.importorskip("scipy")
pytest.importorskip("sklearn")

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "scipy.md").read_text()
ASKED_OF = re.search(r"SciPy (\d+)\.(\d+)", DOCUMENT)
WORDS = {"yes": "gradient", "values, no gradient to have": "value"}
ROWS = [
    (module, program, WORDS[answer])
    for module, rows in re.findall(r"^## (?:scipy\.)?(\S+)\n(.*?)(?=^## |\Z)", DOCUMENT, re.M | re.S)
    for program, answer in re.findall(r"^\| `(.*)` \| (.*?) \|", rows, re.M)
    if answer in WORDS
]

pytestmark = pytest.mark.skipif(
    tuple(map(int, scipy.__version__.split(".")[:2])) < tuple(map(int, ASKED_OF.groups())),
    reason="an older SciPy than that of docs/scipy.md has fewer functions for the Array API",
)


@pytest.fixture(scope="session")
def outcomes(tmp_path_factory) -> Callable[[str], dict[str, tuple[str, str]]]:
    """The outcomes of a module's programs, in a process that imports SciPy with its switch set; workers share them."""
    shared = tmp_path_factory.getbasetemp().parent

    @functools.cache
    def of(module: str) -> dict[str, tuple[str, str]]:
        kept = shared / f"scipy.{module}.json"
        if not kept.exists():
            command = [sys.executable, "-W", "ignore", str(Path(__file__).with_name("walk.py")), "--json", module]
            environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "XPGRAD_BACKEND": "numpy"}
            done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
            assert done.returncode == 0, done.stderr
            fresh = kept.with_suffix(f".{os.getpid()}")
            fresh.write_text(done.stdout)
            fresh.replace(kept)
        return {program: tuple(outcome) for program, outcome in json.loads(kept.read_text()).items()}

    return of


@pytest.mark.parametrize(("module", "program", "word"), ROWS, ids=[program for _, program, _ in ROWS])
def test_what_the_document_says_works(module: str, program: str, word: str, outcomes) -> None:
    found, why = outcomes(module)[program]
    assert found == word, why
