"""Determinants, powers, exponentials and products of many matrices."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from xpgrad.array_api import linalg as standard
from xpgrad.array_api.operands import cast
from xpgrad.backends.dtypes import float32, int64
from xpgrad.errors import ArgumentTypeError, DtypeError, OperationError, SettingError, ShapeError
from xpgrad.functions import return_types
from xpgrad.functions.broadcasting import expand
from xpgrad.functions.cumulative import cumprod
from xpgrad.functions.dims import normalize_dim, takes_axis
from xpgrad.functions.elementwise import meet
from xpgrad.functions.inverses import inv
from xpgrad.functions.joining import cat
from xpgrad.functions.linalg import matmul
from xpgrad.functions.matrix_checks import require_matrices, require_square, same_dtype, square
from xpgrad.functions.pointwise import conj, log, where
from xpgrad.functions.reduction import sum
from xpgrad.functions.reordering import flip
from xpgrad.functions.results import deliver, deliver_all
from xpgrad.functions.shape import unsqueeze
from xpgrad.ops import inverses
from xpgrad.ops import linalg as ops

__all__ = ["chain_matmul", "cross", "logdet", "matrix_exp", "matrix_power", "vander"]

# Determinants.


def det(A: Any, *, out: Any = None) -> Any:
    """The determinants of square matrices (..., n, n). Mirrors ``torch.linalg.det``."""
    return deliver(out, inverses.det.apply(square(A, "linalg.det")))


def classic_det(input: Any) -> Any:
    """The older spelling of `linalg.det`. Mirrors ``torch.det``."""
    return det(input)


def slogdet(A: Any, *, out: Any = None) -> Any:
    """The signs (phases, if complex) of the determinants, and the logarithms of their sizes.

    Mirrors ``torch.linalg.slogdet``.
    """
    return deliver_all(out, return_types.LinalgSlogdet(*inverses.slogdet.apply(square(A, "linalg.slogdet"))))


def classic_slogdet(input: Any, *, out: Any = None) -> Any:
    """The older spelling of `linalg.slogdet`. Mirrors ``torch.slogdet``."""
    return deliver_all(out, return_types.Slogdet(*slogdet(input)))


def logdet(input: Any) -> Any:
    """The logarithms of the determinants of ``input`` (..., n, n), NaN of negative ones. Mirrors ``torch.logdet``."""
    sign, size = inverses.slogdet.apply(square(input, "logdet"))
    if sign.dtype.is_complex:
        return log(sign) + size
    return where(sign == -1, float("nan"), size)


# Functions of one matrix.


def matrix_power(input: Any, n: Any, *, out: Any = None) -> Any:
    """``input`` times itself ``n`` times; the inverse for negative ``n``. Mirrors ``torch.linalg.matrix_power``.

    Raises:
        ArgumentTypeError: ``n`` is no integer.
        LinAlgError: ``n`` is negative, and a matrix is singular.
    """
    name = "linalg.matrix_power"
    if not isinstance(n, int) or isinstance(n, bool):
        raise ArgumentTypeError(f"linalg_matrix_power(): argument 'n' must be int, not {type(n).__name__}")
    require_matrices(input, name)
    require_square(input, name)
    if n < 0:
        return inv(input, out=out) if n == -1 else matrix_power(inv(input), -n, out=out)
    if n == 1:
        return deliver(out, input.clone())
    power = standard.matrix_power(input, n)
    return deliver(
        out, where(input.detach() != input.detach(), input, power) if n == 0 and input.requires_grad else power
    )


def matrix_exp(input: Any) -> Any:
    """The exponential of square matrices (..., n, n). Mirrors ``torch.linalg.matrix_exp``.

    Half precision is computed in float32.
    """
    name = "linalg.matrix_exp"
    require_matrices(input, name)
    require_square(input, name)
    if input.dtype.is_floating_point and input.dtype.itemsize < 4:
        return cast(inverses.matrix_exp.apply(cast(input, float32)), input.dtype)
    return inverses.matrix_exp.apply(square(input, name))


def linalg_vander(x: Any, *, N: int | None = None) -> Any:
    """The powers 0, ..., N - 1 of the elements of ``x`` (..., n) as rows (..., n, N). Mirrors ``torch.linalg.vander``.

    Raises:
        SettingError: ``N`` is less than 2.
        DtypeError: ``x`` is boolean.
    """
    if x.dtype.kind == "bool":
        raise DtypeError("linalg.vander supports floating point, complex, and integer tensors, but got Bool")
    x = x if x._array.ndim else unsqueeze(x, 0)
    count = x._array.shape[-1] if N is None else N
    if count <= 1:
        raise SettingError(f"N must be greater than 1. Got {count} for shape {tuple(x._array.shape)}")
    return _powers(x, count)


def _powers(x: Any, count: int) -> Any:
    shape = tuple(x._array.shape)
    others = cumprod(expand(unsqueeze(x, -1), (*shape, count - 1)), -1)
    return cat([others.detach().new_ones((*shape, 1)), others], -1)


def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    """The powers of a vector as columns, highest first unless ``increasing``. Mirrors ``torch.vander``.

    Raises:
        ShapeError: ``x`` is no vector.
        SettingError: ``N`` is negative.
    """
    if x._array.ndim != 1:
        raise ShapeError(f"x must be a one-dimensional tensor. Got shape {tuple(x._array.shape)}")
    count = x._array.shape[0] if N is None else N
    if count < 0:
        raise SettingError(f"N must be non-negative. Got {N}")
    x = x if x.dtype.is_differentiable else cast(x, int64)
    if count <= 1:
        return x.detach().new_ones((x._array.shape[0], count))
    powers = _powers(x, count)
    return powers if increasing else flip(powers, 1)


# Products.


def multi_dot(tensors: Sequence[Any], *, out: Any = None) -> Any:
    """The product of two or more matrices in the order that costs least. Mirrors ``torch.linalg.multi_dot``.

    The first may be a vector, a row, and the last a vector, a column.

    Raises:
        SettingError: There are fewer than two.
        ShapeError: One is no matrix, or two do not fit.
        DtypeError: The dtypes differ.
    """
    tensors = list(tensors)
    if len(tensors) < 2:
        raise SettingError(f"multi_dot(): expected at least 2 tensors but got {len(tensors)}")
    _check_chain(tensors)
    lengths = [1 if tensors[0]._array.ndim == 1 else tensors[0]._array.shape[0]]
    lengths += [x._array.shape[0] for x in tensors[1:]]
    lengths.append(1 if tensors[-1]._array.ndim == 1 else tensors[-1]._array.shape[1])
    splits = _splits(lengths)

    def product(first: int, last: int) -> Any:
        if first == last:
            return tensors[first]
        split = splits[first, last]
        return matmul(product(first, split), product(split + 1, last))

    return deliver(out, product(0, len(tensors) - 1))


def _check_chain(tensors: list[Any]) -> None:
    last = len(tensors) - 1
    for i, x in enumerate(tensors):
        ndim = x._array.ndim
        if i in (0, last) and ndim not in (1, 2):
            which = "first" if i == 0 else "last"
            raise ShapeError(f"multi_dot(): the {which} tensor must be 1D or 2D but got {ndim}D")
        if 0 < i < last and ndim != 2:
            raise ShapeError(f"multi_dot(): tensor {i} must be 2D but got {ndim}D")
        if x._array.dtype != tensors[0]._array.dtype:
            raise DtypeError(
                f"multi_dot(): all tensors must have be the same dtype but tensor 0 is {tensors[0].dtype.name} and "
                f"tensor {i} {x.dtype.name}"
            )
    for i, (x, y) in enumerate(itertools.pairwise(tensors)):
        if x._array.shape[-1] != y._array.shape[0]:
            raise ShapeError(
                f"multi_dot(): tensors {i} and {i + 1} with shapes {list(x._array.shape)} and {list(y._array.shape)} "
                "cannot be multiplied"
            )


def _splits(lengths: list[int]) -> dict[tuple[int, int], int]:
    """After which matrix to split each stretch of a chain whose matrix i is ``lengths[i]`` by ``lengths[i + 1]``.

    Cormen, Leiserson, Rivest and Stein, "Introduction to algorithms", section 14.2.
    """
    count = len(lengths) - 1
    costs = {(i, i): 0 for i in range(count)}
    splits: dict[tuple[int, int], int] = {}
    for width in range(1, count):
        for first in range(count - width):
            last = first + width
            choices = [
                (
                    costs[first, split]
                    + costs[split + 1, last]
                    + lengths[first] * lengths[split + 1] * lengths[last + 1],
                    split,
                )
                for split in range(first, last)
            ]
            costs[first, last], splits[first, last] = min(choices)
    return splits


def chain_matmul(*matrices: Any, out: Any = None) -> Any:
    """The product of matrices in the order that costs least. Mirrors ``torch.chain_matmul``; see `multi_dot`.

    Raises:
        OperationError: There is none.
        ShapeError: One is no matrix, or two do not fit.
    """
    if not matrices:
        raise OperationError("chain_matmul(): Expected one or more matrices")
    for x in matrices:
        if x._array.ndim != 2:
            raise ShapeError(f"Tensor dimension is {x._array.ndim}, expected 2 instead.")
    return deliver(out, matrices[0]) if len(matrices) == 1 else multi_dot(matrices, out=out)


@takes_axis
def vecdot(x: Any, y: Any, *, dim: int = -1, out: Any = None) -> Any:
    """The sum of ``conj(x) * y`` over ``dim``; the other dimensions broadcast. Mirrors ``torch.linalg.vecdot``.

    Raises:
        DtypeError: The dtypes differ.
        ShapeError: The lengths over ``dim`` differ.
    """
    same_dtype(x, y, "linalg.vecdot", ("x", "y"))
    ndim = max(x._array.ndim, y._array.ndim)
    axis = normalize_dim(dim, ndim) - ndim
    if min(x._array.ndim, y._array.ndim) < -axis or x._array.shape[axis] != y._array.shape[axis]:
        # Lengths of 1 broadcast along it too.
        return deliver(out, sum((conj(x) if x.dtype.is_complex else x) * y, axis))
    return deliver(out, ops.vecdot.apply(x, y, axis=axis))


@takes_axis
def linalg_cross(input: Any, other: Any, *, dim: int = -1, out: Any = None) -> Any:
    """The cross product of vectors of three elements along ``dim``. Mirrors ``torch.linalg.cross``.

    Raises:
        ShapeError: The lengths are not 3, or the numbers of dimensions differ.
    """
    x, y = meet((input, other), name="linalg.cross")
    if x._array.ndim != y._array.ndim:
        raise ShapeError(
            f"linalg.cross: inputs must have the same number of dimensions. Got {x._array.ndim} and {y._array.ndim}"
        )
    axis = normalize_dim(dim, x._array.ndim)
    if x._array.shape[axis] != 3 or y._array.shape[axis] != 3:
        raise ShapeError(
            f"linalg.cross: inputs dimension {dim} must have length 3. Got {x._array.shape[axis]} and "
            f"{y._array.shape[axis]}"
        )
    return deliver(out, ops.cross.apply(x, y, axis=axis - x._array.ndim))


@takes_axis
def cross(input: Any, other: Any, dim: int | None = None, *, out: Any = None) -> Any:
    """The cross product along ``dim``, by default the first of length 3. Mirrors ``torch.cross``.

    Raises:
        ShapeError: No dimension is of length 3, or the shapes do not fit.
    """
    if dim is None:
        dim = next((i for i, n in enumerate(input._array.shape) if n == 3), None)
        if dim is None:
            raise ShapeError(f"no dimension of size 3 in input, its shape is {tuple(input._array.shape)}")
    return linalg_cross(input, other, dim=dim, out=out)
