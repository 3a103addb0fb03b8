"""What functions of matrices ask of them, and the errors about those that have no answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xpgrad.core.tensor_base import TensorBase
from xpgrad.core.views import array_of
from xpgrad.errors import ArgumentTypeError, DtypeError, LinAlgError, OperationError, ShapeError
from xpgrad.functions.checks import kind_of
from xpgrad.ops import decompositions, factorizations


def matrices(A: Any, name: str, what: str = "A") -> Any:
    """``A``, a tensor of matrices (..., n, m) of floats or complex numbers in at least single precision.

    Raises:
        ArgumentTypeError: It is no tensor.
        ShapeError: It has fewer than two dimensions.
        DtypeError: Its dtype is another.
    """
    require_matrices(A, name, what)
    return require_floating(A, name)


def require_matrices(A: Any, name: str, what: str = "A") -> None:
    """Refuse what is no tensor of matrices.

    Raises:
        ArgumentTypeError: It is no tensor.
        ShapeError: It has fewer than two dimensions.
    """
    if not isinstance(A, TensorBase):
        raise ArgumentTypeError(f"{name}: argument {what!r} must be Tensor, not {type(A).__name__}")
    if A._array.ndim < 2:
        raise ShapeError(
            f"{name}: The input tensor {what} must have at least 2 dimensions. Got shape {tuple(A._array.shape)}"
        )


def require_floating(A: Any, name: str) -> Any:
    """``A``, of floats or complex numbers in at least single precision.

    Raises:
        DtypeError: Its dtype is another.
    """
    found = A._place.dtype(A._array.dtype)
    if not found.is_differentiable:
        raise DtypeError(
            f"{name}: Expected a floating point or complex tensor as input. Got {kind_of(A)}; use .float() first"
        )
    if found.itemsize < 4:
        raise DtypeError(f"{name}: Low precision dtypes not supported. Got {kind_of(A)}; use .float() first")
    return A


def square(A: Any, name: str, what: str = "A") -> Any:
    """`matrices` that are square (..., n, n).

    Raises:
        ShapeError: They are not.
    """
    require_matrices(A, name, what)
    require_square(A, name, what)
    return require_floating(A, name)


def require_square(A: Any, name: str, what: str = "A") -> None:
    """Refuse matrices that are not square.

    Raises:
        ShapeError: They are not.
    """
    n, m = A._array.shape[-2:]
    if n != m:
        raise ShapeError(f"{name}: {what} must be batches of square matrices, but they are {n} by {m} matrices")


def same_dtype(x: Any, y: Any, name: str, names: tuple[str, str] = ("A", "B")) -> None:
    """Refuse operands of two dtypes.

    Raises:
        DtypeError: They are.
    """
    if x._array.dtype != y._array.dtype:
        raise DtypeError(
            f"{name}: Expected {names[0]} and {names[1]} to have the same dtype, but found {names[0]} of type "
            f"{kind_of(x)} and {names[1]} of type {kind_of(y)} instead; cast one"
        )


def attempted(message: str, function: Callable[..., Any], *tensors: Any, **settings: Any) -> Any:
    """What ``function`` gives, its refusal in the words of ``message``.

    Raises:
        LinAlgError: The library refused.
    """
    try:
        return function(*tensors, **settings)
    except OperationError as error:
        raise LinAlgError(f"{message} ({error})") from error


def first_failure(info: Any) -> tuple[str, int]:
    """Which matrix of a batch is the first with an ``info`` (...) other than 0, as PyTorch says it, and that number."""
    numbers = info._place.backend.to_host(array_of(info)).reshape(-1)
    failed = next((i for i, n in enumerate(numbers) if n), None)
    if failed is None:
        return "", 0
    return (f"(Batch element {failed}): " if info._array.ndim else ""), int(numbers[failed])


def singular(A: Any, name: str) -> LinAlgError:
    """The error about an inverse that does not exist."""
    batch, pivot = first_failure(factorizations.lu_factor(A.detach())[2])
    return LinAlgError(
        f"{name}: {batch}The diagonal element {pivot} is zero, the inversion could not be completed because the input "
        f"matrix is singular. Given {_described(A)}; linalg.pinv has an answer for every matrix"
    )


def unsolvable(A: Any, name: str) -> LinAlgError:
    """The error about a system without a solution."""
    batch, _ = first_failure(factorizations.lu_factor(A.detach())[2])
    return LinAlgError(
        f"{name}: {batch}The solver failed because the input matrix is singular. Given A of {_described(A)}; "
        "linalg.lstsq has an answer for every matrix"
    )


def indefinite(A: Any, name: str, info: Any = None) -> LinAlgError:
    """The error about a Cholesky factor that does not exist."""
    batch, order = first_failure(decompositions.cholesky_ex(A.detach(), upper=False)[1] if info is None else info)
    return LinAlgError(
        f"{name}: {batch}The factorization could not be completed because the input is not positive-definite (the "
        f"leading minor of order {order} is not positive-definite). Given {_described(A)}; linalg.ldl_factor needs no "
        "positive-definite matrix"
    )


def _described(A: Any) -> str:
    return f"{A._place.dtype(A._array.dtype).name} {tuple(A._array.shape)}"
