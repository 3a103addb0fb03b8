"""``python -m xpgrad conformance NAME``: ask a backend everything, and write a report."""

from __future__ import annotations

import argparse
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

# Fewer checks than this are asked before a second process has begun.
_FEW: Final = 300


def add_parser(commands: Any) -> None:
    """Add the command to those of `argparse`."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "conformance",
        help="ask a backend everything that programs expect of it, and write a report",
        description="Run the conformance suite on one backend, and write conformance-NAME.json, .md and .svg. The exit "
        "code is 0 if nothing failed but what the backend's plugin declares.",
    )
    parser.add_argument("name", nargs="?", help="the backend, as `python -m xpgrad backends` lists it")
    parser.add_argument("--device", help="one of its devices (its default one)")
    parser.add_argument("--out", type=Path, default=Path("."), help="the folder for the report (the current one)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (%(default)s)")
    parser.add_argument("--checks", action="append", default=[], metavar="ID", help="only these; * for any text")
    parser.add_argument("--list", action="store_true", help="print the ids of the checks instead of asking them")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run pytest on the suite in a process of its own: what libraries set for a process stays there."""
    needed = {"pytest": "pytest", "scipy": "scipy"}
    missing = [package for module, package in needed.items() if importlib.util.find_spec(module) is None]
    if missing:
        print(f"conformance: {', '.join(missing)} not installed; pip install 'xpgrad[conformance]'", file=sys.stderr)
        return 2
    if arguments.list:
        # What stands where a backend would is meant as a pattern, as no backend is called so.
        return _list([*arguments.checks, *([arguments.name] if "/" in (arguments.name or "") else [])])
    if arguments.name is None:
        print("conformance: which backend? `python -m xpgrad backends` lists them", file=sys.stderr)
        return 2
    for old in arguments.out.glob("conformance-running-*.jsonl"):
        old.unlink()
    before = _pages(arguments)
    code = subprocess.run([sys.executable, "-m", "pytest", *_options(arguments)], check=False).returncode
    from xpgrad.testing.conformance.session import in_flight  # noqa: PLC0415  (imports pytest)

    dead = in_flight(arguments.out)
    if dead:
        print(f"conformance: a process died while it asked {', '.join(dead)}", file=sys.stderr)
    for page in _pages(arguments).items() - before.items():
        print(f"The report is in {page[0]}")
    return code


def _pages(arguments: argparse.Namespace) -> dict[Path, int]:
    """The pages of reports on the backend, and when they were written."""
    pages = [arguments.out / f"conformance-{arguments.name}{part}.md" for part in ("", "-part")]
    return {page: page.stat().st_mtime_ns for page in pages if page.exists()}


def _options(arguments: argparse.Namespace) -> list[str]:
    package = Path(__file__).parents[1] / "testing" / "conformance"
    options = [
        "-p",
        "xpgrad_pytest",
        f"--config-file={package / 'pytest.ini'}",
        f"--rootdir={package}",
        "--pyargs",
        "xpgrad.testing.conformance",
    ]
    options += [f"--xpgrad-backend={arguments.name}", f"--xpgrad-report={arguments.out.absolute()}"]
    if arguments.device:
        options.append(f"--xpgrad-device={arguments.device}")
    options += [f"--xpgrad-checks={pattern}" for pattern in arguments.checks]
    few = arguments.checks and len(_chosen(arguments.checks)) < _FEW
    if arguments.jobs > 1 and not few and importlib.util.find_spec("xdist") is not None:
        options += ["-n", str(arguments.jobs)]
    return options


def _list(patterns: list[str]) -> int:
    for name in _chosen(patterns):
        print(name)
    return 0


def _chosen(patterns: list[str]) -> list[str]:
    from xpgrad.testing.conformance.globs import matches  # noqa: PLC0415  (the suite takes a second to import)
    from xpgrad.testing.conformance.suite import checks  # noqa: PLC0415

    return [name for name in checks() if not patterns or any(matches(pattern, name) for pattern in patterns)]
