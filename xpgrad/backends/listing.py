"""What is installed and in which state: the listing behind ``python -m xpgrad backends``."""

from __future__ import annotations

import types
import warnings
from collections.abc import Mapping
from typing import NamedTuple

from xpgrad.backends import discovery
from xpgrad.backends.base import Backend
from xpgrad.backends.loading import get_backend, loaded_backends
from xpgrad.backends.namespace import providers
from xpgrad.backends.packs import misspelt
from xpgrad.backends.selection import VARIABLE, choose_from_environment, default_place
from xpgrad.errors import BackendError, NoDeviceError


class BackendReport(NamedTuple):
    """The state of one backend.

    Attributes:
        name: What it is called.
        origin: Its class and the distribution that brought it.
        version: The library's version; empty if it could not be loaded.
        devices: The usable devices, the default first.
        is_default: New tensors go to it, as things are in this thread.
        status: ``"ready"``, ``"no device"`` (installed), ``"not installed"`` (its library), or ``"failed"``.
        reason: Why it is not ready, and what to do about it, in lines; empty if it is.
        functions: Who gives the functions that are not the library's alone; see `namespace.providers`.
    """

    name: str
    origin: str
    version: str
    devices: tuple[str, ...]
    is_default: bool
    status: str
    reason: str
    functions: Mapping[str, tuple[str, ...]] = types.MappingProxyType({})


def registered_backends() -> list[str]:
    """The names of all backends, loaded or only installed, without loading any."""
    return sorted(discovery.installed().sources.keys() | loaded_backends().keys())


def describe_backends() -> tuple[list[BackendReport], list[str]]:
    """The state of every backend, each of which is loaded to find out, and notes on what concerns none in particular.

    Whatever is broken, this does not raise: it says so.
    """
    notes = list(discovery.installed().problems)
    default = ""
    try:
        default = default_place().backend.name
        _, passed_over = choose_from_environment()
        notes += [f"{VARIABLE} passed over {reason}" for reason in passed_over]
    except BackendError as error:
        notes.append(str(error))
    known = set(registered_backends())
    notes += [
        f"{pack} is for the backend {pack.backend!r}, which is not installed"
        for pack in discovery.installed().packs
        if pack.backend not in known
    ]
    if problem := misspelt():
        notes.append(f"{problem} Until then no backend can be used.")
    return [_describe(name, default) for name in registered_backends()], notes


def _describe(name: str, default: str) -> BackendReport:
    version, status, reason = "", "ready", ""
    devices: tuple[str, ...] = ()
    functions: Mapping[str, tuple[str, ...]] = {}
    sources = discovery.installed().sources.get(name, [])
    try:
        backend = get_backend(name)
        version = str(backend.version())
        devices = tuple(str(place.device).removeprefix(f"{name}:") for place in backend.places())
        functions = _functions(backend)
    except NoDeviceError as error:
        status, reason = "no device", str(error)
    except BackendError as error:
        missing = name in discovery.BUILT_IN and isinstance(error.__cause__, ModuleNotFoundError)
        status, reason = ("not installed" if missing else "failed"), str(error)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        # It loaded, but its version() or devices() do not keep the protocol.
        status, reason = (
            "failed",
            f"backend {name!r} failed when asked for its version and devices: {type(error).__name__}: {error}",
        )
    origin = "; ".join(source.origin for source in sources) or "registered by this program"
    return BackendReport(name, origin, version, devices, name == default, status, reason, functions)


def _functions(backend: Backend) -> dict[str, tuple[str, ...]]:
    # What is wrong with the variable is no fault of the backend.
    if misspelt():
        return {}
    # A pack that cannot be used is in the listing; elsewhere it is a warning.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return providers(backend.name, backend.xp, backend.kernels)
