"""Cholesky, QR, eigenvalue and singular value decompositions, by ``torch.linalg``'s names and by the older ones."""

from __future__ import annotations

from typing import Any

from xpgrad.core.op import Op
from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import OperationError, SettingError
from xpgrad.functions import return_types
from xpgrad.functions.linalg import matrix_transpose
from xpgrad.functions.matrix_checks import attempted, first_failure, indefinite, matrices, square
from xpgrad.functions.pointwise import conj
from xpgrad.functions.results import deliver, deliver_all
from xpgrad.ops import decompositions

__all__ = []

# Cholesky.


def cholesky(input: Any, *, upper: bool = False, out: Any = None) -> Any:
    """The triangular L with ``input = L @ L.mH``, for Hermitian positive definite ``input`` (..., n, n).

    Mirrors ``torch.linalg.cholesky``. Only one triangle of ``input`` is read: the lower, or the upper with
    ``upper``, which gives ``L.mH``.

    Raises:
        LinAlgError: ``input`` is not positive definite.
    """
    return deliver(out, _cholesky(decompositions.cholesky, input, upper, "linalg.cholesky"))


def classic_cholesky(input: Any, upper: bool = False, *, out: Any = None) -> Any:
    """The older spelling of `linalg.cholesky`. Mirrors ``torch.cholesky``."""
    return deliver(out, _cholesky(_classic_cholesky_op, input, upper, "cholesky"))


_classic_cholesky_op = decompositions.cholesky.named("Cholesky")


def _cholesky(op: Op, A: Any, upper: bool, name: str) -> Any:
    A = square(A, name)
    try:
        return op.apply(A, upper=upper)
    except OperationError as error:
        raise indefinite(_upper_as_lower(A, upper), name) from error


def cholesky_ex(input: Any, *, upper: bool = False, check_errors: bool = False, out: Any = None) -> Any:
    """`cholesky` and ``info`` (...): the order of the first minor that is not positive definite, or 0.

    Mirrors ``torch.linalg.cholesky_ex``.

    Raises:
        LinAlgError: With ``check_errors``: ``input`` is not positive definite.
    """
    input = square(input, "linalg.cholesky")
    found = return_types.CholeskyEx(*decompositions.cholesky_ex.apply(input, upper=upper))
    if check_errors and first_failure(found.info)[1]:
        raise indefinite(input, "linalg.cholesky_ex", found.info)
    return deliver_all(out, found)


def _upper_as_lower(A: Any, upper: bool) -> Any:
    return conj(matrix_transpose(A.detach())) if upper else A


# QR.


def qr(A: Any, mode: str = "reduced", *, out: Any = None) -> Any:
    """``Q`` with orthonormal columns and upper triangular ``R`` with ``A = Q @ R``. Mirrors ``torch.linalg.qr``.

    Args:
        A: (..., n, m).
        mode: ``"reduced"``: Q is (..., n, min(n, m)); ``"complete"``: Q is square; ``"r"``: Q is empty.
        out: A pair of tensors for the results.

    Raises:
        SettingError: There is no such mode.
    """
    return deliver_all(out, return_types.LinalgQR(*_qr(A, mode)))


def classic_qr(input: Any, some: bool = True, *, out: Any = None) -> Any:
    """The older spelling of `linalg.qr`, reduced if ``some``. Mirrors ``torch.qr``."""
    return deliver_all(out, return_types.QR(*_qr(input, "reduced" if some else "complete")))


def _qr(A: Any, mode: str) -> tuple[Any, Any]:
    if mode not in ("reduced", "complete", "r"):
        raise SettingError(
            f"qr received unrecognized mode '{mode}' but expected one of 'reduced' (default), 'r', or 'complete'"
        )
    A = matrices(A, "linalg.qr")
    Q, R = decompositions.qr.apply(A, complete=mode == "complete")
    return (A.detach().new_zeros(0) if mode == "r" else Q), R


# Eigenvalues.


def eigh(input: Any, UPLO: str = "L", *, out: Any = None) -> Any:
    """The eigenvalues of Hermitian ``input`` (..., n, n) in ascending order, and its eigenvectors as columns.

    Mirrors ``torch.linalg.eigh``. Only one triangle is read, the lower or with ``UPLO="U"`` the upper.

    Raises:
        SettingError: ``UPLO`` is neither "L" nor "U".
        LinAlgError: The iteration did not converge.
    """
    input = square(input, "linalg.eigh")
    found = attempted(_STUCK.format("linalg.eigh"), decompositions.eigh.apply, input, upper=_is_upper(UPLO))
    return deliver_all(out, return_types.Eigh(*found))


