"""The standard's linear algebra. Matrices are the last two axes; the others are stacks of them and broadcast."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from xpgrad._typing import Axis, Shape
from xpgrad.array_api.creation import eye
from xpgrad.array_api.elementwise import abs
from xpgrad.array_api.manipulation import axes_of, axis_of, broadcast_to, matrix_transpose
from xpgrad.array_api.operands import dtype_of, floating, meet, widened
from xpgrad.array_api.reductions import max, min, sum
from xpgrad.backends.dtypes import dtype
from xpgrad.core.op import Op
from xpgrad.core.tensor_base import TensorBase
from xpgrad.core.views import array_of
from xpgrad.errors import ArgumentError, ShapeError
from xpgrad.ops import decompositions, inverses
from xpgrad.ops import linalg as ops
from xpgrad.ops.shape import reshape

__all__ = [
    "cholesky", "cross", "det", "diagonal", "eigh", "eigvalsh", "inv", "matmul", "matrix_norm", "matrix_power",
    "matrix_rank", "matrix_transpose", "outer", "pinv", "qr", "slogdet", "solve", "svd", "svdvals", "tensordot",
    "trace", "vecdot", "vector_norm",
]  # fmt: skip


class EighResult(NamedTuple):
    """What `eigh` returns."""

    eigenvalues: Any
    eigenvectors: Any


class QRResult(NamedTuple):
    """What `qr` returns."""

    Q: Any
    R: Any


class SlogdetResult(NamedTuple):
    """What `slogdet` returns."""

    sign: Any
    logabsdet: Any


class SVDResult(NamedTuple):
    """What `svd` returns."""

    U: Any
    S: Any
    Vh: Any


# Products.


def product_of(x_ndim: int, y_ndim: int) -> Op:
    """`matmul` for operands of so many axes, under the name that PyTorch's last step for these has."""
    if x_ndim == 2 and y_ndim == 2:
        return ops.mm
    if y_ndim == 1:
        return ops.dot if x_ndim == 1 else ops.mv if x_ndim == 2 else ops.matmul_folded
    return ops.vm if x_ndim == 1 and y_ndim == 2 else ops.matmul_folded


def matmul(x1: TensorBase, x2: TensorBase, /) -> Any:
    """The matrix product of ``x1`` (..., n, k) and ``x2`` (..., k, m); 1-d operands are a row and a column.

    Raises:
        ShapeError: An operand is 0-d, or the inner lengths differ.
    """
    x1, x2 = meet((x1, x2), "matmul")
    a, b = x1._array.shape, x2._array.shape
    if not a or not b or a[-1] != b[-2 if len(b) > 1 else 0]:
        raise ShapeError(f"matmul: shapes {tuple(a)} and {tuple(b)} do not match; it takes (..., n, k) and (..., k, m)")
    return product_of(len(a), len(b)).apply(x1, x2)


def tensordot(x1: TensorBase, x2: TensorBase, /, *, axes: int | tuple[Sequence[int], Sequence[int]] = 2) -> Any:
    """The sum of products over ``axes``: the last ones of ``x1`` and the first of ``x2``, or pairs in two sequences.

    Raises:
        ShapeError: The lengths of a pair differ.
    """
    x1, x2 = meet((x1, x2), "tensordot")
    a, b = x1._array.shape, x2._array.shape
    if isinstance(axes, int):
        axes = (range(len(a) - axes, len(a)), range(axes))
    of_x1, of_x2 = axes_of(tuple(axes[0]), len(a), "tensordot"), axes_of(tuple(axes[1]), len(b), "tensordot")
    if [a[i] for i in of_x1] != [b[i] for i in of_x2]:
        raise ShapeError(f"tensordot: axes {of_x1} of shape {tuple(a)} and {of_x2} of {tuple(b)} do not match")
    return ops.tensordot.apply(x1, x2, axes=(of_x1, of_x2))


def vecdot(x1: TensorBase, x2: TensorBase, /, *, axis: int = -1) -> Any:
    """The sum of ``conj(x1) * x2`` along ``axis``, counted from the end; the other axes broadcast.

    Raises:
        ArgumentError: ``axis`` is counted from the front, and the operands differ in the number of axes.
        ShapeError: Their lengths along it differ.
    """
    x1, x2 = meet((x1, x2), "vecdot")
    a, b = x1._array.shape, x2._array.shape
    axis = _from_the_end(axis, a, b, "vecdot")
    if a[axis] != b[axis]:
        raise ShapeError(f"vecdot: shapes {tuple(a)} and {tuple(b)} differ along axis {axis}")
    return ops.vecdot.apply(x1, x2, axis=axis)


