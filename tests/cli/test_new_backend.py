"""``python -m xpgrad new-backend``: what it writes is a plugin that works, and what it refuses."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import re
import subprocess
import sys
import tomllib

import array_api_strict
import pytest

import xpgrad
from xpgrad.backends.base import PROTOCOL_VERSION
from xpgrad.cli import main, new_backend
from xpgrad.cli.library import examine

# As it calls itself, with a hyphen or without.
DISTRIBUTION = importlib.metadata.metadata("array-api-strict")["Name"]


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A plugin for array-api-strict under another name, as it is written."""
    folder = tmp_path_factory.mktemp("new") / "project"
    assert main(["new-backend", "my_strict", "--library", "array_api_strict", "--out", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def run(project, installed_projects, plain_path):
    """Runs Python with the plugin really installed."""
    path = [str(installed_projects(project)), *plain_path]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("XPGRAD_B")}
    environment["PYTHONPATH"] = os.pathsep.join(path)

    def run(*arguments):
        command = [sys.executable, *map(str, arguments)]
        return subprocess.run(command, env=environment, cwd=project, capture_output=True, text=True)

    return run


def test_the_files(project):
    files = {str(path.relative_to(project)) for path in project.rglob("*") if path.is_file()}
    assert files == {
        ".github/workflows/test.yml",
        ".gitignore",
        "README.md",
        "pyproject.toml",
        "tests/test_my_strict.py",
        "xpgrad_my_strict/__init__.py",
        "xpgrad_my_strict/conformance-my_strict.toml",
    }
    # Nothing is left to fill in, but what GitHub fills in.
    left = [re.findall(r"(?<!\{)\$\w+|\$\{(?!\{).*", (project / file).read_text()) for file in files]
    assert not any(left)


def test_the_declarations(project):
    declared = tomllib.loads((project / "pyproject.toml").read_text())["project"]
    assert declared["name"] == "xpgrad-my-strict"
    assert declared["dependencies"] == [f"xpgrad>={xpgrad.__version__}", DISTRIBUTION]
    target = "xpgrad_my_strict:MyStrictBackend"
    assert declared["entry-points"] == {
        "xpgrad.backends": {"my_strict": target},
        "xpgrad.arrays": {"array_api_strict": target},
    }


def test_what_a_skeleton_pins(project):
    from xpgrad.testing.conformance.known import parse
    from xpgrad.testing.conformance.suite import SUITE_VERSION

    text = (project / "xpgrad_my_strict" / "conformance-my_strict.toml").read_text()
    assert parse(text).suite == SUITE_VERSION == new_backend.SUITE
    assert f"protocol: ClassVar[int] = {PROTOCOL_VERSION}" in (project / "xpgrad_my_strict" / "__init__.py").read_text()
    # Its example is one, once the comment signs are gone.
    (known,) = parse(re.sub(r"^# (?=\[\[|\w+ = )", "", text, flags=re.MULTILINE)).known
    assert (known.run, known.devices, known.when) == (False, ("cuda:*",), f"{DISTRIBUTION} < 2")


@pytest.mark.skipif(importlib.util.find_spec("ruff") is None, reason="ruff is not installed; .ci/run lints one too")
@pytest.mark.parametrize("command", [["check"], ["format", "--check"]], ids=" ".join)
def test_it_is_linted(project, command):
    done = subprocess.run([sys.executable, "-m", "ruff", *command, "."], cwd=project, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_it_is_found_when_it_is_installed(run):
    done = run("-m", "xpgrad", "backends")
    assert re.search(f"^my_strict +{re.escape(array_api_strict.__version__)} +cpu .*ready$", done.stdout, re.MULTILINE)


def test_its_own_tests_pass(run):
    done = run("-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "not conforms")
    assert done.returncode == 0, done.stdout
    assert "2 passed, 1 deselected" in done.stdout


CONFORMANCE = ("-m", "xpgrad", "conformance", "my_strict", "--jobs=1")


def test_some_checks_of_the_suite_pass(run, tmp_path):
    done = run(*CONFORMANCE, "--out", tmp_path, "--checks=*/trigonometric.sin/*", "--checks=*/decompositions.svd*")
    assert done.returncode == 0, done.stdout
    assert re.search(r"\d+ passed", done.stdout)
    assert "# Conformance of `my_strict`" in (tmp_path / "conformance-my_strict-part.md").read_text()


@pytest.mark.slow
def test_the_whole_suite_passes(run, tmp_path):
    done = run(*CONFORMANCE, "--out", tmp_path)
    assert done.returncode == 0, done.stdout


# Other libraries.


def test_a_library_that_is_not_here(tmp_path, capsys):
    assert main(["new-backend", "foo", "--out", str(tmp_path / "foo")]) == 0
    said = capsys.readouterr().out
    assert "Note: foo cannot be imported here (ModuleNotFoundError: No module named 'foo'), so" in said
    source = (tmp_path / "foo" / "xpgrad_foo" / "__init__.py").read_text()
    assert "array_types: tuple[type, ...] = (type(foo.empty(0)),)" in source
    compile(source, "foo", "exec")
    declared = tomllib.loads((tmp_path / "foo" / "pyproject.toml").read_text())["project"]
    assert declared["entry-points"] == {"xpgrad.backends": {"foo": "xpgrad_foo:FooBackend"}}


LIBRARY = """
import numpy
from numpy import *

class Array:
    def __init__(self, shape, **_): self.shape = shape
    def __array_namespace__(self): return __import__({namespace!r})
    {more}

def __array_namespace_info__(): return __import__("array_api_strict").__array_namespace_info__()
empty = Array
"""


def make(monkeypatch, tmp_path, name, namespace="numpy", more="pass", end=""):
    (tmp_path / f"{name}.py").write_text(LIBRARY.format(namespace=namespace, more=more) + end)
    monkeypatch.syspath_prepend(tmp_path)
    return examine(name)


def test_a_type_is_called_by_its_name_if_the_library_has_one(monkeypatch, tmp_path):
    library = make(monkeypatch, tmp_path, "lib_named", "lib_named")
    assert library.array_type == "lib_named.Array"
    assert library.owners == ("lib_named",)
    assert library.distribution == "lib_named"
    assert make(monkeypatch, tmp_path, "lib_unnamed", end="del Array").array_type == "type(lib_unnamed.empty(0))"


def test_both_owners_of_an_array_are_declared(monkeypatch, tmp_path):
    library = make(monkeypatch, tmp_path, "lib_core", "array_api_strict")
    assert library.owners == ("array_api_strict", "lib_core")
    assert "lib_core = " in new_backend.render("lib", library)["pyproject.toml"]
    assert "xpgrad.arrays" not in new_backend.render("lib_core", library)["pyproject.toml"]


def test_what_a_library_needs_besides_is_said(monkeypatch, tmp_path):
    refuses = "def __array__(self, *_, **__): raise TypeError('not here')"
    ends = "def asarray(x, *, device): raise ValueError('not those')"
    reads, is_read, devices = make(monkeypatch, tmp_path, "lib_poor", more=refuses, end=ends).notes
    assert reads.startswith("NumPy cannot read its arrays (TypeError: not here): give the class a `to_host`.")
    assert is_read.startswith("asarray does not read NumPy's (ValueError: not those): give the class a `from_host`.")
    assert re.match(r"it has \d devices, of which the skeleton uses one", devices)


def test_a_module_that_is_no_namespace_is_said_to_be_none(monkeypatch, tmp_path):
    (tmp_path / "lib_none.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    library = examine("lib_none")
    assert [note.partition(":")[0][:40] for note in library.notes] == [
        "lib_none has no __array_namespace_info__",
        "lib_none.empty(0) fails (AttributeError",
    ]


def test_what_array_api_compat_wraps_is_what_to_install():
    library = examine("array_api_compat.numpy")
    assert library.distribution == "numpy"
    assert library.array_type == "array_api_compat.numpy.ndarray"


# Refusals.


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (
            ["My-Lib"],
            "a letter first, not 'My-Lib'. Choose another name, such as 'my_lib'; the library's own goes into",
        ),
        (["2d"], "a letter first, not '2d'. Choose another name; the library's own goes into --library."),
        (["jax.numpy"], "not 'jax.numpy'. Choose another name, such as 'jax_numpy';"),
        (["ünicode"], "not 'ünicode'."),
        (["numpy"], "'numpy' is built in, and two backends of one name cannot be told apart. Choose another name."),
        (["cupy"], "'cupy' is built in"),
        (["cuda"], "'cuda' is a type of device: 'cuda:0' would mean two things."),
        (["lib", "--library", "my-lib"], "--library takes what one writes after `import`, not 'my-lib'."),
        (["lib", "--library", "os; import sys"], "--library takes what one writes after `import`"),
        (["lambda"], "--library takes what one writes after `import`, not 'lambda'."),
    ],
)
def test_what_is_refused(arguments, problem, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["new-backend", *arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("new-backend: ")
    assert problem in said.err
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(project, capsys):
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    assert main(["new-backend", "other", "--out", str(project)]) == 2
    assert f"{project} is there already, and nothing is overwritten. Choose another folder" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in project.rglob("*") if path.is_file()} == before


def test_the_folder_is_called_like_the_project(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "xpgrad-strict").mkdir()  # an empty one will do
    assert main(["new-backend", "strict", "--library", "array_api_strict"]) == 0
    assert (tmp_path / "xpgrad-strict" / "pyproject.toml").exists()
    said = capsys.readouterr().out
    assert "cd xpgrad-strict" in said
    assert "Note: backend 'strict' (xpgrad_strict:StrictBackend, from xpgrad-strict 0.1.0) is installed here" in said
