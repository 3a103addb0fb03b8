"""From measured times to the table of the budgets (DESIGN, "Budgets")."""

from __future__ import annotations

import math
import os
import platform
import statistics
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """The times of one case, in seconds per operation, round by round; ``theirs`` is empty without PyTorch."""

    budget: str
    name: str
    ours: list[float]
    theirs: list[float]

    @property
    def ratio(self) -> float | None:
        """The median over the rounds of our time divided by PyTorch's in the same round."""
        return statistics.median(a / b for a, b in zip(self.ours, self.theirs, strict=True)) if self.theirs else None

    @property
    def spread(self) -> str:
        """The quartiles of that quotient: how far the machine's noise moves it."""
        if not self.theirs:
            return ""
        low, _, high = statistics.quantiles([a / b for a, b in zip(self.ours, self.theirs, strict=True)], n=4)
        return f"{low:.2f}-{high:.2f}"


# Each group of cases with what the design asks of the geometric mean of its ratios: a bound, and an aim.
BUDGETS: dict[str, tuple[str, float, float]] = {
    "forward": ("operation on 4x4 float32, recording: forward", 0.9, 0.75),
    "backward": ("the same, backward", 0.75, 0.55),
    "mlp": ("MLP 784-256-10, batch 64, SGD step", 1.0, 0.9),
    "small-mlp": ("MLP 8-32-1, batch 32, SGD step", 0.5, 0.5),
    "convolution": ("small convolution nets, SGD step", 2.0, 2.0),
}
IMPORT_SECONDS, IMPORT_MEGABYTES = 0.25, 45.0
# A node of a graph four times as large may cost this much more: caches and the collector's passes grow with it.
LINEAR = 1.25


@dataclass
class Report:
    """What a run found.

    Attributes:
        rows: The cases.
        imports: For each module imported in a fresh process, its seconds and megabytes in each run.
    """

    rows: list[Row] = field(default_factory=list)
    imports: dict[str, list[tuple[float, float]]] = field(default_factory=dict)

    def text(self) -> str:
        """The report in Markdown."""
        return "\n".join([*self._budgets(), "", *self._details(), "", *self._imports()]) + "\n"

    def _budgets(self) -> Iterator[str]:
        yield "| budget | PyTorch | xpgrad | ratio | asked | aim | met |"
        yield "|---|---|---|---|---|---|---|"
        for key, (title, bound, aim) in BUDGETS.items():
            rows = [row for row in self.rows if row.budget == key]
            if not rows:
                continue
            ours = time_text(geometric_mean(statistics.median(row.ours) for row in rows))
            title = f"{title} (geometric mean of {len(rows)})" if len(rows) > 1 else title
            if any(row.ratio is None for row in rows):
                yield f"| {title} | | {ours} | | {bound} | {aim} | |"
                continue
            theirs = time_text(geometric_mean(statistics.median(row.theirs) for row in rows))
            ratio = geometric_mean(row.ratio or 0.0 for row in rows)
            yield f"| {title} | {theirs} | {ours} | {ratio:.2f} | {bound} | {aim} | {verdict(ratio, bound, aim)} |"
        if "xpgrad" in self.imports:
            for i, what, bound in ((0, "s", IMPORT_SECONDS), (1, "MB", IMPORT_MEGABYTES)):
                ours, *theirs = (
                    statistics.median(run[i] for run in self.imports[name])
                    for name in ("xpgrad", "torch") if name in self.imports
                )  # fmt: skip
                ratio = f"{ours / theirs[0]:.2f}" if theirs else ""
                digits = 2 if i == 0 else 0
                yield (
                    f"| import, {what} | {f'{theirs[0]:.{digits}f}' if theirs else ''} | {ours:.{digits}f} | {ratio} | "
                    f"{bound:g} {what} | | {verdict(ours, bound)} |"
                )
        nodes = [row for row in self.rows if row.budget == "graph"]
        if len(nodes) == 2:
            small, large = nodes
            growth = min(large.ours) / min(small.ours)
            yield (
                f"| a node of 1,000,000 against one of 250,000 | {growth_text(small.theirs, large.theirs)} | "
                f"{growth:.2f} | | {LINEAR} | 1 | {verdict(growth, LINEAR)} |"
            )

    def _details(self) -> Iterator[str]:
        yield "| case | PyTorch | xpgrad | ratio | its quartiles |"
        yield "|---|---|---|---|---|"
        for row in self.rows:
            theirs = time_text(statistics.median(row.theirs)) if row.theirs else ""
            ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
            ours = time_text(statistics.median(row.ours))
            yield f"| {row.budget}: {row.name} | {theirs} | {ours} | {ratio} | {row.spread} |"

    def _imports(self) -> Iterator[str]:
        yield "| import, in a process of its own | seconds | peak MB |"
        yield "|---|---|---|"
        for name, runs in self.imports.items():
            seconds, megabytes = (statistics.median(column) for column in zip(*runs, strict=True))
            yield f"| {name} | {seconds:.3f} | {megabytes:.1f} |"


def geometric_mean(values: Iterator[float]) -> float:
    """The geometric mean."""
    logs = [math.log(v) for v in values]
    return math.exp(math.fsum(logs) / len(logs))


def verdict(value: float, bound: float, aim: float | None = None) -> str:
    """Whether ``value`` is within ``bound``, and whether it reaches ``aim``."""
    return "no" if value > bound else "yes" if aim is None or value <= aim else "yes, not the aim"


def growth_text(small: list[float], large: list[float]) -> str:
    """How much more an operation costs in the large case; of the best of few rounds, since each takes seconds."""
    return f"{min(large) / min(small):.2f}" if small else ""


def time_text(seconds: float) -> str:
    """A time in the unit that suits it."""
    return f"{seconds * 1e3:.3g} ms" if seconds >= 1e-4 else f"{seconds * 1e6:.3g} us"


def machine() -> str:
    """The machine and the versions, in a line."""
    versions = [f"Python {platform.python_version()}"]
    for name in ("xpgrad", "numpy", "torch"):
        try:
            versions.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return f"{_processor()}, {os.cpu_count()} cores, {platform.system()}; {', '.join(versions)}"


def conditions() -> str:
    """What else the machine was doing, as far as it says, and whether this process had precedence."""
    if not hasattr(os, "getloadavg"):
        return ""
    niceness = os.getpriority(os.PRIO_PROCESS, 0)
    return f", niceness {niceness}, with a load average of {os.getloadavg()[1]:.1f}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def write_results(path: Path, report: Report, command: str, threads: int, date: str) -> None:
    """Put the report into ``path``, with what is needed to read it and to make it again."""
    header = HEADER.format(machine=machine(), command=command, threads=threads, date=date, conditions=conditions())
    # Sections that other programs of this folder measure are kept.
    _, heading, others = (path.read_text("utf-8") if path.exists() else "").partition("\n## ")
    path.write_text(header + "\n" + report.text() + heading + others, "utf-8")


HEADER = """# Results against the budgets

{machine}. Threads each library may use: {threads}.
Printed by `{command}` on {date}{conditions}.

Rounds of the two libraries alternate in one process; a time is the median over the rounds, a ratio the median of the
quotients of neighbouring rounds, so that what slows the machine for a while slows both. Times are per operation, per
node, or per training step.
"""
