"""The report of a run: as data, as a page, and as a badge."""

from __future__ import annotations

import importlib.metadata
import json
import platform
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Final

import numpy as np

import xpgrad
from xpgrad.backends import discovery
from xpgrad.backends.packs import packs_for
from xpgrad.testing.conformance import capabilities
from xpgrad.testing.conformance.known import Declared
from xpgrad.testing.conformance.subject import Subject
from xpgrad.testing.conformance.suite import LEVELS, SUITE_VERSION, checks

# What can become of a check, what fails the run first.
STATUSES: Final[dict[str, str]] = {
    "passed": "",
    "failed": "not declared by the plugin",
    "repaired": "declared as failing, but passes",
    "skipped": "not asked",
    "known": "fails, as declared",
    "new": "fails, newer than the pinned suite",
    "unsupported": "needs what the library lacks",
}
FATAL: Final = ("failed", "repaired", "skipped")


@dataclass(frozen=True)
class Outcome:
    """What became of one check.

    Attributes:
        status: One of `STATUSES`.
        seconds: How long it took.
        detail: Why it is not passed.
    """

    status: str
    seconds: float = 0.0
    detail: str = ""

    @property
    def line(self) -> str:
        """The first line of the detail that says something."""
        lines = [line.strip() for line in self.detail.splitlines() if line.strip()]
        return " ".join(lines[:2])[:200]


@dataclass(frozen=True)
class About:
    """What was asked, and with what.

    Attributes:
        backend: Its name.
        device: The device that was asked, as xpgrad prints it.
        suite: The version of the suite that its plugin pins.
        versions: Names of software to their versions.
        lacks: The capabilities that the library does not have there.
        checks: How many checks there are to ask of it.
    """

    backend: str
    device: str
    suite: int
    versions: dict[str, str]
    lacks: tuple[str, ...]
    checks: int


def possible(subject: Subject) -> set[str]:
    """The ids of the checks that can be asked: all but those of kernels that the backend does not have."""
    return {check.id for check in checks().values() if "kernel" not in subject.lacks(check.needs)}


def about(subject: Subject, declared: Declared, count: int) -> About:
    """What a report on ``subject`` says of it, of which ``count`` checks can be asked."""
    backend = subject.backend
    versions = {"xpgrad": xpgrad.__version__, f"library of {backend.name}": backend.version()}
    for source in discovery.installed().sources.get(backend.name, []):
        if source.distribution and source.distribution != "xpgrad":
            versions[source.distribution] = importlib.metadata.version(source.distribution)
    versions |= {f"kernels of {pack.name}": pack.version() or "unknown" for pack in packs_for(backend.name)}
    versions |= {"numpy": np.__version__, "python": platform.python_version(), "machine": platform.machine()}
    lacks = tuple(name for name, there in capabilities.all_of(subject.place).items() if not there)
    return About(backend.name, str(subject.place.device), declared.suite, versions, lacks, count)


