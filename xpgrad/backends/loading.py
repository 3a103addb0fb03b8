"""From a backend's name to the backend: loaded at first use, checked, and kept."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Iterator
from typing import Any

from xpgrad._typing import Array
from xpgrad.backends import discovery
from xpgrad.backends.base import OLDEST_PROTOCOL, PROTOCOL_VERSION, Backend, Place
from xpgrad.backends.discovery import BUILT_IN, Source
from xpgrad.errors import ArgumentError, ArgumentTypeError, BackendError, BrokenBackendError

# No lock guards these: loading runs other people's imports, which take locks of their own. Two threads may both load
# a backend; the first to store it wins.
_loaded: dict[str, Backend] = {}
_by_type: dict[type, Backend] = {}


def get_backend(name: str) -> Backend:
    """The backend called ``name``, loaded if it is not yet.

    >>> get_backend("numpy").name
    'numpy'

    Raises:
        UnknownBackendError: No installed distribution offers it.
        BrokenBackendError: It could not be loaded; the cause is in the first line.
    """
    try:
        return _loaded[name]
    except (KeyError, TypeError):  # TypeError: something unhashable, which `find` refuses
        return _keep(_load(discovery.find(name)))


def register_backend(backend: Backend | type[Backend]) -> Backend:
    """Make a backend available in this process without an entry point, as tests and notebooks want.

    Returns:
        The instance that is used from now on.

    Raises:
        ArgumentError: Another backend has its name.
        BrokenBackendError: It is not a proper backend; the text says in which way.
    """
    kind = backend if isinstance(backend, type) else type(backend)
    name = getattr(kind, "name", kind.__name__)
    source = Source(str(name), f"{kind.__module__}:{kind.__qualname__}")
    _check_class(source, kind)
    taken = _loaded.get(name)
    if name in BUILT_IN or (taken is not None and taken is not backend):
        raise ArgumentError(f"register_backend: a backend called {name!r} exists already; give this one another name")
    return _keep(_instance(source, kind) if isinstance(backend, type) else backend)


def loaded_backends() -> dict[str, Backend]:
    """The backends in use so far, by name."""
    return dict(_loaded)


def place_for(array: Array) -> Place:
    """The device that holds a raw array of any backend's library.

    By its exact type, if a loaded backend has it; else the loaded backends are asked whether the type is a subclass of
    theirs, then the installed ones whose library it seems to come from.

    Raises:
        ArgumentTypeError: No backend has such arrays.
    """
    backend = _by_type.get(type(array))
    if backend is None:
        backend = _backend_for(array)
    return backend.place_of(array)


def _backend_for(array: Array) -> Backend:
    kind = type(array)
    # The built-in backends answer by their modules' names, so that NumPy's arrays never cost a look at the metadata.
    top = kind.__module__.partition(".")[0]
    if top in BUILT_IN:
        get_backend(top)
    found = _loaded_for(kind)
    if found is None and not isinstance(array, _NO_ARRAYS):
        name = discovery.for_arrays_of({top} | _modules_of_namespace(array))
        if name is not None:
            get_backend(name)
            found = _loaded_for(kind)
    if found is None:
        raise ArgumentTypeError(
            f"no backend takes arrays of type {kind.__module__}.{kind.__qualname__}; loaded are "
            f"{', '.join(sorted(_loaded))}. If an installed backend does, name it first: get_backend('...') "
            "(`python -m xpgrad backends` lists them)."
        )
    return found


_NO_ARRAYS = (str, bytes, list, tuple, dict, set, bool, int, float, complex, type(None))


def _loaded_for(kind: type) -> Backend | None:
    for backend in _loaded.values():
        if issubclass(kind, _claimed(backend)):
            return _by_type.setdefault(kind, backend)
    return None


def _modules_of_namespace(array: Array) -> set[str]:
    """The top-level module of an array's namespace: that of ``jaxlib._jax.ArrayImpl`` is ``jax``."""
    try:
        return {str(array.__array_namespace__().__name__).partition(".")[0]}
    except Exception:
        return set()


def _keep(backend: Backend) -> Backend:
    kept = _loaded.setdefault(backend.name, backend)
    for kind in _claimed(kept):
        _by_type.setdefault(kind, kept)
    return kept


def _claimed(backend: Backend) -> tuple[type, ...]:
    """The types whose arrays are its own wherever they come from.

    Another backend over NumPy never takes NumPy's arrays away from NumPy's, loaded or not.
    """
    if backend.name in BUILT_IN:
        return backend.array_types
    return tuple(kind for kind in backend.array_types if kind.__module__.partition(".")[0] not in BUILT_IN)


