"""``python -m xpgrad backends``: which backends there are, in which state, and what would help the others."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import Any

from xpgrad.backends.packs import PackReport, describe_packs
from xpgrad.backends.registry import BackendReport, describe_backends

_HEADER = ("name", "version", "devices", "default", "status")
_STATUS = {
    "ready": "ready",
    "no device": "installed, but no device",
    "not installed": "not installed",
    "failed": "failed",
}


def add_parser(commands: Any) -> None:
    """Add the command to those of `argparse`."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "backends",
        help="list the array libraries that xpgrad can run on",
        description="List every backend with its library's version, its devices and its state. Each is loaded to find "
        "out; what fails is reported, never raised, and the exit code is 0.",
    )
    parser.add_argument("-v", "--verbose", action="store_true", help="also say where each backend comes from")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the listing."""
    reports, notes = describe_backends()
    for line in lines(reports, notes, describe_packs(), verbose=arguments.verbose):
        print(line)
    return 0


def lines(
    reports: list[BackendReport], notes: list[str], packs: Sequence[PackReport] = (), *, verbose: bool = False
) -> Iterator[str]:
    """The table, line by line; under each backend its kernel packs, or why it is not ready, then the notes."""
    rows = [_HEADER, *(_row(report) for report in reports)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row, report in zip(rows, (None, *reports), strict=True):
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        if report is not None:
            said = [f"from {report.origin}"] if verbose else []
            said += report.reason.splitlines()
            said += [_pack(pack, verbose) for pack in packs if pack.source.backend == report.name]
            yield from (f"    {line}" for line in said)
    for note in notes:
        yield ""
        yield f"Note: {note}"


def _pack(pack: PackReport, verbose: bool) -> str:
    name = f"kernels from {pack.source.name} {pack.version}".rstrip()
    if pack.reason:
        return f"{name}: not in use. {pack.reason}"
    return f"{name} ({pack.source.target}): {', '.join(pack.kernels)}" if verbose else name


def _row(report: BackendReport) -> tuple[str, ...]:
    devices = ", ".join(report.devices) or "-"
    return (
        report.name,
        report.version or "-",
        devices,
        "*" if report.is_default else "",
        _STATUS[report.status],
    )
