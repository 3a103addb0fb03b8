import numpy as np

from xpgrad.ops import copying, reductions
from xpgrad.testing.conformance.ops.case import APART, Case, draw

MASK = np.asarray([[True, False], [False, False], [True, True]])
ZEROS = np.asarray([[0.0, 1.5, -2.0], [0.5, 0.0, 0.0]])
AXES = (None, 0, -1, (0, 2))


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
        Case(op, (MASK,), {"axis": 1, "keepdims": keepdims}, label="of booleans")
        for op in (reductions.amax, reductions.amin)
        for keepdims in (False, True)
    ),
    *(
        Case(op, (draw(3, 1, 3),), {"axis": axis, "correction": correction, "keepdims": keepdims}, complex_too=True)
        for op in (reductions.var, reductions.std)
        for axis, correction, keepdims in ((None, 0.0, False), (0, 1.0, False), ((0, -1), 1.0, True))
    ),
    Case(reductions.diff, (draw(2, 5),), {"axis": -1}, complex_too=True),
    Case(reductions.diff, (draw(5, 2),), {"axis": 0, "n": 2}),
    Case(
        reductions.element,
        (draw(2, 3, of=APART), np.asarray(0.0)),
        reference=lambda x, value: np.max(x),
        before=lambda x, value: (x, copying.detach.apply(reductions.amax.apply(x))),
    ),
]
