import numpy as np

from xpgrad.ops import fft
from xpgrad.testing.conformance.ops.case import Case, draw

ONE = [
    *({"n": n, "axis": axis} for n, axis in ((5, 1), (2, 0), (7, 1), (3, 1), (1, 0), (4, 0))),
    *({"n": 5, "axis": 1, "norm": norm} for norm in ("ortho", "forward")),
]
SEVERAL = [
    {"s": (3, 4), "axes": (0, 1)},
    {"s": (5, 2), "axes": (1, 0)},
    {"s": (3,), "axes": (0,)},
    {"s": (2, 5), "axes": (0, 1), "norm": "ortho"},
]

CASES = [
    *(
        Case(op, (draw(3, 4),), settings, getattr(np.fft, op.forward.__name__), complex_too=True)
        for op, rows in ((fft.fft, ONE), (fft.ifft, ONE), (fft.fftn, SEVERAL), (fft.ifftn, SEVERAL))
        for settings in rows
    ),
    *(
        Case(op, (draw(3, 4),), settings, getattr(np.fft, op.forward.__name__), kind=kind)
        for op, rows, kind in (
            (fft.rfft, ONE, "float64"),
            (fft.rfftn, SEVERAL, "float64"),
            (fft.irfft, ONE, "complex128"),
            (fft.irfftn, SEVERAL, "complex128"),
        )
        for settings in rows
    ),
    Case(fft.irfft, (draw(3, 4),), {"n": 6, "axis": 1}, np.fft.irfft, label="of real"),
]
