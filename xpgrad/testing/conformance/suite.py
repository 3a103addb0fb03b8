"""The whole suite: the levels in the order of the report, and the version that plugins pin."""

from __future__ import annotations

import functools
from typing import (
    Final,
)

from xpgrad.testing.conformance.check import (
    Check,
    Level,
    joined,
)
from xpgrad.testing.conformance.levels import (
    arrays,
    data,
    edge_values,
    extremes,
    functions,
    gradients,
    higher_order,
    in_place,
    kernels,
    memory,
    nn,
    precision,
    programs,
    randomness,
    save_load,
    sizes,
    streams,
    threads,
    training,
)

# Raised when checks are added: they say so in `since`, and do not fail a plugin that pins an older version.
SUITE_VERSION: Final = 1

LEVELS: Final[tuple[Level, ...]] = (
    arrays.LEVEL,
    joined(
        "Functions",
        functions.LEVEL,
        edge_values.LEVEL,
        extremes.LEVEL,
        precision.LEVEL,
        sizes.LEVEL,
        programs.FIRST,
    ),
    gradients.LEVEL,
    joined("Higher order", higher_order.LEVEL, programs.SECOND),
    in_place.LEVEL,
    joined("Random numbers", randomness.LEVEL, streams.LEVEL),
    nn.LEVEL,
    training.LEVEL,
    data.LEVEL,
    save_load.LEVEL,
    threads.LEVEL,
    memory.LEVEL,
    kernels.LEVEL,
)


@functools.cache
def checks() -> dict[str, Check]:
    """Every check by its id.

    Raises:
        ValueError: Two have one id, which must not happen in a release.
    """
    found: dict[str, Check] = {}
    for level in LEVELS:
        for check in level.checks:
            if check.id in found:
                raise ValueError(f"two checks are called {check.id}")
            found[check.id] = check
    return found
