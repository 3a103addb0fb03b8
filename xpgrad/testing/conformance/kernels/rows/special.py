"""Special functions, the parts of numbers, and divisors."""

from __future__ import annotations

import itertools
import math
from typing import Final

import numpy as np

from xpgrad.backends.fallbacks.orthogonal import FAMILIES
from xpgrad.testing.conformance.kernels.row import FLOATS, Call, Row, random, whole

NAN, INF = math.nan, math.inf
EDGES: Final = np.asarray([NAN, INF, -INF, 0.0, 1.0, 2.0, 8.0])
EMPTY: Final = np.zeros((2, 0))

# Where each function of one number is asked, and whether its small values count.
_OF_ONE: Final[dict[str, tuple[float, float, bool]]] = {
    "airy_ai": (-12.0, 6.0, False),
    "digamma": (-5.0, 20.0, False),
    "erf": (-4.0, 4.0, True),
    "erfc": (-4.0, 4.0, True),
    "erfcx": (-3.0, 20.0, True),
    "erfinv": (-0.99, 0.99, True),
    "gammaln": (-5.0, 20.0, False),
    "i0": (-8.0, 8.0, True),
    "i0e": (-20.0, 20.0, True),
    "i1": (-8.0, 8.0, True),
    "i1e": (-20.0, 20.0, True),
    "j0": (-20.0, 20.0, False),
    "j1": (-20.0, 20.0, False),
    "k0": (0.01, 8.0, True),
    "k0e": (0.01, 20.0, True),
    "k1": (0.01, 8.0, True),
    "k1e": (0.01, 20.0, True),
    "log_ndtr": (-10.0, 4.0, True),
    "ndtri": (0.001, 0.999, False),
    "spherical_j0": (-20.0, 20.0, False),
    "y0": (0.01, 20.0, False),
    "y1": (0.05, 20.0, False),
}

_POSITIVE: Final = [0.0, 0.3, 1.0, 2.5, 17.0]
_A, _X = (np.asarray(grid).ravel() for grid in np.meshgrid(_POSITIVE[1:], _POSITIVE))
_B: Final = _A[::-1].copy()
_UNIT: Final = np.linspace(0.0, 1.0, _A.size)


def _of_one(name: str, low: float, high: float, relative: bool) -> Row:
    inside = random(40, low=low, high=high)
    return Row(
        [Call((inside,)), Call((inside.reshape(5, 8),)), Call((inside[3],)), Call((EDGES,)), Call((EMPTY,))],
        # Half precision has no room for what these make of their arguments.
        FLOATS if name not in ("i0", "i1", "k1", "k0", "y1", "gammaln", "digamma", "airy_ai") else FLOATS[:2],
        relative=relative,
        looseness=20,
    )


_WHOLE: Final = (whole(6, 7, low=-20, high=21), whole(7, 6, low=-20, high=21).T.copy())
_PARTS: Final = np.asarray([0.0, 1.0, -1.0, 0.75, 1e-4, 6e4, -3.5, 2.0**-14, NAN, INF, -INF])

ROWS: Final = {
    **{name: _of_one(name, *where) for name, where in _OF_ONE.items()},
    "betainc": Row(
        [Call((_A, _B, _UNIT)), Call((_A[:4].reshape(4, 1), _B[:3], np.asarray(0.4)))], FLOATS[:2], looseness=1e3
    ),
    "gammainc": Row([Call((_A, _X)), Call((_A[:4].reshape(4, 1), _X[:3]))], FLOATS[:2], looseness=1e3),
    "gammaincc": Row([Call((_A, _X)), Call((_A[:4].reshape(4, 1), _X[:3]))], FLOATS[:2], looseness=1e3),
    "zeta": Row(
        [
            Call((random(9, low=1.1, high=9.0), random(3, 3, low=0.3, high=9.0).ravel())),
            Call((np.asarray([1.0, 0.5, 2.0]), np.asarray([2.0, 2.0, 0.0]))),
        ],
        FLOATS[:2],
        looseness=1e2,
    ),
    "polygamma": Row([Call((random(20, low=0.3, high=12.0),), {"n": n}) for n in range(4)], FLOATS[:2], looseness=1e3),
    "xlogy": Row([Call((np.asarray([0.0, 0.0, 1.5, -2.0, NAN, 0.0]), np.asarray([0.0, NAN, 2.0, 0.5, 1.0, -1.0])))]),
    "xlog1py": Row([Call((np.asarray([0.0, 0.0, 1.5, -2.0, NAN, 0.0]), np.asarray([-1.0, NAN, 2.0, 0.5, 1.0, -2.0])))]),
    "orthogonal_polynomial": Row(
        [
            Call((random(12, low=0.0, high=1.0), whole(12, low=-1, high=6).astype(float)), {"family": family})
            for family in FAMILIES
        ],
        FLOATS[:2],
        looseness=1e2,
    ),
    "frexp": Row([Call((_PARTS,)), Call((_PARTS[:10].reshape(2, 5),))], FLOATS[:2], exact=True, widens=False),
    "gcd": Row([Call(_WHOLE), Call((_WHOLE[0], np.asarray(6)))], ("int64",), exact=True),
    "lcm": Row([Call(_WHOLE), Call((_WHOLE[0], np.asarray(6)))], ("int64",), exact=True),
    "running_extreme": Row(
        [
            Call((x,), {"axis": axis, "kind": kind})
            for x, axis, kind in itertools.product(
                (np.round(random(4, 5)), np.asarray([[1.0, NAN, 2.0], [NAN, 3.0, -INF]])), (0, 1, -1), ("max", "min")
            )
        ],
        (*FLOATS, "int64")[:3],
    ),
    "logcumsumexp": Row(
        [
            *(Call((random(3, 7, low=-4, high=4),), {"axis": axis}) for axis in (0, 1, -1)),
            Call((np.asarray([-INF, -INF, 0.0, 3.0]),), {"axis": 0}),
        ],
        (*FLOATS, "complex128"),
        looseness=10,
    ),
}
