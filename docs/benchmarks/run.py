"""Measure everything and write RESULTS.md: ``python docs/benchmarks/run.py [pytest options]``.

Options select what is measured (``-k forward``); then the report is only printed.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent

if __name__ == "__main__":
    chosen = sys.argv[1:]
    results = [] if chosen else [f"--results={HERE / 'RESULTS.md'}"]
    sys.exit(pytest.main(["-n0", "-q", str(HERE), "--benchmark-columns=median,iqr,rounds", *results, *chosen]))
