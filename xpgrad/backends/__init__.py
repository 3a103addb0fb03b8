"""Array libraries behind one small protocol; nothing here knows gradients.

PyTorch keeps settings under this name: `cuda`, `cudnn` and `mps` are here for programs that set or ask them.
"""

from __future__ import annotations

import importlib as _importlib
from types import ModuleType as _ModuleType

# Imported when first reached as attributes.
_SETTINGS = ("cuda", "cudnn", "mps")


def __getattr__(name: str) -> _ModuleType:
    if name in _SETTINGS:
        return _importlib.import_module(f"xpgrad.backends.{name}")
    raise AttributeError(f"module 'xpgrad.backends' has no attribute {name!r}")
