"""Questions about dtypes that several rules ask."""

from __future__ import annotations

from typing import Any

# What libraries raise for a dtype that a function of theirs does not take: PyTorch the latter.
REFUSAL = (TypeError, RuntimeError)


def is_complex(xp: Any, x: Any) -> bool:
    """True if ``x`` has a complex dtype."""
    return xp.isdtype(x.dtype, "complex floating")  # type: ignore[no-any-return]


def real(xp: Any, x: Any) -> Any:
    """The real part of ``x``: itself if it is real, for which the standard's ``real`` is not defined."""
    return xp.real(x) if is_complex(xp, x) else x


def counted(xp: Any, error: Exception, *operands: Any) -> list[Any]:
    """Booleans as 0 and 1, where the library raised ``error``, as the standard lets it. Other operands raise it too."""
    if any(x.dtype != xp.bool if hasattr(x, "dtype") else not isinstance(x, bool) for x in operands):
        raise error
    return [xp.astype(x, xp.uint8) if hasattr(x, "dtype") else int(x) for x in operands]


def of_booleans(xp: Any, error: Exception, function: Any, *operands: Any, **settings: Any) -> Any:
    """The truth that ``function`` is of booleans as 0 and 1, where the library raised ``error``."""
    return xp.astype(function(*counted(xp, error, *operands), **settings), xp.bool)


def parts(xp: Any, error: Exception, x: Any) -> tuple[Any, Any]:
    """The real and imaginary parts of complex ``x``, where the library raised ``error``. Others raise it too."""
    if not is_complex(xp, x):
        raise error
    return xp.real(x), xp.imag(x)
