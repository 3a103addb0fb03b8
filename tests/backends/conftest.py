"""A registry as in a new process, distributions to find in it, and a stand-in for CuPy."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from xpgrad.backends import cublas, discovery, loading, selection
from xpgrad.backends.base import Place
from xpgrad.backends.cudnn import library

Install = Callable[..., Path]
STANDIN = Path(__file__).parents[1] / "standin"

# The modules that import CuPy, and so are others where it is the stand-in.
OVER_CUPY = (
    "cupy",
    "cupyx",
    "cupy_backends",
    "array_api_compat.cupy",
    "xpgrad.backends.cupy",
    "xpgrad.backends.cupy_kernels",
)


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


def _is_over_cupy(module: str) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in OVER_CUPY)


@pytest.fixture(scope="module")
def standin() -> Iterator[ModuleType]:
    """The stand-in under CuPy's name, whatever is installed under it, while one module's tests run."""
    # Before its table is set aside, since some keep what they have of NumPy's backend for good.
    loading.get_backend("numpy")
    with pytest.MonkeyPatch.context() as patch:
        for name in filter(_is_over_cupy, list(sys.modules)):
            patch.delitem(sys.modules, name)
        patch.syspath_prepend(STANDIN)
        patch.setattr(loading, "_loaded", dict(loading._loaded))
        patch.setattr(loading, "_by_type", dict(loading._by_type))
        loading._loaded.pop("cupy", None)
        # What is looked for when it is first called: the stand-in's cuBLAS, and no cuDNN, which needs a real GPU.
        cublas._cublas.cache_clear()
        patch.setattr(library, "_candidates", lambda: iter(()))
        library.find.cache_clear()
        discovery.installed.cache_clear()
        import cupy

        assert "stand-in" in cupy.__doc__
        yield cupy
        for name in filter(_is_over_cupy, list(sys.modules)):
            del sys.modules[name]
    cublas._cublas.cache_clear()
    library.find.cache_clear()
    discovery.installed.cache_clear()


@pytest.fixture
def cupy_place(standin: ModuleType) -> Place:
    """The first device of CuPy's backend on the stand-in."""
    return loading.get_backend("cupy").place("cuda:0")
