"""LU and LDL factorizations and products of Householder reflections, by ``torch.linalg``'s names and the older ones."""

from __future__ import annotations

from typing import Any

from xpgrad.backends.dtypes import int32
from xpgrad.errors import DtypeError, OperationError, SettingError, ShapeError
from xpgrad.functions import return_types
from xpgrad.functions.broadcasting import broadcast_to
from xpgrad.functions.checks import kind_of
from xpgrad.functions.linalg import conjugate_transpose, matrix_transpose
from xpgrad.functions.matrix_checks import first_failure, matrices, require_floating, same_dtype, square
from xpgrad.functions.pointwise import conj
from xpgrad.functions.results import deliver, deliver_all
from xpgrad.ops import factorizations, inverses
from xpgrad.ops import linalg as products

__all__ = ["geqrf", "lu_unpack", "orgqr", "ormqr"]

# LU.


def lu_factor_ex(A: Any, *, pivot: bool = True, check_errors: bool = False, out: Any = None) -> Any:
    """``A`` = P @ L @ U (..., n, m), both triangles in one array. Mirrors ``torch.linalg.lu_factor_ex``.

    Returns:
        ``LU``; ``pivots``, int32: for each column the row, counted from 1, that was exchanged with it; and ``info``
        (...), int32: the first column, counted from 1, without a pivot, or 0.

    Raises:
        OperationError: With ``check_errors``: a column has no pivot.
    """
    found = return_types.LUFactorEx(*_lu_factor(A, pivot))
    if check_errors:
        _refuse_zero(found.info, "torch.linalg.lu_factor_ex")
    return deliver_all(out, found)


def lu_factor(A: Any, *, pivot: bool = True, out: Any = None) -> Any:
    """`lu_factor_ex` without ``info``. Mirrors ``torch.linalg.lu_factor``.

    Raises:
        OperationError: A column has no pivot.
    """
    LU, pivots, info = _lu_factor(A, pivot)
    _refuse_zero(info, "torch.linalg.lu_factor")
    return deliver_all(out, return_types.LUFactor(LU, pivots))


def classic_lu(A: Any, pivot: bool = True, get_infos: bool = False, out: Any = None) -> Any:
    """The older spelling of `lu_factor_ex`. Mirrors ``torch.lu``; ``info`` is there with ``get_infos``."""
    LU, pivots, info = _lu_factor(A, pivot)
    if get_infos:
        return deliver_all(out, return_types.LUWithInfo(LU, pivots, info))
    found = deliver_all(out, return_types.LUFactor(LU, pivots))
    return found.LU, found.pivots


def lu(A: Any, *, pivot: bool = True, out: Any = None) -> Any:
    """``P, L, U`` with ``A = P @ L @ U`` (..., n, m). Mirrors ``torch.linalg.lu``.

    P is a permutation (..., n, n), L lower triangular with ones on its diagonal (..., n, k) and U upper triangular
    (..., k, m), with k = min(n, m).
    """
    LU, pivots, _ = _lu_factor(A, pivot, "linalg.lu")
    return deliver_all(out, return_types.LU(_permutation(LU, pivots), *factorizations.lu.apply(LU)))


def lu_unpack(
    LU_data: Any, LU_pivots: Any, unpack_data: bool = True, unpack_pivots: bool = True, *, out: Any = None
) -> Any:
    """``P, L, U`` from what `lu_factor` returns; those not asked for are empty. Mirrors ``torch.lu_unpack``.

    Raises:
        DtypeError: The pivots are not int32.
        OperationError: A pivot is no row.
    """
    _require_pivots(LU_pivots, "torch.lu_unpack: LU_pivots is expected to be a contiguous tensor of torch.int32 dtype.")
    if unpack_pivots and _pivots_beyond(LU_pivots, LU_data._array.shape[-2]):
        raise OperationError(
            "pivots passed to lu_unpack must be between 1 and LU.size(-2) inclusive. "
            f"Did you properly pass the result of lu_factor? LU is of shape {tuple(LU_data._array.shape)}"
        )
    empty = LU_data.detach().new_zeros(0)
    P = _permutation(LU_data, LU_pivots) if unpack_pivots else empty
    L, U = factorizations.lu_unpack.apply(LU_data) if unpack_data else (empty, empty)
    return deliver_all(out, return_types.LUUnpack(P, L, U))