def _load(source: Source) -> Backend:
    module_name, _, path = source.target.partition(":")
    with _blaming(source):
        found: Any = importlib.import_module(module_name)
    for step in path.split("."):
        try:
            found = getattr(found, step)
        except AttributeError as error:
            raise _failed(
                source, error, f"The entry point names what is not there; upgrade or report it: {_upgrade(source)}."
            ) from error
    _check_class(source, found)
    if found.name != source.name:
        raise BrokenBackendError(
            f"{source} calls itself {found.name!r}: the entry point and the `name` of the class must be the same. "
            f"Upgrade or report it: {_upgrade(source)}."
        )
    return _instance(source, found)


def _check_class(source: Source, found: Any) -> None:
    """Raise unless ``found`` is a class that implements the protocol."""
    if not isinstance(found, type) or not issubclass(found, Backend):
        what = f"the class {found.__name__}" if isinstance(found, type) else f"{found!r:.60}"
        raise BrokenBackendError(
            f"{source} is not a backend but {what}: the entry point must name a subclass of "
            "xpgrad.backends.base.Backend."
        )
    protocol = found.protocol
    if not isinstance(protocol, int):
        raise BrokenBackendError(
            f"{source}: protocol must be an integer such as {PROTOCOL_VERSION}, not {protocol!r:.60}"
        )
    if protocol > PROTOCOL_VERSION:
        raise BrokenBackendError(
            f"{source} speaks version {protocol} of the backend protocol, this xpgrad version {PROTOCOL_VERSION}. "
            "Upgrade xpgrad: `pip install -U xpgrad`."
        )
    if protocol < OLDEST_PROTOCOL:
        raise BrokenBackendError(
            f"{source} speaks version {protocol} of the backend protocol, this xpgrad understands {OLDEST_PROTOCOL} to "
            f"{PROTOCOL_VERSION}. Upgrade the plugin: {_upgrade(source)}."
        )
    missing = sorted(found.__abstractmethods__)
    if not isinstance(getattr(found, "name", None), str):
        missing.insert(0, "name")
    if missing:
        raise BrokenBackendError(
            f"{source} lacks {', '.join(missing)}: a backend gives at least its name, xp and array_types "
            "(see docs/howto/backend.md)."
        )


def _instance(source: Source, found: type[Backend]) -> Backend:
    with _blaming(source):
        backend = found()
        kinds: Any = backend.array_types
    if not isinstance(kinds, tuple) or not kinds or not all(isinstance(kind, type) for kind in kinds):
        raise BrokenBackendError(
            f"{source}: array_types must be a tuple of types, the usual one first; got {kinds!r:.80}"
        )
    if object in kinds:
        raise BrokenBackendError(f"{source}: array_types must be types of arrays only, and everything is an object")
    return backend


@contextlib.contextmanager
def _blaming(source: Source) -> Iterator[None]:
    """Whatever ends other people's code, but the user's interrupt, is this plugin's failure.

    Not all of it is an `Exception`: a module may call ``sys.exit``, and a panic in a library written in Rust is none.
    """
    try:
        yield
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise _failed(source, error, _import_remedy(source, error)) from error


def _failed(source: Source, error: BaseException, remedy: str) -> BackendError:
    first_line = str(error).strip().partition("\n")[0]
    return BrokenBackendError(f"{source} failed to load: {type(error).__name__}: {first_line}\n{remedy}")


def _import_remedy(source: Source, error: BaseException) -> str:
    """What to do about an import that failed."""
    missing = (getattr(error, "name", None) or "").partition(".")[0]
    if isinstance(error, ModuleNotFoundError) and missing:
        if source.remedy and missing != "xpgrad":
            return source.remedy
        if missing == source.module.partition(".")[0]:
            return (
                f"Its files are gone or damaged; reinstall it: `pip install --force-reinstall {source.distribution}`."
            )
        return f"`pip install {missing}` may help, or reinstall {source.distribution} with its dependencies."
    if isinstance(error, ImportError) and missing == "xpgrad":
        return f"It was written for another xpgrad; upgrade both: `pip install -U xpgrad {source.distribution}`."
    if not source.distribution:
        return f"xpgrad or its library is damaged; reinstall both. {source.remedy}".rstrip()
    return (
        f"Nothing else is affected. Upgrade it ({_upgrade(source)}), or remove it: "
        f"`pip uninstall {source.distribution}`."
    )


def _upgrade(source: Source) -> str:
    return f"`pip install -U {source.distribution}`" if source.distribution else "it has no distribution"
