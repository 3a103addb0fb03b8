import numpy as np

from xpgrad.ops import shape
from xpgrad.testing.conformance.ops.case import Case, draw


def reshaped(x, shape):
    return np.reshape(x, shape)


def repeated(x, repeats, axis):
    return np.repeat(x, repeats, axis=axis)


def padded(x, widths, value=0.0):
    cut = tuple(slice(max(-b, 0), n - max(-a, 0)) for (b, a), n in zip(widths, x.shape, strict=True))
    return np.pad(x[cut], [(max(b, 0), max(a, 0)) for b, a in widths], constant_values=value)


CASES = [
    *(Case(shape.reshape, (draw(2, 3, 4),), {"shape": to}, reshaped) for to in ((6, 4), (24,), (2, 3, 4))),
    Case(shape.reshape, (draw(),), {"shape": (1, 1)}, reshaped, label="of 0-d"),
    Case(shape.reshape, (draw(0, 3),), {"shape": (3, 0)}, reshaped, label="of nothing"),
    *(Case(shape.permute_dims, (draw(2, 3, 4),), {"axes": a}, complex_too=True) for a in ((0, 1, 2), (2, 0, 1))),
    Case(shape.permute_dims, (draw(),), {"axes": ()}, label="of 0-d"),
    Case(shape.matrix_transpose, (draw(2, 3, 4),), complex_too=True),
    *(Case(shape.expand_dims, (draw(2, 3),), {"axis": axis}) for axis in (0, 1, 2)),
    *(Case(shape.squeeze, (draw(1, 2, 1),), {"axis": axis}) for axis in (0, 2, (0, 2))),
    *(Case(shape.broadcast_to, (draw(2, 1),), {"shape": to}) for to in ((2, 1), (2, 3), (4, 2, 3))),
    Case(shape.broadcast_to, (draw(),), {"shape": (2, 3)}, label="of 0-d"),
    *(Case(op, (draw(2, 3),), {"axis": axis}, np.flip) for op in (shape.flip, shape.reverse) for axis in (0, (0, 1))),
    *(
        Case(shape.roll, (draw(3, 4),), {"shift": shift, "axis": axis})
        for shift, axis in ((1, 0), (-5, 1), ((1, 2), (0, 1)))
    ),
    *(
        Case(shape.tile, (draw(2, 3),), {"repetitions": r}, lambda x, repetitions: np.tile(x, repetitions))
        for r in ((1, 2), (2, 3), (2, 1, 3), (0, 1))
    ),
    *(
        Case(shape.repeat, (draw(2, 3),), {"repeats": r, "axis": axis}, repeated)
        for r, axis in ((2, 0), (3, 1), (0, 1))
    ),
    *(
        Case(shape.constant_pad, (draw(2, 3),), {"widths": widths, "value": 1.5}, padded)
        for widths in (((0, 1), (2, 0)), ((0, 0), (0, 0)), ((-1, 1), (1, -2)))
    ),
    Case(shape.constant_pad, (draw(2, 3),), {"widths": ((0, 0), (1, 0))}, padded, complex_too=True),
]
