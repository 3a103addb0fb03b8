import numpy as np

import xpgrad.array_api as xp
from xpgrad.ops import decompositions, inverses
from xpgrad.testing.conformance.ops.case import Case, draw


def hermitian(x):
    """The Hermitian part of ``x``, its eigenvalues kept apart by a fixed diagonal."""
    steps = xp.asarray([0.0, 3.0, 6.0, 9.0][: x.shape[-1]], dtype=x.dtype, device=x.device)
    return ((x + xp.conj(x.mT)) / 2 + steps * xp.eye(x.shape[-1], dtype=x.dtype, device=x.device),)


def positive(x):
    """A positive definite matrix."""
    return (x @ xp.conj(x.mT) + xp.eye(x.shape[-1], dtype=x.dtype, device=x.device),)


def on_host(before, function):
    """What NumPy's ``function`` gives where ``before`` has been."""

    def reference(x, **settings):
        return function(*(np.asarray(p.numpy()) for p in before(xp.asarray(x))), **settings)

    return reference


def lined_up(V):
    """Eigenvectors without their phases."""
    return V * xp.conj(V[..., :1, :])


def eigen(values, V):
    return values, lined_up(V)


def in_order(values, *vectors):
    """Eigenvalues by their imaginary and real parts, with their vectors, without phases."""
    order = xp.argsort(xp.real(values) + 0.37 * xp.imag(values))
    return xp.take(values, order), *(lined_up(xp.take(V, order, axis=-1)) for V in vectors)


def in_order_on_host(values, *vectors):
    return tuple(np.asarray(part.numpy()) for part in in_order(xp.asarray(values), *map(xp.asarray, vectors)))


def eigen_reference(values, V):
    return values, V * np.conj(V[..., :1, :])


def factors(U, S, Vh):
    k = S.shape[-1]
    U, Vh = U[..., :k], Vh[..., :k, :]
    return lined_up(U), S, U[..., :1, :].mT * Vh


def svd_reference(x, full_matrices=True):
    U, S, Vh = np.linalg.svd(x, full_matrices=False)
    return U * np.conj(U[..., :1, :]), S, U[..., :1, :].mT * Vh


def qr_reference(x, complete):
    return np.linalg.qr(x, "complete" if complete else "reduced")


SINGULAR = np.asarray([[[1.0, 2.0, 3.0], [2.0, 4.0, 6.5], [-1.0, -2.0, 1.0]]])

CASES = [
    *(
        Case(
            decompositions.cholesky,
            (draw(2, 3, 3),),
            {"upper": upper},
            on_host(positive, np.linalg.cholesky),
            before=positive,
            complex_too=True,
        )
        for upper in (False, True)
    ),
    *(
        Case(
            decompositions.qr,
            (draw(*shape),),
            {"complete": complete},
            qr_reference,
            label=f"{shape}",
            complex_too=True,
            tolerance=2e-6,
        )
        for shape, complete in (
            ((3, 3), False),
            ((2, 4, 2), False),
            ((2, 4), False),
            ((3, 3), True),
            ((2, 3), True),
        )
    ),
    Case(
        decompositions.eigh,
        (draw(2, 3, 3),),
        {},
        on_host(hermitian, lambda x: eigen_reference(*np.linalg.eigh(x))),
        before=hermitian,
        after=eigen,
        complex_too=True,
    ),
    Case(
        decompositions.eigvalsh,
        (draw(2, 3, 3),),
        {},
        on_host(hermitian, np.linalg.eigvalsh),
        before=hermitian,
        complex_too=True,
    ),
    Case(
        decompositions.eig,
        (draw(3, 3),),
        {},
        lambda x: in_order_on_host(*np.linalg.eig(x)),
        after=in_order,
        complex_too=True,
        tolerance=1e-6,
    ),
    *(
        Case(
            decompositions.svd,
            (draw(*shape),),
            {"full_matrices": full},
            svd_reference,
            label=f"{shape}",
            after=factors,
            complex_too=True,
            tolerance=1e-6,
        )
        for shape in ((3, 3), (3, 2), (2, 2, 3))
        for full in (False, True)
    ),
    *(
        Case(decompositions.svdvals, (draw(*shape),), {}, np.linalg.svdvals, label=f"{shape}", complex_too=True)
        for shape in ((3, 3), (3, 2), (2, 2, 3))
    ),
    Case(inverses.inv, (draw(2, 3, 3),), {}, np.linalg.inv, complex_too=True, tolerance=1e-6),
    *(
        Case(
            inverses.solve,
            (draw(*a), draw(*b)),
            {},
            np.linalg.solve,
            label=f"{a} {b}",
            complex_too=True,
            tolerance=1e-6,
        )
        for a, b in (((3, 3), (3,)), ((3, 3), (3, 2)), ((2, 3, 3), (3, 2)), ((2, 2, 2), (2,)), ((2, 2), (3, 2, 1)))
    ),
    *(
        Case(inverses.pinv, (draw(*shape),), {}, np.linalg.pinv, label=f"{shape}", complex_too=True, tolerance=1e-6)
        for shape in ((3, 3), (2, 4, 2), (2, 3))
    ),
    Case(inverses.matrix_rank, (SINGULAR,), {}, np.linalg.matrix_rank),
    Case(inverses.det, (draw(2, 3, 3),), {}, np.linalg.det, complex_too=True),
    Case(inverses.det, (draw(1, 1),), {}, np.linalg.det, label="of 1 x 1"),
    Case(inverses.slogdet, (draw(2, 3, 3),), {}, np.linalg.slogdet, complex_too=True),
]
