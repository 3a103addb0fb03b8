"""The layers of the table on every backend, and what is particular to one of them."""

from __future__ import annotations

import numpy as np
import pytest

import xpgrad
from xpgrad import nn
from xpgrad.testing.conformance.layers import LAYERS, Layer, results


def ident(layer: Layer) -> str:
    return layer.text


@pytest.mark.parametrize("layer", LAYERS, ids=ident)
def test_text_and_names(layer: Layer) -> None:
    module = layer.make(nn)
    assert repr(module) == layer.text
    assert tuple(module.state_dict()) == layer.state


@pytest.mark.parametrize("backend", ["numpy-readonly", "strict"])
@pytest.mark.parametrize("layer", LAYERS, ids=ident)
def test_every_backend_gives_the_same(layer: Layer, backend: str) -> None:
    found = []
    for name in ("numpy", backend):
        xpgrad.manual_seed(0)
        with xpgrad.use_backend(name):
            found.append(results(xpgrad, layer.make(nn).train(layer.training), layer))
    for got, expected in zip(*found, strict=True):
        assert got.dtype == expected.dtype
        np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-5)
