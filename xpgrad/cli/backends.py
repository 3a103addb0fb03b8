"""``python -m xpgrad backends``: which backends there are, in which state, and what would help the others."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from xpgrad.backends.namespace import EXTENSIONS, KERNELS, LIBRARY
from xpgrad.backends.packs import PackReport, describe_packs
from xpgrad.backends.registry import BackendReport, describe_backends

_HEADER = ("name", "version", "devices", "default", "status")
_WIDTH = 96
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
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="also say where each backend and each of its functions comes from"
    )
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
            own_packs = [pack for pack in packs if pack.source.backend == report.name]
            said += [_pack(pack) for pack in own_packs if pack.reason or not verbose]
            said += _functions(report, own_packs) if verbose else []
            yield from (f"    {line}" for line in said)
    for note in notes:
        yield ""
        yield f"Note: {note}"


def _pack(pack: PackReport) -> str:
    name = f"kernels from {pack.source.name} {pack.version}".rstrip()
    return f"{name}: not in use. {pack.reason}" if pack.reason else name


def _functions(report: BackendReport, packs: Sequence[PackReport]) -> Iterator[str]:
    """Which function comes from where, in the order in which they are asked; the library's alone are not listed."""
    given: dict[str, list[str]] = {}
    for name, who in report.functions.items():
        for giver in who:
            given.setdefault(giver, []).append(name)
    for pack in packs:
        if names := given.get(pack.source.name):
            yield from _listed(f"from the pack {pack.source.name} {pack.version} ({pack.source.origin})", names)
        if lost := [name for name in pack.kernels if given and name not in report.functions]:
            yield from _listed(f"of the pack {pack.source.name}, but called by nothing (misspelt?)", lost)
    for giver in (KERNELS, EXTENSIONS):
        if names := given.get(giver):
            yield from _listed(giver, names)
    if given:
        yield f"all others: {LIBRARY}"


def _listed(title: str, names: list[str]) -> Iterator[str]:
    yield f"{title}: {len(names)} function{'s' if len(names) > 1 else ''}"
    yield from textwrap.wrap(", ".join(names), _WIDTH, initial_indent="    ", subsequent_indent="    ")


def _row(report: BackendReport) -> tuple[str, ...]:
    devices = ", ".join(report.devices) or "-"
    return (
        report.name,
        report.version or "-",
        devices,
        "*" if report.is_default else "",
        _STATUS[report.status],
    )