def lu_solve(LU: Any, pivots: Any, B: Any, *, left: bool = True, adjoint: bool = False, out: Any = None) -> Any:
    """The X with ``A @ X = B``, where ``LU, pivots`` are `lu_factor` of A. Mirrors ``torch.linalg.lu_solve``.

    Args:
        LU: (..., n, n).
        pivots: (..., n), int32.
        B: (..., n, k), or (..., k, n) unless ``left``.
        left: False solves ``X @ A = B``.
        adjoint: Solve with the conjugate transpose of A.
        out: Where to put the result.

    Raises:
        ShapeError: The shapes do not fit.
        DtypeError: The dtypes do not, or the pivots are not int32.
    """
    name = "linalg.lu_solve"
    square(LU, name, "LU")
    same_dtype(LU, B, name, ("LU", "B"))
    _require_pivots(pivots, "linalg.lu_solve: pivots should be a Tensor of scalar type torch.int32.")
    require_same_sides(LU, B, left, name)
    if not left:
        # X @ A = B is A.mT @ X.mT = B.mT.
        return deliver(out, matrix_transpose(_lu_solve(LU, pivots, matrix_transpose(B), not adjoint, adjoint)))
    return deliver(out, _lu_solve(LU, pivots, B, adjoint, adjoint))


def classic_lu_solve(input: Any, LU_data: Any, LU_pivots: Any, *, out: Any = None) -> Any:
    """The older spelling of `linalg.lu_solve`. Mirrors ``torch.lu_solve``."""
    return lu_solve(LU_data, LU_pivots, input, out=out)


def _lu_solve(LU: Any, pivots: Any, B: Any, transposed: bool, conjugated: bool) -> Any:
    """The solution of op(A) @ X = B with op transposing and conjugating A or not."""
    P = _permutation(LU, pivots)
    LU = conj(LU) if conjugated and LU.dtype.is_complex else LU
    if not transposed:
        y = inverses.solve_triangular.apply(LU, _matmul(matrix_transpose(P), B), upper=False, unitriangular=True)
        return _last_of_lu(LU, y, upper=True)
    y = inverses.solve_triangular.apply(matrix_transpose(LU), B, upper=False)
    y = inverses.solve_triangular.apply(matrix_transpose(LU), y, upper=True, unitriangular=True)
    return _matmul(P, y)


_matmul = products.matmul.apply
_last_of_lu = inverses.solve_triangular.named("LinalgLuSolve")


def _lu_factor(A: Any, pivot: bool, name: str = "torch.lu_factor") -> Any:
    if getattr(A, "_array", None) is not None and A._array.ndim < 2:
        raise ShapeError(f"{name}: Expected tensor with 2 or more dimensions. Got size: {list(A._array.shape)} instead")
    if not pivot:
        raise SettingError("linalg.lu_factor: LU without pivoting is not implemented on the CPU; use pivot=True")
    return factorizations.lu_factor.apply(matrices(A, name))


def _permutation(LU: Any, pivots: Any) -> Any:
    return factorizations.permutation_matrix.apply(pivots.detach(), size=LU._array.shape[-2], dtype=LU._array.dtype)


def _require_pivots(pivots: Any, message: str) -> None:
    if pivots.dtype is not int32:
        raise DtypeError(f"{message} Got {pivots.dtype}; cast with .int()")


def _pivots_beyond(pivots: Any, rows: int) -> bool:
    return bool(((pivots < 1) | (pivots > rows)).any())


def _refuse_zero(info: Any, name: str) -> None:
    batch, column = first_failure(info)
    if column:
        raise OperationError(
            f"{name}: {batch}U[{column},{column}] is zero and using it on lu_solve would result in a division by zero. "
            "If you still want to perform the factorization, consider calling linalg.lu(A, pivot) or "
            "linalg.lu_factor_ex(A, pivot)"
        )


def require_same_sides(A: Any, B: Any, left: bool, name: str) -> None:
    """Refuse matrices ``A`` and ``B`` that have no product with X between.

    Raises:
        ShapeError: They have not.
    """
    if B._array.ndim < 2:
        raise ShapeError(
            f"{name}: The input tensor B must have at least 2 dimensions. Got shape {tuple(B._array.shape)}"
        )
    a, b = A._array.shape, B._array.shape
    if a[-2] != b[-2 if left else -1]:
        equation = "AX = B" if left else "XA = B"
        raise ShapeError(
            f"{name}: Incompatible shapes of A and B for the equation {equation} ({a[-2]}x{a[-1]} and {b[-2]}x{b[-1]})"
        )


