"""Whether results must repeat to the last bit, for kernels with a quicker way that adds up in any order."""

from __future__ import annotations

# What `xpgrad.use_deterministic_algorithms` sets.
wanted = False
