"""Anomaly detection: which line made the value whose gradient went wrong."""

from __future__ import annotations

from types import TracebackType

from xpgrad.core.grad_mode import mode
from xpgrad.core.writes import calling_statement


def is_anomaly_enabled() -> bool:
    """True while this thread notes where operations are called and checks gradients for NaN."""
    return mode.tracer is not None


def _set(enabled: bool) -> None:
    mode.tracer = calling_statement if enabled else None
    if mode.grad:
        mode.grad = mode.tracer or True


class set_detect_anomaly:  # noqa: N801  (PyTorch's name)
    """Turn anomaly detection on or off at once, and back at the end of a ``with`` block if used as one.

    Mirrors ``torch.autograd.set_detect_anomaly``.
    """

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        self._previous = is_anomaly_enabled()
        _set(mode)

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        _set(self._previous)


class detect_anomaly:  # noqa: N801  (PyTorch's name)
    """Inside, each node remembers the line that made it, errors in backward name it, and NaN gradients raise.

    Mirrors ``torch.autograd.detect_anomaly``.

    Raises:
        AnomalyError: During backward, if a rule returned NaN.
    """

    def __init__(self, check_nan: bool = True) -> None:
        self._previous = False

    def __enter__(self) -> None:
        self._previous = is_anomaly_enabled()
        _set(True)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        _set(self._previous)
