"""Matrices: products, diagonals, decompositions and what is solved with them."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from xpgrad.testing.conformance.kernels.row import FLOATS, Call, Row, random
from xpgrad.testing.conformance.subject import Host

_KINDS: Final = ("float64", "float32", "complex128", "complex64")

A: Final = random(4, 4) + 3 * np.eye(4)
BATCH: Final = random(2, 3, 3) + 3 * np.eye(3)
Y: Final = random(4, 2)
BATCH_Y: Final = random(2, 3, 2)
# Symmetric, and one of them needs a pivot of two columns.
SYMMETRIC: Final = np.stack([A + A.T, np.asarray([[0.0, 1, 2, 3], [1, 0, 4, 5], [2, 4, 0, 6], [3, 5, 6, 0]])])
_DEFINITE: Final = A @ A.T + np.eye(4)


def _lower(x: Host) -> Host:
    return np.tril(x)


def _sorted_eigenvalues(call: Call, results: list[Any]) -> list[Any]:
    """The eigenvalues in an order that rounding does not change."""
    order = np.lexsort((np.round(results[0].imag, 3), np.round(results[0].real, 3)), axis=-1)
    return [np.take_along_axis(results[0], order, -1)]


def _eigenvectors(call: Call, results: list[Any]) -> list[Any]:
    """The eigenvalues, how far the vectors are from being of them, and their lengths: phases are anybody's choice."""
    values, vectors = results
    x = call.arrays[0]
    off = np.matmul(x, vectors) - vectors * values[..., None, :]
    return [*_sorted_eigenvalues(call, results), np.abs(off), np.linalg.norm(vectors, axis=-2)]


def _no_second_copy(call: Call, results: list[Any]) -> list[Any]:
    """The factor where there is one; where not, only what failed."""
    factor, info = results
    return [info] if np.any(info) else [factor, info]


_REFLECTORS: Final = (random(4, 3) / 4, random(3, low=0.5, high=1.5))

ROWS: Final = {
    "addmm": Row(
        [
            Call((random(2), random(5, 4), Y)),
            Call((np.asarray(0.5), random(5, 4), Y)),
            Call((random(5, 2), random(5, 4), Y)),
            Call((random(2), random(0, 4), Y)),
            Call((random(80), random(80, 64), random(64, 80))),
        ],
        (*_KINDS, "float16"),
    ),
    "diagonal": Row(
        [Call((x,), {"offset": offset}) for x in (A, BATCH, random(3, 5)) for offset in (0, 1, -2)],
        (*_KINDS, "float16"),
        exact=True,
        is_view=True,
    ),
    "cholesky_ex": Row(
        [
            *(Call((x,), {"upper": upper}) for x in (_DEFINITE, np.eye(3)) for upper in (False, True)),
            Call((-np.eye(3),), {"upper": False}),
        ],
        FLOATS[:2],
        look=_no_second_copy,
        looseness=100,
    ),
    "cholesky_solve": Row(
        [Call((Y, _lower(A)), {"upper": False}), Call((Y, _lower(A).T.copy()), {"upper": True})],
        _KINDS,
        looseness=100,
    ),
    "solve_triangular": Row(
        [
            Call((x, y), {"upper": upper, "left": left, "unitriangular": unit})
            for x, y, left in ((A, Y, True), (BATCH, BATCH_Y, True), (A, random(2, 4), False))
            for upper in (False, True)
            for unit in (False, True)
        ],
        _KINDS,
        looseness=100,
    ),
    "lu_factor": Row(
        [Call((x,)) for x in (A, BATCH, random(4, 6), random(6, 4), np.zeros((2, 2)))], _KINDS, looseness=100
    ),
    "row_order": Row(
        [
            Call((np.asarray([2, 2, 3], np.int32),), {"size": 4}),
            Call((np.asarray([[3, 2, 3], [1, 3, 3]], np.int32),), {"size": 3}),
        ],
        ("int64",),
        exact=True,
    ),
    "ldl_factor": Row([Call((x,), {"hermitian": False}) for x in (SYMMETRIC, A + A.T)], _KINDS, looseness=100),
    "ldl_solve": Row(
        [Call((A + A.T, np.asarray([1, 2, 3, 4], np.int32), Y), {"hermitian": False})], _KINDS, looseness=100
    ),
    "geqrf": Row([Call((x,)) for x in (A, BATCH, random(5, 3), random(3, 5))], _KINDS, looseness=100),
    "reflect": Row([Call((*_REFLECTORS, Y), {"adjoint": adjoint}) for adjoint in (False, True)], _KINDS, looseness=100),
    "eigvals": Row([Call((x,)) for x in (A, BATCH)], _KINDS, looseness=1e3, look=_sorted_eigenvalues),
    "eig": Row([Call((x,)) for x in (A, BATCH)], _KINDS, looseness=1e3, look=_eigenvectors),
    "matrix_exp": Row([Call((x / 4,)) for x in (A, BATCH)], _KINDS, looseness=100),
}
