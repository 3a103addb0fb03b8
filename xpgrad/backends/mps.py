"""Apple's GPUs, which no array library here knows (``torch.backends.mps``)."""

from __future__ import annotations


def is_available() -> bool:
    """False."""
    return False


def is_built() -> bool:
    """False."""
    return False
