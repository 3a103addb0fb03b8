import math

import numpy as np

from xpgrad.ops import linalg
from xpgrad.testing.conformance.ops.case import Case, draw


def norm(x, axis=None, keepdims=False, ord=2):
    return np.linalg.vector_norm(x, axis=axis, keepdims=keepdims, ord=ord)


def embedded(x, offset=0):
    n = x.shape[-1] + abs(offset)
    rows, columns = np.arange(x.shape[-1]) + max(-offset, 0), np.arange(x.shape[-1]) + max(offset, 0)
    out = np.zeros((*x.shape[:-1], n, n), x.dtype)
    out[..., rows, columns] = x
    return out


def affine(b, x, w):
    return x @ w.T + b


PRODUCTS = [
    ((3,), (3,)),
    ((2, 3), (3,)),
    ((3,), (3, 2)),
    ((2, 3), (3, 4)),
    ((2, 2, 3), (2, 3, 2)),
    ((2, 2, 3), (3, 2)),
    ((2, 3), (2, 3, 2)),
    ((2, 1, 2, 3), (3, 3, 2)),
    ((2, 2, 3), (3,)),
    ((3,), (2, 3, 2)),
    ((0, 3), (3, 2)),
]

CASES = [
    *(
        Case(linalg.matmul, (draw(*x), draw(*y)), {}, np.matmul, label=f"{x} {y}", complex_too=x == (2, 3))
        for x, y in PRODUCTS
    ),
    Case(linalg.mm, (draw(2, 3), draw(3, 4)), {}, np.matmul, complex_too=True),
    *(
        Case(
            linalg.addmm,
            (draw(*b), draw(2, 3), draw(3, 4)),
            {},
            lambda b, x, y: b + x @ y,
            label=f"{b}",
            complex_too=b == (),
        )
        for b in ((2, 4), (4,), ())
    ),
    *(
        Case(linalg.linear, (draw(4), draw(*x), draw(4, 3)), {}, affine, label=f"{x}", complex_too=True)
        for x in ((3,), (2, 3), (2, 2, 3))
    ),
    *(
        Case(linalg.project, (draw(*x), draw(4, 3)), {}, lambda x, w: x @ w.T, label=f"{x}", complex_too=True)
        for x in ((3,), (2, 3), (2, 2, 3))
    ),
    *(
        Case(linalg.tensordot, (draw(*x), draw(*y)), {"axes": axes}, np.tensordot, label=f"{x} {y}", complex_too=True)
        for x, y, axes in (
            ((2, 3), (3, 4), ((1,), (0,))),
            ((2, 3, 4), (4, 2, 3), ((2, 0), (0, 1))),
            ((2, 3, 4), (2, 4, 3), ((0, 1, 2), (0, 2, 1))),
            ((2,), (3, 2), ((), ())),
        )
    ),
    *(
        Case(linalg.vecdot, (draw(*x), draw(*y)), {"axis": axis}, np.vecdot, label=f"{x} {y}", complex_too=True)
        for x, y, axis in (((3,), (3,), -1), ((2, 3), (2, 3), -2), ((3,), (2, 3), -1), ((2, 1, 3), (2, 3), -1))
    ),
    Case(linalg.outer, (draw(2), draw(3)), {}, np.outer, complex_too=True),
    *(
        Case(linalg.cross, (draw(*x), draw(*y)), {"axis": axis}, np.linalg.cross, label=f"{x} {y}", complex_too=True)
        for x, y, axis in (((3,), (3,), -1), ((3, 2), (3, 2), -2), ((2, 3), (1, 3), -1))
    ),
    *(
        Case(linalg.diagonal, (draw(2, 3, 4),), {"offset": k}, np.linalg.diagonal, complex_too=k == 0)
        for k in (-1, 0, 2)
    ),
    *(Case(linalg.diagonal_embed, (draw(2, 3),), {"offset": k}, embedded, complex_too=k == 0) for k in (-1, 0, 2)),
    *(Case(linalg.trace, (draw(2, 3, 4),), {"offset": k}, np.linalg.trace, complex_too=k == 0) for k in (-1, 0, 2)),
    *(
        Case(
            linalg.vector_norm, (draw(2, 3),), {"axis": axis, "keepdims": keepdims, "ord": ord}, norm, complex_too=True
        )
        for ord in (2, 1, 0.5, 3.5, math.inf, -math.inf)
        for axis, keepdims in ((None, False), (1, True), ((0,), False))
    ),
    Case(linalg.vector_norm, (draw(2, 2, 3),), {"axis": (0, 2)}, norm),
    Case(linalg.vector_norm, (draw(2, 3),), {"ord": 0}, norm, label="count"),
    Case(linalg.vector_norm, (np.asarray([[0.0, 3.0, -4.0]]),), {"axis": 1}, norm, label="beside a zero"),
]