@dataclass(frozen=True)
class Report:
    """The outcomes of the checks that were asked.

    Attributes:
        about: What was asked.
        outcomes: By the checks' ids, in the order of the suite.
    """

    about: About
    outcomes: dict[str, Outcome]

    @property
    def conforms(self) -> bool:
        """Whether nothing failed but what was declared, and something passed in each level that was asked."""
        asked = {name.partition("/")[0] for name in self.outcomes}
        return (
            bool(asked)
            and not any(outcome.status in FATAL for outcome in self.outcomes.values())
            and all(self.counts(level)["passed"] for level in asked if self.is_whole)
        )

    @property
    def is_whole(self) -> bool:
        """Whether every check that there is for it was asked."""
        return len(self.outcomes) == self.about.checks

    def counts(self, level: str = "") -> Counter[str]:
        """How many checks there are of each status, of one level or of all."""
        return Counter(o.status for name, o in self.outcomes.items() if not level or name.startswith(f"{level}/"))

    def write(self, folder: Path) -> None:
        """Write ``conformance-NAME.json``, ``.md`` and ``.svg`` into ``folder``, which is made if it is not there.

        A part of the suite is ``conformance-NAME-part``, and gets no badge.
        """
        folder.mkdir(parents=True, exist_ok=True)
        name = folder / f"conformance-{self.about.backend}{'' if self.is_whole else '-part'}"
        name.with_suffix(".json").write_text(json.dumps(self.data(), indent=1) + "\n", encoding="utf-8")
        name.with_suffix(".md").write_text(self.page(), encoding="utf-8")
        if self.is_whole:
            name.with_suffix(".svg").write_text(self.badge(), encoding="utf-8")

    def data(self) -> dict[str, Any]:
        """Everything, but for the names of the checks that passed: they are the rest of the suite."""
        return {
            "suite": SUITE_VERSION,
            "conforms": self.conforms,
            **vars(self.about),
            "asked": f"{len(self.outcomes)} of {self.about.checks} checks",
            "levels": {level.name: dict(self.counts(level.name)) for level in LEVELS},
            "seconds": round(sum(outcome.seconds for outcome in self.outcomes.values()), 1),
            "not passed": {
                name: {"status": outcome.status, "why": outcome.line}
                for name, outcome in self.outcomes.items()
                if outcome.status != "passed"
            },
        }

    def table(self) -> Iterator[str]:
        """The levels and the counts, in lines of text that are Markdown too."""
        shown = [status for status in STATUSES if self.counts()[status] or status in ("passed", "failed")]
        rows = [["level", *shown]]
        for level in [*(level for level in LEVELS if self.counts(level.name)), None]:
            counts = self.counts(level.name if level else "")
            rows.append([level.title if level else "all", *(str(counts[status] or "-") for status in shown)])
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for i, row in enumerate(rows):
            yield f"| {' | '.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))} |"
            if i == 0:
                yield f"|{'|'.join('-' * (width + 1) + (':' if j else '-') for j, width in enumerate(widths))}|"

    def page(self) -> str:
        """The report in Markdown."""
        versions = ", ".join(f"{name} {version}" for name, version in self.about.versions.items())
        lines = [
            f"# Conformance of `{self.about.backend}`",
            "",
            *([f"![{self._summary()}](conformance-{self.about.backend}.svg)", ""] if self.is_whole else []),
            f"Device `{self.about.device}`, version {SUITE_VERSION} of the suite "
            f"({len(self.outcomes):,} of {self.about.checks:,} checks asked). With {versions}.",
            "",
            *self.table(),
        ]
        if self.about.lacks:
            lines += ["", f"The library does not have here: {', '.join(self.about.lacks)}."]
        for status, meaning in STATUSES.items():
            if status != "passed" and self.counts()[status]:
                lines += ["", f"## {status.capitalize()}: {meaning}", ""]
                lines += self._reasons(status)
        return "\n".join(lines) + "\n"

    def _reasons(self, status: str) -> Iterator[str]:
        by_reason: dict[str, list[str]] = {}
        for name, outcome in self.outcomes.items():
            if outcome.status == status:
                by_reason.setdefault(outcome.line, []).append(name)
        for reason, names in by_reason.items():
            # What needs a missing dtype is said by its name; what fails is said one by one.
            listed = names if status in FATAL or len(names) <= 20 else [*names[:10], f"and {len(names) - 10} more"]
            yield f"- {reason}"
            yield from (f"  - `{name}`" if " " not in name else f"  - {name}" for name in listed)

    def _summary(self) -> str:
        counts = self.counts()
        if self.conforms:
            return f"{counts['passed']:,} of {len(self.outcomes):,}"
        return f"{sum(counts[status] for status in FATAL):,} failing"

    def badge(self) -> str:
        """A picture of one line for a README."""
        left, right = "xpgrad conformance", self._summary()
        color = "#2e7d32" if self.conforms else "#c62828"
        # Verdana at 11 pixels is about 6.6 wide; `textLength` makes the text fit whatever the font is.
        widths = [round(6.6 * len(text)) + 12 for text in (left, right)]
        total = sum(widths)
        texts = "".join(
            f'<text x="{x + 6}" y="14" textLength="{width - 12}">{escape(text)}</text>'
            for text, x, width in ((left, 0, widths[0]), (right, widths[0], widths[1]))
        )
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{total}" height="20" role="img" '
            f'aria-label="{escape(left)}: {escape(right)}"><clipPath id="r"><rect width="{total}" height="20" rx="3"/>'
            f'</clipPath><g clip-path="url(#r)"><rect width="{total}" height="20" fill="#444"/>'
            f'<rect x="{widths[0]}" width="{widths[1]}" height="20" fill="{color}"/></g>'
            f'<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">{texts}</g></svg>\n'
        )
