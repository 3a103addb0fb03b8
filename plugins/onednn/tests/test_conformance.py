"""The conformance kit asks the pack's kernels for the fallbacks' answers."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest


@pytest.mark.usefixtures("onednn")
def test_kernels_conform(packs_site, tmp_path):
    environment = os.environ | {"XPGRAD_KERNELS": "onednn", "OMP_NUM_THREADS": "1"}
    environment["PYTHONPATH"] = os.pathsep.join([packs_site, *filter(None, sys.path)])
    command = [sys.executable, "-m", "xpgrad", "conformance", "numpy", "--checks", "kernels/*", "--jobs", "1"]
    done = subprocess.run([*command, "--out", tmp_path], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    report = json.loads((tmp_path / "conformance-numpy-part.json").read_text())
    assert report["versions"]["kernels of onednn"].startswith("oneDNN")
