"""Ask entries by name: ``python -m tests.parity.op_db [-j N] [--limit N] [NAME...]``."""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor

from tests.parity.op_db.entries import entries, scope
from tests.parity.op_db.walk import CHECKS, Findings, full_name, walk

_BY_NAME = {full_name(entry): entry for entry in entries()}


def ask(name: str, limit: int) -> Findings:
    """What comes of the entry of that name."""
    return walk(_BY_NAME[name], limit)


def main() -> None:
    """Print what differs, by entry."""
    parser = argparse.ArgumentParser(prog="python -m tests.parity.op_db", description=__doc__)
    parser.add_argument("names", nargs="*", help="entries, with or without variant; a prefix ending in '.' names many")
    parser.add_argument("-j", type=int, default=1, help="processes")
    parser.add_argument("--limit", type=int, default=40, help="samples of one dtype")
    parser.add_argument("--all", action="store_true", help="every failure, not the first two of each check")
    options = parser.parse_args()
    asked = [
        name
        for name, entry in _BY_NAME.items()
        if not options.names
        or any(n in (name, entry.name) or (n.endswith(".") and name.startswith(n)) for n in options.names)
    ]
    inside = [name for name in asked if scope(_BY_NAME[name], name) is None]
    passed = 0
    with ProcessPoolExecutor(options.j) as pool:
        for findings in pool.map(ask, inside, [options.limit] * len(inside)):
            passed += findings.passes
            counts = " ".join(f"{check} {findings.asked[check]}" for check in CHECKS if findings.asked[check])
            print(f"{'ok  ' if findings.passes else 'FAIL'} {findings.name}: {counts}", flush=True)
            for check, failures in findings.failures.items():
                for failure in failures if options.all else failures[:2]:
                    print(f"       {check} ({len(failures)} of {findings.asked[check]}): {failure}")
    print(f"{passed} of {len(inside)} pass; {len(asked) - len(inside)} out of scope")


if __name__ == "__main__":
    main()
