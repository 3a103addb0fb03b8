"""``python -m xpgrad new-backend NAME``: the skeleton of a plugin for an array library."""

from __future__ import annotations

import argparse
import importlib.resources
import keyword
import re
import string
import sys
from pathlib import Path
from typing import Any, Final

import xpgrad
from xpgrad.backends.base import PROTOCOL_VERSION
from xpgrad.backends.discovery import BUILT_IN, installed
from xpgrad.cli.library import Library, examine

# The version of the conformance suite that a new plugin pins; importing the suite to ask it takes a second.
SUITE: Final = 1

_DEVICE_TYPES = ("cpu", "cuda", "mps", "meta")
_MODULE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", re.ASCII)


def add_parser(commands: Any) -> None:
    """Add the command to those of `argparse`."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "new-backend",
        help="write the skeleton of a plugin for an array library",
        description="Write a project with a backend for an array library: the class, its entry point, a test that runs "
        "the conformance suite, and a workflow for GitHub. For a library that keeps to the Array API standard it "
        "passes as it is.",
    )
    parser.add_argument("name", help="what people will call the backend: lower case letters, digits and underscores")
    parser.add_argument("--library", metavar="MODULE", help="the library's namespace (NAME)")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="the folder to make (xpgrad-NAME)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write the project and say what to do next; return 2 if that is not possible."""
    name, module = arguments.name, arguments.library or arguments.name
    folder = arguments.out or Path(f"xpgrad-{name.replace('_', '-')}")
    problem = _problem(name, module, folder)
    if problem:
        print(f"new-backend: {problem}", file=sys.stderr)
        return 2
    library = examine(module)
    files = render(name, library)
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    print(f"{folder}: a backend {name!r} for {module}\n" + "\n".join(f"  {path}" for path in files))
    print(f"\nNext:\n  cd {folder}\n  pip install -e '.[test]'\n  python -m xpgrad backends -v")
    print(f"  python -m xpgrad conformance {name}")
    for note in (*library.notes, *_installed_already(name)):
        print(f"\nNote: {note}")
    return 0


def render(name: str, library: Library) -> dict[str, str]:
    """The files of the project, by their paths in it."""
    package = f"xpgrad_{name}"
    class_name = "".join(word.capitalize() for word in name.split("_")) + "Backend"
    # An array finds its backend by the module of its type or of its namespace, which need not be called like it.
    owners = [] if name in library.owners else library.owners
    names = {
        "name": name,
        "project": package.replace("_", "-"),
        "package": package,
        "class_name": class_name,
        "library": library.module,
        "distribution": library.distribution,
        "array_type": library.array_type,
        "xpgrad_version": xpgrad.__version__,
        "protocol": str(PROTOCOL_VERSION),
        "suite": str(SUITE),
    }
    names["declarations"] = "\n".join(f'{owner} = "{package}:{class_name}"' for owner in owners)
    names["arrays"] = _filled("arrays.toml", names) if owners else ""
    return {
        "pyproject.toml": _filled("pyproject.toml", names),
        f"{package}/__init__.py": _filled("package.py", names),
        f"{package}/conformance-{name}.toml": _filled("conformance.toml", names),
        f"tests/test_{name}.py": _filled("test.py", names),
        ".github/workflows/test.yml": _filled("test.yml", names),
        ".gitignore": _filled("gitignore", names),
        "README.md": _filled("README.md", names),
    }


def _filled(template: str, names: dict[str, str]) -> str:
    # Called `.in` so that no tool takes them for what they will be.
    file = importlib.resources.files("xpgrad.cli") / "templates" / "new_backend" / f"{template}.in"
    return string.Template(file.read_text(encoding="utf-8")).substitute(names)


def _installed_already(name: str) -> list[str]:
    return [
        f"{source} is installed here: uninstall it before you install this one, `pip uninstall {source.distribution}`."
        for source in installed().sources.get(name, [])
    ]


def _problem(name: str, module: str, folder: Path) -> str:
    """Why there can be no such project; empty if there can."""
    if not re.fullmatch("[a-z][a-z0-9_]*", name):
        tame = re.sub("[^a-z0-9]+", "_", name.lower()).strip("_")
        meant = f", such as {tame!r}" if re.match("[a-z]", tame) else ""
        return (
            f"a backend is called by lower case letters, digits and underscores, a letter first, not {name!r}. "
            f"Choose another name{meant}; the library's own goes into --library."
        )
    if name in BUILT_IN:
        return f"{name!r} is built in, and two backends of one name cannot be told apart. Choose another name."
    if name in _DEVICE_TYPES:
        return f"{name!r} is a type of device: '{name}:0' would mean two things. Choose another name."
    if not _MODULE.fullmatch(module) or any(map(keyword.iskeyword, module.split("."))):
        return f"--library takes what one writes after `import`, not {module!r}. Give the name of a module."
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        return f"{folder} is there already, and nothing is overwritten. Choose another folder with --out, or remove it."
    return ""
