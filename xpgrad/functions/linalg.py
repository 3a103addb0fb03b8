"""Products of vectors and matrices under PyTorch's names."""

from __future__ import annotations

from typing import Any

from xpgrad.array_api import linalg as standard
from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import ArgumentTypeError, DtypeError, MixedBackendsError, OperationError, ShapeError
from xpgrad.functions.arithmetic import mul
from xpgrad.functions.pointwise import conj
from xpgrad.functions.results import deliver
from xpgrad.functions.shape import reshape
from xpgrad.ops import copying, linalg
from xpgrad.ops import shape as shape_ops

__all__ = ["bmm", "diag", "dot", "ger", "inner", "matmul", "mm", "mv", "outer"]


def matmul(input: Any, other: Any, *, out: Any = None) -> Any:
    """The matrix product; vectors as rows or columns, leading dimensions broadcast. Mirrors ``torch.matmul``.

    Raises:
        ShapeError: The inner lengths differ.
        DtypeError: The dtypes differ.
    """
    if not isinstance(other, TensorBase):
        raise ArgumentTypeError(f"matmul(): argument 'other' must be Tensor, not {type(other).__name__}")
    x, y = input._array, other._array
    if input._place is not other._place:
        raise MixedBackendsError("matmul", [str(input._place.device), str(other._place.device)])
    if x.dtype is not y.dtype and x.dtype != y.dtype:
        raise DtypeError(
            f"expected m1 and m2 to have the same dtype, but got: {input.dtype.name} != "
            f"{other._place.dtype(y.dtype).name}; cast one"
        )
    if x.ndim == 2 and y.ndim == 2:
        if x.shape[1] != y.shape[0]:
            raise ShapeError(
                f"mat1 and mat2 shapes cannot be multiplied ({x.shape[0]}x{x.shape[1]} and {y.shape[0]}x{y.shape[1]})"
            )
        result = linalg.mm.apply(input, other)
    else:
        result = _by_dimensions(x.ndim, y.ndim, x.shape, y.shape).apply(input, other)
    return result if out is None else deliver(out, result)


def matmul_operator(input: Any, other: Any) -> Any:
    """``input @ other`` with ``input`` a tensor; it declines what is none."""
    if not isinstance(other, TensorBase):
        return NotImplemented
    if input._array.ndim == 2 and other._array.ndim == 2 and input._array.dtype is other._array.dtype:
        try:
            return linalg.mm.apply(input, other)
        except OperationError:
            # Said better below.
            pass
    return matmul(input, other)


def _by_dimensions(x: int, y: int, x_shape: Any, y_shape: Any) -> Any:
    """The op named as PyTorch's last step for operands of ``x`` and ``y`` dimensions."""
    if x == 0 or y == 0:
        raise ShapeError(
            f"both arguments to matmul need to be at least 1D, but they are {x}D and {y}D; use * for numbers"
        )
    inner = y_shape[-2] if y > 1 else y_shape[0]
    if x == y == 1 and x_shape != y_shape:
        raise _unequal_vectors(x_shape[0], y_shape[0])
    if x_shape[-1] != inner:
        raise ShapeError(
            "size mismatch, the inner lengths must agree: "
            f"got {tuple(x_shape)} and {tuple(y_shape)}, hence {x_shape[-1]} and {inner}"
        )
    if x == 1 and y == 1:
        return linalg.dot
    if x > 2 and y > 2:
        _check_batches(tuple(x_shape[:-2]), tuple(y_shape[:-2]))
    if y == 1:
        return linalg.mv if x == 2 else linalg.matmul_folded
    if x == 1:
        return linalg.vm
    return linalg.matmul if x == y == 3 else linalg.matmul_folded


def _check_batches(x: tuple[int, ...], y: tuple[int, ...]) -> None:
    for back, (m, n) in enumerate(zip(reversed(x), reversed(y), strict=False), 1):
        if m != n and 1 not in (m, n):
            raise ShapeError(
                f"The size of tensor a ({m}) must match the size of tensor b ({n}) at non-singleton dimension "
                f"{max(len(x), len(y)) - back}. matmul: batches of shapes {x} and {y} do not broadcast"
            )


def mm(input: Any, mat2: Any, *, out: Any = None) -> Any:
    """The product of two matrices. Mirrors ``torch.mm``."""
    _require(input, 2, "mm", "self")
    _require(mat2, 2, "mm", "mat2")
    return matmul(input, mat2, out=out)


def mv(input: Any, vec: Any, *, out: Any = None) -> Any:
    """The product of a matrix and a vector. Mirrors ``torch.mv``."""
    _require(input, 2, "mv", "self")
    _require(vec, 1, "mv", "vec")
    return matmul(input, vec, out=out)


