"""``python -m xpgrad backends``."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from xpgrad.backends.discovery import PackSource
from xpgrad.backends.listing import BackendReport
from xpgrad.backends.namespace import EXTENSIONS, KERNELS, LIBRARY
from xpgrad.backends.packs import PackReport
from xpgrad.cli import main
from xpgrad.cli.backends import lines


def test_the_table():
    reports = [
        BackendReport("cupy", "c:C, built in", "14.2.0", (), False, "no device", "No driver.\nInstall one."),
        BackendReport("jax", "j:J, from xpgrad-jax 0.3", "", (), False, "failed", "ImportError: libfoo.so.1"),
        BackendReport("numpy", "n:N, built in", "2.4.6", ("cpu",), True, "ready", ""),
    ]
    assert "\n".join(lines(reports, ["the variable is odd"])) == (
        "name   version  devices  default  status\n"
        "cupy   14.2.0   -                 installed, but no device\n"
        "    No driver.\n"
        "    Install one.\n"
        "jax    -        -                 failed\n"
        "    ImportError: libfoo.so.1\n"
        "numpy  2.4.6    cpu      *        ready\n"
        "\n"
        "Note: the variable is odd"
    )
    assert "    from j:J, from xpgrad-jax 0.3" in list(lines(reports, [], verbose=True))


def test_where_functions_come_from():
    functions = {f"fast_{i}": (KERNELS,) for i in range(20)} | {"slow": (EXTENSIONS,), "exp": ("good", LIBRARY)}
    report = BackendReport("numpy", "n:N, built in", "2.4.6", ("cpu",), True, "ready", "", functions)
    pack = PackReport(PackSource("numpy", "good", "p:P", "xpgrad-good", "0.3"), "9.8", ("exp", "unused"), "")
    said = list(lines([report], [], [pack], verbose=True))
    assert said[2:5] == [
        "    from n:N, built in",
        "    from the pack good 9.8 (p:P, from xpgrad-good 0.3): 1 function",
        "        exp",
    ]
    assert said[5:7] == ["    of the pack good, but called by nothing (misspelt?): 1 function", "        unused"]
    assert said[7] == "    kernels of the backend: 20 functions"
    assert said[8].startswith("        fast_0, fast_1, fast_2, ")
    assert max(map(len, said)) <= 100
    assert said[-3:] == [
        "    xpgrad's own, written over the standard: 1 function",
        "        slow",
        "    all others: the library's own",
    ]
    assert list(lines([report], [], [pack]))[2:] == ["    kernels from good 9.8"]


def test_the_command_as_a_user_runs_it(installed_plugin, strict_site, plain_path):
    source = "raise RuntimeError('libfoo.so.1 is missing')"
    entry_points = """
        [project.entry-points."xpgrad.backends"]
        foo = "plugin_foo:Foo"
        nonsense = "plugin_foo"
    """
    site = installed_plugin("xpgrad-foo", "plugin_foo", source, entry_points)
    path = os.pathsep.join([str(site), str(strict_site), *plain_path])
    environment = {**os.environ, "PYTHONPATH": path, "XPGRAD_BACKEND": "strict"}
    command = [sys.executable, "-m", "xpgrad", "backends", "-v"]
    ran = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert (ran.returncode, ran.stderr) == (0, "")
    table = {line.split()[0]: line.split() for line in ran.stdout.splitlines() if line and not line.startswith(" ")}
    assert table["numpy"] == ["numpy", np.__version__, "cpu", "ready"]
    assert table["strict"][2:5] == ["cpu,", "device1,", "device2,"]
    assert table["strict"][-2:] == ["*", "ready"]
    assert table["foo"] == ["foo", "-", "-", "failed"]
    assert (
        "    backend 'foo' (plugin_foo:Foo, from xpgrad-foo 0.3) failed to load: RuntimeError: libfoo.so.1 is missing"
        in ran.stdout.splitlines()
    )
    assert "Note: xpgrad-foo 0.3 declares 'nonsense = plugin_foo'" in ran.stdout


def test_without_a_command_the_usage_is_shown(capsys):
    with pytest.raises(SystemExit) as caught:
        main([])
    assert caught.value.code == 2
    assert "python -m xpgrad" in capsys.readouterr().err
