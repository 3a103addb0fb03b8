import numpy as np
import scipy.linalg
from scipy.linalg import lapack

import xpgrad.array_api as xp
from xpgrad.backends.dtypes import float64
from xpgrad.ops import decompositions, factorizations, inverses
from xpgrad.testing.conformance.ops.case import Case, draw
from xpgrad.testing.conformance.ops.rows.decompositions import hermitian, in_order, in_order_on_host, on_host, positive


def each(function, *arrays, vectors=()):
    """The results of ``function`` of every matrix of a batch, stacked; those at ``vectors`` are one dimension less."""
    cores = [1 if i in vectors else 2 for i in range(len(arrays))]
    batch = np.broadcast_shapes(*(a.shape[: a.ndim - core] for a, core in zip(arrays, cores, strict=True)))
    wide = [np.broadcast_to(a, batch + a.shape[a.ndim - core :]) for a, core in zip(arrays, cores, strict=True)]
    found = [function(*(a[i] for a in wide)) for i in np.ndindex(batch)]
    several = [r if isinstance(r, tuple) else (r,) for r in found]
    stacked = [np.reshape(np.stack(part), batch + np.shape(part[0])) for part in zip(*several, strict=True)]
    return stacked[0] if len(stacked) == 1 else tuple(stacked)


def letter(x):
    return "z" if x.dtype.kind == "c" else "d"


def lu_factor(x):
    def one(a):
        LU, pivots, info = getattr(lapack, letter(x) + "getrf")(a)
        return LU, pivots + 1, np.asarray(info)

    return each(one, x)


def ldl_factor(x, hermitian=False):
    def one(a):
        name = "hetrf" if hermitian and x.dtype.kind == "c" else "sytrf"
        LD, pivots, info = getattr(lapack, letter(x) + name)(a, lower=1)
        return np.tril(LD), pivots, np.asarray(info)

    return each(one, x)


def symmetric(x, conjugate):
    return x + np.swapaxes(x.conj() if conjugate else x, -1, -2)


def geqrf(x):
    transposed, tau = np.linalg.qr(x, mode="raw")
    return transposed.mT, tau


def reflected(a, tau, y, adjoint=False):
    def one(a, tau, y):
        Q = np.eye(len(a))
        for k, t in enumerate(tau):
            v = np.where(np.arange(len(a)) > k, a[:, k], 0.0) + np.eye(len(a))[k]
            Q = Q @ (np.eye(len(a)) - t * np.outer(v, v.conj()))
        return (Q.conj().T if adjoint else Q) @ y

    return each(one, a, tau, y, vectors=(1,))


def unpacked(LU):
    k = min(LU.shape[-2:])
    return np.tril(LU[..., :, :k], -1) + np.eye(LU.shape[-2], k), np.triu(LU[..., :k, :])


def permuted(pivots, size, dtype):
    def one(row):
        order = list(range(size))
        for k, pivot in enumerate(row):
            order[k], order[pivot - 1] = order[pivot - 1], order[k]
        return np.eye(size)[:, order]

    return each(one, pivots, vectors=(0,))


def triangular(x, y, upper, left=True, unitriangular=False):
    x = np.triu(x) if upper else np.tril(x)
    if unitriangular:
        x = np.where(np.eye(x.shape[-1], dtype=bool), 1.0, x)
    return np.linalg.solve(x, y) if left else np.linalg.solve(x.mT, y.mT).mT


def steep(x, y):
    """``x`` with a diagonal away from 0, and ``y``."""
    return x + 3.0 * xp.eye(x.shape[-1], dtype=x.dtype, device=x.device), y


def steep_first(function):
    def reference(x, y, **settings):
        return function(x + 3.0 * np.eye(x.shape[-1]), y, **settings)

    return reference


def by_factor(y, L):
    return np.linalg.solve(L @ L.conj().mT, y)


def factored(y, x):
    """The right side, and a triangular factor."""
    return y, xp.tril(x) + 3.0 * xp.eye(x.shape[-1], dtype=x.dtype, device=x.device)


def least_squares(x, y, rcond):
    def one(x, y):
        found, _, rank, values = np.linalg.lstsq(x, y, rcond)
        return found, np.asarray(rank), values

    return each(one, x, y)


def pinv(x, atol, rtol, hermitian=False):
    if hermitian:
        x = np.tril(x) + np.tril(x, -1).conj().mT
    return each(lambda a: scipy.linalg.pinv(a, atol=float(atol), rtol=float(rtol)), x)


def rank(x, atol, rtol, hermitian=False):
    S = np.linalg.svdvals(x)
    return np.sum(np.maximum(float(atol), float(rtol) * S[..., :1]) < S, axis=-1)


def symmetrised(x, *rest):
    return (hermitian(x)[0], *rest)


