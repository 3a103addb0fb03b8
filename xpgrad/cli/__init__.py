"""``python -m xpgrad COMMAND``: one module for each command, each with an ``add_parser``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from xpgrad.cli import backends, conformance, demo, new_backend

__all__ = ["main"]

COMMANDS = (backends, conformance, demo, new_backend)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Args:
        arguments: What follows ``python -m xpgrad``; the process's own by default.
    """
    parser = argparse.ArgumentParser(prog="python -m xpgrad", description="PyTorch's autograd on any array library.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add_parser(commands)
    chosen = parser.parse_args(arguments)
    try:
        code: int = chosen.run(chosen)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read it, `head` for one, has seen enough; Python would complain once more as it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code
