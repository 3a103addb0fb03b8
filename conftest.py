"""What a test run of this checkout needs before its first test: the plugins installed, a fair share of the cores."""

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pytest

_PROJECTS = sorted((Path(__file__).parent / "plugins").glob("*/pyproject.toml"))
# A pack of kernels would stand in for NumPy's own functions in every test: only its tests put it on the path.
PACKS = [path.parent for path in _PROJECTS if "xpgrad.kernels" in path.read_text(encoding="utf-8")]
PLUGINS = [path.parent for path in _PROJECTS if path.parent not in PACKS]

# Doctests import every module of the package, and these import CuPy, as only its users do.
collect_ignore = [] if importlib.util.find_spec("cupy") else ["xpgrad/backends/cupy.py", "xpgrad/backends/cupy_kernels"]


def pytest_configure(config: pytest.Config) -> None:
    """Install the plugins. The first process does it; its workers and subprocesses inherit ``PYTHONPATH``."""
    if not hasattr(config, "workerinput"):
        site = tempfile.mkdtemp(prefix="xpgrad-plugins-")
        config.add_cleanup(lambda: shutil.rmtree(site, ignore_errors=True))
        for project in PLUGINS:
            _install(project, site)
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [site, os.environ.get("PYTHONPATH")]))
        if config.getoption("numprocesses", None):
            for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
                os.environ.setdefault(variable, "1")
    # What is tested is each backend's own functions; tests of a kernel pack name it.
    os.environ.setdefault("XPGRAD_KERNELS", "none")
    # A worker starts with a copy of the first process's original path, so it needs this line too.
    sys.path.insert(0, os.environ["PYTHONPATH"].split(os.pathsep)[0])


@pytest.fixture(scope="session")
def packs_site(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder with the packs of kernels of this checkout installed, for the path of a subprocess."""
    site = str(tmp_path_factory.mktemp("packs"))
    for project in PACKS:
        _install(project, site)
    return site


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out the conformance kit's own tests unless a backend is named: tests/conformance asks them of several."""
    is_kit = collection_path.name == "test_conformance.py" and collection_path.parent.name == "conformance"
    return True if is_kit and not config.getoption("xpgrad_backend", None) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, with the reason in the summary, what needs a GPU where there is none."""
    needy = [item for item in items if item.get_closest_marker("cuda")]
    if needy and (reason := _why_no_cuda()):
        for item in needy:
            item.add_marker(pytest.mark.skip(reason=reason))


def _install(project: Path, site: str) -> None:
    """Build the wheel of ``project`` and unpack it into ``site``: its real metadata and entry points, as now on disk.

    The ``test`` extra cannot name a project that is not on the package index, and a copy installed once would go stale
    with the next edit. So each run builds the plugins anew, offline and in a fraction of a second.
    """
    with tempfile.TemporaryDirectory() as wheels:
        build = subprocess.run(
            [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", wheels],
            cwd=project,
            capture_output=True,
            text=True,
        )
        if build.returncode:
            said = (build.stderr or build.stdout).strip().splitlines()[-1:]
            raise pytest.UsageError(
                f"plugin {project.name!r} could not be built for the tests: {''.join(said)}; "
                "`pip install -e '.[test]'` installs what that needs"
            )
        (wheel,) = Path(wheels).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(site)


def _why_no_cuda() -> str | None:
    if importlib.util.find_spec("cupy") is None:
        return "CuPy is not installed"
    import cupy

    return None if cupy.cuda.is_available() else "CuPy finds no CUDA device"
