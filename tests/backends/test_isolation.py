"""A bad plugin breaks nobody: each is really installed, and used by a process of its own.

The process imports xpgrad, makes tensors on NumPy and on another plugin, lists all backends, and asks for the bad one.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

GOOD = """
import numpy
from xpgrad.backends.base import Backend

class Foo(Backend):
    name = "foo"
    xp = numpy
    array_types = (type("Array", (), {}),)
"""
ENTRY = '[project.entry-points."xpgrad.backends"]\nfoo = "plugin_foo:Foo"\n'
DECLARED = r"backend 'foo' \(plugin_foo:Foo, from xpgrad-foo 0\.3\)"

PROGRAM = """
import os, runpy, sys
import numpy

def settings():
    return sys.getrecursionlimit(), os.environ.copy(), numpy.geterr()

before = settings()
import xpgrad
assert xpgrad.ones(2).tolist() == [1.0, 1.0]
assert (xpgrad.ones(2, device="strict:device1") * 2).sum().item() == 4.0
assert settings() == before
assert not [name for name in sys.modules if name.startswith("plugin_")]

sys.argv = ["xpgrad", "backends", "-v"]
try:
    runpy.run_module("xpgrad", run_name="__main__")
except SystemExit as end:
    assert not end.code, end.code

print("ANSWER")
from xpgrad.backends.registry import get_backend
from xpgrad.errors import BackendError
for name in {names}:
    try:
        print(get_backend(name))
    except BackendError as error:
        print(error)
"""


class Bad(NamedTuple):
    """A plugin, what happened to it after it was installed, and what is said of it; all with its own name for "foo".

    Attributes:
        source: Its module, ``plugin_foo``.
        spoil: Changes what was installed.
        says: A pattern for the first line of the answer to who asks for backend ``foo``.
        remedy: What the answer says to do.
        entry: Its entry points.
    """

    source: str
    says: str
    remedy: str
    spoil: Callable[[Path], object] = bool
    entry: str = ENTRY


def without_metadata(site: Path) -> None:
    next(site.glob("*.dist-info/METADATA")).unlink()


def without_files(site: Path) -> None:
    for path in site.iterdir():
        if path.is_file():
            path.unlink()
        elif path.suffix != ".dist-info":
            shutil.rmtree(path)


def without_equals_sign(site: Path) -> None:
    file = next(site.glob("*.dist-info/entry_points.txt"))
    file.write_text(file.read_text().replace(" =", ""))


FAILED = rf"{DECLARED} failed to load: "
REMOVE = "Nothing else is affected. Upgrade it (`pip install -U xpgrad-foo`), or remove it: `pip uninstall xpgrad-foo`."
REINSTALL = "reinstall it: `pip install --force-reinstall xpgrad-foo`"

BAD = {
    "raises": Bad("raise RuntimeError('no licence')", f"{FAILED}RuntimeError: no licence", REMOVE),
    "exits": Bad("import sys\nsys.exit(3)", f"{FAILED}SystemExit: 3", REMOVE),
    "panics": Bad(
        "class Panic(BaseException): pass\nraise Panic('unwrapped a None')", f"{FAILED}Panic: unwrapped a None", REMOVE
    ),
    "unlinked": Bad(
        "import ctypes\nctypes.CDLL('libfoo.so.1')", rf"{FAILED}OSError: libfoo\.so\.1: cannot open", REMOVE
    ),
    "dependent": Bad(
        "import foo_core", f"{FAILED}ModuleNotFoundError: .*'foo_core'", "`pip install foo_core` may help"
    ),
    "outdated": Bad(
        "from xpgrad.backends.base import New", f"{FAILED}ImportError: .*'New'", "`pip install -U xpgrad xpgrad-foo`"
    ),
    "liar": Bad(
        GOOD.replace('"foo"', '"numpy"'), f"{DECLARED} calls itself 'numpy'", "`pip install -U xpgrad-foo`"
    ),
    "newer": Bad(
        GOOD + "    protocol = 99", f"{DECLARED} speaks version 99 of the backend protocol", "`pip install -U xpgrad`"
    ),
    "empty": Bad("", f"{FAILED}AttributeError", "`pip install -U xpgrad-foo`"),
    "astray": Bad(
        GOOD, FAILED.replace("_foo:", "_bar:") + "ModuleNotFoundError", REINSTALL, entry=ENTRY.replace("_foo:", "_bar:")
    ),
    "hollow": Bad(GOOD, f"{FAILED}ModuleNotFoundError", REINSTALL, without_files),
    "nameless": Bad(
        GOOD, "backend 'foo': .*xpgrad_foo-0.3.dist-info has no metadata besides", "Reinstall what it belongs to",
        without_metadata,
    ),
    "garbled": Bad(
        GOOD, "backend 'foo': xpgrad-foo 0.3 declares 'foo plugin_foo:Foo' in the group xpgrad.backends, which is not",
        "`pip install -U xpgrad-foo`", without_equals_sign,
    ),
}  # fmt: skip


@pytest.fixture
def site_of(installed_plugin, tmp_path) -> Callable[[str], Path]:
    """Installs the bad plugin of a name and spoils it."""

    def install(name: str) -> Path:
        bad = BAD[name]
        plugin = (f"xpgrad-{name}", f"plugin_{name}", bad.source.replace("foo", name), bad.entry.replace("foo", name))
        site = shutil.copytree(installed_plugin(*plugin), tmp_path / name)
        bad.spoil(site)
        return site

    return install


@pytest.fixture
def python(plain_path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs Python with these folders on its path."""

    def run(sites: Sequence[Path], *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("XPGRAD")}
        environment["PYTHONPATH"] = os.pathsep.join([*map(str, sites), *plain_path])
        return subprocess.run([sys.executable, *arguments], env=environment, cwd=cwd, capture_output=True, text=True)

    return run


