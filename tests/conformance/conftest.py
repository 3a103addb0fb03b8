"""A plugin on the path of a process of its own, and the kit run on it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

# The table of faults is found beside the tests, which are no package.
sys.path.append(str(Path(__file__).parent))

BACKEND = """
    import os
    from xpgrad.backends.numpy import NumpyBackend

    class ToyBackend(NumpyBackend):
        name, protocol, plain_device_names = "toy", 1, False
        kernels = {**NumpyBackend.kernels, **{KERNELS}}
"""


class Ran(NamedTuple):
    """How a run of the kit ended."""

    code: int
    text: str
    report: dict[str, Any]


@pytest.fixture
def kit(tmp_path: Path) -> Callable[..., Ran]:
    """Run ``python -m xpgrad conformance toy`` with kernels of its own and what it declares."""

    def run(*options: str, kernels: str = "{}", declared: str = "") -> Ran:
        package, info = tmp_path / "site" / "xpgrad_toy", tmp_path / "site" / "xpgrad_toy-0.3.dist-info"
        for folder in (package, info):
            folder.mkdir(parents=True, exist_ok=True)
        (package / "__init__.py").write_text(textwrap.dedent(BACKEND).replace("{KERNELS}", kernels))
        if declared:
            (package / "conformance-toy.toml").write_text(textwrap.dedent(declared))
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: xpgrad-toy\nVersion: 0.3\n")
        (info / "entry_points.txt").write_text("[xpgrad.backends]\ntoy = xpgrad_toy:ToyBackend\n")
        path = [str(tmp_path / "site"), str(Path(__file__).parents[2]), *sys.path]
        done = subprocess.run(
            [sys.executable, "-m", "xpgrad", "conformance", "toy", "--jobs=1", f"--out={tmp_path}", *options],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path), "XPGRAD_KERNELS": "none"},
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        file = tmp_path / "conformance-toy-part.json"
        return Ran(done.returncode, done.stdout + done.stderr, json.loads(file.read_text()) if file.exists() else {})

    return run
