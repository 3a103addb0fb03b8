"""Kernel packs: plugins with faster functions for a backend that is not theirs.

A distribution declares ``backend.pack = "module:Class"`` in the entry-point group ``xpgrad.kernels``, so that what is
meant for another backend is never loaded. Packs are looked for when a backend's namespace is first used, and
``XPGRAD_KERNELS`` chooses: ``none``, or the names of packs, the preferred first; all that are installed by default.
"""

from __future__ import annotations

import functools
import importlib
import os
import sys
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final, NamedTuple

from xpgrad._typing import Namespace
from xpgrad.backends import discovery
from xpgrad.backends.discovery import PACKS, PackSource
from xpgrad.errors import BrokenBackendError, UnknownBackendError

VARIABLE: Final = "XPGRAD_KERNELS"

# The version of this protocol, of which a pack says for which it was written.
PACK_PROTOCOL: Final = 1


class KernelPack(ABC):
    """Faster functions for one backend. Subclass, set `name` and `backend`, give `kernels`.

    Instances are made without arguments, once, when the backend is first used; a constructor that raises says why the
    pack cannot be used here, and the backend goes on without it.

    Attributes:
        name: What people call it: the second part of the name of its entry point.
        backend: The name of the backend that it accelerates: the first part.
        protocol: The `PACK_PROTOCOL` that it was written for.
    """

    name: ClassVar[str]
    backend: ClassVar[str]
    protocol: ClassVar[int] = 1

    @property
    @abstractmethod
    def kernels(self) -> Mapping[str, Callable[..., Any]]:
        """Functions by name, each ``f(xp, *arrays, **settings)`` with the answer of the namespace's own.

        A call that a kernel is not made for (a dtype, a layout, a setting) returns ``NotImplemented``: the function
        that it stands before answers.
        """

    def version(self) -> str:
        """The version of the library behind it, if there is one."""
        return ""


class PackReport(NamedTuple):
    """The state of one pack.

    Attributes:
        source: Where it comes from.
        version: That of its library.
        kernels: The functions that it gives, in alphabetical order.
        reason: Why it is not in use; empty if it is.
    """

    source: PackSource
    version: str
    kernels: tuple[str, ...]
    reason: str


@functools.cache
def packs_for(backend: str) -> tuple[KernelPack, ...]:
    """The packs in use for the backend of that name, the preferred first.

    Raises:
        UnknownBackendError: ``XPGRAD_KERNELS`` names a pack that is not installed.
        BrokenBackendError: It names one that cannot be loaded. One that nobody named is passed over with a warning.
    """
    chosen = _chosen()
    if chosen == ["none"] or not _declared_somewhere():
        _require_installed(chosen)
        return ()
    _require_installed(chosen)
    sources = {s.name: s for s in discovery.installed().packs if s.backend == backend}
    found = []
    for name in chosen or sorted(sources):
        try:
            if name in sources:
                found.append(_load(sources[name]))
        except BrokenBackendError as error:
            if chosen:
                raise BrokenBackendError(f"{VARIABLE}={','.join(chosen)}: {error}") from error
            warnings.warn(f"{error} Without it {backend}'s own functions are used.", RuntimeWarning, stacklevel=2)
    return tuple(found)


def describe_packs() -> list[PackReport]:
    """The state of every pack that is installed, each of which is loaded to find out."""
    chosen, reports = _chosen(), []
    for source in discovery.installed().packs:
        try:
            pack = _load(source)
            version, kernels, reason = pack.version(), tuple(sorted(pack.kernels)), ""
        except BrokenBackendError as error:
            version, kernels, reason = "", (), str(error)
        if chosen and source.name not in chosen:
            reason = reason or f"not among {VARIABLE}={','.join(chosen)}"
        reports.append(PackReport(source, version, kernels, reason))
    return reports


def before(kernel: Callable[..., Any], xp: Namespace, otherwise: Callable[..., Any]) -> Callable[..., Any]:
    """``kernel`` with its ``xp`` given, and ``otherwise`` for the calls that it declines."""

    @functools.wraps(kernel)
    def function(*args: Any, **settings: Any) -> Any:
        result = kernel(xp, *args, **settings)
        return otherwise(*args, **settings) if result is NotImplemented else result

    return function


def _chosen() -> list[str]:
    return [name.strip() for name in os.environ.get(VARIABLE, "").split(",") if name.strip()]


def _declared_somewhere() -> bool:
    """Whether any distribution on the path declares a pack.

    Reading the metadata properly takes as long as importing all of xpgrad: nobody without a pack should pay that.
    """
    for folder in sys.path:
        try:
            with os.scandir(folder or ".") as entries:
                for entry in entries:
                    if entry.name.endswith((".dist-info", ".egg-info")) and _declares(entry.path):
                        return True
        except OSError:
            continue
    return False


def _declares(folder: str) -> bool:
    try:
        with open(os.path.join(folder, "entry_points.txt"), "rb") as file:
            return PACKS.encode() in file.read()
    except OSError:
        return False


def _require_installed(chosen: list[str]) -> None:
    names = {source.name for source in discovery.installed().packs} if chosen and chosen != ["none"] else set()
    for name in chosen:
        if name not in names and chosen != ["none"]:
            raise UnknownBackendError(
                f"{VARIABLE}={','.join(chosen)} names a kernel pack {name!r} that is not installed; installed are "
                f"{', '.join(sorted(names)) or 'none'}. Install it, or unset the variable."
            )


@functools.cache
def _load(source: PackSource) -> KernelPack:
    module_name, _, path = source.target.partition(":")
    try:
        found: Any = importlib.import_module(module_name)
        for step in path.split("."):
            found = getattr(found, step)
        if not (isinstance(found, type) and issubclass(found, KernelPack)):
            raise TypeError(f"{source.target} is no subclass of {KernelPack.__module__}.KernelPack")
        if found.protocol > PACK_PROTOCOL:
            raise TypeError(f"it speaks version {found.protocol} of the protocol, this xpgrad {PACK_PROTOCOL}")
        if (found.backend, found.name) != (source.backend, source.name):
            raise TypeError(f"it calls itself {found.backend}.{found.name}, its entry point says otherwise")
        pack: KernelPack = found()
        dict(pack.kernels)
    except (Exception, SystemExit) as error:
        first_line = str(error).strip().partition("\n")[0]
        raise BrokenBackendError(
            f"{source} cannot be used: {type(error).__name__}: {first_line}. Upgrade it (`pip install -U "
            f"{source.distribution}`), remove it, or set {VARIABLE}=none."
        ) from error
    return pack
