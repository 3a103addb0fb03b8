"""Kernels of the NumPy backend: extension functions, and quicker spellings of NumPy's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xpgrad.backends.numpy_kernels import indexing, optim, philox, standard

KERNELS: dict[str, Callable[..., Any]] = {**indexing.KERNELS, **optim.KERNELS, **philox.KERNELS, **standard.KERNELS}
