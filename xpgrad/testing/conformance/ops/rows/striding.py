import numpy as np

from xpgrad.backends.dtypes import int64
from xpgrad.ops import striding
from xpgrad.testing.conformance.ops.case import Case, draw


def strided(x, size, stride, offset):
    steps = tuple(n * x.itemsize for n in stride)
    return np.lib.stride_tricks.as_strided(np.ravel(x)[offset:], size, steps)


def windows(x, axis, size, step):
    found = np.lib.stride_tricks.sliding_window_view(x, size, axis)
    return found[(slice(None),) * axis + (slice(None, None, step),)]


CASES = [
    *(
        Case(striding.as_strided, (draw(3, 4),), {"size": size, "stride": stride, "offset": offset}, strided)
        for size, stride, offset in (((3, 4), (4, 1), 0), ((2, 2), (5, 2), 1), ((3, 2, 3), (1, 0, 2), 2), ((), (), 7))
    ),
    Case(striding.as_strided, (draw(3, 4),), {"size": (0, 2), "stride": (1, 1), "offset": 0}, strided, label="nothing"),
    Case(striding.as_strided, (draw(6),), {"size": (2, 3), "stride": (1, 2), "offset": 0}, strided, complex_too=True),
    *(
        Case(striding.sliding_windows, (draw(3, 5),), {"axis": axis, "size": size, "step": step}, windows)
        for axis, size, step in ((1, 2, 1), (1, 3, 2), (0, 1, 1), (0, 3, 4))
    ),
    Case(
        striding.view_as_real, (draw(2, 3),), kind="complex128", reference=lambda x: np.stack([x.real, x.imag], axis=-1)
    ),
    Case(striding.view_as_complex, (draw(2, 3, 2),), reference=lambda x: x[..., 0] + 1j * x[..., 1]),
    Case(
        striding.bitcast,
        (draw(2, 3),),
        {"dtype": int64},
        lambda x, dtype: x.view(dtype.name),
        needs=("bitcast",),
    ),
]
