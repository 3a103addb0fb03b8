"""Which backends are installed: the built-in table, and what the metadata of installed distributions declares.

Nothing is loaded here, and the metadata is not read before somebody asks for more than the built-in names.
"""

from __future__ import annotations

import functools
import importlib
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from xpgrad.errors import ArgumentTypeError, BrokenBackendError, UnknownBackendError

# Entry points: the backends by name, and for backends not called like the library, whose arrays are theirs.
BACKENDS: Final = "xpgrad.backends"
ARRAYS: Final = "xpgrad.arrays"
# Kernel packs, by backend and name: `numpy.onednn`.
PACKS: Final = "xpgrad.kernels"

_REFERENCE = re.compile(r"[\w.]+:[\w.]+")


class Source(NamedTuple):
    """Where a backend comes from.

    Attributes:
        name: What it is called.
        target: ``module:Class``.
        distribution: The project that installed it, empty for xpgrad itself.
        version: That project's version.
        remedy: What to do if its library is not installed; empty if only its author knows.
    """

    name: str
    target: str
    distribution: str = ""
    version: str = ""
    remedy: str = ""

    def __str__(self) -> str:
        return f"backend {self.name!r} ({self.origin})"

    @property
    def origin(self) -> str:
        """The target and what brought it."""
        if self.distribution:
            return f"{self.target}, from {self.distribution} {self.version}"
        return f"{self.target}, {'built in' if self.name in BUILT_IN else 'registered by this program'}"

    @property
    def module(self) -> str:
        """The module of the target."""
        return self.target.partition(":")[0]


class PackSource(NamedTuple):
    """Where a kernel pack comes from.

    Attributes:
        backend: The name of the backend that it accelerates.
        name: What it is called.
        target: ``module:Class``.
        distribution: The project that installed it.
        version: That project's version.
    """

    backend: str
    name: str
    target: str
    distribution: str
    version: str

    def __str__(self) -> str:
        return f"kernel pack {self.name!r} ({self.origin})"

    @property
    def origin(self) -> str:
        """The target and what brought it."""
        return f"{self.target}, from {self.distribution} {self.version}"


# The same as in pyproject.toml; kept here too so that these two are found without reading metadata.
BUILT_IN: Final = {
    "numpy": Source("numpy", "xpgrad.backends.numpy:NumpyBackend"),
    "cupy": Source(
        "cupy",
        "xpgrad.backends.cupy:CupyBackend",
        remedy="Install CuPy with `pip install 'xpgrad[cuda13]'`, or 'xpgrad[cuda12]' for a driver older than that "
        "(nvidia-smi shows its CUDA version).",
    ),
}


class Installed(NamedTuple):
    """What the metadata declares.

    Attributes:
        sources: The backends by name; more than one if distributions disagree.
        arrays: Top-level modules of array types, and the targets of the backends for them.
        packs: The kernel packs, in the order of their names.
        problems: What could not be understood, one line each, with what to do about it.
        broken: The problem of each backend or pack whose declaration cannot be used, by group and name.
    """

    sources: dict[str, list[Source]]
    arrays: dict[str, str]
    packs: list[PackSource]
    problems: list[str]
    broken: dict[tuple[str, str], str]


@functools.cache
def installed() -> Installed:
    """What all installed distributions declare, the built-in backends first; read once.

    Each distribution is read by itself, since one bad line in any of them makes ``importlib.metadata.entry_points()``
    raise for all.
    """
    # Deferred: it takes longer to import than all of xpgrad's own code, and most programs never need it.
    metadata: Any = importlib.import_module("importlib.metadata")
    found = Installed({name: [source] for name, source in BUILT_IN.items()}, {}, [], [], {})
    seen: set[str] = set()
    for distribution in metadata.distributions():
        where = getattr(distribution, "_path", distribution)
        # pip renames so what it is removing, and leaves it there if it is interrupted.
        if getattr(where, "name", "").startswith("~"):
            continue
        try:
            text = distribution.read_text("entry_points.txt") or ""
        except Exception as error:
            found.problems.append(
                f"{where}: its entry points cannot be read: {type(error).__name__}: {error}. Reinstall what it "
                "belongs to, or delete it."
            )
            continue
        if not any(group in text for group in (BACKENDS, ARRAYS, PACKS)):
            continue
        try:
            project, version = distribution.metadata["Name"], distribution.version
            key = re.sub(r"[-_.]+", "-", project).lower()
        except Exception:
            _report(
                found,
                f"{where} has no metadata besides its entry points: it was installed or removed by half. Reinstall "
                "what it belongs to, or delete it.",
                entries(text),
            )
            continue
        # The first on the path is the one that Python imports; xpgrad's own entries are the built-in table.
        if key not in seen and key != "xpgrad":
            seen.add(key)
            _take(found, text, project, version)
    found.packs.sort()
    return found


