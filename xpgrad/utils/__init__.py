"""Tools beside layers and optimizers. Mirrors ``torch.utils`` as far as it is there."""

from __future__ import annotations

from xpgrad.utils import checkpoint

__all__ = ["checkpoint"]
