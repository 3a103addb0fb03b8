"""Tools beside layers and optimizers. Mirrors ``torch.utils`` as far as it is there."""

from __future__ import annotations

import importlib as _importlib
from types import ModuleType as _ModuleType

# Imported when first reached as attributes.
_SUBMODULES = ("checkpoint", "data", "dlpack")

__all__ = ["checkpoint", "data", "dlpack"]


def __getattr__(name: str) -> _ModuleType:
    if name in _SUBMODULES:
        return _importlib.import_module(f"xpgrad.utils.{name}")
    raise AttributeError(f"module 'xpgrad.utils' has no attribute {name!r}")
