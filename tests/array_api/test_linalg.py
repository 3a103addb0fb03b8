"""Linear algebra by the standard: what the faces add to the ops, and gradients at the edges of their domain."""

from __future__ import annotations

import math

import array_api_compat
import numpy as np
import pytest

import xpgrad
from xpgrad import array_api as xp
from xpgrad.backends.base import Place
from xpgrad.backends.registry import use_backend
from xpgrad.errors import ArgumentError, GradientError, IndexingError, ShapeError


@pytest.fixture(autouse=True)
def _on_every_backend(place: Place):
    with use_backend(place.backend.name):
        yield


def leaf(*shape: int, dtype="float64", seed: int = 0):
    random = np.random.default_rng(seed)
    values = random.normal(size=shape)
    if dtype.startswith("complex"):
        values = values + 1j * random.normal(size=shape)
    return xp.asarray(values.tolist(), dtype=getattr(xp, dtype)).requires_grad_()


def on_host(x):
    return np.asarray(x.tolist())


def grad(out, *inputs):
    return xpgrad.autograd.grad(out, inputs, create_graph=True)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda x, s: xp.matmul(x[0], x[0]), "DotBackward0"),
        (lambda x, s: xp.matmul(x, x[0]), "MvBackward0"),
        (lambda x, s: xp.matmul(x[0], s), "SqueezeBackward4"),
        (lambda x, s: xp.matmul(x, s), "MmBackward0"),
        (lambda x, s: xp.matmul(x[None], s), "UnsafeViewBackward0"),
        (lambda x, s: xp.matmul(x[None], s[None]), "UnsafeViewBackward0"),
        (lambda x, s: xp.linalg.outer(x[0], x[1]), "MulBackward0"),
        (lambda x, s: xp.linalg.cross(x, x), "LinalgCrossBackward0"),
        (lambda x, s: xp.linalg.vecdot(x, x), "SumBackward1"),
        (lambda x, s: xp.tensordot(x, s, axes=1), "ViewBackward0"),
        (lambda x, s: xp.linalg.cholesky(s), "LinalgCholeskyExBackward0"),
        (lambda x, s: xp.linalg.det(s), "LinalgDetBackward0"),
        (lambda x, s: xp.linalg.eigh(s).eigenvectors, "LinalgEighBackward0"),
        (lambda x, s: xp.linalg.eigvalsh(s), "LinalgEighBackward0"),
        (lambda x, s: xp.linalg.inv(s), "LinalgInvExBackward0"),
        (lambda x, s: xp.linalg.matrix_norm(s), "LinalgVectorNormBackward0"),
        (lambda x, s: xp.linalg.matrix_power(s, 3), "MmBackward0"),
        (lambda x, s: xp.linalg.pinv(x), "LinalgPinvBackward0"),
        (lambda x, s: xp.linalg.qr(x).Q, "LinalgQrBackward0"),
        (lambda x, s: xp.linalg.slogdet(s).logabsdet, "LinalgSlogdetBackward0"),
        (lambda x, s: xp.linalg.solve(s, s), "LinalgSolveExBackward0"),
        (lambda x, s: xp.linalg.svd(x).S, "LinalgSvdBackward0"),
        (lambda x, s: xp.linalg.svdvals(x), "LinalgSvdBackward0"),
        (lambda x, s: xp.linalg.diagonal(x), "DiagonalBackward0"),
        (lambda x, s: xp.linalg.trace(x), "TraceBackward0"),
        (lambda x, s: xp.linalg.vector_norm(x), "LinalgVectorNormBackward0"),
    ],
)
def test_nodes_have_pytorchs_names(call, name) -> None:
    x = leaf(2, 3)
    spd = (xp.matrix_transpose(x) @ x) + xp.eye(3, dtype=xp.float64)
    assert call(x, spd).grad_fn.name() == name


@pytest.mark.parametrize("ord", ["fro", "nuc", 1, -1, 2, -2, math.inf, -math.inf])
@pytest.mark.parametrize("keepdims", [False, True])
def test_matrix_norms_agree_with_numpy(ord, keepdims) -> None:
    x = leaf(2, 3, 4)
    out = xp.linalg.matrix_norm(x, ord=ord, keepdims=keepdims)
    expected = np.linalg.matrix_norm(on_host(x.detach()), ord=ord, keepdims=keepdims)
    np.testing.assert_allclose(on_host(out), expected, rtol=1e-12)
    assert tuple(out.shape) == expected.shape
    xpgrad.autograd.gradcheck(lambda x: xp.linalg.matrix_norm(x, ord=ord), (x,))


