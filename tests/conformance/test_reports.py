"""The reports that the documentation shows."""

import json
from pathlib import Path

import pytest

from xpgrad.testing.conformance.suite import LEVELS, SUITE_VERSION

REPORTS = Path(__file__).parents[2] / "docs" / "conformance"


@pytest.mark.parametrize("name", ["numpy", "strict", "torch", "jax", "dask"])
def test_a_report_is_of_this_suite_and_of_all_of_it(name):
    report = json.loads((REPORTS / f"conformance-{name}.json").read_text())
    assert report["conforms"]
    assert report["suite"] == SUITE_VERSION
    assert list(report["levels"]) == [level.name for level in LEVELS]
    asked, _, there, _ = report["asked"].split()
    assert asked == there
    for kind in ("md", "svg"):
        assert (REPORTS / f"conformance-{name}.{kind}").exists()
