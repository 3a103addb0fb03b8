import numpy as np

from xpgrad.ops import recurrent
from xpgrad.testing.conformance.ops.case import Case, draw


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def lstm(gates, memory):
    i, f, new, o = np.split(gates, 4, axis=1)
    memory = sigmoid(f) * memory + sigmoid(i) * np.tanh(new)
    return sigmoid(o) * np.tanh(memory), memory


def gru(x, y, h):
    (xr, xz, xn), (yr, yz, yn) = np.split(x, 3, axis=1), np.split(y, 3, axis=1)
    z, new = sigmoid(xz + yz), np.tanh(xn + sigmoid(xr + yr) * yn)
    return (1 - z) * new + z * h


def walked(step, x, states, sizes, reverse):
    """The outputs and last states of a layer: each sequence by itself, from its end with ``reverse``."""
    starts = np.cumsum((0, *sizes[:-1]))
    states = [state.copy() for state in states]
    out = np.empty((len(x), states[0].shape[1]), x.dtype)
    for i in range(sizes[0]):
        rows = [start + i for start, size in zip(starts, sizes, strict=True) if i < size]
        for row in rows[::-1] if reverse else rows:
            results = step(x[row : row + 1], *(state[i : i + 1] for state in states))
            for state, result in zip(states, results, strict=True):
                state[i] = result[0]
            out[row] = states[0][i]
    return out, *states


def lstm_layer(x, h, c, w_ih, w_hh, bias, *, sizes, reverse):
    bias = 0.0 if bias is None else bias
    return walked(lambda x, h, c: lstm(x @ w_ih.T + h @ w_hh.T + bias, c), x, (h, c), sizes, reverse)


def gru_layer(x, h, w_ih, w_hh, b_ih, b_hh, *, sizes, reverse):
    b_ih, b_hh = (0.0 if b is None else b for b in (b_ih, b_hh))
    return walked(lambda x, h: (gru(x @ w_ih.T + b_ih, h @ w_hh.T + b_hh, h),), x, (h,), sizes, reverse)


def all_but_last(*results):
    """What is promised, without what the forward pass leaves for the gradients."""
    return results[:-1]


# Few and short, since there are dozens of operations in each, which a library may compile one by one.
CASES = [
    *(
        Case(
            op,
            (draw(sum(sizes), 2), *[draw(sizes[0], 3)] * states, draw(rows, 2), draw(rows, 3), *biases),
            {"sizes": sizes, "reverse": reverse},
            reference=reference,
            after=all_but_last,
        )
        for op, reference, states, rows, biases, sizes, reverse in (
            (recurrent.lstm_layer, lstm_layer, 2, 12, (draw(12),), (2, 1), True),
            (recurrent.lstm_layer, lstm_layer, 2, 12, (None,), (2, 2), False),
            (recurrent.gru_layer, gru_layer, 1, 9, (draw(9), draw(9)), (2, 1), False),
            (recurrent.gru_layer, gru_layer, 1, 9, (None, None), (2, 2), True),
        )
    ),
    Case(recurrent.lstm_cell, (draw(3, 8), draw(3, 2)), reference=lstm),
    Case(recurrent.gru_cell, (draw(3, 6), draw(3, 6), draw(3, 2)), reference=gru),
]