@pytest.mark.parametrize("n", [-2, -1, 0, 1, 2, 5])
def test_matrix_powers_agree_with_numpy(n) -> None:
    x = leaf(2, 3, 3)
    out = xp.linalg.matrix_power(x, n)
    np.testing.assert_allclose(on_host(out), np.linalg.matrix_power(on_host(x.detach()), n), rtol=1e-9)
    if n:
        xpgrad.autograd.gradcheck(lambda x: xp.linalg.matrix_power(x, n), (x,), atol=1e-4)


def test_products_promote() -> None:
    x, y = xp.ones((2, 3), dtype=xp.float32).requires_grad_(), xp.ones((3, 2), dtype=xp.float64)
    out = xp.matmul(x, y)
    assert out.dtype is xp.float64
    assert grad(out.sum(), x)[0].dtype is xp.float32
    assert xp.linalg.trace(xp.ones((2, 2), dtype=xp.int8)).dtype is xp.int64
    assert xp.linalg.trace(xp.ones((2, 2)), dtype=xp.float64).dtype is xp.float64


def test_tensordot_of_the_last_axes_with_the_first() -> None:
    x, y = leaf(2, 3, 4), leaf(3, 4, 5, seed=1)
    np.testing.assert_allclose(
        on_host(xp.tensordot(x, y)), np.tensordot(on_host(x.detach()), on_host(y.detach())), rtol=1e-12
    )
    np.testing.assert_allclose(
        on_host(xp.tensordot(x, y, axes=((-1, 1), (1, 0)))),
        np.tensordot(on_host(x.detach()), on_host(y.detach()), axes=((-1, 1), (1, 0))),
        rtol=1e-12,
    )


def test_axes_counted_from_the_front() -> None:
    x = leaf(3, 2)
    np.testing.assert_allclose(on_host(xp.vecdot(x, x, axis=0)), np.vecdot(*[on_host(x.detach())] * 2, axis=0))
    np.testing.assert_allclose(on_host(xp.linalg.cross(x, x * x, axis=0)), on_host(xp.linalg.cross(x, x * x, axis=-2)))


def test_named_results() -> None:
    x = leaf(3, 3)
    assert xp.linalg.svd(x)._fields == ("U", "S", "Vh")
    assert xp.linalg.qr(x)._fields == ("Q", "R")
    assert xp.linalg.eigh(x + x.mT)._fields == ("eigenvalues", "eigenvectors")
    assert xp.linalg.slogdet(x)._fields == ("sign", "logabsdet")


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda x: xp.matmul(x, x), ShapeError, r"shapes \(2, 3\) and \(2, 3\) do not match"),
        (lambda x: xp.matmul(x, x[0, 0]), ShapeError, r"\(2, 3\) and \(\) do not match"),
        (
            lambda x: xp.linalg.inv(x),
            ShapeError,
            "inv: A must be batches of square matrices, but they are 2 by 3 matrices",
        ),
        (lambda x: xp.linalg.det(x[0]), ShapeError, r"det: takes matrices \(..., n, m\), got shape \(3,\)"),
        (lambda x: xp.linalg.solve(x @ x.mT, x.mT), ShapeError, "x2 needs 2 rows"),
        (lambda x: xp.linalg.outer(x, x), ShapeError, "outer: takes vectors"),
        (lambda x: xp.linalg.cross(x.mT, x.mT), ShapeError, r"axis -1 of shape \(3, 2\) is not of length 3"),
        (lambda x: xp.vecdot(x, x[0], axis=0), ArgumentError, "counted from the front"),
        (lambda x: xp.vecdot(x, x, axis=-3), IndexingError, "axis -3 is out of range"),
        (lambda x: xp.vecdot(x, x[:, :2]), ShapeError, "differ along axis -1"),
        (lambda x: xp.tensordot(x, x, axes=1), ShapeError, r"axes \(1,\) of shape \(2, 3\) and \(0,\)"),
        (lambda x: xp.linalg.matrix_norm(x, ord=3), ArgumentError, "no norm is called 3"),
        (lambda x: xp.linalg.qr(x, mode="raw"), ArgumentError, "mode must be 'reduced' or 'complete', not 'raw'"),
        (
            lambda x: xp.linalg.qr(x.mT, mode="complete").Q.sum().backward(),
            GradientError,
            "not differentiable when mode='complete' and nrows > ncols: the matrix is 3 x 2",
        ),
    ],
)
def test_what_does_not_fit(call, error, text) -> None:
    with pytest.raises(error, match=text):
        call(leaf(2, 3))


