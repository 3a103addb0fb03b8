"""What the layers of the table print, and what their state dicts hold; the conformance kit asks what they give."""

from __future__ import annotations

import pytest

from xpgrad import nn
from xpgrad.testing.conformance.layers.layer import Layer
from xpgrad.testing.conformance.layers.table import LAYERS

WITH_TEXT = [layer for layer in LAYERS if layer.text]


@pytest.mark.parametrize("layer", WITH_TEXT, ids=lambda layer: layer.name)
def test_text(layer: Layer) -> None:
    assert repr(layer.make(nn)) == layer.text


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_names(layer: Layer) -> None:
    assert tuple(layer.make(nn).state_dict()) == layer.state
