import numpy as np

from xpgrad.ops import searching
from xpgrad.testing.conformance.ops.case import APART, Case, draw

MASK = np.asarray([[True, False, True], [False, False, True]])
SORTED = np.asarray([1.0, 2.0, 2.0, 3.0])

CASES = [
    Case(searching.where, (MASK, draw(2, 3), draw(2, 3)), complex_too=True, broadcasts=True),
    Case(searching.where, (MASK, draw(2, 3), 1.5), label="or scalar"),
    Case(searching.where, (MASK[0], 1.5, draw(2, 3)), label="scalar or"),
    *(
        Case(op, (draw(2, 3, of=APART),), settings)
        for op in (searching.argmax, searching.argmin)
        for settings in ({}, {"axis": 0}, {"axis": -1, "keepdims": True})
    ),
    *(
        Case(op, (MASK,), settings, label="of booleans")
        for op in (searching.argmax, searching.argmin)
        for settings in ({}, {"axis": 1}, {"axis": 0, "keepdims": True})
    ),
    *(
        Case(op, (MASK,), settings)
        for op in (searching.any, searching.all, searching.count_nonzero)
        for settings in ({}, {"axis": 0}, {"axis": (0, 1), "keepdims": True})
    ),
    *(Case(searching.searchsorted, (SORTED, draw(2, 3)), {"side": side}) for side in ("left", "right")),
]