# At the edges.


@pytest.mark.parametrize("dtype", ["float64", "complex128"])
@pytest.mark.parametrize("rank", [0, 1, 2])
def test_the_gradient_of_a_determinant_that_is_zero(rank, dtype) -> None:
    factor = leaf(3, rank, dtype=dtype).detach()
    x = xp.matmul(factor, xp.matrix_transpose(leaf(3, rank, dtype=dtype, seed=1).detach())).requires_grad_()
    (g,) = grad(xp.linalg.det(x), x) if dtype == "float64" else grad(xp.real(xp.linalg.det(x)), x)
    host = on_host(x.detach())
    minors = [
        [
            (-1) ** (i + j) * np.linalg.det(np.delete(np.delete(host, i, 0), j, 1))
            for j in range(3)
        ]
        for i in range(3)
    ]  # fmt: skip
    np.testing.assert_allclose(on_host(g.detach()), np.conj(minors), atol=1e-12)


def test_singular_values_that_are_equal_have_a_gradient_unless_the_vectors_are_used() -> None:
    x = xp.eye(3, dtype=xp.float64).requires_grad_()
    for values in (xp.linalg.svd(x).S, xp.linalg.svdvals(x), xp.linalg.eigh(x).eigenvalues, xp.linalg.eigvalsh(x)):
        np.testing.assert_allclose(on_host(grad(values.sum(), x)[0]), np.eye(3), atol=1e-15)


@pytest.mark.filterwarnings("ignore:(divide by zero|invalid value) encountered:RuntimeWarning")
def test_norms_of_nothing_but_zeros_have_gradient_zero() -> None:
    x = xp.zeros((2, 3), dtype=xp.float64).requires_grad_()
    for ord in (2, 1, 3, 0.5, math.inf):
        np.testing.assert_array_equal(on_host(grad(xp.linalg.vector_norm(x, ord=ord), x)[0]), np.zeros((2, 3)))
    np.testing.assert_array_equal(on_host(grad(xp.linalg.matrix_norm(x), x)[0]), np.zeros((2, 3)))


def test_equal_extremes_share_the_gradient() -> None:
    x = xp.asarray([3.0, -3.0, 1.0]).requires_grad_()
    assert grad(xp.linalg.vector_norm(x, ord=math.inf), x)[0].tolist() == [0.5, -0.5, 0.0]


@pytest.mark.parametrize("full_matrices", [False, True])
def test_the_gradient_of_an_svd_ignores_what_full_matrices_add(full_matrices) -> None:
    x = leaf(4, 2)
    U, S, Vh = xp.linalg.svd(x, full_matrices=full_matrices)
    (g,) = grad((xp.matmul(U[:, :2] * S, Vh) ** 2).sum(), x)
    np.testing.assert_allclose(on_host(g.detach()), 2 * on_host(x.detach()), rtol=1e-9)


def test_a_write_through_the_diagonal_reaches_the_matrix() -> None:
    x = leaf(2, 2)
    y = x * 1.0
    xp.linalg.diagonal(y).mul_(3.0)
    np.testing.assert_allclose(on_host(y.detach()), on_host(x.detach()) * [[3.0, 1.0], [1.0, 3.0]])
    assert grad(y.sum(), x)[0].tolist() == [[3.0, 1.0], [1.0, 3.0]]


def test_gradients_flow_through_other_peoples_array_api_code() -> None:
    def mahalanobis(x, mean, covariance):
        xp = array_api_compat.array_namespace(x, mean, covariance)
        centred = x - mean
        return xp.sqrt(xp.sum(centred * xp.linalg.solve(covariance, centred[..., None])[..., 0], axis=-1))

    x, mean = leaf(2, 3), leaf(3, seed=1)
    factor = leaf(3, 3, seed=2)
    covariance = (factor @ factor.mT + xp.eye(3, dtype=xp.float64)).detach().requires_grad_()
    xpgrad.autograd.gradcheck(lambda x, mean, c: mahalanobis(x, mean, (c + c.mT) / 2), (x, mean, covariance), atol=1e-5)
