"""Questions about dtypes that several rules ask."""

from __future__ import annotations

from typing import Any


def is_complex(xp: Any, x: Any) -> bool:
    """True if ``x`` has a complex dtype."""
    return xp.isdtype(x.dtype, "complex floating")  # type: ignore[no-any-return]


def real(xp: Any, x: Any) -> Any:
    """The real part of ``x``: itself if it is real, for which the standard's ``real`` is not defined."""
    return xp.real(x) if is_complex(xp, x) else x


def of_booleans(xp: Any, error: TypeError, function: Any, *operands: Any) -> Any:
    """What ``function`` is of booleans, as 0 and 1, where the library raised ``error``, as the standard lets it."""
    if any(x.dtype != xp.bool if hasattr(x, "dtype") else not isinstance(x, bool) for x in operands):
        raise error
    counted = [xp.astype(x, xp.uint8) if hasattr(x, "dtype") else int(x) for x in operands]
    return xp.astype(function(*counted), xp.bool)
