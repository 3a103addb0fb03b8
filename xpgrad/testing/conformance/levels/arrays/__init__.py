"""What the library's arrays are: claims, creation, dtypes, devices, transfer, indexing, reductions."""

from xpgrad.testing.conformance.check import joined
from xpgrad.testing.conformance.levels.arrays import (
    backend,
    broadcasting,
    creation,
    dtypes,
    memory,
    promotion,
    reductions,
    sorting,
)

LEVEL = joined(
    "Arrays",
    backend.LEVEL,
    memory.LEVEL,
    creation.LEVEL,
    dtypes.LEVEL,
    promotion.LEVEL,
    reductions.LEVEL,
    sorting.LEVEL,
    broadcasting.LEVEL,
)
