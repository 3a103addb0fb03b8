"""PyTorch's settings of its CUDA kernels (``torch.backends.cuda``), which those for CuPy follow."""

from __future__ import annotations

from typing import final

from xpgrad.backends import arithmetic


@final
class _Matmul:
    """How matrices are multiplied.

    Attributes:
        allow_fp16_reduced_precision_reduction: Kept without effect: products of float16 are added up in float32.
        allow_bf16_reduced_precision_reduction: The same for bfloat16.
    """

    allow_fp16_reduced_precision_reduction = True
    allow_bf16_reduced_precision_reduction = True

    @property
    def allow_tf32(self) -> bool:
        """Whether float32 may be rounded to TF32's ten bits, as `xpgrad.set_float32_matmul_precision` says too."""
        return arithmetic.tf32

    @allow_tf32.setter
    def allow_tf32(self, value: bool) -> None:
        arithmetic.choose("high" if value else "highest")


matmul = _Matmul()


def is_built() -> bool:
    """False: CuPy is what knows CUDA here; `xpgrad.cuda` asks it."""
    return False
