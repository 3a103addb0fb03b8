import numpy as np
from case import APART, Case, draw

from xpgrad.ops import cumulative as running
from xpgrad.ops import reductions

ZEROS = np.asarray([[0.0, 1.5, -2.0], [0.5, 0.0, 0.0]])
AXES = (None, 0, -1, (0, 2))


def cumulative(function, initial):
    def reference(x, axis, include_initial=False):
        out = function(x, axis=axis)
        first = np.full_like(np.take(x, [0], axis=axis), initial)
        return np.concatenate([first, out], axis=axis) if include_initial else out

    return reference


CASES = [
    *(
        Case(
            op,
            (draw(2, 1, 3),),
            {"axis": axis, "keepdims": keepdims},
            complex_too=op in (reductions.sum, reductions.mean),
        )
        for op in (reductions.sum, reductions.mean, reductions.prod)
        for axis in AXES
        for keepdims in (False, True)
    ),
    Case(reductions.sum_all, (draw(2, 3),), reference=np.sum, complex_too=True),
    Case(reductions.sum_all, (draw(),), reference=np.sum, label="of 0-d"),
    Case(reductions.sum, (draw(),), label="of 0-d"),
    Case(reductions.sum, (draw(2, 0),), {"axis": 1}, label="of nothing"),
    Case(reductions.prod, (draw(),), label="of 0-d"),
    Case(reductions.prod, (draw(2, 0),), {"axis": 1}, label="of nothing"),
    Case(reductions.prod, (draw(2, 3),), {"axis": 1}, complex_too=True, label="of a matrix"),
    Case(reductions.prod, (ZEROS,), {"axis": 1}, label="with zeros"),
    *(
        Case(op, (draw(2, 2, 3, of=APART),), {"axis": axis, "keepdims": keepdims})
        for op in (reductions.amax, reductions.amin)
        for axis in AXES
        for keepdims in (False, True)
    ),
    *(
        Case(op, (draw(3, 1, 3),), {"axis": axis, "correction": correction, "keepdims": keepdims})
        for op in (reductions.var, reductions.std)
        for axis, correction, keepdims in ((None, 0.0, False), (0, 1.0, False), ((0, -1), 1.0, True))
    ),
    *(
        Case(op, (draw(2, 5),), {"axis": axis, "include_initial": initial}, reference, complex_too=True)
        for op, reference in (
            (running.cumulative_sum, cumulative(np.cumsum, 0)),
            (running.cumulative_prod, cumulative(np.cumprod, 1)),
        )
        for axis, initial in ((0, False), (-1, False), (1, True))
    ),
    Case(running.cumulative_prod, (ZEROS,), {"axis": 1}, np.cumprod, label="with zeros"),
    Case(running.cumulative_prod, (draw(1),), {"axis": 0}, np.cumprod, label="of one"),
    Case(reductions.diff, (draw(2, 5),), {"axis": -1}, complex_too=True),
    Case(reductions.diff, (draw(5, 2),), {"axis": 0, "n": 2}),
]
