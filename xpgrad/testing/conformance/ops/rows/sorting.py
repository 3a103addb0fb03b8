import numpy as np

from xpgrad.ops import sorting
from xpgrad.testing.conformance.ops.case import APART, Case, draw


def order(x, axis=-1, descending=False, stable=True):
    return (
        np.flip(np.argsort(np.flip(x, axis), axis=axis, stable=True), axis) if descending else np.argsort(x, axis=axis)
    )


def in_order(x, axis=-1, descending=False, stable=True):
    indices = order(x, axis, descending)
    return np.take_along_axis(x, indices, axis=axis), indices


CASES = [
    Case(sorting.sort, (draw(2, 4, of=APART),), {"axis": -1}, in_order),
    Case(sorting.sort, (draw(4, 2, of=APART),), {"axis": 0, "descending": False, "stable": False}, in_order),
    Case(sorting.argsort, (draw(2, 4, of=APART),), {"axis": -1}, order),
]
