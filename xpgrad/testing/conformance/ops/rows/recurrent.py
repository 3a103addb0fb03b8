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


CASES = [
    Case(recurrent.lstm_cell, (draw(3, 8), draw(3, 2)), reference=lstm),
    Case(recurrent.gru_cell, (draw(3, 6), draw(3, 6), draw(3, 2)), reference=gru),
]
