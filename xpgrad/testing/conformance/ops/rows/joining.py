import numpy as np

from xpgrad.ops import joining, triangular
from xpgrad.testing.conformance.ops.case import Case, draw

CASES = [
    Case(joining.concat, (draw(2, 3), draw(2, 1), draw(2, 2)), {"axis": 1}, lambda *xs, axis: np.concatenate(xs, axis)),
    Case(joining.concat, (draw(2, 3), draw(0, 3)), {"axis": 0}, lambda *xs, axis: np.concatenate(xs, axis)),
    Case(
        joining.concat,
        (draw(2), draw(1)),
        {"axis": 0},
        lambda *xs, axis: np.concatenate(xs),
        complex_too=True,
        label="1-d",
    ),
    *(
        Case(joining.stack, (draw(2, 3), draw(2, 3)), {"axis": a}, lambda *xs, axis: np.stack(xs, axis))
        for a in (0, 1, 2)
    ),
    Case(joining.stack, (draw(),), {"axis": 0}, lambda *xs, axis: np.stack(xs, axis), label="of 0-d"),
    *(
        Case(joining.unstack, (draw(3, 2, 3),), {"axis": axis}, lambda x, axis: list(np.moveaxis(x, axis, 0)))
        for axis in (0, 2)
    ),
    Case(
        joining.split,
        (draw(2, 3),),
        {"lengths": (1, 0, 2), "axis": 1},
        lambda x, lengths, axis: np.split(x, [1, 1], axis),
        complex_too=True,
    ),
    *(Case(op, (draw(2, 3, 4),), {"k": k}) for op in (triangular.tril, triangular.triu) for k in (-1, 0, 2)),
    Case(triangular.tril, (draw(3, 3),), complex_too=True),
    Case(triangular.triu, (draw(3, 3),), complex_too=True),
]
