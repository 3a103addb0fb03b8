"""A registry as in a new process, and distributions to find in it."""

from __future__ import annotations

import sys
import textwrap
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
def install(fresh: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Install a distribution for one test: real metadata and a real module, on a path of its own."""

    def install(
        project: str, module: str = "", source: str = "", entry_points: str | bytes = "", version: str = "0.3"
    ) -> Path:
        site = tmp_path / project
        info = site / f"{project.replace('-', '_')}-{version}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project}\nVersion: {version}\n")
        if isinstance(entry_points, bytes):
            (info / "entry_points.txt").write_bytes(entry_points)
        else:
            (info / "entry_points.txt").write_text(textwrap.dedent(entry_points))
        if module:
            (site / f"{module}.py").write_text(textwrap.dedent(source))
        monkeypatch.syspath_prepend(site)
        discovery.installed.cache_clear()
        return site

    return install
