"""Extension functions written over the Array API standard alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

FALLBACKS: dict[str, Callable[..., Any]] = {}
