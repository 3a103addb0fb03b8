"""What the library's arrays are: claims, creation, dtypes, devices, transfer, indexing, reductions."""

from xpgrad.testing.conformance.check import joined
from xpgrad.testing.conformance.levels.arrays import (
    backend,
    broadcasting,
    creation,
    devices,
    dtypes,
    indexing,
    memory,
    promotion,
    reductions,
    sorting,
    transfer,
)

LEVEL = joined(
    "Arrays",
    backend.LEVEL,
    memory.LEVEL,
    creation.LEVEL,
    dtypes.LEVEL,
    promotion.LEVEL,
    devices.LEVEL,
    transfer.LEVEL,
    indexing.LEVEL,
    reductions.LEVEL,
    sorting.LEVEL,
    broadcasting.LEVEL,
)
