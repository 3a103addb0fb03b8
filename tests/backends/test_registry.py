"""Finding backends: by name, by array, by metadata; and what must not happen on the way."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import array_api_strict
import numpy as np
import pytest

from xpgrad.backends import discovery, loading
from xpgrad.backends.base import Backend
from xpgrad.backends.numpy import NumpyBackend
from xpgrad.backends.registry import (
    default_place,
    describe_backends,
    get_backend,
    host_place,
    place_for,
    register_backend,
    registered_backends,
)
from xpgrad.errors import ArgumentError, ArgumentTypeError, BrokenBackendError, UnknownBackendError

pytestmark = pytest.mark.usefixtures("fresh")


class Elsewhere(np.ndarray):
    """The array type of a backend made up here."""


class ElsewhereBackend(Backend):
    name = "elsewhere"
    xp = np
    array_types = (Elsewhere,)


def test_the_built_in_table_equals_the_entry_points_of_the_project():
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    declared = project["project"]["entry-points"][discovery.BACKENDS]
    assert {name: source.target for name, source in discovery.BUILT_IN.items()} == declared


def test_the_example_in_the_how_to_is_the_strict_plugin():
    root = Path(__file__).parents[2]
    text = (root / "docs" / "howto" / "backend.md").read_text()
    (toml,) = (block for block in re.findall(r"```toml\n(.*?)```", text, re.DOTALL) if "xpgrad.arrays" in block)
    (python,) = (block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "class" in block)
    project = (root / "plugins" / "strict" / "pyproject.toml").read_text()
    plugin = (root / "plugins" / "strict" / "xpgrad_strict" / "__init__.py").read_text()
    assert [line for line in toml.splitlines() if line not in project.splitlines()] == []
    assert [line for line in python.splitlines() if line.strip() != "..." and line not in plugin.splitlines()] == []


def test_an_unknown_name_lists_what_there_is_and_what_is_close():
    with pytest.raises(UnknownBackendError) as caught:
        get_backend("numpi")
    assert str(caught.value).startswith("unknown backend 'numpi'; installed are cupy, ")
    assert "Did you mean 'numpy'?" in str(caught.value)
    assert isinstance(caught.value, LookupError)


@pytest.mark.parametrize("name", [None, 3, ["numpy"], b"numpy"])
def test_a_name_is_a_string(name):
    with pytest.raises(ArgumentTypeError, match="a backend is named by a string such as 'numpy'"):
        get_backend(name)


def test_cupy_without_the_library_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", None)
    monkeypatch.delitem(sys.modules, "xpgrad.backends.cupy", raising=False)
    with pytest.raises(BrokenBackendError) as caught:
        get_backend("cupy")
    first, second = str(caught.value).splitlines()
    assert first.startswith(
        "backend 'cupy' (xpgrad.backends.cupy:CupyBackend, built in) failed to load: ModuleNotFoundError"
    )
    assert second.startswith("Install CuPy with `pip install 'xpgrad[cuda13]'`")
    (report,) = [r for r in describe_backends()[0] if r.name == "cupy"]
    assert (report.status, report.devices) == ("not installed", ())


def test_numpy_is_described_as_ready_and_default():
    (report,) = [r for r in describe_backends()[0] if r.name == "numpy"]
    assert (report.version, report.devices, report.is_default) == (np.__version__, ("cpu",), True)
    assert (report.status, report.reason) == ("ready", "")


def test_importing_looks_at_no_metadata_and_at_no_other_library():
    program = "\n".join(
        (
            "import sys, xpgrad",
            "import xpgrad.backends.registry as registry",
            "xpgrad.zeros(2); registry.default_place(); registry.resolve('cpu')",
            "registry.place_for(registry.host_place().xp.zeros(1)); registry.get_backend('numpy')",
            "unwanted = {'cupy', 'array_api_compat', 'array_api_strict', 'importlib.metadata', 'difflib', 'ml_dtypes'}",
            "sys.exit(', '.join(sorted(unwanted & set(sys.modules))) or None)",
        )
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_the_numpy_path_does_not_read_metadata(monkeypatch):
    def refuse():
        raise AssertionError("read")

    monkeypatch.setattr(importlib.metadata, "distributions", refuse)
    assert get_backend("numpy") is default_place().backend is host_place().backend
    assert place_for(np.ones(2)) is host_place()
    assert place_for(np.ones(2).view(np.recarray)) is host_place()
    with pytest.raises(AssertionError, match="read"):
        registered_backends()


# By array.


def test_an_array_is_placed_by_its_type():
    assert place_for(np.ones(3)) is host_place()
    assert place_for(np.memmap.__new__(np.memmap, __file__, mode="r", shape=(2,))) is host_place()


def test_an_array_of_an_installed_library_loads_its_backend():
    array = array_api_strict.zeros(2, device=array_api_strict.Device("device1"))
    assert "strict" not in loading.loaded_backends()
    assert place_for(array) is get_backend("strict").place("device1")


def test_a_backend_called_like_the_library_needs_no_declaration(install):
    install(
        "xpgrad-tiny",
        "plugin_tiny",
        """
        import numpy
        from xpgrad.backends.base import Backend

        class Array:
            __module__ = "tinylib._core"

            def __array_namespace__(self):
                return numpy

        class Backend(Backend):
            name = "tinylib"
            xp = numpy
            array_types = (Array,)
        """,
        '[project.entry-points."xpgrad.backends"]\ntinylib = "plugin_tiny:Backend"',
    )
    import plugin_tiny

    assert place_for(plugin_tiny.Array()).backend.name == "tinylib"


def test_an_array_whose_backend_is_broken_says_so(install):
    source = """
        class Array:
            __module__ = "tinylib._core"
        raise RuntimeError("tinylib moved")
    """
    install(
        "xpgrad-tiny",
        "plugin_tiny",
        source,
        '[project.entry-points."xpgrad.backends"]\ntinylib = "plugin_tiny:Backend"',
    )
    array = type("Array", (), {"__module__": "tinylib._core"})()
    with pytest.raises(BrokenBackendError, match=r"backend 'tinylib' \(.*failed to load: RuntimeError: tinylib moved"):
        place_for(array)


@pytest.mark.parametrize("thing", ["text", 3, [1.0], None, np.float32(1), object()])
def test_what_is_no_array_is_refused(thing):
    with pytest.raises(ArgumentTypeError, match=r"no backend takes arrays of type \w+\.\w+; loaded are numpy"):
        place_for(thing)


# Registered by a program.


def test_a_registered_backend_is_found_by_name_and_by_array():
    backend = register_backend(ElsewhereBackend)
    assert get_backend("elsewhere") is backend
    assert place_for(np.ones(2).view(Elsewhere)) is backend.place("cpu")
    assert "elsewhere" in registered_backends()
    (report,) = [r for r in describe_backends()[0] if r.name == "elsewhere"]
    assert (report.origin, report.status) == ("registered by this program", "ready")
    assert register_backend(backend) is backend


def test_a_registered_instance_is_used_as_it_is():
    backend = ElsewhereBackend()
    assert register_backend(backend) is get_backend("elsewhere") is backend


def test_an_instance_may_be_made_with_arguments():
    class Configured(ElsewhereBackend):
        def __init__(self, url):
            self.url = url

    assert register_backend(Configured("here")).place("cpu").backend.url == "here"


def test_a_name_cannot_be_registered_twice():
    register_backend(ElsewhereBackend)
    for taken in (ElsewhereBackend, type("Other", (NumpyBackend,), {})):
        with pytest.raises(ArgumentError, match="exists already; give this one another name"):
            register_backend(taken)


def test_another_backend_over_numpy_does_not_take_its_arrays():
    register_backend(type("Copycat", (NumpyBackend,), {"name": "copycat"}))
    assert place_for(np.ones(2)) is host_place()


@pytest.mark.filterwarnings("ignore:the matrix subclass")
def test_nor_if_it_comes_first(monkeypatch):
    for known in ("_loaded", "_by_type"):
        monkeypatch.setattr(loading, known, {})
    register_backend(type("Copycat", (NumpyBackend,), {"name": "copycat", "array_types": (np.ndarray, int)}))
    for array in (np.matrix([[1.0]]), np.ones(2)):
        assert place_for(array).backend.name == "numpy"


def test_what_is_registered_is_checked():
    with pytest.raises(
        BrokenBackendError, match=r"backend 'dict' \(builtins:dict, registered by this program\) is not a backend"
    ):
        register_backend(dict)
    with pytest.raises(BrokenBackendError, match="lacks array_types, xp"):
        register_backend(type("Half", (Backend,), {"name": "half"}))
