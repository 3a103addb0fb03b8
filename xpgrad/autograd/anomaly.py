"""Anomaly detection: which line made the value whose gradient went wrong."""

from __future__ import annotations

from types import TracebackType

from xpgrad.core.grad_mode import mode, recording
from xpgrad.core.writes import calling_statement


def is_anomaly_enabled() -> bool:
    """True while this thread notes where operations are called."""
    return mode.tracer is not None


def is_anomaly_check_nan_enabled() -> bool:
    """True while this thread also checks gradients for NaN."""
    return mode.refuses_nan


def _set(enabled: bool, check_nan: bool) -> None:
    mode.tracer = calling_statement if enabled else None
    mode.refuses_nan = enabled and check_nan
    if mode.grad:
        mode.grad = recording()


class set_detect_anomaly:  # noqa: N801  (PyTorch's name)
    """Turn anomaly detection on or off at once, and back at the end of a ``with`` block if used as one.

    Mirrors ``torch.autograd.set_detect_anomaly``.

    Args:
        mode: On or off.
        check_nan: Also raise an AnomalyError during backward if a rule returned NaN.
    """

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        self._previous = is_anomaly_enabled(), is_anomaly_check_nan_enabled()
        _set(mode, check_nan)

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        _set(*self._previous)


class detect_anomaly:  # noqa: N801  (PyTorch's name)
    """Inside, each node remembers the line that made it, errors in backward name it, and NaN gradients raise.

    Mirrors ``torch.autograd.detect_anomaly``.

    Args:
        check_nan: Raise an AnomalyError during backward if a rule returned NaN.
    """

    def __init__(self, check_nan: bool = True) -> None:
        self._check_nan = check_nan
        self._previous = (False, False)

    def __enter__(self) -> None:
        self._previous = is_anomaly_enabled(), is_anomaly_check_nan_enabled()
        _set(True, self._check_nan)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        _set(*self._previous)
