"""PyTorch's settings of cuDNN (``torch.backends.cudnn``), which CuPy's convolutions follow where it is installed.

Attributes:
    enabled: Whether cuDNN is used at all.
    benchmark: Kept without effect: cuDNN's heuristic chooses the algorithms.
    deterministic: Whether only algorithms that give the same bits every time may be chosen.
    allow_tf32: Whether convolutions of float32 may round their inputs to TF32's ten bits.
"""

from __future__ import annotations

from xpgrad.backends.cudnn.library import CudnnError as _CudnnError
from xpgrad.backends.cudnn.library import find as _find

enabled = True
benchmark = False
deterministic = False
allow_tf32 = True


def is_available() -> bool:
    """Whether cuDNN 9 can be loaded; it is CuPy that uses it, on a CUDA device."""
    return version() is not None


def version() -> int | None:
    """The version of cuDNN as one number, such as 92800 for 9.28; None if it cannot be loaded."""
    try:
        found = _find()
    except _CudnnError:
        return None
    return None if found is None else found.version
