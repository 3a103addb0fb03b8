"""A run of the suite by pytest: which checks are asked of what, what is expected to fail, and what comes out."""

from __future__ import annotations

import difflib
import json
from pathlib import Path
from typing import Any

import pytest

from xpgrad.errors import XpgradError
from xpgrad.testing.conformance.check import Check
from xpgrad.testing.conformance.globs import matches
from xpgrad.testing.conformance.known import Declared, declared_by
from xpgrad.testing.conformance.report import Outcome, Report, about, possible
from xpgrad.testing.conformance.subject import Subject
from xpgrad.testing.conformance.suite import checks

_PROPERTY = "xpgrad check"
_NEW = "new in version"
_UNSUPPORTED = "unsupported: "
# After so many checks a library forgets what it compiled for them: a dozen functions each, of which a process has room
# for some twenty thousand.
_FORGET_AFTER = 500


class Session:
    """Pytest's hooks for one run, in its first process and in each worker.

    Attributes:
        subject: What is asked.
        declared: What its plugin declares.
    """

    def __init__(self, config: pytest.Config) -> None:
        try:
            self.subject = Subject.named(config.getoption("xpgrad_backend"), config.getoption("xpgrad_device"))
            self.declared: Declared = declared_by(self.subject.backend)
        except XpgradError as error:
            raise pytest.UsageError(str(error)) from error
        self.device = self.subject.device
        idle = self.declared.idle(
            self.device, [check.id for check in checks().values() if not self.subject.lacks(check.needs)]
        )
        if idle:
            raise pytest.UsageError(
                f"backend {self.subject.backend.name!r} declares known failures of which no check is asked: "
                f"{', '.join(idle)}. None is called so (`python -m xpgrad conformance --list` prints them), or all "
                "need what the library lacks on this device."
            )
        strange = [p for p in config.getoption("xpgrad_checks") or [] if not any(matches(p, c) for c in checks())]
        if strange:
            raise pytest.UsageError(_no_check_like(strange[0]))
        folder = config.getoption("xpgrad_report")
        self.folder = Path(folder) if folder else None
        worker = getattr(config, "workerinput", None)
        self.is_worker = worker is not None
        self.worker = worker["workerid"] if worker else "main"
        self.outcomes: dict[str, Outcome] = {}
        self.possible = possible(self.subject)
        self.asked = 0

    # Before: what is expected of each check.

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        # Where there is no kernel, nothing is lacking: there is nothing to ask.
        items[:] = [item for item in items if (check := _check_of(item)) is None or check.id in self.possible]
        for item in items:
            check = _check_of(item)
            if check is None:
                continue
            item.user_properties.append((_PROPERTY, check.id))
            known = self.declared.known_for(self.device, check.id)
            lacking = self.subject.lacks(check.needs)
            if lacking:
                item.add_marker(pytest.mark.skip(reason=f"{_UNSUPPORTED}{', '.join(lacking)}"))
            elif known is not None:
                item.add_marker(pytest.mark.xfail(reason=known.reason, run=known.run, strict=True))
            elif check.since > self.declared.suite:
                item.add_marker(pytest.mark.xfail(reason=f"{_NEW} {check.since} of the suite", strict=False))

    # Meanwhile: which check is running, should the process die of it.

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._log({"began": nodeid})

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        self._log({"ended": nodeid})

    def pytest_runtest_teardown(self) -> None:
        self.asked += 1
        if self.asked % _FORGET_AFTER == 0:
            self.subject.backend.forget_compiled()

    def _log(self, line: dict[str, str]) -> None:
        # The first process of several hears of what the workers do; they write it themselves.
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
            with running_log(self.folder, self.worker).open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")

    # After: the outcomes, in the first process.

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        name = dict(report.user_properties).get(_PROPERTY)
        if name is None and "test_conforms[" in report.nodeid:
            # The worker died, and with it the properties.
            name = report.nodeid.partition("test_conforms[")[2].removesuffix("]")
        if name is None or (report.when != "call" and report.passed and name in self.outcomes):
            return
        outcome = _outcome(report)
        before = self.outcomes.get(str(name))
        if before is None or before.status == "passed":
            self.outcomes[str(name)] = outcome

    def report(self) -> Report:
        """What came out so far."""
        return Report(
            about(self.subject, self.declared, len(self.possible)),
            {name: self.outcomes[name] for name in checks() if name in self.outcomes},
        )

    def pytest_sessionfinish(self) -> None:
        if self.is_worker or self.folder is None or not self.outcomes:
            return
        self.report().write(self.folder)
        for file in self.folder.glob(running_log(self.folder, "*").name):
            file.unlink()

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self.outcomes:
            terminalreporter.section(f"conformance of {self.subject.place.device}")
            for line in self.report().table():
                terminalreporter.write_line(line)


def running_log(folder: Path, worker: str) -> Path:
    """The file in which a process of the run writes what it is about to ask."""
    return folder / f"conformance-running-{worker}.jsonl"


def in_flight(folder: Path) -> list[str]:
    """The tests that began and did not end, by what processes that died have left in ``folder``."""
    found = []
    for file in folder.glob(running_log(folder, "*").name):
        lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        ended = {line["ended"] for line in lines if "ended" in line}
        found += [line["began"] for line in lines if "began" in line and line["began"] not in ended]
    return found


def _no_check_like(pattern: str) -> str:
    near = difflib.get_close_matches(pattern.replace("*", ""), checks(), 3, 0.5)
    return (
        f"no check is called like {pattern!r}{f'; near it are {chr(44).join(near)}' if near else ''}. "
        "`python -m xpgrad conformance --list` prints them all; a * stands for any text."
    )


def _check_of(item: pytest.Item) -> Check | None:
    spec = getattr(item, "callspec", None)
    check = spec.params.get("check") if spec else None
    return check if isinstance(check, Check) else None


def _outcome(report: pytest.TestReport) -> Outcome:
    said = getattr(report, "wasxfail", None)
    if report.skipped and said is not None:
        reason = said.removeprefix("reason: ")
        return Outcome("new" if reason.startswith(_NEW) else "known", report.duration, reason)
    if report.skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reason = reason.removeprefix("Skipped: ")
        status = "unsupported" if reason.startswith(_UNSUPPORTED) else "skipped"
        return Outcome(status, report.duration, reason.removeprefix(_UNSUPPORTED))
    if report.passed:
        return Outcome("passed", report.duration)
    text = str(report.longrepr)
    if text.startswith("[XPASS(strict)]"):
        return Outcome("repaired", report.duration, f"declared as failing, but passes: {text[16:]}")
    crash = getattr(getattr(report.longrepr, "reprcrash", None), "message", text)
    return Outcome("failed", report.duration, str(crash).strip())
