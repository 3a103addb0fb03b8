"""Signals, under ``torch.signal``'s names."""

from xpgrad.signal import windows

__all__ = ["windows"]
