"""The places that tests run on: NumPy, NumPy that only reads, and array-api-strict. And plugins made for a test."""

from __future__ import annotations

import contextlib
import functools
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import numpy as np
import pytest
from hatchling.build import build_wheel

from xpgrad.backends.base import Place
from xpgrad.backends.numpy import NumpyBackend
from xpgrad.backends.registry import get_backend, register_backend


class ReadOnlyNumpyBackend(NumpyBackend):
    """NumPy whose functions return arrays that cannot be written to, as those of an immutable library cannot."""

    name = "numpy-readonly"
    mutable: ClassVar[bool] = False
    plain_device_names: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__()
        self.kernels: Mapping[str, Callable[..., Any]] = {k: frozen(f) for k, f in type(self).kernels.items()}
        self._xp = ModuleType("numpy that only reads")
        self._xp.__getattr__ = self._lookup  # type: ignore[method-assign]

    def _lookup(self, name: str) -> Any:
        value = getattr(super().xp, name)
        return frozen(value) if callable(value) and not isinstance(value, type) else value

    @property
    def xp(self) -> ModuleType:
        return self._xp

    def from_host(self, array: np.ndarray[Any, Any], handle: object) -> np.ndarray[Any, Any]:
        return freeze(array.copy())


def frozen(function: Callable[..., Any]) -> Callable[..., Any]:
    """``function``, its results read-only."""

    @functools.wraps(function)
    def call(*args: Any, **settings: Any) -> Any:
        return freeze(function(*args, **settings))

    return call


def freeze(value: Any) -> Any:
    """``value``, read-only if it is an array or made of them."""
    if isinstance(value, np.ndarray):
        value = value[...]
        value.flags.writeable = False
        return value
    if type(value) in (tuple, list):
        return type(value)(freeze(v) for v in value)
    return value


def pytest_configure() -> None:
    register_backend(ReadOnlyNumpyBackend)


def place_on(name: str) -> Place:
    """The default device of the backend ``name``."""
    return get_backend(name).places()[0]


@pytest.fixture(scope="session", params=["numpy", "numpy-readonly", "strict"])
def place(request: pytest.FixtureRequest) -> Place:
    return place_on(request.param)


@pytest.fixture(scope="session")
def numpy_place() -> Place:
    return place_on("numpy")


@pytest.fixture(scope="session")
def plain_path() -> list[str]:
    """The path of a process that finds xpgrad and what it needs, and none of the plugins of this checkout.

    Who lists the backends loads them all, and some of those libraries take seconds.
    """
    plugins = os.environ["PYTHONPATH"].split(os.pathsep)[0]
    return [folder for folder in sys.path if folder not in ("", plugins)]


@pytest.fixture(scope="session")
def installed_projects(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Installs projects as users do and says where: hatchling builds their wheels, pip puts them into a folder."""

    def install(*projects: Path) -> Path:
        folder = tmp_path_factory.mktemp("installed")
        for project in projects:
            with contextlib.chdir(project):
                build_wheel(str(folder))
        pip = [sys.executable, "-m", "pip", "--isolated", "--quiet", "--disable-pip-version-check", "install"]
        options = ["--no-index", "--no-deps", "--target", str(folder / "site")]
        subprocess.run([*pip, *options, *map(str, folder.glob("*.whl"))], check=True)
        return folder / "site"

    return install


@pytest.fixture(scope="session")
def strict_site(installed_projects: Callable[..., Path]) -> Path:
    """Where the strict backend is installed, for processes on `plain_path`."""
    return installed_projects(Path(__file__).parents[1] / "plugins" / "strict")


@pytest.fixture(scope="session")
def installed_plugins(
    installed_projects: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Path]:
    """Installs plugins as `installed_projects` does.

    Each is given by its project, its module, the source of that, its entry points as in a pyproject.toml, and its
    version. The same ones are installed once in a session: to change their files, copy the folder.
    """

    def written(project: str, module: str, source: str, entry_points: str, version: str = "0.3") -> Path:
        folder = tmp_path_factory.mktemp(project)
        names = {"project": project, "module": module, "version": version}
        text = PYPROJECT.format(**names, entry_points=textwrap.dedent(entry_points))
        (folder / "pyproject.toml").write_text(text, encoding="utf-8")
        (folder / f"{module}.py").write_text(textwrap.dedent(source), encoding="utf-8")
        return folder

    @functools.cache
    def install(*plugins: tuple[str, ...]) -> Path:
        return installed_projects(*(written(*plugin) for plugin in plugins))

    return install


@pytest.fixture(scope="session")
def installed_plugin(installed_plugins: Callable[..., Path]) -> Callable[..., Path]:
    """Installs one plugin as `installed_plugins` does."""
    return lambda *plugin: installed_plugins(plugin)


PYPROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "{project}"
version = "{version}"

[tool.hatch.build.targets.wheel]
only-include = ["{module}.py"]

{entry_points}
"""