def dot(input: Any, tensor: Any, *, out: Any = None) -> Any:
    """The sum of the products of two vectors. Mirrors ``torch.dot``.

    Raises:
        ShapeError: An operand is no vector, or the lengths differ.
    """
    if input._array.ndim != 1 or tensor._array.ndim != 1:
        raise ShapeError(f"1D tensors expected, but got {input._array.ndim}D and {tensor._array.ndim}D tensors")
    if input._array.shape != tensor._array.shape:
        raise _unequal_vectors(input._array.shape[0], tensor._array.shape[0])
    return matmul(input, tensor, out=out)


def _unequal_vectors(n: int, m: int) -> ShapeError:
    return ShapeError(
        f"inconsistent tensor size, expected tensor [{n}] and src [{m}] to have the same number of elements, but got "
        f"{n} and {m} elements respectively"
    )


def inner(input: Any, other: Any, *, out: Any = None) -> Any:
    """The products summed over the last dimension of both. Mirrors ``torch.inner``."""
    if input._array.ndim == 0 or other._array.ndim == 0:
        return mul(input, other, out=out)
    if input._array.ndim == other._array.ndim == 1:
        return dot(input, other, out=out)
    if input._array.shape[-1] != other._array.shape[-1]:
        raise ShapeError(
            "inner() the last dimension must match on both input tensors but got shapes "
            f"{list(input._array.shape)} and {list(other._array.shape)}"
        )
    return deliver(out, standard.tensordot(input, other, axes=((-1,), (-1,))))


def bmm(input: Any, mat2: Any, *, out: Any = None) -> Any:
    """The products of two batches of matrices. Mirrors ``torch.bmm``."""
    _require(input, 3, "bmm", "batch1")
    _require(mat2, 3, "bmm", "batch2")
    if input._array.shape[0] != mat2._array.shape[0]:
        raise ShapeError(
            "batch1 and batch2 must have same number of batches, got "
            f"{input._array.shape[0]} and {mat2._array.shape[0]}"
        )
    if input._array.shape[2] != mat2._array.shape[1]:
        raise ShapeError(
            "Expected size for first two dimensions of batch2 tensor to be: "
            f"[{input._array.shape[0]}, {input._array.shape[2]}] but got: {list(mat2._array.shape[:2])}."
        )
    return matmul(input, mat2, out=out)


def _require(x: Any, ndim: int, name: str, argument: str) -> None:
    if x._array.ndim != ndim:
        kind = {1: "a vector", 2: "a matrix", 3: "a 3D tensor"}[ndim]
        raise ShapeError(f"{argument} must be {kind}, got {x._array.ndim}D: {name}() does not broadcast, matmul() does")


def outer(input: Any, vec2: Any, *, out: Any = None) -> Any:
    """The products of all pairs of elements of two vectors. Mirrors ``torch.outer``.

    Raises:
        ShapeError: One is no vector.
    """
    for name, x in (("self", input), ("vec2", vec2)):
        if x._array.ndim != 1:
            raise ShapeError(f"outer: Expected 1-D argument {name}, but got {x._array.ndim}-D")
    return mul(reshape(input, (-1, 1)), reshape(vec2, (1, -1)), out=out)


ger = outer


def matrix_transpose(input: Any) -> Any:
    """The last two dimensions exchanged (``x.mT``).

    Raises:
        ShapeError: Fewer than two dimensions.
    """
    ndim = input._array.ndim
    if ndim < 2:
        raise ShapeError(f"tensor.mT is only supported on matrices or batches of matrices. Got {ndim}-D tensor.")
    return shape_ops.matrix_transpose.apply(input)


def conjugate_transpose(x: Any) -> Any:
    """The last two dimensions exchanged, conjugated if complex."""
    x = matrix_transpose(x)
    return conj(x) if x.dtype.is_complex else x


def diag(input: Any, diagonal: int = 0, *, out: Any = None) -> Any:
    """The diagonal of a matrix, as a copy, or the matrix with a vector as its diagonal. Mirrors ``torch.diag``."""
    if input._array.ndim not in (1, 2):
        raise ShapeError(
            f"diag(): Supports 1D or 2D tensors. Got {input._array.ndim}D; see diagonal() and diag_embed()"
        )
    if input._array.ndim == 1:
        return deliver(out, linalg.diagonal_embed.apply(input, offset=diagonal))
    return deliver(out, _diagonal_copy.apply(linalg.diagonal.apply(input, offset=diagonal)))


_diagonal_copy = copying.copy.named("DiagonalBackward0_copy")
