"""Run the public conformance suite of the Array API on `xpgrad.array_api`: data-apis/array-api-tests, 2024.12.

It is cloned into a temporary folder at a fixed commit, so this needs a network, or ``--suite`` with a clone that is
there already. The exit code is that of the suite. Every other argument is pytest's::

    python tests/array_api/run_public_suite.py --max-examples 500 -k floor_divide
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

SUITE = "https://github.com/data-apis/array-api-tests"
COMMIT = "55fcc60179efa2680ddd6cd926ddf17b83530e2b"
# What the suite needs beside the extra `test` of this repository.
REQUIREMENTS = ["ndindex>=1.8", "pytest-json-report", "pytest-metadata"]
ROOT = Path(__file__).parents[2]


def fetched(folder: Path) -> Path:
    """A clone of the suite at `COMMIT`, the text of the standard that it reads its cases from included."""
    for command in (
        ["git", "clone", "--quiet", SUITE, str(folder)],
        ["git", "-C", str(folder), "checkout", "--quiet", COMMIT],
        ["git", "-C", str(folder), "submodule", "--quiet", "update", "--init"],
    ):
        subprocess.run(command, check=True)
    return folder


def run(suite: Path, packages: Path, arguments: list[str]) -> int:
    """Run the suite in a process of its own and return its exit code."""
    paths = [str(ROOT), str(packages), os.environ.get("PYTHONPATH", "")]
    environment = os.environ | {
        "ARRAY_API_TESTS_MODULE": "xpgrad.array_api",
        "ARRAY_API_TESTS_VERSION": "2024.12",
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
    }
    xfails = Path(__file__).with_name("public_suite_xfails.txt")
    command = [sys.executable, "-m", "pytest", "array_api_tests", "--disable-deadline", f"--xfails-file={xfails}"]
    return subprocess.run([*command, *arguments], cwd=suite, env=environment).returncode


def main() -> int:
    """Fetch what is missing, and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suite", type=Path, help="a clone of the suite, with its submodule")
    known, arguments = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as folder:
        packages = Path(folder, "packages")
        install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", f"--target={packages}"]
        subprocess.run([*install, *REQUIREMENTS], check=True)
        return run(known.suite or fetched(Path(folder, "suite")), packages, arguments)


if __name__ == "__main__":
    sys.exit(main())
