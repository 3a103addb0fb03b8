"""Names for types that recur in annotations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

# An array of whichever library the backend wraps, and that library's namespace.
Array: TypeAlias = Any
Namespace: TypeAlias = Any
# A dtype as the array library spells it (`numpy.dtype('float32')`, `array_api_strict.float32`).
RawDtype: TypeAlias = Any

Scalar: TypeAlias = bool | int | float | complex
Shape: TypeAlias = tuple[int, ...]
Axis: TypeAlias = int | Sequence[int] | None
