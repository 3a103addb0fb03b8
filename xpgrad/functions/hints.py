"""PyTorch's settings that choose among its kernels. They are kept and answered, and two of them CuPy's kernels follow.

On the host every result is repeatable anyway, and products of float32 are computed in float32. On a GPU sums that are
scattered into memory are rounded in any order, unless repeatable algorithms are asked for.
"""

from __future__ import annotations

import os
import warnings
from types import SimpleNamespace

from xpgrad.backends import arithmetic, determinism
from xpgrad.errors import ArgumentTypeError, SettingError

__all__ = [
    "are_deterministic_algorithms_enabled", "get_deterministic_debug_mode", "get_float32_matmul_precision",
    "get_num_interop_threads", "get_num_threads", "is_deterministic_algorithms_warn_only_enabled",
    "set_deterministic_debug_mode", "set_float32_matmul_precision", "set_flush_denormal", "set_num_interop_threads",
    "set_num_threads", "use_deterministic_algorithms",
]  # fmt: skip

_kept = SimpleNamespace(warn_only=False, threads=os.cpu_count() or 1, interop_threads=1)
_MODES = ("default", "warn", "error")


def use_deterministic_algorithms(mode: bool, *, warn_only: bool = False) -> None:
    """Ask for algorithms whose results are repeatable. Mirrors ``torch.use_deterministic_algorithms``.

    On CuPy gradients of lookups and other sums at given positions are then added in the order of the positions, which
    takes a sort. Running sums of floats are CuPy's own, and may differ in the last bits all the same.
    """
    if not isinstance(mode, bool):
        raise ArgumentTypeError(f"use_deterministic_algorithms: mode must be a bool, got {mode!r:.60}")
    determinism.wanted, _kept.warn_only = mode, warn_only


def are_deterministic_algorithms_enabled() -> bool:
    """Whether they were asked for. Mirrors ``torch.are_deterministic_algorithms_enabled``."""
    return determinism.wanted


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
    return (1 if _kept.warn_only else 2) if determinism.wanted else 0


def set_float32_matmul_precision(precision: str) -> None:
    """Allow products of float32 to be less precise than that. Mirrors ``torch.set_float32_matmul_precision``.

    On CuPy anything but ``"highest"`` rounds their inputs to TF32's ten bits.
    """
    if precision not in ("highest", "high", "medium"):
        warnings.warn(f"{precision} is not one of 'highest', 'high', or 'medium'; nothing changes", stacklevel=2)
        return
    arithmetic.choose(precision)


def get_float32_matmul_precision() -> str:
    """What was allowed. Mirrors ``torch.get_float32_matmul_precision``."""
    return arithmetic.precision


def set_flush_denormal(mode: bool) -> bool:
    """False: the mode of the processor is the array library's. Mirrors ``torch.set_flush_denormal``."""
    return False


def set_num_threads(num: int) -> None:
    """Ask for so many threads within an operation. Mirrors ``torch.set_num_threads``.

    The library of arrays decides on them: for NumPy, set ``OMP_NUM_THREADS`` before it is imported.

    Raises:
        SettingError: ``num`` is no positive integer.
    """
    _kept.threads = _positive("set_num_threads", num)


def get_num_threads() -> int:
    """What was asked for, at first the number of processors. Mirrors ``torch.get_num_threads``."""
    return int(_kept.threads)


def set_num_interop_threads(num: int) -> None:
    """Ask for so many operations at once. There is one here. Mirrors ``torch.set_num_interop_threads``.

    Raises:
        SettingError: ``num`` is no positive integer.
    """
    _kept.interop_threads = _positive("set_num_interop_threads", num)


def get_num_interop_threads() -> int:
    """What was asked for, at first 1. Mirrors ``torch.get_num_interop_threads``."""
    return int(_kept.interop_threads)


def _positive(name: str, num: int) -> int:
    if not isinstance(num, int):
        raise SettingError(f"{name} expects an int, but got {type(num).__name__}")
    if num < 1:
        raise SettingError(f"{name} expects a positive integer, got {num}")
    return num
