"""However many plugins are installed, who does not use them does not notice. docs/benchmarks/plugins.py measures it."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

COUNT = 50
BACKEND = '[project.entry-points."xpgrad.backends"]\n{name} = "plugin_{name}:Backend"'
PACK = '[project.entry-points."xpgrad.kernels"]\n"cupy.{name}" = "plugin_{name}:Pack"'

# What the process does with files is counted: those that Python says of itself, and its questions about them.
PROGRAM = """
import collections, json, os, sys
import numpy
events = collections.Counter()
sys.addaudithook(lambda event, _: events.update([event]))
low_level = sys.modules["nt" if os.name == "nt" else "posix"]

def counted(name, function):
    def call(*args, **settings):
        events[name] += 1
        return function(*args, **settings)
    return call

for module in (os, low_level):
    for name in ("stat", "lstat"):
        setattr(module, name, counted(name, getattr(module, name)))

import xpgrad
kept = {name: events[name] for name in ("open", "os.listdir", "os.scandir", "import", "stat", "lstat")}
assert xpgrad.ones(2).add(1).tolist() == [2.0, 2.0]
print(json.dumps([kept, sorted(sys.modules)]))
"""


def observe(site, path):
    """What importing does with files, and the modules there are after the first operation."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("XPGRAD")}
    # A first run that writes bytecode would do more than the second.
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    environment["PYTHONPATH"] = os.pathsep.join([str(site), *path])
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


@pytest.mark.parametrize("entry_points", [BACKEND, PACK], ids=["backends", "packs of another backend"])
def test_importing_does_the_same_as_without(installed_plugins, plain_path, tmp_path, entry_points):
    names = [f"many{i}" for i in range(COUNT)]
    plugins = [(f"xpgrad-{n}", f"plugin_{n}", "raise SystemExit(3)", entry_points.format(name=n)) for n in names]
    site = installed_plugins(*plugins)
    assert len(list(site.glob("*.dist-info/entry_points.txt"))) == COUNT
    without, with_plugins = observe(tmp_path, plain_path), observe(site, plain_path)
    assert with_plugins == without
    accesses, modules = with_plugins
    assert min(accesses["open"], accesses["stat"], accesses["import"]) > 100  # it counts
    assert "importlib.metadata" not in modules
