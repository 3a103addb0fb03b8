"""A registry as in a new process, and distributions to find in it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from xpgrad.backends import discovery, loading, selection

Install = Callable[..., Path]


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Only NumPy is loaded, nothing is chosen, no metadata has been read, and afterwards all is as before."""
    numpy = loading.get_backend("numpy")
    monkeypatch.delenv(selection.VARIABLE, raising=False)
    monkeypatch.setattr(loading, "_loaded", {"numpy": numpy})
    monkeypatch.setattr(loading, "_by_type", dict.fromkeys(numpy.array_types, numpy))
    monkeypatch.setattr(selection, "_process_choice", None)
    discovery.installed.cache_clear()
    modules = set(sys.modules)
    yield
    discovery.installed.cache_clear()
    for name in set(sys.modules) - modules:
        if name.startswith("plugin_"):
            del sys.modules[name]


@pytest.fixture
def install(fresh: None, installed_plugin: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Install a plugin as ``installed_plugin`` does, for one test, on the path of this process."""

    def install(*plugin: str) -> Path:
        site = shutil.copytree(installed_plugin(*plugin), tmp_path / f"site{len(list(tmp_path.iterdir()))}")
        monkeypatch.syspath_prepend(site)
        discovery.installed.cache_clear()
        return site

    return install
