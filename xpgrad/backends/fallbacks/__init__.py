"""Extension functions written over the Array API standard alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xpgrad.backends.fallbacks import indexing, philox

FALLBACKS: dict[str, Callable[..., Any]] = {**indexing.FALLBACKS, **philox.FALLBACKS}
