"""Which device is meant: by a device string, and where new tensors go when nobody says.

An explicit device comes first, then `use_backend`, then `set_default_backend`, then the environment variable
``XPGRAD_BACKEND``, then NumPy. Operations follow their inputs and ask nothing here.
"""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, TypeVar, final

from xpgrad.backends.base import Backend, Place
from xpgrad.backends.devices import device
from xpgrad.backends.loading import get_backend
from xpgrad.errors import ArgumentTypeError, BackendError, UnknownDeviceError

F = TypeVar("F", bound=Callable[..., Any])

VARIABLE: Final = "XPGRAD_BACKEND"

# Whose devices a plain device string means if the default backend has none of the type.
_OWNERS: Final = {"cpu": "numpy", "cuda": "cupy"}


# `inspect.CO_GENERATOR`, `CO_COROUTINE` and `CO_ASYNC_GENERATOR`; importing that module would take long.
_SUSPENDS: Final = 0x20 | 0x80 | 0x200


class _Choice(threading.local):
    """The choices of one thread, the innermost first; class attributes are what a new thread starts with."""

    chosen: Backend | Place | None = None
    outer: tuple[Any, ...] = ()


_choice = _Choice()

# The choice of the whole process: what was set, else what the environment asks for once that has been looked up.
_process_choice: Backend | Place | None = None


def default_place() -> Place:
    """Where new tensors go when nobody says.

    Raises:
        BackendError: ``XPGRAD_BACKEND`` asks for what cannot be had; the text names the variable and the reason.
    """
    chosen = _choice.chosen or _process_choice or _look_up_environment()
    return chosen if type(chosen) is Place else chosen.current_place()


def resolve(asked: str | int | device | Place | None) -> Place:
    """The place that ``asked`` names: a device string, a device, the index of a CUDA device, or None for the default.

    >>> resolve("cpu") is resolve(device("numpy:cpu"))
    True

    Raises:
        UnknownDeviceError: There is no such device; the text lists those that there are.
        BackendError: The backend of that device cannot be used.
    """
    if asked is None:
        return default_place()
    if type(asked) is Place:
        return asked
    name = asked if type(asked) is device else _parsed(asked)
    if name.backend is not None:
        return _on(get_backend(name.backend), name)
    default = default_place().backend
    found = default.find(name)
    if found is not None:
        return found
    owner = _OWNERS.get(name.type)
    if owner is None:
        raise UnknownDeviceError(
            f"Expected one of cpu, cuda device type at start of device string: {name}. The default backend "
            f"{default.name!r} has {', '.join(default.device_names())}; a device of another backend is written "
            "'backend:type'."
        )
    try:
        return _on(get_backend(owner), name)
    except BackendError as error:
        raise type(error)(f"device '{name}': {error}") from error.__cause__


def _on(backend: Backend, name: device) -> Place:
    found = backend.find(name)
    if found is None:
        raise UnknownDeviceError(
            f"backend {backend.name!r} has no device {name.type!r}; it has {', '.join(backend.device_names())}"
        )
    return found


# Not for devices themselves: some that are equal are not the same, such as `cpu` and `strict:cpu`.
@functools.lru_cache(maxsize=256, typed=True)
def _parsed(asked: str | int | device) -> device:
    return device(asked)


@functools.cache
def host_place() -> Place:
    """NumPy's device: where files, images and text are."""
    return get_backend("numpy").current_place()


def set_default_backend(name: str | None) -> None:
    """Make ``name`` the backend of new tensors, in all threads; None goes back to ``XPGRAD_BACKEND``, or NumPy.

    Args:
        name: A backend, or a device of one (``"strict:device1"``).

    Raises:
        BackendError: It cannot be used; the default stays what it was.
    """
    global _process_choice
    _process_choice = None if name is None else _usable(name)


def set_default_device(asked: str | int | device | None) -> None:
    """Make ``asked`` the device of new tensors, in all threads; None undoes that. Mirrors ``torch.set_default_device``.

    Raises:
        BackendError: It cannot be used; the default stays what it was.
    """
    global _process_choice
    _process_choice = None if asked is None else resolve(asked)


def get_default_device() -> device:
    """The device of new tensors. Mirrors ``torch.get_default_device``."""
    return default_place().device


@final
class use_backend:  # noqa: N801  (used like a function)
    """New tensors made inside go to this backend, in this thread: a context manager and a decorator.

    >>> with use_backend("numpy"):
    ...     default_place()
    Place('numpy', cpu)

    Args:
        name: A backend, or a device of one (``"strict:device1"``). It is loaded when the block is entered.

    Raises:
        BackendError: It cannot be used.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"use_backend({self.name!r})"

    # All state is in the thread's own choice, so one object serves recursion and many threads.

    def __enter__(self) -> None:
        chosen = _usable(self.name)
        _choice.outer = (_choice.chosen, _choice.outer)
        _choice.chosen = chosen

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        _choice.chosen, _choice.outer = _choice.outer

    def __call__(self, function: F) -> F:
        """Decorate ``function``: each call runs inside the block."""
        code = getattr(function, "__code__", None)
        if code is not None and code.co_flags & _SUSPENDS:
            raise ArgumentTypeError(
                "use_backend as a decorator takes functions that return when they are done; "
                f"{function.__qualname__} is a generator or coroutine: write `with use_backend(...)` inside it."
            )

        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            with self:
                return function(*args, **kwargs)

        return wrapper  # type: ignore[return-value]


def _usable(name: str) -> Backend | Place:
    """The backend or device called ``name``, after making sure that it can be used."""
    if not isinstance(name, str):
        raise ArgumentTypeError(f"a backend is named by a string such as 'numpy', not {name!r:.60}")
    backend_name, colon, _ = name.partition(":")
    backend = get_backend(backend_name)
    if colon:
        return _on(backend, device(name))
    place = backend.current_place()
    return place if len(backend.device_names()) == 1 else backend


def _look_up_environment() -> Backend | Place:
    """What ``XPGRAD_BACKEND`` asks for, or NumPy; kept, so that a creation does not read the environment."""
    global _process_choice
    try:
        found, _ = choose_from_environment()
    except BackendError as error:
        asked = os.environ.get(VARIABLE, "")
        raise type(error)(
            f"{VARIABLE}={asked} asks for a backend that cannot be used: {error}\nSet the variable to another backend, "
            f"to a list of those you would take ({VARIABLE}=cupy,numpy), or unset it."
        ) from error
    _process_choice = found
    return found


def choose_from_environment() -> tuple[Backend | Place, list[str]]:
    """The backend that ``XPGRAD_BACKEND`` leads to, and why those before it in the list were passed over.

    A single name is a demand; a list is a preference, and the first that can be used is taken.

    Raises:
        BackendError: The demand, or every name in the list, cannot be met.
    """
    names = [name.strip() for name in os.environ.get(VARIABLE, "").split(",") if name.strip()]
    passed_over: list[str] = []
    for name in names or ["numpy"]:
        try:
            return _usable(name), passed_over
        except BackendError as error:
            if len(names) == 1:
                raise
            passed_over.append(f"{name!r}: {str(error).splitlines()[0]}")
    raise BackendError("none of the list can be used\n" + "\n".join(passed_over))
