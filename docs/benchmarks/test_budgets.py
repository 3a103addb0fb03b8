"""Every case, timed beside PyTorch. None of these can fail for being slow: the report says how fast it was."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable

import pytest
from cases import CASES, Case
from report import Report

# `exp` of the chain overflows.
pytestmark = pytest.mark.filterwarnings("ignore:overflow")

IMPORT_RUNS = 7

# The peak is asked of the kernel: `resource` would count what the parent held before the new program began.
MEASURE = """
import sys, time
start = time.perf_counter()
import {module}
seconds = time.perf_counter() - start
try:
    (peak,) = [int(line.split()[1]) / 1024 for line in open("/proc/self/status") if line.startswith("VmHWM")]
except OSError:
    import resource
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)
print(seconds, peak)
"""


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_case(case: Case, side_by_side: Callable[[Case], None]) -> None:
    side_by_side(case)


def test_import(report: Report) -> None:
    modules = [name for name in ("numpy", "xpgrad", "torch") if importlib.util.find_spec(name)]
    # As installed: from bytecode, which pip writes and which the first, uncounted run writes here.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    for run in range(IMPORT_RUNS + 1):
        for name in modules:
            command = [sys.executable, "-c", MEASURE.format(module=name)]
            answer = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
            seconds, megabytes = map(float, answer.stdout.split())
            if run:
                report.imports.setdefault(name, []).append((seconds, megabytes))
