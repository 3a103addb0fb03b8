"""Questions about dtypes that several rules ask."""

from __future__ import annotations

from typing import Any


def is_complex(xp: Any, x: Any) -> bool:
    """True if ``x`` has a complex dtype."""
    return xp.isdtype(x.dtype, "complex floating")  # type: ignore[no-any-return]


def real(xp: Any, x: Any) -> Any:
    """The real part of ``x``: itself if it is real, for which the standard's ``real`` is not defined."""
    return xp.real(x) if is_complex(xp, x) else x
