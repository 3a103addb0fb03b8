"""Inverses, linear systems and least squares, by ``torch.linalg``'s names and the older ones."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import DtypeError, OperationError, SettingError, ShapeError
from xpgrad.functions import return_types
from xpgrad.functions.checks import kind_of
from xpgrad.functions.factorizations import require_same_sides
from xpgrad.functions.linalg import matmul, matrix_transpose
from xpgrad.functions.matrix_checks import (
    first_failure,
    require_floating,
    require_matrices,
    same_dtype,
    singular,
    square,
    unsolvable,
)
from xpgrad.functions.pointwise import abs, where
from xpgrad.functions.reduction import sum
from xpgrad.functions.reordering import movedim
from xpgrad.functions.results import deliver, deliver_all
from xpgrad.functions.shape import reshape, squeeze, unsqueeze
from xpgrad.ops import factorizations, inverses

__all__ = ["cholesky_inverse", "cholesky_solve", "inverse", "pinverse", "triangular_solve"]

# Inverses.


def inv(A: Any, *, out: Any = None) -> Any:
    """The inverse of square matrices (..., n, n). Mirrors ``torch.linalg.inv``.

    Raises:
        LinAlgError: A matrix is singular (libraries that answer with NaN are not asked).
    """
    return deliver(out, _inverse(square(A, "linalg.inv"), "linalg.inv"))


def inverse(input: Any, *, out: Any = None) -> Any:
    """The older spelling of `inv`. Mirrors ``torch.inverse``."""
    return inv(input, out=out)


def _inverse(A: Any, name: str) -> Any:
    try:
        return inverses.inv.apply(A)
    except OperationError as error:
        raise singular(A, name) from error


def inv_ex(A: Any, *, check_errors: bool = False, out: Any = None) -> Any:
    """The inverse, NaN where there is none, and ``info`` (...): the first zero pivot counted from 1, or 0.

    Mirrors ``torch.linalg.inv_ex``.

    Raises:
        LinAlgError: With ``check_errors``: a matrix is singular.
    """
    A = square(A, "linalg.inv")
    info = factorizations.lu_factor.apply(A.detach())[2]
    if check_errors and first_failure(info)[1]:
        raise singular(A, "linalg.inv_ex")
    regular, failed = _regular(A, info)
    found = _inverse(regular, "linalg.inv_ex")
    return deliver_all(out, return_types.InvEx(found if failed is None else where(failed, math.nan, found), info))


def _regular(A: Any, info: Any) -> tuple[Any, Any]:
    """``A`` with ones for the matrices that have an ``info``, and the mask of these (..., 1, 1) or None."""
    if not first_failure(info)[1]:
        return A, None
    failed = unsqueeze(unsqueeze(info != 0, -1), -1)
    identity = A.detach().new_ones(A._array.shape[-1])
    return where(failed, _diagonal(identity), A), failed


def _diagonal(x: Any) -> Any:
    return x.diag_embed()


def pinv(
    input: Any, rcond: Any = None, hermitian: bool = False, *, atol: Any = None, rtol: Any = None, out: Any = None
) -> Any:
    """The Moore-Penrose pseudo-inverse (..., m, n) of ``input`` (..., n, m). Mirrors ``torch.linalg.pinv``.

    Args:
        input: The matrices.
        rcond: An older name of ``rtol``.
        hermitian: ``input`` is Hermitian; only its lower triangle is read.
        atol: Singular values up to this count as 0: a number, or a tensor that broadcasts to (...); 0 by default.
        rtol: So do those up to this times the largest; by default ``max(n, m)`` times the spacing of numbers at 1, or 0
            if ``atol`` is given.
        out: Where to put the result.
    """
    if not isinstance(input, TensorBase) or input._array.ndim < 2 or not _in_single(input):
        given = (
            f"{kind_of(input)}{{{list(input._array.shape)}}}" if isinstance(input, TensorBase) else type(input).__name__
        )
        raise DtypeError(
            f"linalg.pinv({given}): expected a tensor with 2 or more dimensions of float, double, cfloat or "
            "cdouble types"
        )
    if hermitian:
        square(input, "linalg.pinv")
    atol, rtol = tolerances(input, atol, rcond if rtol is None else rtol, "linalg.pinv")
    if 0 in input._array.shape:
        return deliver(out, matrix_transpose(input) * 1.0)
    return deliver(out, inverses.pinv_within.apply(input, atol, rtol, hermitian=hermitian))


def pinverse(input: Any, rcond: float = 1e-15) -> Any:
    """The older spelling of `pinv`. Mirrors ``torch.pinverse``."""
    return pinv(input, rcond)


def tolerances(A: Any, atol: Any, rtol: Any, name: str) -> Any:
    """Both tolerances as tensors in the real dtype of ``A``, with PyTorch's defaults.

    Raises:
        DtypeError: One is complex.
    """
    real = A.dtype.to_real()
    if rtol is None:
        eps = float(A._place.xp.finfo(A._place.raw_dtype(real)).eps)
        automatic = eps * max(A._array.shape[-2:])
        # An absolute tolerance that is given takes the place of the relative one.
        rtol = automatic * (1.0 if atol is None else atol <= 0)
    return tuple(_tolerance(A, real, x, name) for x in (0.0 if atol is None else atol, rtol))


def _tolerance(A: Any, real: Any, tolerance: Any, name: str) -> Any:
    if not _is_tensor(tolerance):
        return A.detach().new_tensor(float(tolerance), dtype=real)
    if tolerance.dtype.is_complex:
        raise DtypeError(f"{name}: tolerances of complex type are not supported. Got {kind_of(tolerance)}")
    return tolerance.detach().to(dtype=real)


def _is_tensor(x: Any) -> bool:
    return isinstance(x, TensorBase)


def _in_single(A: Any) -> bool:
    found = A._place.dtype(A._array.dtype)
    return bool(found.is_differentiable and found.itemsize >= 4)


def tensorinv(input: Any, ind: int = 2, *, out: Any = None) -> Any:
    """The inverse of `tensordot` with ``input`` over its last dimensions. Mirrors ``torch.linalg.tensorinv``.

    Args:
        input: A tensor whose first ``ind`` dimensions hold as many elements as the others.
        ind: How many dimensions are the rows.
        out: Where to put the result.

    Raises:
        SettingError: ``ind`` is not positive.
        ShapeError: The products of the dimensions differ.
        LinAlgError: There is no inverse.
    """
    if ind <= 0:
        raise SettingError(f"Expected a strictly positive integer for 'ind', but got {ind}")
    rows, columns = tuple(input._array.shape[:ind]), tuple(input._array.shape[ind:])
    if math.prod(rows) != math.prod(columns):
        raise ShapeError(
            "Expected self to satisfy the requirement prod(self.shape[ind:]) == prod(self.shape[:ind]), but got "
            f"{math.prod(columns)} != {math.prod(rows)}"
        )
    flat = reshape(require_floating(input, "linalg.tensorinv"), (math.prod(columns), math.prod(rows)))
    return deliver(out, reshape(_inverse(flat, "inv"), (*columns, *rows)))


# Systems.


def solve(A: Any, B: Any, *, left: bool = True, out: Any = None) -> Any:
    """The X with ``A @ X = B`` for square ``A`` (..., n, n), or ``X @ A = B`` unless ``left``.

    Mirrors ``torch.linalg.solve``. ``B`` is (..., n, k), or a vector (n,) or a batch of vectors (..., n).

    Raises:
        ShapeError: The shapes do not fit.
        LinAlgError: A matrix is singular (libraries that answer with NaN are not asked).
    """
    A, B = _system(A, B, left)
    return deliver(out, _solved(A, B, left, "torch.linalg.solve"))


def solve_ex(A: Any, B: Any, *, left: bool = True, check_errors: bool = False, out: Any = None) -> Any:
    """`solve`, NaN where there is no solution, and ``info`` (...): the first zero pivot counted from 1, or 0.

    Mirrors ``torch.linalg.solve_ex``.

    Raises:
        LinAlgError: With ``check_errors``: a matrix is singular.
    """
    A, B = _system(A, B, left)
    info = factorizations.lu_factor.apply(A.detach())[2]
    if check_errors and first_failure(info)[1]:
        raise unsolvable(A, "torch.linalg.solve_ex")
    regular, failed = _regular(A, info)
    found = _solved(regular, B, left, "torch.linalg.solve_ex")
    if failed is not None:
        found = where(squeeze(failed, -1) if _is_vector(A, B) else failed, math.nan, found)
    return deliver_all(out, return_types.SolveEx(found, info))


def _system(A: Any, B: Any, left: bool) -> tuple[Any, Any]:
    name = "linalg.solve"
    A = square(A, name)
    same_dtype(A, B, name)
    vector = _is_vector(A, B)
    a, b = A._array.shape, tuple(B._array.shape)
    if not b:
        raise ShapeError(f"{name}: The input tensor B must have at least 1 dimension. Got shape ()")
    n, k = (b[-1], 1) if vector or len(b) == 1 else b[-2:]
    if vector and not left:
        n, k = 1, b[-1]
        raise ShapeError(f"{name}: Incompatible shapes of A and B for the equation XA = B ({a[-2]}x{a[-1]} and {k}x1)")
    if a[-2] != (n if left else k):
        equation = "AX = B" if left else "XA = B"
        raise ShapeError(
            f"{name}: Incompatible shapes of A and B for the equation {equation} ({a[-2]}x{a[-1]} and {n}x{k})"
        )
    return A, B


def _is_vector(A: Any, B: Any) -> bool:
    return B._array.ndim == 1 or (
        A._array.ndim - 1 == B._array.ndim and tuple(B._array.shape) == tuple(A._array.shape[:-1])
    )


def _solved(A: Any, B: Any, left: bool, name: str) -> Any:
    try:
        if B._array.ndim == 1:
            return inverses.solve.apply(A, B)
        if _is_vector(A, B):
            return squeeze(inverses.solve.apply(A, unsqueeze(B, -1)), -1)
        if left:
            return inverses.solve.apply(A, B)
        return matrix_transpose(inverses.solve.apply(matrix_transpose(A), matrix_transpose(B)))
    except OperationError as error:
        raise unsolvable(A, name) from error


def solve_triangular(
    input: Any, B: Any, *, upper: bool, left: bool = True, unitriangular: bool = False, out: Any = None
) -> Any:
    """The X with ``input @ X = B`` for triangular ``input`` (..., n, n), or ``X @ input = B`` unless ``left``.

    Mirrors ``torch.linalg.solve_triangular``: the other triangle of ``input``, and its diagonal if ``unitriangular``,
    are not read, and zeros on the diagonal make infinities.

    Raises:
        ShapeError: The shapes do not fit.
        DtypeError: The dtypes differ.
    """
    name = "linalg.solve_triangular"
    require_matrices(input, name)
    require_matrices(B, name, "B")
    input = square(input, name)
    same_dtype(input, B, name)
    require_same_sides(input, B, left, name)
    found = inverses.solve_triangular.apply(input, B, upper=upper, left=left, unitriangular=unitriangular)
    return deliver(out, found)


def triangular_solve(
    input: Any, A: Any, upper: bool = True, transpose: bool = False, unitriangular: bool = False, *, out: Any = None
) -> Any:
    """The older spelling of `solve_triangular`, which also returns ``A``. Mirrors ``torch.triangular_solve``."""
    name = "triangular_solve"
    require_matrices(input, name, "b")
    A = square(A, name)
    same_dtype(A, input, name, ("A", "b"))
    require_same_sides(A, input, True, name)
    turned = matrix_transpose(A) if transpose else A
    found = _classic_triangular(turned, input, upper=upper != transpose, unitriangular=unitriangular)
    return deliver_all(out, return_types.TriangularSolve(found, _broadcast_copy(A, found)))


_classic_triangular = inverses.solve_triangular.named("TriangularSolve")


def _broadcast_copy(A: Any, like: Any) -> Any:
    return A.expand(*like._array.shape[:-2], *A._array.shape[-2:]).clone()


def cholesky_solve(input: Any, input2: Any, upper: bool = False, *, out: Any = None) -> Any:
    """The X with ``A @ X = input``, where ``input2`` (..., n, n) is the Cholesky factor of A.

    Mirrors ``torch.cholesky_solve``.

    Raises:
        ShapeError: The shapes do not fit.
    """
    B, L = input, input2
    for what, x in (("b", B), ("u", L)):
        if x._array.ndim < 2:
            raise ShapeError(f"{what} should have at least 2 dimensions, but has {x._array.ndim} dimensions instead")
    square(L, "cholesky_solve")
    same_dtype(L, B, "cholesky_solve", ("L", "B"))
    n, b = L._array.shape[-1], B._array.shape
    if b[-2] != n:
        raise ShapeError(
            f"Incompatible matrix sizes for cholesky_solve: each A matrix is {n} by {n} but each b matrix is "
            f"{b[-2]} by {b[-1]}"
        )
    return deliver(out, inverses.cholesky_solve.apply(B, L, upper=upper))


def cholesky_inverse(input: Any, upper: bool = False, *, out: Any = None) -> Any:
    """The inverse of matrices whose Cholesky factor is ``input`` (..., n, n). Mirrors ``torch.cholesky_inverse``."""
    L = square(input, "cholesky_inverse")
    return deliver(out, _cholesky_inverse(_diagonal(L.detach().new_ones(L._array.shape[-1])), L, upper=upper))


_cholesky_inverse = inverses.cholesky_solve.named("CholeskyInverse").apply


def tensorsolve(input: Any, other: Any, dims: Sequence[int] | None = None, *, out: Any = None) -> Any:
    """The X with ``tensordot(input, X, X.ndim) = other``. Mirrors ``torch.linalg.tensorsolve``.

    Args:
        input: A tensor whose dimensions are those of ``other``, then those of X.
        other: The right side.
        dims: Dimensions of ``input`` to move to its end first.
        out: Where to put the result.
    """
    if dims is not None:
        input = movedim(input, tuple(dims), tuple(range(-len(dims), 0)))
    columns = tuple(input._array.shape[other._array.ndim :])
    size = math.prod(columns)
    if math.prod(other._array.shape) != size or size * size != math.prod(input._array.shape):
        raise ShapeError(
            "Expected self to satisfy the requirement prod(self.shape[other.ndim:]) == prod(self.shape[:other.ndim]), "
            f"but got {size} != {math.prod(input._array.shape[: other._array.ndim])}"
        )
    return deliver(out, reshape(solve(reshape(input, (size, size)), reshape(other, (-1,))), columns))


# Least squares.

_DRIVERS = ("gels", "gelsy", "gelsd", "gelss")


def lstsq(input: Any, b: Any, rcond: Any = None, *, driver: str | None = None, out: Any = None) -> Any:
    """The X with the least ``input @ X - b``, for ``input`` (..., n, m) and ``b`` (..., n, k) or (..., n).

    Mirrors ``torch.linalg.lstsq``. Every driver is computed by singular values; they differ in what is returned.

    Args:
        input: The matrices.
        b: The right sides.
        rcond: Singular values up to this times the largest count as 0; by default ``max(n, m)`` times the spacing of
            numbers at 1. ``"gels"`` takes ``input`` to be of full rank, and has no use for it.
        driver: ``"gels"``, ``"gelsy"`` (the default), ``"gelsd"`` or ``"gelss"``.
        out: Four tensors for the results.

    Returns:
        ``solution``; ``residuals`` (..., k), the squared distances, if n > m, every matrix is of rank m and the driver
        is not ``"gelsy"``, else empty; ``rank`` (...), empty for ``"gels"``; ``singular_values``, empty for ``"gels"``
        and ``"gelsy"``.
    """
    name = "torch.linalg.lstsq"
    driver = "gelsy" if driver is None else driver
    input, b, vector = _least_squares(input, b, driver, name)
    n, m = input._array.shape[-2:]
    if driver == "gels":
        rcond = 0.0
    elif rcond is None:
        rcond = float(input._place.xp.finfo(input._place.raw_dtype(input.dtype.to_real())).eps) * max(n, m)
    solution, rank, values = inverses.lstsq.apply(input, b, rcond=float(rcond))
    plain = input.detach()
    # Empty, but of the graph: PyTorch's requires grad too.
    residuals = abs(reshape(solution, (-1,))[:0])
    if n > m and driver != "gelsy" and (driver == "gels" or bool((rank == m).all())):
        off = matmul(input, solution) - b
        residuals = sum(abs(off) ** 2, -2)
        residuals = squeeze(residuals, -1) if vector else residuals
    return deliver_all(
        out,
        return_types.Lstsq(
            squeeze(solution, -1) if vector else solution,
            residuals,
            plain.new_zeros(0, dtype=rank.dtype) if driver == "gels" else rank,
            values if driver in ("gelsd", "gelss") else plain.new_zeros(0, dtype=values.dtype),
        ),
    )


def _least_squares(A: Any, B: Any, driver: str, name: str) -> tuple[Any, Any, bool]:
    if A._array.ndim < 2:
        raise ShapeError(f"{name}: input must have at least 2 dimensions. Got shape {tuple(A._array.shape)}")
    if not isinstance(B, TensorBase) or B._array.ndim < 1:
        raise ShapeError(f"{name}: other must have at least 1 dimension. Got {B!r:.40}")
    require_floating(A, name)
    if A._array.dtype != B._array.dtype:
        raise DtypeError(
            f"{name}: Expected input and other to have the same dtype, but got input's dtype {kind_of(A)} and other's "
            f"dtype {kind_of(B)}"
        )
    if driver not in _DRIVERS:
        raise SettingError(f"{name}: parameter `driver` should be one of ({', '.join(_DRIVERS)}), got {driver!r}")
    vector = B._array.ndim == 1 or (
        A._array.ndim - 1 == B._array.ndim and tuple(A._array.shape[:-1]) == tuple(B._array.shape)
    )
    B = unsqueeze(B, -1) if vector else B
    if A._array.shape[-2] != B._array.shape[-2]:
        raise ShapeError(
            f"{name}: input.size(-2) should match other.size({-1 if vector else -2}); got {A._array.shape[-2]} and "
            f"{B._array.shape[-2]}"
        )
    return A, B, vector
