import numpy as np

from xpgrad.ops import cumulative
from xpgrad.testing.conformance.ops.case import Case, draw

ZEROS = np.asarray([[0.0, 1.5, -2.0], [0.5, 0.0, 0.0]])
TIES = np.asarray([[1.0, 3.0, 3.0, 2.0, np.nan, 4.0], [2.0, 1.0, 1.0, 0.0, 0.0, -1.0]])


def running(function, initial):
    def reference(x, axis, include_initial=False):
        out = function(x, axis=axis)
        first = np.full_like(np.take(x, [0], axis=axis), initial)
        return np.concatenate([first, out], axis=axis) if include_initial else out

    return reference


def logcumsumexp(x, axis):
    return np.log(np.cumsum(np.exp(x), axis=axis))


def last(function):
    def reference(x, axis, kind):
        running = function.accumulate(x, axis)
        at = np.where((x == running) | np.isnan(x), np.arange(x.shape[axis]), 0)
        return np.maximum.accumulate(at, axis)

    return reference


CASES = [
    *(
        Case(op, (draw(2, 5),), {"axis": axis, "include_initial": initial}, reference, complex_too=True)
        for op, reference in (
            (cumulative.cumulative_sum, running(np.cumsum, 0)),
            (cumulative.cumulative_prod, running(np.cumprod, 1)),
        )
        for axis, initial in ((0, False), (-1, False), (1, True))
    ),
    Case(cumulative.cumulative_prod, (ZEROS,), {"axis": 1}, np.cumprod, label="with zeros"),
    Case(cumulative.cumulative_prod, (draw(1),), {"axis": 0}, np.cumprod, label="of one"),
    *(Case(cumulative.logcumsumexp, (draw(2, 5),), {"axis": axis}, logcumsumexp) for axis in (0, -1)),
    Case(cumulative.logcumsumexp, (draw(2, 3),), {"axis": -1}, logcumsumexp, kind="complex128"),
    Case(cumulative.logcumsumexp, (draw(1),), {"axis": 0}, logcumsumexp, label="of one"),
    Case(cumulative.last_extreme, (TIES,), {"axis": 1, "kind": "max"}, last(np.maximum)),
    Case(cumulative.last_extreme, (TIES,), {"axis": 1, "kind": "min"}, last(np.minimum)),
]
