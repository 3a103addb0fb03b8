"""Norms of vectors and matrices, distances, condition numbers and ranks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from xpgrad.array_api.operands import cast
from xpgrad.backends.dtypes import dtype as Dtype
from xpgrad.backends.dtypes import float32
from xpgrad.core.op import Op
from xpgrad.errors import ArgumentTypeError, DtypeError, OperationError, SettingError, ShapeError
from xpgrad.functions.checks import kind_of
from xpgrad.functions.decompositions import svdvals
from xpgrad.functions.dims import Dim, normalize_dim, normalize_dims, takes_axis
from xpgrad.functions.elementwise import binary_function, meet
from xpgrad.functions.extrema import amax, amin
from xpgrad.functions.inverses import inv_ex, tolerances
from xpgrad.functions.matrix_checks import matrices, require_matrices, require_square
from xpgrad.functions.pointwise import nan_to_num, where
from xpgrad.functions.reduction import sum
from xpgrad.functions.reordering import movedim
from xpgrad.functions.results import deliver
from xpgrad.functions.shape import unsqueeze
from xpgrad.ops import arithmetic, inverses, linalg

__all__ = ["dist", "frobenius_norm", "norm", "nuclear_norm", "renorm"]

Order = float | str | None


@takes_axis
def vector_norm(
    input: Any, ord: float = 2, dim: Dim = None, keepdim: bool = False, *, dtype: Dtype | None = None, out: Any = None
) -> Any:
    """The ``ord``-norm of the elements over ``dim``, by default all. Mirrors ``torch.linalg.vector_norm``.

    Args:
        input: A tensor of floats or complex numbers.
        ord: Any number, infinities included; 0 counts the elements that are not zero.
        dim: One dimension or several.
        keepdim: Keep these with length 1.
        dtype: Compute in this dtype.
        out: Where to put the result.

    Raises:
        DtypeError: The tensor is of an integer dtype, or ``dtype`` is not a wider one of its kind.
        OperationError: There are no elements, and ``ord`` is infinite or negative.
    """
    return deliver(out, _vector_norm(linalg.vector_norm, input, ord, dim, keepdim, dtype))


def _vector_norm(op: Op, x: Any, ord: Any, dim: Dim, keepdim: bool, dtype: Dtype | None = None) -> Any:
    name = "linalg.vector_norm"
    if not isinstance(ord, (int, float)):
        raise ArgumentTypeError(
            f"linalg_vector_norm(): argument 'ord' (position 2) must be Number, not {type(ord).__name__}"
        )
    x = _in_dtype(x, dtype, name)
    axis = normalize_dims(dim, x._array.ndim)
    if (ord < 0 or ord == math.inf) and 0 in x._array.shape:
        _refuse_empty(x, float(ord), axis, name)
    if x.dtype.itemsize == 2:
        # Squares and sums leave the range of float16 long before their root does.
        return cast(op.apply(cast(x, float32), axis=axis, ord=float(ord), keepdims=keepdim), x.dtype)
    return op.apply(x, axis=axis, ord=float(ord), keepdims=keepdim)


def _refuse_empty(x: Any, ord: float, axis: tuple[int, ...] | None, name: str) -> None:
    if axis is None:
        raise OperationError(
            f"{name} cannot compute the {ord:g} norm on an empty tensor because the operation does not have an "
            f"identity. Given shape {tuple(x._array.shape)}"
        )
    for a in axis:
        if x._array.shape[a] == 0:
            raise OperationError(
                f"{name} cannot compute the {ord:g} norm on the dimension {a} because this dimension is empty and the "
                f"operation does not have an identity. Given shape {tuple(x._array.shape)}"
            )


def _in_dtype(x: Any, dtype: Dtype | None, name: str) -> Any:
    if not x.dtype.is_differentiable:
        raise DtypeError(
            f"{name}: Expected a floating point or complex tensor as input. Got {kind_of(x)}; use .float() first"
        )
    if dtype is None or dtype is x.dtype:
        return x
    if dtype.kind != x.dtype.kind:
        kinds = {"float": "real", "complex": "complex"}
        kind = kinds[x.dtype.kind]
        raise DtypeError(f"{name}: dtype should be {kind} for {kind} inputs, but got {dtype}")
    if dtype.itemsize < x.dtype.itemsize:
        raise DtypeError(
            f"{name}: the dtype of the input ({x.dtype.name}) should be convertible without narrowing to the specified "
            f"dtype ({dtype.name})"
        )
    return cast(x, dtype)


@takes_axis
def matrix_norm(
    input: Any,
    ord: Order = "fro",
    dim: Sequence[int] = (-2, -1),
    keepdim: bool = False,
    *,
    dtype: Dtype | None = None,
    out: Any = None,
) -> Any:
    """The norm of the matrices in two dimensions. Mirrors ``torch.linalg.matrix_norm``.

    Args:
        input: Floats or complex numbers.
        ord: ``"fro"``: the root of the sum of squares; ``"nuc"``: the sum of the singular values; 2, -2: the largest,
            the smallest of them; 1, -1: the largest, the smallest sum of a column's sizes; inf, -inf: of a row's.
        dim: The dimensions of the rows and of the columns.
        keepdim: Keep these with length 1.
        dtype: Compute in this dtype.
        out: Where to put the result.

    Raises:
        SettingError: There is no such ``ord``, or ``dim`` does not name two dimensions.
    """
    name = "linalg.matrix_norm"
    require_matrices(input, name)
    input = _in_dtype(input, dtype, name)
    rows, columns = _matrix_dims(input, dim, name)
    if ord == "fro":
        return deliver(out, linalg.vector_norm.apply(input, axis=(rows, columns), ord=2.0, keepdims=keepdim))
    if (isinstance(ord, str) and ord != "nuc") or ord not in ("nuc", 1, -1, 2, -2, math.inf, -math.inf):
        raise SettingError(f"{name}: Order {ord} not supported. There are 'fro', 'nuc', 1, -1, 2, -2, inf and -inf")
    extreme = amin if not isinstance(ord, str) and ord < 0 else amax
    if ord in ("nuc", 2, -2):
        values = svdvals(movedim(input, (rows, columns), (-2, -1)))
        found = sum(values, -1) if ord == "nuc" else _extreme(values, -1, False, extreme)
        if keepdim:
            for axis in sorted((rows, columns)):
                found = unsqueeze(found, axis)
        return deliver(out, found)
    along, across = (rows, columns) if ord in (1, -1) else (columns, rows)
    sizes = linalg.vector_norm.apply(input, axis=(along,), ord=1.0, keepdims=keepdim)
    return deliver(out, _extreme(sizes, across if keepdim or across < along else across - 1, keepdim, extreme))


def _extreme(values: Any, dim: Any, keepdim: bool, extreme: Any) -> Any:
    """The largest or smallest over ``dim``, 0 of nothing."""
    axes = normalize_dims(dim, values._array.ndim) or ()
    if any(values._array.shape[a] == 0 for a in axes):
        return sum(values, dim, keepdim)
    return extreme(values, dim, keepdim)


def _matrix_dims(A: Any, dim: Any, name: str) -> tuple[int, int]:
    dims = tuple(dim) if isinstance(dim, (tuple, list)) else (dim,)
    if len(dims) != 2:
        raise SettingError(f"{name}: dim must be a 2-tuple. Got {' '.join(map(str, dims))}")
    rows, columns = (normalize_dim(d, A._array.ndim) for d in dims)
    if rows == columns:
        raise SettingError(f"{name}: dims must be different. Got ({dims[0]}, {dims[1]})")
    return rows, columns


@takes_axis
def linalg_norm(
    input: Any,
    ord: Order = None,
    dim: Dim = None,
    keepdim: bool = False,
    *,
    out: Any = None,
    dtype: Dtype | None = None,
) -> Any:
    """A matrix norm if two dimensions are given or meant, else the vector norm. Mirrors ``torch.linalg.norm``.

    Raises:
        SettingError: ``ord`` is given without ``dim`` for what is no vector and no matrix, or ``dim`` names three.
    """
    if dim is not None:
        dims = tuple(dim) if isinstance(dim, (tuple, list)) else (dim,)
        if len(dims) not in (1, 2):
            raise SettingError(f"linalg.norm: If dim is specified, it must be of length 1 or 2. Got {list(dims)}")
    elif ord is not None and input._array.ndim not in (1, 2):
        raise SettingError(
            f"linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got {input._array.ndim}D."
        )
    else:
        dims = tuple(range(input._array.ndim))
    if isinstance(ord, str) or (ord is not None and len(dims) == 2):
        if dim is None:
            return matrix_norm(input, ord, keepdim=keepdim, dtype=dtype, out=out)
        return matrix_norm(input, ord, dims, keepdim, dtype=dtype, out=out)
    return vector_norm(input, 2.0 if ord is None else ord, dim, keepdim, dtype=dtype, out=out)


def norm(
    input: Any,
    p: Order = "fro",
    dim: Dim = None,
    keepdim: bool = False,
    out: Any = None,
    dtype: Dtype | None = None,
) -> Any:
    """The ``p``-norm of the elements over ``dim``, or the nuclear norm with ``p="nuc"``. Mirrors ``torch.norm``.

    Raises:
        DtypeError: The tensor is of an integer dtype.
        SettingError: There is no norm of that name.
    """
    if dtype is not None:
        input = cast(input, dtype)
    if isinstance(p, str) and p != "fro":
        dims = tuple(range(input._array.ndim)) if dim is None else dim
        return matrix_norm(input, p, dims, keepdim, out=out)  # type: ignore[arg-type]
    return vector_norm(input, 2.0 if p in (None, "fro") else p, dim, keepdim, out=out)  # type: ignore[arg-type]


@takes_axis
def frobenius_norm(input: Any, dim: Dim = (), keepdim: bool = False, *, out: Any = None) -> Any:
    """The root of the sum of the squares over ``dim``. Mirrors ``torch.frobenius_norm``."""
    return deliver(out, _vector_norm(_frobenius, input, 2.0, dim, keepdim))


_frobenius = linalg.vector_norm.named("NormBackward1")


@takes_axis
def nuclear_norm(input: Any, dim: Any = (-2, -1), keepdim: bool = False, *, out: Any = None) -> Any:
    """The sum of the singular values of matrices. Mirrors ``torch.nuclear_norm``."""
    if isinstance(dim, bool):
        dim, keepdim = (-2, -1), dim
    return matrix_norm(input, "nuc", dim, keepdim, out=out)


# Condition and rank.


def cond(input: Any, p: Order = None, *, out: Any = None) -> Any:
    """The condition number: the norm of ``input`` times that of its inverse. Mirrors ``torch.linalg.cond``.

    With ``p`` None, 2 or -2 it is the quotient of the extreme singular values, for which ``input`` need not be square.

    Raises:
        SettingError: There is no such norm.
    """
    if input._array.ndim < 2:
        raise ShapeError(
            f"linalg.cond: The input tensor must have at least 2 dimensions. Got shape {tuple(input._array.shape)}"
        )
    if not (p is None or p in ("fro", "nuc", 1, -1, 2, -2, math.inf, -math.inf)):
        raise SettingError(
            f"linalg.cond got an invalid norm type: {p}; there are 'fro', 'nuc', 1, -1, 2, -2, inf, -inf"
        )
    if 0 in input._array.shape:
        return deliver(out, input.detach().new_zeros(input._array.shape[:-2], dtype=input.dtype.to_real()))
    if p in (None, 2, -2):
        values = svdvals(input)
        largest, smallest = values[..., 0], values[..., -1]
        return deliver(out, smallest / largest if p == -2 else largest / smallest)
    require_square(input, f"linalg.cond(ord={p})")
    matrices(input, "linalg.cond")
    if p == "nuc":
        return deliver(out, matrix_norm(input, p) * matrix_norm(inv_ex(input).inverse, p))
    inverse, info = inv_ex(input)
    product = matrix_norm(input, p) * matrix_norm(inverse, p)
    return deliver(out, nan_to_num(where(info != 0, math.inf, product), math.inf, math.inf, -math.inf))


def matrix_rank(
    input: Any,
    tol: Any = None,
    hermitian: bool = False,
    *,
    atol: Any = None,
    rtol: Any = None,
    out: Any = None,
) -> Any:
    """How many singular values of ``input`` (..., n, m) are not as good as 0, int64.

    Mirrors ``torch.linalg.matrix_rank``.

    Args:
        input: The matrices.
        tol: An older name of ``atol``, with ``rtol=0``.
        hermitian: ``input`` is Hermitian; only its lower triangle is read.
        atol: Singular values up to this count as 0: a number, or a tensor that broadcasts to (...); 0 by default.
        rtol: So do those up to this times the largest; by default ``max(n, m)`` times the spacing of numbers at 1, or 0
            if ``atol`` is given.
        out: Where to put the result.
    """
    name = "torch.linalg.matrix_rank"
    require_matrices(input, name, "input")
    if not input.dtype.is_differentiable or input.dtype.itemsize < 4:
        raise DtypeError(
            f"{name}: This function doesn't handle types other than float and double. Got {kind_of(input)}"
        )
    if hermitian:
        require_square(input, name)
    if tol is not None:
        atol, rtol = tol, 0.0
    atol, rtol = tolerances(input, atol, rtol, name)
    return deliver(out, inverses.matrix_rank_within.apply(input.detach(), atol, rtol, hermitian=hermitian))


# Distances.

_dist = linalg.vector_norm.named("Dist")
_renormed = binary_function(arithmetic.multiply.named("Renorm"), "renorm")


def dist(input: Any, other: Any, p: float = 2.0) -> Any:
    """The ``p``-norm of the difference. Mirrors ``torch.dist``."""
    x, y = meet((input, other), name="dist")
    if not x.dtype.is_differentiable:
        raise DtypeError(f"norm(): input dtype should be either floating point or complex. Got {kind_of(x)} instead.")
    return _vector_norm(_dist, x - y, p, None, False)


@takes_axis
def renorm(input: Any, p: float, dim: int, maxnorm: float, *, out: Any = None) -> Any:
    """``input`` with each part along ``dim`` whose ``p``-norm is above ``maxnorm`` scaled down to it.

    Mirrors ``torch.renorm``.

    Raises:
        SettingError: ``p`` is not positive, or ``maxnorm`` negative.
        ShapeError: There are fewer than two dimensions.
    """
    if isinstance(p, complex):
        raise SettingError(f"renorm: p must be real-valued, got {p}")
    if p <= 0:
        raise SettingError(f"renorm: non-positive-norm not supported but got {p}")
    if maxnorm < 0:
        raise SettingError(f"renorm: expected maxnorm to be >= 0 but got {maxnorm}")
    ndim = input._array.ndim
    if ndim < 2:
        raise ShapeError(f"renorm: input needs at least 2 dimensions, got {ndim} dimensions")
    axis = normalize_dim(dim, ndim)
    sizes = _vector_norm(linalg.vector_norm, input, p, tuple(a for a in range(ndim) if a != axis), True)
    above = sizes > maxnorm
    # As in PyTorch, a little less than the norm asked for.
    scale = where(above, float(maxnorm) / (where(above, sizes, 1.0) + 1e-7), 1.0)
    return _renormed(input, cast(scale, input.dtype), out=out)