@pytest.fixture
def use(python, strict_site) -> Callable[..., tuple[str, str]]:
    """What the listing, and then the answers say, in a process with these folders on its path."""

    def run(*sites: Path, ask: Sequence[str] = ("foo",)) -> tuple[str, str]:
        done = python([strict_site, *sites], "-W", "error", "-c", PROGRAM.replace("{names}", repr(ask)))
        assert (done.returncode, done.stderr) == (0, "")
        listing, _, answer = done.stdout.partition("ANSWER\n")
        states = {line.split()[0]: line for line in listing.splitlines() if line and not line.startswith(" ")}
        assert states["numpy"].endswith("*        ready")
        assert states["strict"].endswith("ready")
        return listing, answer

    return run


@pytest.mark.parametrize("name", BAD)
def test_nobody_else_is_affected_and_the_answer_says_the_cause_and_the_fix(use, site_of, name):
    listing, answer = use(site_of(name), ask=(name,))
    says = BAD[name].says.replace("foo", name)
    assert re.match(says, answer)
    assert BAD[name].remedy.replace("foo", name) in answer
    assert re.search(says.removeprefix(f"backend '{name}': "), listing)


def test_all_at_once(use, site_of):
    listing, _ = use(*map(site_of, BAD), ask=())
    failed = re.findall("^([^ ]+) .* failed$", listing, re.MULTILINE)
    # Others may fail with them: an entry point that cannot be parsed stops libraries that read those of everyone.
    assert [name for name in failed if name in BAD] == sorted(BAD.keys() - {"nameless", "garbled"})
    assert listing.count("Note: ") == 2


def test_pytest_runs_where_plugins_are_broken(python, site_of, tmp_path):
    # It loads the options of the conformance kit wherever xpgrad is installed. (Entry points that cannot be parsed stop
    # pytest itself.)
    (tmp_path / "test_own.py").write_text(
        "import sys\ndef test_own(): assert not [m for m in sys.modules if m == 'xpgrad' or m.startswith('plugin_')]\n"
    )
    sites = [site_of(name) for name in ("raises", "exits", "hollow", "nameless")]
    done = python(sites, "-m", "pytest", "-q", "-p", "xpgrad_pytest", "test_own.py", cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout


def test_the_conformance_kit_says_why_it_cannot_ask(python, site_of, tmp_path):
    done = python([site_of("raises")], "-m", "xpgrad", "conformance", "raises", "--jobs=1", cwd=tmp_path)
    assert done.returncode == 4
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
    assert re.search(BAD["raises"].says.replace("foo", "raises"), line)


@pytest.mark.parametrize("name", ["numpy", "cupy"])
def test_a_built_in_name_is_not_taken(use, installed_plugin, name):
    source = GOOD.replace('"foo"', repr(name))
    listing, answer = use(
        installed_plugin("xpgrad-foo", "plugin_foo", source, ENTRY.replace("foo =", f"{name} =")), ask=(name,)
    )
    assert f"Note: xpgrad-foo 0.3 declares a backend '{name}', but that name is built in: it is ignored." in listing
    assert "`pip uninstall xpgrad-foo`" in listing
    assert f"xpgrad.backends.{name}" in answer


def test_two_with_one_name(use, installed_plugin):
    plugins = [installed_plugin(project, "plugin_foo", GOOD, ENTRY) for project in ("xpgrad-foo", "other-foo")]
    listing, answer = use(*plugins)
    assert answer.startswith("backend 'foo' is declared by xpgrad-foo 0.3 and other-foo 0.3: which one is meant")
    assert "Uninstall all but one" in answer
    assert "which one is meant" in listing


# These work, when asked for and no earlier: `use` looks that the first lines of the program import none.


def test_one_that_is_slow_to_import_is_imported_when_it_is_asked_for(
    python, use, strict_site, installed_plugin, tmp_path
):
    imported = tmp_path / "imported"
    source = f"with open({str(imported)!r}, 'a') as file:\n    file.write('slowly')\n{GOOD}"
    site = installed_plugin("xpgrad-foo", "plugin_foo", source, ENTRY)
    program = "import xpgrad; (xpgrad.ones(2, device='strict:cpu') + 1).tolist(); from xpgrad import nn, optim, data"
    done = python([strict_site, site], "-c", program)
    assert (done.returncode, done.stderr) == (0, "")
    assert not imported.exists()
    listing, answer = use(site)
    assert imported.read_text() == "slowly"
    assert "plugin_foo.Foo" in answer
    assert re.search("^foo .* ready$", listing, re.MULTILINE)


def test_what_one_changes_is_changed_when_it_is_asked_for(use, installed_plugin):
    change = """
import os, sys, warnings
import numpy
numpy.seterr(all="raise")
sys.setrecursionlimit(sys.getrecursionlimit() + 500)
os.environ["XPGRAD_BACKEND"] = "nowhere"
warnings.simplefilter("ignore")
"""
    listing, answer = use(installed_plugin("xpgrad-foo", "plugin_foo", change + GOOD, ENTRY))
    assert "plugin_foo.Foo" in answer
    assert re.search("^foo .* ready$", listing, re.MULTILINE)


def test_extras_of_an_entry_point_are_not_part_of_its_target(use, installed_plugin):
    site = installed_plugin("xpgrad-foo", "plugin_foo", GOOD, ENTRY.replace(':Foo"', ':Foo [gpu, test]"'))
    assert "[gpu, test]" in next(site.glob("*.dist-info/entry_points.txt")).read_text()
    assert "plugin_foo.Foo" in use(site)[1]