def eigvalsh(input: Any, UPLO: str = "L", *, out: Any = None) -> Any:
    """The eigenvalues of Hermitian ``input`` in ascending order. Mirrors ``torch.linalg.eigvalsh``; see `eigh`."""
    input = square(input, "linalg.eigh")
    return deliver(
        out, attempted(_STUCK.format("linalg.eigh"), decompositions.eigvalsh.apply, input, upper=_is_upper(UPLO))
    )


_STUCK = (
    "{}: The algorithm failed to converge because the input matrix is ill-conditioned or has too many repeated "
    "eigenvalues, or contains non-finite values."
)


def _is_upper(uplo: Any) -> bool:
    if not isinstance(uplo, str) or uplo.upper() not in ("L", "U"):
        raise SettingError(f"Expected UPLO argument to be 'L' or 'U', but got {uplo}")
    return uplo.upper() == "U"


def eig(input: Any, *, out: Any = None) -> Any:
    """The eigenvalues (..., n) of ``input`` (..., n, n), complex, and its eigenvectors of length 1 as columns.

    Mirrors ``torch.linalg.eig``.

    Raises:
        LinAlgError: ``input`` contains infinities or NaN.
    """
    return deliver_all(out, return_types.Eig(*_eig(decompositions.eig, input, "linalg.eig")))


def eigvals(input: Any, *, out: Any = None) -> Any:
    """The eigenvalues (..., n) of ``input`` (..., n, n), complex. Mirrors ``torch.linalg.eigvals``."""
    return deliver(out, _eig(decompositions.eigvals, input, "linalg.eigvals"))


def _eig(op: Any, A: Any, name: str) -> Any:
    A = square(A, name)
    return attempted("torch.linalg.eig: input tensor should not contain infs or NaNs.", op.apply, A)


# Singular values.

_DRIVERS = (None, "gesvd", "gesvdj", "gesvda")


def svd(A: Any, full_matrices: bool = True, *, driver: str | None = None, out: Any = None) -> Any:
    """``U, S, Vh`` with ``A = U @ diag(S) @ Vh``, for ``A`` (..., n, m) and ``S`` descending.

    Mirrors ``torch.linalg.svd``. As there, ``driver`` means something on CUDA only, and is refused elsewhere.

    Raises:
        SettingError: A ``driver`` is given.
        LinAlgError: The iteration did not converge.
    """
    _check_driver(A, driver)
    return deliver_all(out, return_types.LinalgSVD(*_svd(A, full_matrices)))


def classic_svd(input: Any, some: bool = True, compute_uv: bool = True, *, out: Any = None) -> Any:
    """``U, S, V`` with ``input = U @ diag(S) @ V.mH``. Mirrors ``torch.svd``.

    With ``compute_uv=False`` U and V are zeros.
    """
    input = matrices(input, "linalg.svd")
    if not compute_uv:
        S, (n, m) = svdvals(input), input._array.shape[-2:]
        U, V = (input.detach().new_zeros((*input._array.shape[:-2], k, k)) for k in (n, m))
        return deliver_all(out, return_types.SVD(U, S, V))
    U, S, Vh = _svd(input, not some)
    V = matrix_transpose(conj(Vh) if input.dtype.is_complex else Vh)
    return deliver_all(out, return_types.SVD(U, S, V))


def svdvals(A: Any, *, driver: str | None = None, out: Any = None) -> Any:
    """The singular values of ``A`` in descending order. Mirrors ``torch.linalg.svdvals``; see `svd`."""
    _check_driver(A, driver)
    return deliver(out, attempted(_UNFIT, decompositions.svdvals.apply, matrices(A, "linalg.svd")))


def _svd(A: Any, full_matrices: bool) -> Any:
    A = matrices(A, "linalg.svd")
    return attempted(_UNFIT, decompositions.svd.apply, A, full_matrices=full_matrices)


def _check_driver(A: Any, driver: str | None) -> None:
    if driver not in _DRIVERS:
        raise SettingError(f"linalg.svd: driver must be one of {_DRIVERS[1:]}, or None, got {driver!r}")
    if driver is not None and isinstance(A, TensorBase) and A._place.device.type == "cpu":
        raise SettingError(
            f"torch.linalg.svd: keyword argument `driver=` is only supported on CUDA inputs with cuSOLVER backend. Got "
            f"{driver!r} for a tensor on {A._place.device}; leave it out"
        )


_UNFIT = "linalg.svd: The algorithm failed to converge because the input matrix contained non-finite values."
