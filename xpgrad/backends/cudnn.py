"""PyTorch's settings of cuDNN (``torch.backends.cudnn``): for programs that set them, kept without effect."""

from __future__ import annotations

enabled = True
benchmark = False
deterministic = False
allow_tf32 = True


def is_available() -> bool:
    """False: no library here goes through cuDNN."""
    return False


def version() -> int | None:
    """None, for there is none."""
    return None