LOOSE = 1e-6
ZERO, NEARLY = np.asarray(0.0), np.asarray(1e-10)
PIVOTS = np.asarray([[3, 3, 3], [1, 3, 3], [2, 2, 3]], np.int32)
LOW = np.asarray([[[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [-1.0, -2.0, 1.0]]])
SYMMETRIC = symmetric(np.random.default_rng(5).standard_normal((2, 4, 4)), False)
HERMITIAN = symmetric(SYMMETRIC + 1j * np.tril(SYMMETRIC[::-1]), True)

CASES = [
    *(
        Case(
            decompositions.cholesky_ex,
            (draw(2, 3, 3),),
            {"upper": upper},
            on_host(positive, lambda x, upper: (np.linalg.cholesky(x, upper=upper), np.zeros(2, np.int32))),
            before=positive,
            complex_too=True,
        )
        for upper in (False, True)
    ),
    Case(
        decompositions.eigvals,
        (draw(3, 3),),
        {},
        lambda x: in_order_on_host(np.linalg.eigvals(x)),
        after=in_order,
        complex_too=True,
        tolerance=LOOSE,
    ),
    *(
        Case(
            factorizations.lu_factor,
            (draw(*shape),),
            {},
            lu_factor,
            label=f"{shape}",
            complex_too=True,
            tolerance=LOOSE,
        )
        for shape in ((3, 3), (2, 4, 3), (2, 3, 4))
    ),
    *(
        Case(factorizations.lu_unpack, (draw(*shape),), {}, unpacked, label=f"{shape}", complex_too=True)
        for shape in ((3, 3), (2, 4, 3), (2, 3, 4))
    ),
    Case(factorizations.permutation_matrix, (PIVOTS,), {"size": 4, "dtype": float64}, permuted),
    *(
        Case(factorizations.ldl_factor, (x,), {"hermitian": conjugate}, ldl_factor, label=label)
        for x, conjugate, label in (
            (SYMMETRIC, False, "real"),
            (SYMMETRIC + 1j * SYMMETRIC[::-1], False, "complex"),
            (HERMITIAN, True, "complex"),
            (np.asarray([[0.0, 1.0], [1.0, 0.0]]), False, "a block of two"),
        )
    ),
    *(
        Case(
            factorizations.ldl_solve,
            (*ldl_factor(x, conjugate)[:2], np.ones((2, 4, 3), x.dtype)),
            {"hermitian": conjugate},
            lambda LD, pivots, y, hermitian, x=x: np.linalg.solve(x, y),
            label=str(x.dtype),
        )
        for x, conjugate in ((SYMMETRIC, False), (SYMMETRIC + 1j * SYMMETRIC[::-1], False), (HERMITIAN, True))
    ),
    *(
        Case(factorizations.geqrf, (draw(*shape),), {}, geqrf, label=f"{shape}", complex_too=True)
        for shape in ((3, 3), (2, 4, 2), (2, 4))
    ),
    *(
        Case(
            factorizations.reflect,
            (draw(*batch, 4, 3), draw(*batch, count), draw(*batch, 4, 2)),
            {"adjoint": adjoint},
            reflected,
            label=f"{batch} {count}",
            complex_too=True,
            tolerance=LOOSE,
        )
        for batch, count in (((), 3), ((2,), 2))
        for adjoint in (False, True)
    ),
    *(
        Case(
            inverses.solve_triangular,
            (draw(2, 3, 3), draw(3, 2) if left else draw(2, 2, 3)),
            {"upper": upper, "left": left, "unitriangular": unitriangular},
            steep_first(triangular),
            before=steep,
            complex_too=not unitriangular,
            tolerance=LOOSE,
        )
        for upper in (False, True)
        for left in (False, True)
        for unitriangular in (False, True)
    ),
    Case(
        inverses.cholesky_solve,
        (draw(2, 3, 2), draw(3, 3)),
        {},
        lambda y, x: by_factor(y, np.tril(x) + 3.0 * np.eye(3)),
        before=factored,
        complex_too=True,
        tolerance=LOOSE,
    ),
    *(
        Case(
            inverses.matrix_exp,
            (draw(*shape),),
            {},
            scipy.linalg.expm,
            label=f"{shape}",
            complex_too=True,
            tolerance=LOOSE,
        )
        for shape in ((3, 3), (2, 2, 2))
    ),
    *(
        Case(
            inverses.lstsq,
            (draw(*shape), draw(*shape[:-1], 2)),
            {"rcond": 1e-10},
            least_squares,
            label=f"{shape}",
            complex_too=True,
            tolerance=LOOSE,
        )
        for shape in ((4, 2), (2, 2, 4), (3, 3))
    ),
    *(
        Case(
            inverses.pinv_within,
            (draw(*shape), ZERO, NEARLY),
            {},
            pinv,
            label=f"{shape}",
            complex_too=True,
            tolerance=LOOSE,
        )
        for shape in ((3, 3), (2, 4, 2), (2, 3))
    ),
    Case(
        inverses.pinv_within,
        (draw(2, 3, 3), ZERO, NEARLY),
        {"hermitian": True},
        lambda x, atol, rtol, hermitian: on_host(symmetrised, lambda a: pinv(a, atol, rtol))(x),
        before=symmetrised,
        complex_too=True,
        tolerance=LOOSE,
    ),
    Case(inverses.matrix_rank_within, (LOW, ZERO, NEARLY), {}, rank),
    Case(inverses.matrix_rank_within, (LOW + LOW.mT, ZERO, NEARLY), {"hermitian": True}, rank),
    Case(
        decompositions.eigvalsh,
        (draw(2, 3, 3),),
        {"upper": True},
        on_host(hermitian, lambda x, upper: np.linalg.eigvalsh(x)),
        before=hermitian,
        complex_too=True,
    ),
]