def find(name: object) -> Source:
    """The source of the backend called ``name``.

    Raises:
        UnknownBackendError: No installed distribution declares it.
        BrokenBackendError: Several do, or one does in a way that cannot be used.
        ArgumentTypeError: ``name`` is not a string.
    """
    if not isinstance(name, str):
        raise ArgumentTypeError(f"a backend is named by a string such as 'numpy', not {name!r:.60}")
    if name in BUILT_IN:
        return BUILT_IN[name]
    if name not in installed().sources:
        # It may have been installed since.
        installed.cache_clear()
    sources = installed().sources.get(name)
    if sources is None:
        problem = installed().broken.get((BACKENDS, name))
        raise BrokenBackendError(f"backend {name!r}: {problem}") if problem else _unknown(name)
    if len(sources) > 1:
        owners = " and ".join(f"{s.distribution} {s.version}" for s in sources)
        raise BrokenBackendError(
            f"backend {name!r} is declared by {owners}: which one is meant cannot be known. Uninstall all but one."
        )
    return sources[0]


def for_arrays_of(modules: set[str]) -> str | None:
    """The name of an installed plugin for arrays whose type belongs to one of these top-level modules, if one is."""
    named = (modules & installed().sources.keys()) - BUILT_IN.keys()
    declared = {installed().arrays[module] for module in modules & installed().arrays.keys()}
    named |= {name for name, sources in installed().sources.items() if any(s.target in declared for s in sources)}
    return min(named, default=None)


def entries(text: str) -> Iterator[tuple[str, str]]:
    """The lines of our groups in an ``entry_points.txt``, each with its group."""
    group = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            group = line.strip("[] ")
        elif line and not line.startswith(("#", ";")) and group in (BACKENDS, ARRAYS, PACKS):
            yield group, line


def _take(found: Installed, text: str, project: str, version: str) -> None:
    """Add to ``found`` what one ``entry_points.txt`` declares."""
    remedy = f"Upgrade or uninstall it: `pip install -U {project}`, `pip uninstall {project}`."
    for group, line in entries(text):
        name, _, target = (part.strip() for part in line.partition("="))
        target = target.partition("[")[0].strip()
        if not name or not _REFERENCE.fullmatch(target) or re.search(r"[:,\s]", name):
            problem = f"declares {line!r} in the group {group}, which is not of the form 'name = module:Class'"
            _report(found, f"{project} {version} {problem}. {remedy}", [(group, line)])
        elif group == PACKS:
            backend, _, pack = name.partition(".")
            if pack:
                found.packs.append(PackSource(backend, pack, target, project, version))
            else:
                problem = f"declares a kernel pack {name!r}, whose name must be of the form 'backend.pack'"
                _report(found, f"{project} {version} {problem}. {remedy}", [(group, line)])
        elif group == ARRAYS:
            found.arrays.setdefault(name, target)
        elif name in BUILT_IN:
            problem = f"declares a backend {name!r}, but that name is built in: it is ignored"
            _report(found, f"{project} {version} {problem}. {remedy}")
        else:
            found.sources.setdefault(name, []).append(Source(name, target, project, version))


def _report(found: Installed, problem: str, lines: Iterable[tuple[str, str]] = ()) -> None:
    """Add a problem, and for what ``lines`` of what group declare, as far as their names can be made out."""
    found.problems.append(problem)
    for group, line in lines:
        name = re.split(r"[=:,\s]", line, maxsplit=1)[0]
        if name:
            # Packs are asked for by the second part of their names.
            found.broken.setdefault((group, name.rpartition(".")[2] if group == PACKS else name), problem)


def _unknown(name: str) -> UnknownBackendError:
    known = installed()
    # Deferred like the metadata: only this error needs it.
    close = importlib.import_module("difflib").get_close_matches(name, known.sources, 2, 0.6)
    meant = f" Did you mean {' or '.join(map(repr, close))}?" if close else ""
    problems = "".join(f"\nNote: {problem}" for problem in known.problems)
    return UnknownBackendError(
        f"unknown backend {name!r}; installed are {', '.join(sorted(known.sources))}.{meant} A plugin is installed "
        f"with pip and found by its entry point; `python -m xpgrad backends` lists them all.{problems}"
    )
