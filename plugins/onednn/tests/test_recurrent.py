"""Recurrent layers: oneDNN against the fallbacks, what is left to these, and layers with the pack installed."""

from __future__ import annotations

import functools
import types

import numpy as np
import pytest

from xpgrad.backends.fallbacks import FALLBACKS
from xpgrad_onednn import recurrent

# Per layer: its gates, and the parts of its state.
KINDS = {"lstm_layer": (4, 2), "gru_layer": (3, 1)}
BIASES = {"lstm_layer": [(True,), (False,)], "gru_layer": [(True, True), (False, False), (True, False), (False, True)]}
# steps, sequences, inputs, hidden
LENGTHS = [(5, 4, 3, 6), (1, 2, 7, 3), (7, 1, 16, 16), (12, 8, 30, 32), (3, 33, 1, 1)]

pytestmark = pytest.mark.usefixtures("onednn")


def namespace():
    """NumPy with the extensions that a fallback calls."""
    found = types.SimpleNamespace(**{name: getattr(np, name) for name in dir(np) if not name.startswith("_")})
    for name, fallback in FALLBACKS.items():
        setattr(found, name, functools.partial(fallback, found))
    return found


def inputs(name, lengths, biases, dtype=np.float32):
    steps, count, features, hidden = lengths
    (gates, states), rng = KINDS[name], np.random.default_rng(0)

    def draw(*shape):
        return rng.uniform(-1, 1, shape).astype(dtype) / dtype(np.sqrt(hidden))

    rows = gates * hidden
    arrays = [draw(steps * count, features), *(draw(count, hidden) for _ in range(states))]
    return [*arrays, draw(rows, features), draw(rows, hidden), *(draw(rows) if there else None for there in biases)]


def wide(arrays):
    return [array if array is None or array.dtype != np.float32 else array.astype(np.float64) for array in arrays]


def same(found, expected):
    assert found is not NotImplemented
    for one, other in zip(found, expected, strict=True):
        if other is None:
            assert one is None
            continue
        assert (one.dtype, one.shape) == (np.float32, other.shape)
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5 * max(1.0, np.abs(other).max()))


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("lengths", LENGTHS, ids=str)
@pytest.mark.parametrize(("name", "biases"), [(name, case) for name in KINDS for case in BIASES[name]], ids=str)
def test_layers_and_their_gradients(name, biases, lengths, reverse):
    arrays = inputs(name, lengths, biases)
    copies = [None if array is None else array.copy() for array in arrays]
    settings = {"sizes": (lengths[1],) * lengths[0], "reverse": reverse}
    got = recurrent.KERNELS[name](np, *arrays, **settings)
    expected = FALLBACKS[name](namespace(), *wide(arrays), **settings)
    same(got[:-1], expected[:-1])

    gradients = f"{name}_gradients"
    rng = np.random.default_rng(1)
    arrived = [rng.standard_normal(result.shape, np.float32) for result in got[:-1]]
    there = tuple(array is not None for array in arrays)
    for needs in (there, tuple(i == 1 for i in range(6))):
        found = recurrent.KERNELS[gradients](np, *arrived, *arrays, *got, **settings, needs=needs)
        right = FALLBACKS[gradients](namespace(), *wide(arrived), *wide(arrays), *expected, **settings, needs=there)
        same(found, [value if needed else None for value, needed in zip(right, needs, strict=True)])
    # What a fallback has left tells oneDNN nothing: it goes forward itself.
    again = recurrent.KERNELS[gradients](np, *arrived, *arrays, *got[:-1], expected[-1], **settings, needs=there)
    whole = recurrent.KERNELS[gradients](np, *arrived, *arrays, *got, **settings, needs=there)
    for one, other in zip(again, whole, strict=True):
        np.testing.assert_array_equal(one, other)
    for array, copy in zip(arrays, copies, strict=True):
        np.testing.assert_array_equal(array, copy)


@pytest.mark.parametrize("name", KINDS)
def test_what_is_declined(name):
    arrays = inputs(name, (3, 4, 5, 6), BIASES[name][0])
    forward, backward = recurrent.KERNELS[name], recurrent.KERNELS[f"{name}_gradients"]
    settings = {"sizes": (4, 4, 4), "reverse": False}
    results = forward(np, *arrays, **settings)
    arrived = [np.ones_like(result) for result in results[:-1]]

    def declined(arrays, **changed):
        both = settings | changed
        assert forward(np, *arrays, **both) is NotImplemented
        assert backward(np, *arrived, *arrays, *results, **both, needs=(True,) * 6) is NotImplemented

    declined(arrays, sizes=(5, 4, 3))
    double = [array.astype(np.float64) for array in arrived]
    assert backward(np, *double, *arrays, *results, **settings, needs=(True,) * 6) is NotImplemented
    for i in range(len(arrays)):
        for change in (lambda a: a.astype(np.float64), lambda a: a[:-1], lambda a: np.concatenate([a, a], axis=-1)):
            declined([*arrays[:i], change(arrays[i]), *arrays[i + 1 :]])
    none = inputs(name, (3, 0, 5, 6), BIASES[name][0])
    assert forward(np, *none, sizes=(0, 0, 0), reverse=False) is NotImplemented


LAYERS = """
import xpgrad as torch
from xpgrad_onednn import recurrent

asked = []
def counted(name, kernel):
    def function(*args, **settings):
        result = kernel(*args, **settings)
        asked.append((name, result is not NotImplemented))
        return result
    return function
for name, kernel in list(recurrent.KERNELS.items()):
    recurrent.KERNELS[name] = counted(name, kernel)

def gradients(dtype, kind, settings, lengths):
    torch.manual_seed(0)
    layer = getattr(torch.nn, kind)(6, 8, **settings).to(dtype)
    x = torch.randn(4, 7, 6).to(dtype).requires_grad_()
    rnn = torch.nn.utils.rnn
    out, last = layer(x if lengths is None else rnn.pack_padded_sequence(x, lengths, True, False))
    out = out if lengths is None else out.data
    loss = (out * out).sum() + sum((part ** 3).sum() for part in (last if kind == "LSTM" else (last,)))
    leaves = (x, *layer.parameters())
    first = torch.autograd.grad(loss, leaves, create_graph=True)
    second = torch.autograd.grad(sum((g * g).sum() for g in first), leaves)
    return [out, *first, *second]

for kind in ("LSTM", "GRU"):
    for settings, lengths, served in (
        ({"num_layers": 2, "bidirectional": True, "batch_first": True}, None, True),
        ({"bias": False, "batch_first": True}, None, True),
        ({"bidirectional": True, "batch_first": True}, [3, 7, 1, 7], False),
    ):
        asked.clear()
        single = gradients(torch.float32, kind, settings, lengths)
        assert {name for name, here in asked if here == served} >= {f"{kind.lower()}_layer"}, asked
        assert not lengths or not any(here for _, here in asked), asked
        double = gradients(torch.float64, kind, settings, lengths)
        for one, other in zip(single, double, strict=True):
            torch.testing.assert_close(one.double(), other, rtol=1e-4, atol=1e-5 * max(1.0, float(other.abs().max())))
print("same")
"""


def test_layers_of_both_orders(run):
    done = run(LAYERS, XPGRAD_KERNELS="onednn")
    assert (done.stdout, done.stderr) == ("same\n", "")
