"""Kernels of the NumPy backend: extension functions, and quicker spellings of NumPy's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xpgrad.backends.numpy_kernels import philox

KERNELS: dict[str, Callable[..., Any]] = {**philox.KERNELS}
