"""The table of layers."""

from __future__ import annotations

from typing import Final

from xpgrad.testing.conformance.layers.layer import Layer
from xpgrad.testing.conformance.layers.rows import (
    activation,
    affine,
    containers,
    images,
    lazy,
    losses,
    normalization,
    sequences,
    shapes,
)

LAYERS: Final[list[Layer]] = [
    *affine.ROWS,
    *images.ROWS,
    *normalization.ROWS,
    *shapes.ROWS,
    *activation.ROWS,
    *sequences.ROWS,
    *losses.ROWS,
    *containers.ROWS,
    *lazy.ROWS,
]

# Exported classes without a row, and why.
WITHOUT_ROW: Final = {
    "Module": "it is what layers are made of, and does nothing itself",
    "RNNBase": "it is what RNN, GRU and LSTM are made of",
    "RNNCellBase": "it is what their cells are made of",
}
