"""Parts of arrays, their transposes, and other readings of their memory."""

from __future__ import annotations

import itertools
from typing import Any, Final

import numpy as np

from xpgrad.testing.conformance.kernels.row import FLOATS, NUMBERS, Call, DtypeSetting, Row, random, whole
from xpgrad.testing.conformance.subject import Host

_ALL: Final = slice(None)
X: Final = random(4, 5, 3)

# Basic indices of an array of shape (4, 5, 3), and the shapes of what they take.
INDICES: Final[list[tuple[Any, ...]]] = [
    (),
    (1,),
    (-1, ..., 0),
    (_ALL, 2),
    (slice(1, 3),),
    (slice(None, None, 2), slice(4, None, -2)),
    (..., slice(None, None, -1)),
    (None, slice(1, 4), ..., None, 2),
    (slice(2, 2),),
    (1, 2, 0),
    (slice(-3, -1), _ALL, slice(0, 1)),
    (...,),
]


def _part(index: tuple[Any, ...]) -> Host:
    return random(*X[index].shape) if X[index].shape else np.asarray(0.7)


_POSITIONS: Final = [[], [3, 3, 3, 3], [5, 0, 5, 2, 0, 6], [6, 5, 4, 3, 2, 1, 0]]
_RESTS: Final[list[tuple[int, ...]]] = [(), (3,), (2, 3), (600,), (0,)]
_MANY: Final = np.random.default_rng(1).integers(0, 5, 300)


def _scattered() -> list[Call]:
    """Whole numbers, whose sums are exact."""
    calls = [
        Call((np.round(random(len(at), *rest, low=-9, high=9)), np.asarray(at, np.int64)), {"size": 7})
        for at, rest in itertools.product(_POSITIONS, _RESTS)
    ]
    return [*calls, *(Call((np.round(random(300, *rest)), _MANY), {"size": 7}) for rest in ((2,), (3, 1), ()))]


def _reduced() -> list[Call]:
    return [
        Call(
            (np.round(random(7, *rest)), np.asarray(at, np.int64), np.round(random(len(at), *rest, low=-3, high=3))),
            {"kind": kind},
        )
        for at, rest, kind in itertools.product(_POSITIONS, _RESTS, ("prod", "max", "min"))
    ]


def _put() -> list[Call]:
    return [
        Call((random(7, *rest), np.asarray(at, np.int64), random(len(at), *rest)))
        for at, rest in itertools.product(_POSITIONS, _RESTS)
    ]


_WIDTHS: Final = [((1, 2), (0, 0), (0, 1)), ((-1, 0), (2, -2), (0, 0)), ((0, 0),) * 3, ((-1, -1), (-2, 3), (1, 1))]


def _pairs_as_complex(x: Host) -> Host:
    return np.ascontiguousarray(x).view(np.result_type(x.dtype, np.complex64))[..., 0]


def _bits(x: Host, *, dtype: Host) -> Host:
    return x.view(dtype.dtype)


ROWS: Final = {
    "getitem": Row([Call((X,), {"index": index}) for index in INDICES], NUMBERS, exact=True, is_view=True),
    "embed": Row(
        [Call((np.asarray(X[index]),), {"shape": X.shape, "index": index}) for index in INDICES],
        NUMBERS,
        exact=True,
        is_view=True,
    ),
    "assign": Row(
        [
            *(Call((X, _part(index)), {"index": index}) for index in INDICES),
            Call((X, np.asarray(0.5)), {"index": (slice(1, 3),)}),
            Call((X, random(3)), {"index": (slice(None, None, -1), 2)}),
        ],
        NUMBERS,
        exact=True,
    ),
    "put_rows": Row(_put(), NUMBERS, exact=True),
    "checked_positions": Row(
        [
            *(Call((np.arange(-n // 2, n // 2),), {"length": 60, "axis": 0}) for n in (0, 3, 100)),
            Call((whole(3, 4, low=0, high=7),), {"length": 7, "axis": 1}),
        ],
        ("int64",),
        exact=True,
        is_view=True,
    ),
    "constant_pad": Row(
        [Call((X,), {"widths": widths, "value": value}) for widths, value in itertools.product(_WIDTHS, (0.0, 2.5))],
        (*FLOATS, "complex64"),
        exact=True,
        is_view=True,
    ),
    "scatter_add": Row(_scattered(), NUMBERS),
    "scatter_reduce": Row(_reduced(), (*FLOATS[:2], "int64")),
    "as_strided": Row(
        [
            Call((X,), {"size": size, "stride": stride, "offset": offset})
            for size, stride, offset in (
                ((3, 2), (7, 3), 4),
                ((2, 2, 2), (0, 5, 1), 0),
                ((), (), 11),
                ((0, 3), (1, 1), 2),
                ((60,), (1,), 0),
            )
        ],
        NUMBERS,
        exact=True,
        is_view=True,
    ),
    "sliding_windows": Row(
        [
            Call((X,), {"axis": axis, "size": size, "step": step})
            for axis, size, step in ((0, 2, 1), (1, 2, 2), (2, 3, 1), (1, 1, 4), (0, 4, 5))
        ],
        NUMBERS,
        exact=True,
        is_view=True,
    ),
    "view_as_real": Row([Call((X,)), Call((random(0, 2),))], ("complex128", "complex64"), exact=True, is_view=True),
    "view_as_complex": Row(
        [
            Call((random(4, 2),)),
            Call((random(3, 4, 2),)),
            Call((np.asarray([[np.inf, 1.0], [0.5, np.nan], [1, -np.inf]]),)),
        ],
        FLOATS[:2],
        exact=True,
        is_view=True,
        # Where a library multiplies to add, the fallback's infinities become NaN.
        expected=_pairs_as_complex,
    ),
    # The standard has no way to see the bytes of an array, so NumPy says what is right.
    "bitcast": Row(
        [Call((random(4, 6),), {"dtype": DtypeSetting(name)}) for name in ("int32", "uint8")],
        FLOATS[:2],
        exact=True,
        is_view=True,
        layouts=False,
        expected=_bits,
    ),
}
