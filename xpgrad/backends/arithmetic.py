"""How exactly products are computed, for libraries with a quicker way that rounds more."""

from __future__ import annotations

# Whether CUDA devices may round float32 to TF32's ten bits first; what `xpgrad.set_float32_matmul_precision` sets.
tf32 = False
