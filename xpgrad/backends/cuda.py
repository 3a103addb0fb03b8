"""PyTorch's settings of its CUDA kernels (``torch.backends.cuda``): for programs that set them, kept without effect."""

from __future__ import annotations

from types import SimpleNamespace

matmul = SimpleNamespace(allow_tf32=False, allow_fp16_reduced_precision_reduction=True)


def is_built() -> bool:
    """False: CuPy is what knows CUDA here; `xpgrad.cuda` asks it."""
    return False