def _from_the_end(axis: int, a: Shape, b: Shape, name: str) -> int:
    """``axis`` of shapes that broadcast, as a negative number.

    Raises:
        ArgumentError: It is counted from the front, and the shapes differ in length.
    """
    if axis >= 0:
        if len(a) != len(b):
            raise ArgumentError(
                f"{name}: axis {axis} is counted from the front; of shapes {tuple(a)} and {tuple(b)} count from the end"
            )
        axis -= len(a)
    for shape in (a, b):
        axis_of(axis, len(shape), name)
    return axis


def outer(x1: TensorBase, x2: TensorBase, /) -> Any:
    """The products of all pairs of elements of two vectors, as a matrix.

    Raises:
        ShapeError: An operand is not 1-d.
    """
    x1, x2 = meet((x1, x2), "outer")
    if x1._array.ndim != 1 or x2._array.ndim != 1:
        raise ShapeError(f"outer: takes vectors, got shapes {tuple(x1._array.shape)} and {tuple(x2._array.shape)}")
    return ops.outer.apply(x1, x2)


def cross(x1: TensorBase, x2: TensorBase, /, *, axis: int = -1) -> Any:
    """The cross products of the vectors of length 3 along ``axis``; the other axes broadcast.

    Raises:
        ShapeError: A vector has another length.
    """
    x1, x2 = meet((x1, x2), "cross")
    axis = _from_the_end(axis, x1._array.shape, x2._array.shape, "cross")
    for shape in (x1._array.shape, x2._array.shape):
        if shape[axis] != 3:
            raise ShapeError(f"cross: axis {axis} of shape {tuple(shape)} is not of length 3")
    return ops.cross.apply(x1, x2, axis=axis)


# Parts and norms.


def diagonal(x: TensorBase, /, *, offset: int = 0) -> Any:
    """The ``offset``-th diagonals of ``x`` (..., n, m), a view."""
    return ops.diagonal.apply(_matrices(x, "diagonal"), offset=offset)


def trace(x: TensorBase, /, *, offset: int = 0, dtype: dtype | None = None) -> Any:
    """The sums of the ``offset``-th diagonals of ``x`` (..., n, m), by default in its dtype, integers in 64 bits."""
    return ops.trace.apply(widened(_matrices(x, "trace"), dtype), offset=offset)


def vector_norm(x: TensorBase, /, *, axis: Axis = None, keepdims: bool = False, ord: float = 2) -> Any:
    """The ``ord``-norm of the elements over ``axis``, over all axes by default."""
    axes = None if axis is None else axes_of(axis, x._array.ndim, "vector_norm")
    return ops.vector_norm.apply(floating(x), axis=axes, keepdims=keepdims, ord=ord)


def matrix_norm(x: TensorBase, /, *, keepdims: bool = False, ord: float | str | None = "fro") -> Any:
    """The ``ord``-norm of matrices: ``"fro"``, ``"nuc"``, or 1, 2 or infinity, or the negative of one.

    Raises:
        ArgumentError: There is no such norm.
    """
    x = floating(_matrices(x, "matrix_norm"))
    extreme = max if not isinstance(ord, (int, float)) or ord > 0 else min
    if ord in ("fro", None):
        return vector_norm(x, axis=(-2, -1), keepdims=keepdims)
    if ord in (1, -1):
        sums = sum(abs(x), axis=-2, keepdims=True)
    elif ord in (math.inf, -math.inf):
        sums = sum(abs(x), axis=-1, keepdims=True)
    elif ord in (2, -2, "nuc"):
        values = decompositions.svdvals.apply(x)
        norm = sum(values, axis=-1) if ord == "nuc" else extreme(values, axis=-1)
        return reshape.apply(norm, shape=(*norm._array.shape, 1, 1)) if keepdims else norm
    else:
        raise ArgumentError(
            f"matrix_norm: no norm is called {ord!r}; there are 'fro', 'nuc', 1, 2, inf, -1, -2 and -inf"
        )
    return extreme(sums, axis=(-2, -1), keepdims=keepdims)


# Decompositions.


def _matrices(x: TensorBase, name: str, *, square: bool = False) -> TensorBase:
    """``x``, after checking that it is of matrices.

    Raises:
        ShapeError: It is not.
    """
    shape = tuple(x._array.shape)
    if len(shape) < 2:
        raise ShapeError(f"{name}: takes matrices (..., n, m), got shape {shape}")
    if square and shape[-2] != shape[-1]:
        raise ShapeError(
            f"{name}: A must be batches of square matrices, but they are {shape[-2]} by {shape[-1]} matrices"
        )
    return x


