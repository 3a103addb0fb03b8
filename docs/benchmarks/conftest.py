"""Timing the two libraries side by side, and the report at the end of the run."""

from __future__ import annotations

import datetime
import importlib.util
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
# Seconds after which a library's idle threads have given their cores back.
SPINNING = 0.02
sys.path.append(str(HERE))

from cases import Case  # noqa: E402  (found beside this file)
from report import Report, Row, write_results  # noqa: E402


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--threads", type=int, default=2, help="threads that each library may use")
    parser.addoption("--results", help="write the report to this file, in Markdown")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[REPORT] = Report()


REPORT = pytest.StashKey[Report]()


@pytest.fixture(scope="session")
def report(pytestconfig: pytest.Config) -> Report:
    return pytestconfig.stash[REPORT]


@pytest.fixture(scope="session")
def xpgrad(pytestconfig: pytest.Config) -> Any:
    import threadpoolctl

    import xpgrad
    import xpgrad.nn
    import xpgrad.optim

    threadpoolctl.threadpool_limits(pytestconfig.getoption("threads"), user_api="blas")
    return xpgrad


@pytest.fixture(scope="session")
def torch(pytestconfig: pytest.Config) -> Any:
    """PyTorch, or None where it is not installed."""
    if importlib.util.find_spec("torch") is None:
        return None
    import torch

    torch.set_num_threads(pytestconfig.getoption("threads"))
    return torch


@pytest.fixture
def side_by_side(benchmark: Any, report: Report, xpgrad: Any, torch: Any) -> Callable[[Case], None]:
    """Times a case: pytest-benchmark times our rounds, and before each of them PyTorch's is timed by hand."""

    def run(case: Case) -> None:
        prepare, work = case.make(xpgrad)
        their_round = case.make(torch) if torch else None
        theirs: list[float] = []

        def ready(prepare: Callable[[], tuple[Any, ...]], work: Callable[..., Any]) -> tuple[Any, ...]:
            if case.threaded:
                time.sleep(SPINNING)
                work(*prepare())
            return prepare()

        def setup() -> tuple[tuple[Any, ...], dict[str, Any]]:
            if their_round is not None:
                arguments = ready(*their_round)
                start = time.perf_counter()
                their_round[1](*arguments)
                theirs.append((time.perf_counter() - start) / case.count)
                del arguments
            return ready(prepare, work), {}

        benchmark.group = case.budget
        benchmark.pedantic(work, setup=setup, rounds=case.rounds, warmup_rounds=2)
        if benchmark.disabled:
            return
        ours = [t / case.count for t in benchmark.stats.stats.data]
        row = Row(case.budget, case.name, ours, theirs[-len(ours) :])
        report.rows.append(row)
        if row.ratio is not None:
            benchmark.extra_info["ratio to PyTorch"] = row.ratio

    return run


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    report = config.stash[REPORT]
    if not report.rows and not report.imports:
        return
    terminalreporter.section("budgets")
    terminalreporter.write(report.text())
    results = config.getoption("--results")
    if results:
        today = datetime.datetime.now(datetime.UTC).date().isoformat()
        write_results(Path(results), report, COMMAND, config.getoption("threads"), today)


COMMAND = "python docs/benchmarks/run.py"
