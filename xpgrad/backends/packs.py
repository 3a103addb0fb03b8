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

# More than nearly all files of entry points.
_CHUNK: Final = 1 << 16


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
    _require_installed(chosen)
    if chosen == ["none"] or backend.encode() not in _accelerated():
        return ()
    sources = {s.name: s for s in discovery.installed().packs if s.backend == backend}
    found = []
    for name in chosen or sorted(sources):
        try:
            if name in sources:
                found.append(_load(sources[name]))
        except BrokenBackendError as error:
            if chosen:
                raise BrokenBackendError(f"{VARIABLE}={','.join(chosen)}: {error}") from error
            # Of no line of a program: whatever used the backend first is not to blame.
            text = f"{error} Without it {backend}'s own functions are used."
            warnings.warn_explicit(text, RuntimeWarning, filename="xpgrad", lineno=0, module=__name__)
    return tuple(found)


def misspelt() -> str:
    """What is wrong with ``XPGRAD_KERNELS`` itself, whatever the backend; empty if nothing is."""
    try:
        _require_installed(_chosen())
    except (UnknownBackendError, BrokenBackendError) as error:
        return str(error)
    return ""


def describe_packs() -> list[PackReport]:
    """The state of every pack that is installed, each of which is loaded to find out."""
    chosen, reports = _chosen(), []
    for source in discovery.installed().packs:
        try:
            pack = _load(source)
            version, kernels, reason = str(pack.version()), tuple(sorted(pack.kernels)), ""
        except BrokenBackendError as error:
            version, kernels, reason = "", (), str(error)
        except Exception as error:
            version, kernels, reason = (
                "",
                (),
                f"{source} failed when asked for its version: {type(error).__name__}: {error}",
            )
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


@functools.cache
def _accelerated() -> frozenset[bytes]:
    """The backends for which some distribution on the path seems to declare a pack.

    Reading the metadata properly takes as long as importing all of xpgrad: nobody without a pack should pay that.
    """
    found: set[bytes] = set()
    for folder in sys.path:
        try:
            names = os.listdir(folder or ".")
        except OSError:
            continue
        for name in names:
            if name.endswith((".dist-info", ".egg-info")):
                content = _read(f"{folder or '.'}/{name}/entry_points.txt")
                # Lines of other groups do no harm: a name too many costs a look at the metadata.
                if PACKS.encode() in content:
                    found.update(line.partition(b".")[0].strip() for line in content.splitlines())
    return frozenset(found)


def _read(path: str) -> bytes:
    """The content of a small file, or nothing; in half the time of a file object, since there are hundreds of them."""
    try:
        file = os.open(path, os.O_RDONLY)
    except OSError:
        return b""
    try:
        content = chunk = os.read(file, _CHUNK)
        while len(chunk) == _CHUNK:
            chunk = os.read(file, _CHUNK)
            content += chunk
    except OSError:
        return b""
    finally:
        os.close(file)
    return content


def _require_installed(chosen: list[str]) -> None:
    if not chosen or chosen == ["none"]:
        return
    asked = f"{VARIABLE}={','.join(chosen)}"
    if "none" in chosen:
        raise UnknownBackendError(f"{asked} asks for no kernel packs and for some: give either none or their names.")
    installed = discovery.installed()
    names = sorted({source.name for source in installed.packs})
    for name in chosen:
        if name not in names:
            if problem := installed.broken.get((PACKS, name)):
                raise BrokenBackendError(f"{asked}: {problem}")
            # Deferred like the metadata: only this error needs it.
            close = importlib.import_module("difflib").get_close_matches(name, names, 2, 0.6)
            meant = f" Did you mean {' or '.join(map(repr, close))}?" if close else ""
            raise UnknownBackendError(
                f"{asked} names a kernel pack {name!r} that is not installed; installed are "
                f"{', '.join(names) or 'none'}.{meant} Install it, or unset the variable."
            )


@functools.cache
def _load(source: PackSource) -> KernelPack:
    module_name, _, path = source.target.partition(":")
    try:
        found: Any = importlib.import_module(module_name)
        for step in path.split("."):
            found = getattr(found, step)
        _check_class(source, found)
        pack: KernelPack = found()
        kernels: dict[Any, Any] = dict(pack.kernels)
    except (BrokenBackendError, KeyboardInterrupt):
        raise
    except BaseException as error:  # as in `loading`
        first_line = str(error).strip().partition("\n")[0]
        raise BrokenBackendError(
            f"{source} cannot be used: {type(error).__name__}: {first_line}. {_remedy(source)}"
        ) from error
    odd = [name for name, kernel in kernels.items() if not (isinstance(name, str) and callable(kernel))]
    if odd:
        raise BrokenBackendError(
            f"{source} cannot be used: its kernels must be functions by name, and {odd[0]!r:.60} is none. "
            f"{_remedy(source)}"
        )
    return pack


def _check_class(source: PackSource, found: Any) -> None:
    """Raise unless ``found`` is the class of the pack that its entry point promises."""
    if not (isinstance(found, type) and issubclass(found, KernelPack)):
        problem = f"the entry point names no subclass of {KernelPack.__module__}.KernelPack but {found!r:.60}"
    elif found.protocol > PACK_PROTOCOL:
        raise BrokenBackendError(
            f"{source} cannot be used: it speaks version {found.protocol} of the protocol of packs, this xpgrad "
            f"version {PACK_PROTOCOL}. Upgrade xpgrad (`pip install -U xpgrad`), or set {VARIABLE}=none."
        )
    elif (found.backend, found.name) != (source.backend, source.name):
        problem = f"it calls itself {found.backend}.{found.name}, its entry point {source.backend}.{source.name}"
    else:
        return
    raise BrokenBackendError(f"{source} cannot be used: {problem}. {_remedy(source)}")


def _remedy(source: PackSource) -> str:
    return f"Upgrade it (`pip install -U {source.distribution}`), remove it, or set {VARIABLE}=none."
