"""The table of kernels: a row for every extension function, and for the standard ones that a known kernel replaces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from xpgrad.testing.conformance.kernels.row import Row
from xpgrad.testing.conformance.kernels.rows import (
    activation,
    convolution,
    indexing,
    linalg,
    pooling,
    recurrent,
    special,
    standard,
)

KERNELS: Final[Mapping[str, Row]] = {
    **convolution.ROWS,
    **pooling.ROWS,
    **activation.ROWS,
    **indexing.ROWS,
    **special.ROWS,
    **linalg.ROWS,
    **recurrent.ROWS,
    **standard.ROWS,
}