def _square(x: TensorBase, name: str) -> Any:
    return floating(_matrices(x, name, square=True))


def cholesky(x: TensorBase, /, *, upper: bool = False) -> Any:
    """The triangular factor L of Hermitian positive definite ``x`` = L @ L^H; with ``upper`` its adjoint."""
    return decompositions.cholesky.apply(_square(x, "cholesky"), upper=upper)


def qr(x: TensorBase, /, *, mode: str = "reduced") -> QRResult:
    """``Q`` with orthonormal columns and upper triangular ``R`` with ``x = Q @ R``; with mode ``complete`` Q is square.

    Raises:
        ArgumentError: There is no such mode.
    """
    if mode not in ("reduced", "complete"):
        raise ArgumentError(f"qr: mode must be 'reduced' or 'complete', not {mode!r}")
    return QRResult(*decompositions.qr.apply(floating(_matrices(x, "qr")), complete=mode == "complete"))


def eigh(x: TensorBase, /) -> EighResult:
    """The eigenvalues of Hermitian ``x`` in ascending order, and its eigenvectors as columns."""
    return EighResult(*decompositions.eigh.apply(_square(x, "eigh")))


def eigvalsh(x: TensorBase, /) -> Any:
    """The eigenvalues of Hermitian ``x`` in ascending order."""
    return decompositions.eigvalsh.apply(_square(x, "eigvalsh"))


def svd(x: TensorBase, /, *, full_matrices: bool = True) -> SVDResult:
    """``U``, the singular values ``S`` in descending order, and ``Vh`` with ``x = U @ diag(S) @ Vh``."""
    return SVDResult(*decompositions.svd.apply(floating(_matrices(x, "svd")), full_matrices=full_matrices))


def svdvals(x: TensorBase, /) -> Any:
    """The singular values in descending order."""
    return decompositions.svdvals.apply(floating(_matrices(x, "svdvals")))


# Inverses and determinants.


def inv(x: TensorBase, /) -> Any:
    """The inverse of square matrices."""
    return inverses.inv.apply(_square(x, "inv"))


def _tolerance(rtol: Any) -> Any:
    """``rtol`` as the library takes it."""
    return array_of(rtol) if isinstance(rtol, TensorBase) else rtol


def pinv(x: TensorBase, /, *, rtol: float | TensorBase | None = None) -> Any:
    """The Moore-Penrose pseudo-inverse; singular values up to ``rtol`` times the largest count as 0."""
    return inverses.pinv.apply(floating(_matrices(x, "pinv")), rtol=_tolerance(rtol))


def matrix_rank(x: TensorBase, /, *, rtol: float | TensorBase | None = None) -> Any:
    """How many singular values exceed ``rtol`` times the largest."""
    return inverses.matrix_rank.apply(floating(_matrices(x, "matrix_rank")), rtol=_tolerance(rtol))


def matrix_power(x: TensorBase, n: int, /) -> Any:
    """``x`` times itself ``n`` times; the inverse for negative ``n``, the identity for 0."""
    x = _matrices(x, "matrix_power", square=True)
    if n == 0:
        identity = eye(x._array.shape[-1], dtype=dtype_of(x), device=x._place.device)
        return broadcast_to(identity, tuple(x._array.shape))
    if n < 0:
        return matrix_power(inv(x), -n)
    power = None
    while True:
        n, odd = divmod(n, 2)
        if odd:
            power = x if power is None else matmul(power, x)
        if not n:
            return power
        x = matmul(x, x)


def solve(x1: TensorBase, x2: TensorBase, /) -> Any:
    """The solution of ``x1 @ out = x2`` for ``x1`` (..., n, n) and ``x2`` (..., n, k), or a vector (n,).

    Raises:
        ShapeError: The matrices are not square, or ``x2`` has another number of rows.
    """
    x1, x2 = meet((x1, x2), "solve", needs_float=True)
    rows, shape = _matrices(x1, "solve", square=True)._array.shape[-1], x2._array.shape
    if not shape or shape[-2 if len(shape) > 1 else 0] != rows:
        raise ShapeError(
            f"solve: shapes {tuple(x1._array.shape)} and {tuple(shape)} do not match; x2 needs {rows} rows"
        )
    return inverses.solve.apply(x1, x2)


def det(x: TensorBase, /) -> Any:
    """The determinants of square matrices."""
    return inverses.det.apply(_square(x, "det"))


def slogdet(x: TensorBase, /) -> SlogdetResult:
    """The sign (the phase, if complex) of the determinants, and the logarithms of their sizes."""
    return SlogdetResult(*inverses.slogdet.apply(_square(x, "slogdet")))
