"""Layers of recurrent networks in one direction, and their gradients."""

from __future__ import annotations

import itertools
from typing import Any, Final, NamedTuple

import numpy as np

from xpgrad.testing.conformance.kernels.row import Call, Row
from xpgrad.testing.conformance.ops.rows.recurrent import gru_layer, lstm_layer
from xpgrad.testing.conformance.subject import Host


class Layer(NamedTuple):
    """Lengths of one layer; ``sizes`` says how many sequences go on at each step."""

    sizes: tuple[int, ...]
    inputs: int
    hidden: int


LAYERS: Final = [
    Layer((2, 2, 2), 3, 5),
    Layer((1,), 4, 2),
    Layer((3,), 1, 1),
    Layer((8,) * 12, 20, 16),
    Layer((33,) * 5, 16, 32),
    Layer((4, 4, 2, 1, 1), 3, 5),
]
# Which of the biases there are.
_LSTM_BIASES: Final = ((True,), (False,))
_GRU_BIASES: Final = ((True, True), (False, False), (True, False))


def _inputs(layer: Layer, gates: int, states: int, biases: tuple[bool, ...]) -> tuple[Any, ...]:
    rng, n = np.random.default_rng(0), layer.hidden
    rows = gates * n
    # No larger than layers begin with, as the dynamics of larger ones are chaotic.
    shapes = [(layer.sizes[0], n)] * states + [(rows, layer.inputs), (rows, n)]
    weights = [rng.uniform(-1, 1, shape) / np.sqrt(n) for shape in shapes]
    return (
        rng.standard_normal((sum(layer.sizes), layer.inputs)),
        *weights,
        *(rng.uniform(-1, 1, rows) if there else None for there in biases),
    )


def _settings(layer: Layer, reverse: bool) -> dict[str, Any]:
    return {"sizes": layer.sizes, "reverse": reverse}


def _forward_calls(gates: int, states: int, choices: Any) -> list[Call]:
    return [
        Call(_inputs(layer, gates, states, biases), _settings(layer, reverse))
        for layer, biases, reverse in itertools.product(LAYERS, choices, (False, True))
    ]


def _gradient_calls(function: Any, gates: int, states: int, choices: Any) -> list[Call]:
    calls = []
    for call in _forward_calls(gates, states, choices):
        results: tuple[Host, ...] = function(*call.arrays, **call.settings)
        rng = np.random.default_rng(1)
        arrived = [rng.standard_normal(result.shape) for result in results]
        there = tuple(array is not None for array in call.arrays)
        # Nothing that a forward pass has left.
        arrays = (*arrived, *call.arrays, *results, np.zeros((0, results[0].shape[1])))
        for needs in (there, tuple(i == 0 for i in range(6)), (False, *there[1:])):
            calls.append(Call(arrays, {**call.settings, "needs": needs}))
    return calls


def _without_kept(call: Call, results: list[Any]) -> list[Any]:
    """What anybody but the function's own gradients may read."""
    return results[:-1]


def _needed(call: Call, results: list[Any]) -> list[Any]:
    """The gradients that were asked for; others may be there or not."""
    return [result for result, needed in zip(results, call.settings["needs"], strict=True) if needed]


_DTYPES: Final = ("float32", "float64")
ROWS: Final = {
    "lstm_layer": Row(_forward_calls(4, 2, _LSTM_BIASES), _DTYPES, look=_without_kept),
    "gru_layer": Row(_forward_calls(3, 1, _GRU_BIASES), _DTYPES, look=_without_kept),
    "lstm_layer_gradients": Row(_gradient_calls(lstm_layer, 4, 2, _LSTM_BIASES), _DTYPES, look=_needed),
    "gru_layer_gradients": Row(_gradient_calls(gru_layer, 3, 1, _GRU_BIASES), _DTYPES, look=_needed),
}
