"""Diagonals, products of several tensors, and tensors put together or cut as matrices."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from xpgrad.array_api.operands import widened
from xpgrad.backends.dtypes import dtype, int64
from xpgrad.errors import SettingError, ShapeError
from xpgrad.functions.broadcasting import meshgrid
from xpgrad.functions.creation import DeviceLike, arange, empty
from xpgrad.functions.cutting import tensor_split
from xpgrad.functions.dims import normalize_dim
from xpgrad.functions.elementwise import meet
from xpgrad.functions.joining import cat, stack
from xpgrad.functions.linalg import dot, matrix_transpose
from xpgrad.functions.pointwise import conj
from xpgrad.functions.reordering import flip, movedim, transpose
from xpgrad.functions.results import deliver
from xpgrad.functions.shape import each, reshape, unsqueeze
from xpgrad.ops import copying, linalg, shape

__all__ = [
    "adjoint", "atleast_2d", "atleast_3d", "block_diag", "cartesian_prod", "column_stack", "combinations",
    "diag_embed", "diagflat", "diagonal", "diagonal_copy", "diagonal_scatter", "dsplit", "dstack", "hsplit", "kron",
    "rot90", "trace", "tril_indices", "triu_indices", "vdot", "vsplit",
]  # fmt: skip

# Diagonals.


def diagonal(input: Any, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Any:
    """The diagonal over two dimensions, as the last one; a view. Mirrors ``torch.diagonal``.

    Raises:
        ShapeError: The two are the same.
    """
    first, second = normalize_dim(dim1, input._array.ndim), normalize_dim(dim2, input._array.ndim)
    if first == second:
        raise ShapeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    last = input._array.ndim - 1
    return linalg.diagonal.apply(
        input if (first, second) == (last - 1, last) else movedim(input, (first, second), (-2, -1)), offset=offset
    )


def diag_embed(input: Any, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Any:
    """Matrices with the last dimension of ``input`` on their diagonals. Mirrors ``torch.diag_embed``.

    Raises:
        ShapeError: The two dimensions are the same.
    """
    ndim = input._array.ndim + 1
    target = normalize_dim(dim1, ndim), normalize_dim(dim2, ndim)
    if target[0] == target[1]:
        raise ShapeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    made = linalg.diagonal_embed.apply(input, offset=offset)
    return made if target == (ndim - 2, ndim - 1) else movedim(made, (-2, -1), target)


def diagflat(input: Any, offset: int = 0) -> Any:
    """The matrix with the elements of ``input`` on its diagonal. Mirrors ``torch.diagflat``."""
    return diag_embed(reshape(input, (-1,)), offset)


def diagonal_copy(input: Any, offset: int = 0, dim1: int = 0, dim2: int = 1, *, out: Any = None) -> Any:
    """`diagonal` in memory of its own. Mirrors ``torch.diagonal_copy``."""
    return deliver(out, _diagonal_copy.apply(diagonal(input, offset, dim1, dim2)))


_diagonal_copy = copying.copy.named("DiagonalBackward0_copy")


def linalg_diagonal(A: Any, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Any:
    """The diagonals of matrices, as the last dimension; a view. Mirrors ``torch.linalg.diagonal``."""
    return diagonal(A, offset, dim1, dim2)


def diagonal_scatter(input: Any, src: Any, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Any:
    """``input`` with ``src`` on its diagonal. Mirrors ``torch.diagonal_scatter``."""
    copy = input.clone()
    diagonal(copy, offset, dim1, dim2).copy_(src)
    return copy


def trace(input: Any) -> Any:
    """The sum of the diagonal of a matrix, integers in int64. Mirrors ``torch.trace``.

    Raises:
        ShapeError: It is no matrix.
    """
    if input._array.ndim != 2:
        raise ShapeError(f"trace: expected a matrix, but got tensor with dim {input._array.ndim}")
    return linalg.trace.apply(input if input.dtype.is_differentiable else widened(input, int64))


def block_diag(*tensors: Any) -> Any:
    """The matrix with matrices along its diagonal, zero elsewhere. Mirrors ``torch.block_diag``.

    Raises:
        ShapeError: A tensor has more than two dimensions.
    """
    for i, x in enumerate(tensors):
        if x._array.ndim > 2:
            raise ShapeError(
                f"torch.block_diag: Input tensors must have 2 or fewer dimensions. Input {i} has "
                f"{x._array.ndim} dimensions"
            )
    if not tensors:
        return empty(1, 0)
    blocks = meet(tuple(reshape(x, (1, -1)) if x._array.ndim < 2 else x for x in tensors), name="block_diag")
    ends = list(itertools.accumulate(x._array.shape[1] for x in blocks))
    rows = [
        shape.constant_pad.apply(x, widths=((0, 0), (end - x._array.shape[1], ends[-1] - end)))
        for x, end in zip(blocks, ends, strict=True)
    ]
    return cat(rows)


def _require_vector(x: Any) -> None:
    if x._array.ndim != 1:
        raise ShapeError(f"Expect a 1D vector, but got shape {list(x._array.shape)}")


def _require_lengths(row: int, col: int) -> None:
    for name, n in (("row", row), ("col", col)):
        if n < 0:
            raise SettingError(f"{name} must be non-negative, got {n}")


def tril_indices(row: int, col: int, offset: int = 0, *, dtype: dtype = int64, device: DeviceLike = None) -> Any:
    """The coordinates (2, n) of the lower triangle of a matrix. Mirrors ``torch.tril_indices``.

    Raises:
        SettingError: A length is negative.
    """
    _require_lengths(row, col)
    i, j = meshgrid(arange(row, device=device, dtype=dtype), arange(col, device=device, dtype=dtype))
    return stack([i, j])[:, j - i <= offset]


def triu_indices(row: int, col: int, offset: int = 0, *, dtype: dtype = int64, device: DeviceLike = None) -> Any:
    """The coordinates (2, n) of the upper triangle of a matrix. Mirrors ``torch.triu_indices``.

    Raises:
        SettingError: A length is negative.
    """
    _require_lengths(row, col)
    i, j = meshgrid(arange(row, device=device, dtype=dtype), arange(col, device=device, dtype=dtype))
    return stack([i, j])[:, j - i >= offset]


# Products.


def vdot(input: Any, other: Any, *, out: Any = None) -> Any:
    """`dot` with the conjugate of ``input``. Mirrors ``torch.vdot``."""
    return dot(conj(input) if input.dtype.is_complex else input, other, out=out)


def kron(input: Any, other: Any, *, out: Any = None) -> Any:
    """Each element of ``input`` times all of ``other``, laid out as blocks. Mirrors ``torch.kron``."""
    ndim = max(input._array.ndim, other._array.ndim)
    x = reshape(input, (1,) * (ndim - input._array.ndim) + tuple(input._array.shape))
    y = reshape(other, (1,) * (ndim - other._array.ndim) + tuple(other._array.shape))
    pairs = list(zip(x._array.shape, y._array.shape, strict=True))
    spread = reshape(x, [n for a, _ in pairs for n in (a, 1)]) * reshape(y, [n for _, b in pairs for n in (1, b)])
    return deliver(out, reshape(spread, [a * b for a, b in pairs]))


# Putting together and cutting.


@each
def atleast_2d(input: Any) -> Any:
    """With at least two dimensions, new ones first. Mirrors ``torch.atleast_2d``."""
    return input if input._array.ndim >= 2 else reshape(input, (1, -1))


@each
def atleast_3d(input: Any) -> Any:
    """With at least three dimensions. Mirrors ``torch.atleast_3d``."""
    return input if input._array.ndim >= 3 else unsqueeze(atleast_2d(input), -1)


def column_stack(tensors: Sequence[Any], *, out: Any = None) -> Any:
    """Joined as columns. Mirrors ``torch.column_stack``."""
    return cat([x if x._array.ndim > 1 else reshape(x, (-1, 1)) for x in tensors], 1, out=out)


def dstack(tensors: Sequence[Any], *, out: Any = None) -> Any:
    """Joined along the third dimension. Mirrors ``torch.dstack``."""
    return cat([atleast_3d(x) for x in tensors], 2, out=out)


def _splitting(name: str, needed: int, axis: int) -> Any:
    """``name``: `tensor_split` along ``axis`` of tensors of ``needed`` dimensions or more."""

    def function(
        input: Any, indices_or_sections: Any = None, *, indices: Any = None, sections: Any = None
    ) -> tuple[Any, ...]:
        for given in (indices, sections):
            indices_or_sections = given if given is not None else indices_or_sections
        ndim = input._array.ndim
        if ndim < needed:
            raise ShapeError(
                f"torch.{name} requires a tensor with at least {needed} dimension{'s' * (needed > 1)}, but got a "
                "tensor "
                f"with {ndim} dimensions!"
            )
        dim = min(axis, ndim - 1)
        if isinstance(indices_or_sections, int):
            length = input._array.shape[dim]
            if indices_or_sections <= 0 or length % indices_or_sections:
                raise ShapeError(
                    f"torch.{name} attempted to split along dimension {dim}, but the size of the dimension {length} is "
                    f"not divisible by the split_size {indices_or_sections}!"
                )
        return tensor_split(input, indices_or_sections, dim)

    function.__name__ = function.__qualname__ = name
    which = ("first", "second", "third")[axis]
    also = ", of vectors along the first" if name == "hsplit" else ""
    function.__doc__ = f"`tensor_split` along the {which} dimension{also}. Mirrors ``torch.{name}``."
    return function


hsplit = _splitting("hsplit", 1, 1)
vsplit = _splitting("vsplit", 2, 0)
dsplit = _splitting("dsplit", 3, 2)


def rot90(input: Any, k: int = 1, dims: Sequence[int] = (0, 1)) -> Any:
    """Turned by ``k`` quarters from the first of ``dims`` towards the second. Mirrors ``torch.rot90``."""
    if len(dims) != 2:
        raise ShapeError(f"expected total rotation dims == 2, but got dims = {len(dims)}")
    if input._array.ndim < 2:
        raise ShapeError(f"expected total dims >= 2, but got total dims = {input._array.ndim}")
    if abs(dims[0] - dims[1]) in (0, input._array.ndim):
        raise ShapeError(f"expected rotation dims to be different, but got dim0 = {dims[0]} and dim1 = {dims[1]}")
    first, second = dims
    turns = k % 4
    if turns == 0:
        return input.clone()
    if turns == 2:
        return flip(input, first, second)
    return (
        transpose(flip(input, second), first, second) if turns == 1 else flip(transpose(input, first, second), second)
    )


def adjoint(input: Any) -> Any:
    """The last two dimensions exchanged, conjugated. Mirrors ``torch.adjoint``."""
    turned = matrix_transpose(input)
    return turned.conj() if input.dtype.is_complex else turned


def cartesian_prod(*tensors: Any) -> Any:
    """All combinations of an element of each vector, as rows. Mirrors ``torch.cartesian_prod``.

    Raises:
        ShapeError: One is no vector.
    """
    for x in tensors:
        _require_vector(x)
    if len(tensors) == 1:
        return tensors[0]
    return stack([reshape(x, (-1,)) for x in meshgrid(*tensors)], 1)


def combinations(input: Any, r: int = 2, with_replacement: bool = False) -> Any:
    """All choices of ``r`` elements of a vector, as rows. Mirrors ``torch.combinations``.

    Raises:
        ShapeError: It is no vector.
        SettingError: ``r`` is negative.
    """
    _require_vector(input)
    if r < 0:
        raise SettingError(f"Expect a non-negative number, but got {r}")
    if r == 0:
        return input.detach().new_zeros(0)
    choose = itertools.combinations_with_replacement if with_replacement else itertools.combinations
    rows = [list(c) for c in choose(range(input._array.shape[0]), r)]
    return input[input.detach().new_tensor(rows, dtype=int64).reshape(len(rows), r)]