# LDL.


def ldl_factor_ex(input: Any, *, hermitian: bool = False, check_errors: bool = False, out: Any = None) -> Any:
    """``input`` = L @ D @ L.mT (..., n, n) for symmetric, or L @ D @ L.mH for Hermitian ``input``; without gradient.

    Mirrors ``torch.linalg.ldl_factor_ex``.

    Returns:
        ``LD``, both factors in one array; ``pivots``, int32, as LAPACK's ``sytrf`` makes them; and ``info`` (...),
        int32: the first column, counted from 1, where D is zero, or 0.

    Raises:
        OperationError: With ``check_errors``: D is singular.
    """
    found = return_types.LdlFactorEx(*_ldl_factor(input, hermitian))
    if check_errors:
        _refuse_singular(found.info, "torch.linalg.ldl_factor_ex")
    return deliver_all(out, found)


def ldl_factor(input: Any, *, hermitian: bool = False, out: Any = None) -> Any:
    """`ldl_factor_ex` without ``info``. Mirrors ``torch.linalg.ldl_factor``.

    Raises:
        OperationError: D is singular.
    """
    LD, pivots, info = _ldl_factor(input, hermitian)
    _refuse_singular(info, "torch.linalg.ldl_factor")
    return deliver_all(out, return_types.LdlFactor(LD, pivots))


def ldl_solve(LD: Any, pivots: Any, B: Any, *, hermitian: bool = False, out: Any = None) -> Any:
    """The X with ``A @ X = B``, where ``LD, pivots`` are `ldl_factor` of A. Mirrors ``torch.linalg.ldl_solve``.

    Raises:
        ShapeError: The shapes do not fit.
        DtypeError: The dtypes do not, or the pivots are no integers.
    """
    name = "torch.linalg.ldl_solve"
    square(LD, name, "LD")
    same_dtype(LD, B, name, ("LD", "B"))
    n, b = LD._array.shape[-1], B._array.shape
    if B._array.ndim < 2 or b[-2] != n:
        raise ShapeError(
            f"Incompatible matrix sizes for {name}: each A matrix is {n} by {n} but each b matrix is "
            f"{b[-2] if len(b) > 1 else 0} by {b[-1] if b else 0}"
        )
    if pivots.dtype.kind != "int":
        raise DtypeError(f"{name}: Expected pivots to be integers. Got {kind_of(pivots)}")
    batch = _joint_batch(LD, B)
    LD, B = broadcast_to(LD, (*batch, n, n)), broadcast_to(B, (*batch, *b[-2:]))
    return deliver(out, factorizations.ldl_solve.apply(LD, broadcast_to(pivots, (*batch, n)), B, hermitian=hermitian))


def _ldl_factor(A: Any, hermitian: bool) -> Any:
    return factorizations.ldl_factor.apply(square(A, "torch.linalg.ldl_factor_ex"), hermitian=hermitian)


def _refuse_singular(info: Any, name: str) -> None:
    batch, column = first_failure(info)
    if column:
        raise OperationError(
            f"{name}: {batch}D[{column},{column}] is zero and using it on ldl_solve would result in a division by "
            "zero. linalg.ldl_factor_ex factors without this check"
        )


def _joint_batch(A: Any, B: Any) -> tuple[int, ...]:
    """The shape to which the batches of two tensors of matrices broadcast."""
    a, b = tuple(A._array.shape[:-2]), tuple(B._array.shape[:-2])
    ndim = max(len(a), len(b))
    pairs = zip((1,) * (ndim - len(a)) + a, (1,) * (ndim - len(b)) + b, strict=True)
    batch = []
    for m, n in pairs:
        if m != n and 1 not in (m, n):
            raise ShapeError(f"ldl_solve: batches of shapes {a} and {b} do not broadcast")
        batch.append(n if m == 1 else m)
    return tuple(batch)


# Householder reflections.


