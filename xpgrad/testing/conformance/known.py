"""What a plugin declares about itself: the version of the suite that it pins, and its known failures.

They are data in its own package, ``conformance-NAME.toml`` beside the module of the backend's class::

    suite = 1

    [[known]]
    checks = ["gradients/decompositions.svd*"]
    reason = "the library's svd has no full_matrices"
    issue = "https://..."  # optional
    when = "somelib < 0.12"  # optional: a distribution, or python, and its versions
    devices = ["cuda:*"]  # optional: on which devices
    run = false  # optional: for what kills the process or never ends
"""

from __future__ import annotations

import functools
import importlib.metadata
import importlib.resources
import platform
import sys
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from xpgrad.backends.base import Backend
from xpgrad.errors import ArgumentError
from xpgrad.testing.conformance.globs import matches
from xpgrad.testing.conformance.suite import SUITE_VERSION


@dataclass(frozen=True)
class Known:
    """One declared failure.

    Attributes:
        checks: Ids of checks; a ``*`` stands for any text.
        reason: Why they fail.
        issue: Where more is said; empty if nowhere.
        when: In which versions of what it holds; empty if always.
        devices: On which devices it holds; a ``*`` stands for any text.
        run: Whether the checks are run: false for crashes and hangs.
    """

    checks: tuple[str, ...]
    reason: str
    issue: str = ""
    when: str = ""
    devices: tuple[str, ...] = ("*",)
    run: bool = True

    def holds(self, device: str) -> bool:
        """Whether it is about the versions that are installed, and about ``device``."""
        return any(matches(d, device) for d in self.devices) and (not self.when or _holds(self.when))


@dataclass(frozen=True)
class Declared:
    """What a plugin says about itself.

    Attributes:
        suite: The version of the suite that it pins.
        known: Its known failures.
    """

    suite: int
    known: tuple[Known, ...] = ()

    def known_for(self, device: str, check: str) -> Known | None:
        """What is declared of a check on a device; None if nothing."""
        for known in self.known:
            if known.holds(device) and any(matches(pattern, check) for pattern in known.checks):
                return known
        return None

    def idle(self, device: str, checks: Iterable[str]) -> list[str]:
        """The patterns that match no check though what they say holds: misspelt, or about a check that is gone."""
        ids = list(checks)
        return [
            pattern
            for known in self.known
            if known.holds(device)
            for pattern in known.checks
            if not any(matches(pattern, check) for check in ids)
        ]


def declared_by(backend: Backend) -> Declared:
    """What the plugin of ``backend`` declares; nothing, and the newest suite, if it has no such file.

    Raises:
        ArgumentError: The file says something else than it should; the text names the file and the place in it.
    """
    module = sys.modules[type(backend).__module__]
    name = f"conformance-{backend.name}.toml"
    if not module.__package__ and not hasattr(module, "__path__"):
        return Declared(SUITE_VERSION)
    file = importlib.resources.files(module.__package__ or module.__name__) / name
    if not file.is_file():
        return Declared(SUITE_VERSION)
    try:
        return parse(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, ArgumentError) as error:
        raise ArgumentError(f"{file}: {error}") from error


def parse(text: str) -> Declared:
    """What the text of such a file declares.

    Raises:
        ArgumentError: A key is unknown, missing or of the wrong type, or this xpgrad has no such suite.
        tomllib.TOMLDecodeError: It is not TOML.
    """
    given = tomllib.loads(text)
    _expect(given, "the file", {"suite": int}, {"known": list})
    if given["suite"] > SUITE_VERSION:
        raise ArgumentError(
            f"it pins version {given['suite']} of the suite, this xpgrad has {SUITE_VERSION}: upgrade xpgrad, or pin "
            f"{SUITE_VERSION}"
        )
    if given["suite"] < 1:
        raise ArgumentError(f"it pins version {given['suite']} of the suite, and the first is 1: pin {SUITE_VERSION}")
    return Declared(given["suite"], tuple(_entry(i, table) for i, table in enumerate(given.get("known", []), 1)))


def _entry(number: int, table: Any) -> Known:
    where = f"known failure {number}"
    if not isinstance(table, dict):
        raise ArgumentError(f"{where} must be a table, [[known]]")
    _expect(table, where, {"checks": list, "reason": str}, {"issue": str, "when": str, "devices": list, "run": bool})
    if not table["reason"].strip() or not table["checks"]:
        raise ArgumentError(f"{where} must name at least one check, and say why it fails")
    lists = {key: tuple(map(str, table[key])) for key in ("checks", "devices") if key in table}
    known = Known(**{**table, **lists})
    if known.when:
        _holds(known.when)
    return known


def _expect(given: Mapping[str, Any], where: str, needed: Mapping[str, type], other: Mapping[str, type]) -> None:
    allowed = {**needed, **other}
    for key in [k for k in needed if k not in given]:
        raise ArgumentError(f"{where} lacks {key!r}")
    for key, value in given.items():
        if key not in allowed:
            raise ArgumentError(f"{where} has an unknown key {key!r}; known are {', '.join(allowed)}")
        if type(value) is not allowed[key]:
            raise ArgumentError(f"{where}: {key} must be of type {allowed[key].__name__}, got {value!r:.60}")


@functools.cache
def _holds(condition: str) -> bool:
    # pytest, which runs the kit, brings it.
    from packaging.requirements import InvalidRequirement, Requirement  # noqa: PLC0415

    try:
        asked = Requirement(condition)
    except InvalidRequirement as error:
        raise ArgumentError(f"when must be like 'numpy < 2.5', got {condition!r}: {error}") from None
    if asked.name == "python":
        return asked.specifier.contains(platform.python_version(), prereleases=True)
    try:
        version = importlib.metadata.version(asked.name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return asked.specifier.contains(version, prereleases=True)
