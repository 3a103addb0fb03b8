"""Memory to and from other libraries by DLPack. Mirrors ``torch.utils.dlpack``."""

from __future__ import annotations

from xpgrad.tensor.conversion import from_dlpack, to_dlpack

__all__ = ["from_dlpack", "to_dlpack"]
