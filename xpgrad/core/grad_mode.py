"""Whether operations are recorded: per thread, switched by context managers that are decorators too."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Generator
from types import TracebackType
from typing import Any, Final, Self, TypeVar, final

# `inspect.CO_GENERATOR`; importing that module would take a tenth of the time that importing this package takes.
_IS_GENERATOR = 0x20

F = TypeVar("F", bound=Callable[..., Any])

# What `mode.grad` is, instead of True, while somebody wants to know of each recorded node.
NOTED: Final = "noted"


class _Mode(threading.local):
    """The switches of one thread; class attributes are what a new thread starts with."""

    # True or False; under anomaly detection and under hooks for saved values, `NOTED` instead of True.
    grad: bool | str = True
    inference: bool = False
    # Under anomaly detection, what describes the current statement.
    tracer: Callable[[], str] | None = None
    refuses_nan: bool = False
    # What packs and what unpacks saved values, if somebody wants that; or why nobody may.
    saved_hooks: tuple[Callable[[Any], Any], Callable[[Any], Any]] | None = None
    hooks_refused: str | None = None
    # Whether a backward pass runs that returns gradients instead of adding them to leaves.
    capturing: bool = False


mode = _Mode()


class _Switch:
    """A context manager that is also a decorator, for functions, generator functions and classes."""

    def __enter__(self) -> None:
        raise NotImplementedError  # pragma: no cover  (abstract)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        raise NotImplementedError  # pragma: no cover  (abstract)

    def _fresh(self) -> Self:
        """A switch for one call of a decorated function, so that recursion and threads do not share state."""
        raise NotImplementedError  # pragma: no cover  (abstract)

    def __call__(self, function: F) -> F:
        code = getattr(function, "__code__", None)
        if code is not None and code.co_flags & _IS_GENERATOR:
            wrapper: Any = functools.wraps(function)(functools.partial(_run_generator, self._fresh, function))
        else:

            @functools.wraps(function)
            def wrapper(*args: Any, **kwargs: Any) -> Any:
                with self._fresh():
                    return function(*args, **kwargs)

        return wrapper  # type: ignore[no-any-return]


def _run_generator(
    fresh: Callable[[], _Switch], function: Callable[..., Any], *args: Any, **kwargs: Any
) -> Generator[Any, Any, Any]:
    """Run a generator with the switch on only while its own code runs, not its consumer's."""
    generator = function(*args, **kwargs)
    resume: Callable[[], Any] = functools.partial(next, generator)
    try:
        while True:
            try:
                with fresh():
                    item = resume()
            except StopIteration as stop:
                return stop.value
            try:
                resume = functools.partial(generator.send, (yield item))
            except GeneratorExit:
                raise
            except BaseException as error:
                resume = functools.partial(generator.throw, error)
    finally:
        with fresh():
            generator.close()


@final
class set_grad_enabled(_Switch):  # noqa: N801  (PyTorch's name)
    """Turn recording on or off at once, and back at the end of a ``with`` block if used as one.

    Mirrors ``torch.set_grad_enabled``.
    """

    def __init__(self, mode: bool) -> None:
        self._wanted = bool(mode)
        self._previous = is_grad_enabled()
        _set(self._wanted)

    def __enter__(self) -> None:
        _set(self._wanted)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        _set(self._previous)

    def __call__(self, function: F) -> F:
        # As a decorator it must not leave the switch of the defining scope turned.
        _set(self._previous)
        return super().__call__(function)

    def _fresh(self) -> set_grad_enabled:
        return set_grad_enabled(self._wanted)


class _GradSwitch(_Switch):
    wanted: bool

    def __new__(cls, function: Callable[..., Any] | None = None) -> Any:
        self = super().__new__(cls)
        # `@no_grad` without parentheses decorates at once.
        return self if function is None else self(function)

    def __init__(self, function: Callable[..., Any] | None = None) -> None:
        self._previous: list[bool | str] = []

    def __enter__(self) -> None:
        self._previous.append(mode.grad)
        _set(self.wanted)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        mode.grad = self._previous.pop()

    def _fresh(self) -> _GradSwitch:
        return type(self)()


@final
class no_grad(_GradSwitch):  # noqa: N801  (PyTorch's name)
    """Operations inside are not recorded: results have ``requires_grad=False``. Mirrors ``torch.no_grad``."""

    wanted = False


@final
class enable_grad(_GradSwitch):  # noqa: N801  (PyTorch's name)
    """Operations inside are recorded again, within `no_grad`. Mirrors ``torch.enable_grad``."""

    wanted = True


@final
class inference_mode(_Switch):  # noqa: N801  (PyTorch's name)
    """Like `no_grad`, and tensors made inside carry no version counter and can never enter a graph.

    Mirrors ``torch.inference_mode``.
    """

    _wanted: bool

    def __new__(cls, mode: bool | Callable[..., Any] = True) -> Any:
        self = super().__new__(cls)
        if callable(mode):
            self._wanted = True
            return self(mode)
        self._wanted = bool(mode)
        return self

    def __init__(self, mode: bool | Callable[..., Any] = True) -> None:
        self._previous: list[tuple[bool | str, bool]] = []

    def __enter__(self) -> None:
        self._previous.append((mode.grad, mode.inference))
        mode.inference = self._wanted
        _set(not self._wanted)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        mode.grad, mode.inference = self._previous.pop()

    def _fresh(self) -> inference_mode:
        return inference_mode(self._wanted)


def _set(enabled: bool) -> None:
    mode.grad = enabled and not mode.inference and recording()


def recording() -> bool | str:
    """What `mode.grad` is in this thread when it is on."""
    return True if mode.tracer is None and mode.saved_hooks is None else NOTED


def trace() -> str | None:
    """Where the current statement is, under anomaly detection; else None."""
    return None if mode.tracer is None else mode.tracer()


def is_grad_enabled() -> bool:
    """True if operations on tensors that require grad are recorded in this thread."""
    return bool(mode.grad)


def is_inference_mode_enabled() -> bool:
    """True inside `inference_mode` in this thread."""
    return mode.inference
