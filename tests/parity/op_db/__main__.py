"""Ask entries by name: ``python -m tests.parity.op_db [-j N] [--limit N] [--report FILE] [NAME...]``."""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import xpgrad
from tests.parity.op_db.entries import entries, full_name, scope
from tests.parity.op_db.report import report
from tests.parity.op_db.walk import CHECKS, Findings, walk

_BY_NAME = {full_name(entry): entry for entry in entries()}


def ask(name: str, limit: int | None, backend: str) -> Findings:
    """What comes of the entry of that name."""
    with xpgrad.use_backend(backend):
        return walk(_BY_NAME[name], limit)


def show(findings: Findings, most: int) -> None:
    """Print what came of an entry, with the first failures of each check."""
    counts = " ".join(f"{check} {findings.asked[check]}" for check in CHECKS if findings.asked[check])
    print(f"{'ok  ' if findings.passes else 'FAIL'} {findings.name}: {counts}", flush=True)
    for check, failures in findings.failures.items():
        for failure in failures[:most]:
            print(f"       {check} ({len(failures)} of {findings.asked[check]}): {failure}")


def main() -> None:
    """Print what differs, by entry."""
    parser = argparse.ArgumentParser(prog="python -m tests.parity.op_db", description=__doc__)
    parser.add_argument("names", nargs="*", help="entries, with or without variant; a prefix ending in '.' names many")
    parser.add_argument("-j", type=int, default=1, help="processes")
    parser.add_argument("--limit", type=int, help="samples of one dtype, evenly taken; all by default")
    parser.add_argument("--most", type=int, default=2, help="failures of each check that are printed")
    parser.add_argument("--backend", default="numpy", help="the array library that is asked")
    parser.add_argument("--report", type=Path, help="where the table by namespace goes")
    options = parser.parse_args()
    asked = [
        name
        for name, entry in _BY_NAME.items()
        if not options.names
        or any(n in (name, entry.name) or (n.endswith(".") and name.startswith(n)) for n in options.names)
    ]
    inside = [name for name in asked if scope(_BY_NAME[name]) is None]
    results = []
    with ProcessPoolExecutor(options.j) as pool:
        for findings in pool.map(partial(ask, limit=options.limit, backend=options.backend), inside):
            results.append(findings)
            show(findings, options.most)
    print(f"{sum(f.passes for f in results)} of {len(inside)} pass; {len(asked) - len(inside)} out of scope")
    if options.report:
        outside = {name: str(scope(_BY_NAME[name])) for name in asked if name not in inside}
        options.report.write_text(report(results, outside, options))


if __name__ == "__main__":
    main()
