"""The table that ``docs/parity.md`` shows."""

from __future__ import annotations

from argparse import Namespace
from collections import defaultdict

import torch

from tests.parity.op_db.entries import FIRST_ONLY, KNOWN, RANDOM, UNDEFINED
from tests.parity.op_db.walk import CHECKS, Findings

_HEAD = """# Parity with PyTorch {version}

Printed by `python -m tests.parity.op_db --report docs/parity.md`, on {backend}. Each entry of PyTorch's operator
database (`torch.testing._internal.common_methods_invocations.op_db`) is a function with sample inputs, of which
{limit} of each dtype are put to both libraries. *Values* are those in float64 and complex128, with dtypes, shapes and
names of results; *first* and *second* derivatives likewise; *dtypes* are the values in single precision, integers and
booleans; then come the method, the in-place method, the operator, `out=`, other names of the function, and *errors*:
the inputs that PyTorch refuses must be refused with the same class of exception. An entry passes if all of that holds.

**{passed} of {inside} entries in scope pass ({percent:.1f} %).** {outside} are out of scope.
"""


def report(results: list[Findings], outside: dict[str, str], options: Namespace) -> str:
    """What came of all entries, in Markdown."""
    passed = sum(f.passes for f in results)
    parts = [
        _HEAD.format(
            version=torch.__version__.split("+")[0],
            backend=options.backend,
            limit=f"at most {options.limit}" if options.limit else "all",
            passed=passed,
            inside=len(results),
            percent=100 * passed / max(len(results), 1),
            outside=len(outside),
        ),
        _table(results, outside),
    ]
    if failing := [f for f in results if not f.passes]:
        parts.append("## What differs\n")
        parts += [f"- `{f.name}` ({_checks(f)}): {KNOWN.get(f.name) or _first(f)}" for f in failing]
    parts.append("\n## Out of scope\n")
    parts += [f"- `{name}`: {reason}" for name, reason in outside.items()]
    parts.append("\n## Compared in shape and dtype only\n")
    parts.append(f"- Drawn at random, from another stream than PyTorch's: {_names(RANDOM)}")
    parts.append(f"- Memory as it was found: {_names(UNDEFINED)}")
    parts.append("\n## First derivatives only\n")
    parts.append(f"- PyTorch documents none, and gives parts of them: {_names(FIRST_ONLY)}")
    return "\n".join(parts) + "\n"


def _table(results: list[Findings], outside: dict[str, str]) -> str:
    rows: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for f in results:
        row = rows[_namespace(f.name)]
        row[0 if f.passes else 1] += 1
        row[3] += sum(f.asked.values())
    for name in outside:
        rows[_namespace(name)][2] += 1
    head = ["| namespace | pass | differ | out of scope | questions |", "|---|---:|---:|---:|---:|"]
    lines = [f"| `{space}` | " + " | ".join(map(str, row)) + " |" for space, row in sorted(rows.items())]
    by_check = ["", "| check | asked | differ |", "|---|---:|---:|"]
    by_check += [
        f"| {check} | {sum(f.asked[check] for f in results)} | {sum(len(f.failures[check]) for f in results)} |"
        for check in CHECKS
    ]
    return "\n".join([*head, *lines, *by_check, ""])


def _namespace(name: str) -> str:
    for space in ("nn.functional", "signal.windows", "linalg", "fft", "special", "masked", "sparse", "torch.ops.aten"):
        if name.startswith(space + "."):
            return space if space.startswith("torch") else f"torch.{space}"
    return "torch"


def _checks(findings: Findings) -> str:
    differing = {check: len(problems) for check, problems in findings.failures.items() if problems}
    return ", ".join(f"{check} {count} of {findings.asked[check]}" for check, count in differing.items())


def _first(findings: Findings) -> str:
    return next(problems[0] for problems in findings.failures.values() if problems)


def _names(names: set[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names)) + "."
