"""How exactly products are computed, for libraries with a quicker way that rounds more."""

from __future__ import annotations

# What `choose` set, and whether it lets CUDA devices round float32 to TF32's ten bits first.
precision = "highest"
tf32 = False


def choose(wanted: str) -> None:
    """Compute products of float32 with the precision that PyTorch calls ``"highest"``, ``"high"`` or ``"medium"``."""
    global precision, tf32
    precision, tf32 = wanted, wanted != "highest"