def geqrf(input: Any, *, out: Any = None) -> Any:
    """The reflections whose product is Q of `qr`, below R in one array, and their factors; without gradient.

    Mirrors ``torch.geqrf``; `householder_product` makes Q of them.
    """
    if getattr(input, "_array", None) is not None and input._array.ndim < 2:
        raise ShapeError(f"torch.geqrf: input must have at least 2 dimensions. Got shape {tuple(input._array.shape)}")
    return deliver_all(out, return_types.Geqrf(*factorizations.geqrf.apply(matrices(input, "torch.geqrf"))))


def householder_product(input: Any, tau: Any, *, out: Any = None) -> Any:
    """The first m columns of the product of reflections, for ``input`` (..., n, m) and ``tau`` (..., k), k <= m <= n.

    Mirrors ``torch.linalg.householder_product``: the vectors of the reflections are below the diagonal of ``input``.

    Raises:
        ShapeError: The shapes do not fit.
        DtypeError: The dtypes differ.
    """
    name = "torch.linalg.householder_product"
    _require_reflections(input, tau, name)
    n, m = input._array.shape[-2:]
    if n < m:
        raise ShapeError(f"{name}: input.shape[-2] must be greater than or equal to input.shape[-1]; got {n} < {m}")
    if m < tau._array.shape[-1]:
        raise ShapeError(
            f"{name}: input.shape[-1] must be greater than or equal to tau.shape[-1]; got {m} < {tau._array.shape[-1]}"
        )
    identity = input.detach().new_zeros((n, m))
    identity = identity + products.diagonal_embed.apply(input.detach().new_ones(n))[:, :m]
    identity = broadcast_to(identity, tuple(input._array.shape))
    return deliver(out, factorizations.householder_product.apply(input, tau, identity))


def orgqr(input: Any, input2: Any, *, out: Any = None) -> Any:
    """The older spelling of `householder_product`. Mirrors ``torch.orgqr``."""
    return householder_product(input, input2, out=out)


def ormqr(input: Any, tau: Any, other: Any, left: bool = True, transpose: bool = False, *, out: Any = None) -> Any:
    """``Q @ other`` for the square Q that is the product of the reflections in ``input`` and ``tau``.

    Mirrors ``torch.ormqr``: ``other @ Q`` unless ``left``, and the conjugate transpose of Q with ``transpose``.

    Raises:
        ShapeError: The shapes do not fit.
        DtypeError: The dtypes differ.
    """
    name = "torch.ormqr"
    _require_reflections(input, tau, name)
    if other._array.ndim < 2:
        raise ShapeError(f"{name}: other must have at least 2 dimensions. Got shape {tuple(other._array.shape)}")
    same_dtype(input, other, name, ("input", "other"))
    side = other._array.shape[-2 if left else -1]
    place = "-2" if left else "-1"
    if tau._array.shape[-1] > side or tau._array.shape[-1] > input._array.shape[-1]:
        raise ShapeError(
            f"{name}: tau.shape[-1] must be equal to min(other.shape[{place}], input.shape[-1]); got "
            f"{tau._array.shape[-1]} for other {tuple(other._array.shape)} and input {tuple(input._array.shape)}"
        )
    if side != input._array.shape[-2]:
        raise ShapeError(
            f"{name}: other.shape[{place}] must be equal to input.shape[-2]; got {side} and {input._array.shape[-2]}"
        )
    if left:
        return deliver(out, factorizations.reflect.apply(input, tau, other, adjoint=transpose))
    turned = factorizations.reflect.apply(input, tau, conjugate_transpose(other), adjoint=not transpose)
    return deliver(out, conjugate_transpose(turned))


def _require_reflections(A: Any, tau: Any, name: str) -> None:
    if A._array.ndim < 2:
        raise ShapeError(f"{name}: input must have at least 2 dimensions. Got shape {tuple(A._array.shape)}")
    if tau._array.dtype != A._array.dtype:
        raise DtypeError(f"{name}: tau dtype {kind_of(tau)} does not match input dtype {kind_of(A)}")
    require_floating(A, name)
    if tuple(tau._array.shape[:-1]) != tuple(A._array.shape[:-2]):
        raise ShapeError(
            f"{name}: Expected batch dimensions of tau to be equal to input.shape[:-2], but got "
            f"{list(tau._array.shape[:-1])} and {list(A._array.shape[:-2])}"
        )
