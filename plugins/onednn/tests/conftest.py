"""Tests that call oneDNN are skipped, with the reason, where there is none; programs run with the pack installed."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from xpgrad_onednn.library import OneDnnError
from xpgrad_onednn.threads import library


@pytest.fixture
def onednn():
    """The library."""
    try:
        return library()
    except OneDnnError as error:
        pytest.skip(str(error))


@pytest.fixture
def run(packs_site):
    """Run a program with the pack installed; settings are environment variables."""

    def run(program, **settings):
        environment = {name: value for name, value in os.environ.items() if name != "XPGRAD_KERNELS"}
        environment |= {"OMP_NUM_THREADS": "1"} | settings
        environment["PYTHONPATH"] = os.pathsep.join([packs_site, *filter(None, sys.path)])
        command = [sys.executable, *(["-c", program] if isinstance(program, str) else program)]
        return subprocess.run(command, env=environment, capture_output=True, text=True)

    return run
