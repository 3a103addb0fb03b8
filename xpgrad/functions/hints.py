"""PyTorch's settings that choose among its kernels. They are kept and answered, and change nothing here.

On the host every result is repeatable anyway, and products of float32 are computed in float32. On a GPU it is CuPy that
decides: sums that are scattered into memory are rounded in any order there.
"""

from __future__ import annotations

import warnings
from types import SimpleNamespace

from xpgrad.errors import ArgumentTypeError, SettingError

__all__ = [
    "are_deterministic_algorithms_enabled", "get_deterministic_debug_mode", "get_float32_matmul_precision",
    "is_deterministic_algorithms_warn_only_enabled", "set_deterministic_debug_mode", "set_float32_matmul_precision",
    "set_flush_denormal", "use_deterministic_algorithms",
]  # fmt: skip

_kept = SimpleNamespace(deterministic=False, warn_only=False, precision="highest")
_MODES = ("default", "warn", "error")


def use_deterministic_algorithms(mode: bool, *, warn_only: bool = False) -> None:
    """Ask for algorithms whose results are repeatable. Mirrors ``torch.use_deterministic_algorithms``."""
    if not isinstance(mode, bool):
        raise ArgumentTypeError(f"use_deterministic_algorithms: mode must be a bool, got {mode!r:.60}")
    _kept.deterministic, _kept.warn_only = mode, warn_only


def are_deterministic_algorithms_enabled() -> bool:
    """Whether they were asked for. Mirrors ``torch.are_deterministic_algorithms_enabled``."""
    return bool(_kept.deterministic)


def is_deterministic_algorithms_warn_only_enabled() -> bool:
    """Whether only warnings were. Mirrors ``torch.is_deterministic_algorithms_warn_only_enabled``."""
    return bool(_kept.warn_only)


def set_deterministic_debug_mode(debug_mode: int | str) -> None:
    """The same in one word: ``"default"``, ``"warn"`` or ``"error"``. Mirrors ``torch.set_deterministic_debug_mode``.

    Raises:
        SettingError: It is none of them, nor its position.
    """
    mode = _MODES.index(debug_mode) if debug_mode in _MODES else debug_mode
    if mode not in (0, 1, 2):
        raise SettingError(f"invalid value of debug_mode, expected one of {', '.join(_MODES)}, but got {debug_mode}")
    use_deterministic_algorithms(mode != 0, warn_only=mode == 1)


def get_deterministic_debug_mode() -> int:
    """The position of the mode in force. Mirrors ``torch.get_deterministic_debug_mode``."""
    return (1 if _kept.warn_only else 2) if _kept.deterministic else 0


def set_float32_matmul_precision(precision: str) -> None:
    """Allow products of float32 to be less precise than that. Mirrors ``torch.set_float32_matmul_precision``."""
    if precision not in ("highest", "high", "medium"):
        warnings.warn(f"{precision} is not one of 'highest', 'high', or 'medium'; nothing changes", stacklevel=2)
        return
    _kept.precision = precision


def get_float32_matmul_precision() -> str:
    """What was allowed. Mirrors ``torch.get_float32_matmul_precision``."""
    return str(_kept.precision)


def set_flush_denormal(mode: bool) -> bool:
    """False: the mode of the processor is the array library's. Mirrors ``torch.set_flush_denormal``."""
    return False
