"""oneDNN's kernels for the NumPy backend of xpgrad, called through ctypes on NumPy's own memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from xpgrad.backends.packs import KernelPack
from xpgrad_onednn import activation, convolution, matmul, normalization, pooling, recurrent, threads

__all__ = ["OneDnn"]


class OneDnn(KernelPack):
    """Products, convolutions, pooling, recurrent layers, norms, softmax and sigmoid by oneDNN, where that is quicker.

    Raises:
        OneDnnError: No libdnnl 3.x can be loaded; the text says where it was looked for and what to install.
    """

    name = "onednn"
    backend = "numpy"

    def __init__(self) -> None:
        self._library = threads.library()

    @property
    def kernels(self) -> Mapping[str, Callable[..., Any]]:
        subjects = (activation, convolution, matmul, normalization, pooling, recurrent)
        return {name: kernel for subject in subjects for name, kernel in subject.KERNELS.items()}

    def version(self) -> str:
        return f"oneDNN {self._library} ({self._library.path})"
