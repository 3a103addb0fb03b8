"""Diagonals, products of several tensors, and tensors put together or cut as matrices."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

from xpgrad.array_api import linalg as standard
from xpgrad.backends.dtypes import dtype, int64
from xpgrad.errors import SettingError, ShapeError
from xpgrad.functions.arithmetic import add, mul
from xpgrad.functions.creation import DeviceLike, arange
from xpgrad.functions.dims import normalize_dim
from xpgrad.functions.elementwise import meet
from xpgrad.functions.linalg import bmm, dot, matmul, matrix_transpose, mv, outer
from xpgrad.functions.reduction import norm, sum
from xpgrad.functions.shape import (
    cat,
    expand,
    flip,
    meshgrid,
    movedim,
    permute,
    reshape,
    stack,
    tensor_split,
    transpose,
    unsqueeze,
)
from xpgrad.ops import linalg, shape

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
    """Matrices with the last dimension of ``input`` on their diagonals. Mirrors ``torch.diag_embed``."""
    made = linalg.diagonal_embed.apply(input, offset=offset)
    ndim = made._array.ndim
    target = normalize_dim(dim1, ndim), normalize_dim(dim2, ndim)
    return made if target == (ndim - 2, ndim - 1) else movedim(made, (-2, -1), target)


def diagflat(input: Any, offset: int = 0) -> Any:
    """The matrix with the elements of ``input`` on its diagonal. Mirrors ``torch.diagflat``."""
    return diag_embed(reshape(input, (-1,)), offset)


def diagonal_scatter(input: Any, src: Any, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Any:
    """``input`` with ``src`` on its diagonal. Mirrors ``torch.diagonal_scatter``."""
    copy = input.clone()
    diagonal(copy, offset, dim1, dim2).copy_(src)
    return copy


def trace(input: Any) -> Any:
    """The sum of the diagonal of a matrix. Mirrors ``torch.trace``.

    Raises:
        ShapeError: It is no matrix.
    """
    if input._array.ndim != 2:
        raise ShapeError(f"trace: expected a matrix, but got tensor with dim {input._array.ndim}")
    return linalg.trace.apply(input)


def block_diag(*tensors: Any) -> Any:
    """The matrix with matrices along its diagonal, zero elsewhere. Mirrors ``torch.block_diag``."""
    blocks = meet(tuple(reshape(x, (1, -1)) if x._array.ndim < 2 else x for x in tensors), name="block_diag")
    ends = list(itertools.accumulate(x._array.shape[1] for x in blocks))
    rows = [
        shape.constant_pad.apply(x, widths=((0, 0), (end - x._array.shape[1], ends[-1] - end)))
        for x, end in zip(blocks, ends, strict=True)
    ]
    return cat(rows)


def tril_indices(row: int, col: int, offset: int = 0, *, dtype: dtype = int64, device: DeviceLike = None) -> Any:
    """The coordinates (2, n) of the lower triangle of a matrix. Mirrors ``torch.tril_indices``."""
    i, j = meshgrid(arange(row, device=device, dtype=dtype), arange(col, device=device, dtype=dtype))
    return stack([i, j])[:, j - i <= offset]


def triu_indices(row: int, col: int, offset: int = 0, *, dtype: dtype = int64, device: DeviceLike = None) -> Any:
    """The coordinates (2, n) of the upper triangle of a matrix. Mirrors ``torch.triu_indices``."""
    i, j = meshgrid(arange(row, device=device, dtype=dtype), arange(col, device=device, dtype=dtype))
    return stack([i, j])[:, j - i >= offset]


# Products.


def vdot(input: Any, other: Any) -> Any:
    """`dot` with the conjugate of ``input``. Mirrors ``torch.vdot``."""
    return dot(input.conj() if input.dtype.is_complex else input, other)


def addmv(input: Any, mat: Any, vec: Any, *, beta: Any = 1, alpha: Any = 1) -> Any:
    """``beta * input + alpha * mat @ vec``. Mirrors ``torch.addmv``."""
    return add(mul(input, beta), mv(mat, vec), alpha=alpha)


def addr(input: Any, vec1: Any, vec2: Any, *, beta: Any = 1, alpha: Any = 1) -> Any:
    """``beta * input + alpha * outer(vec1, vec2)``. Mirrors ``torch.addr``."""
    return add(mul(input, beta), outer(vec1, vec2), alpha=alpha)


def addbmm(input: Any, batch1: Any, batch2: Any, *, beta: Any = 1, alpha: Any = 1) -> Any:
    """``beta * input`` plus ``alpha`` times the sum of a batch of products. Mirrors ``torch.addbmm``."""
    return add(mul(input, beta), sum(bmm(batch1, batch2), 0), alpha=alpha)


def chain_matmul(*matrices: Any) -> Any:
    """The product of several matrices, from the left. Mirrors ``torch.chain_matmul``."""
    product, *rest = matrices
    for matrix in rest:
        product = matmul(product, matrix)
    return product


def tensordot(a: Any, b: Any, dims: Any = 2) -> Any:
    """The product summed over the last ``dims`` of ``a`` and the first of ``b``, or over given ones.

    Mirrors ``torch.tensordot``.
    """
    axes: Any = dims if isinstance(dims, int) else tuple((d,) if isinstance(d, int) else tuple(d) for d in dims)
    return standard.tensordot(a, b, axes=axes)


def kron(input: Any, other: Any) -> Any:
    """Each element of ``input`` times all of ``other``, laid out as blocks. Mirrors ``torch.kron``."""
    ndim = max(input._array.ndim, other._array.ndim)
    x = reshape(input, (1,) * (ndim - input._array.ndim) + tuple(input._array.shape))
    y = reshape(other, (1,) * (ndim - other._array.ndim) + tuple(other._array.shape))
    pairs = list(zip(x._array.shape, y._array.shape, strict=True))
    spread = reshape(x, [n for a, _ in pairs for n in (a, 1)]) * reshape(y, [n for _, b in pairs for n in (1, b)])
    return reshape(spread, [a * b for a, b in pairs])


def cross(input: Any, other: Any, dim: int | None = None) -> Any:
    """The vector product along ``dim``, by default the first of length 3. Mirrors ``torch.cross``."""
    if dim is None:
        dim = next((i for i, n in enumerate(input._array.shape) if n == 3), None)
        if dim is None:
            raise ShapeError(f"no dimension of size 3 in input, its shape is {tuple(input._array.shape)}")
    return standard.cross(*meet((input, other), name="cross"), axis=dim)


def dist(input: Any, other: Any, p: float = 2.0) -> Any:
    """The ``p``-norm of the difference. Mirrors ``torch.dist``."""
    return norm(input - other, p)


def einsum(equation: str, *operands: Any) -> Any:
    """The sum of products that ``equation`` describes, as in ``"bij,bjk->bik"``. Mirrors ``torch.einsum``.

    Raises:
        SettingError: The equation does not fit the operands.
    """
    tensors = tuple(operands[0]) if len(operands) == 1 and isinstance(operands[0], (list, tuple)) else operands
    inputs, output = _parsed(equation, tensors)
    (labels, result), *rest = zip(inputs, meet(tensors, name="einsum"), strict=True)
    labels, result = _diagonals(labels, result)
    for n, (others, y) in enumerate(rest):
        others, y = _diagonals(others, y)
        later = set(output).union(*(own for own, _ in rest[n + 1 :]))
        labels, result = _contracted(labels, result, others, y, later)
    gone = [i for i, label in enumerate(labels) if label not in output]
    result = sum(result, gone) if gone else result
    labels = [label for label in labels if label in output]
    return permute(result, [labels.index(label) for label in output])


def _parsed(equation: str, tensors: Sequence[Any]) -> tuple[list[list[str]], list[str]]:
    """The labels of each operand and of the result; the dimensions of an ellipsis are labelled ``"0"``, ``"1"``, ..."""
    left, arrow, right = equation.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(tensors):
        raise SettingError(
            f"einsum(): more operands were provided than specified in the equation, or fewer: {equation!r} names "
            f"{len(terms)}, got {len(tensors)}"
        )
    longest = 0
    inputs = []
    for term, x in zip(terms, tensors, strict=True):
        extra = x._array.ndim - len(term.replace("...", ""))
        if extra < 0 or (extra and "..." not in term):
            raise SettingError(
                f"einsum(): the number of subscripts in the equation ({len(term)}) does not match the number of "
                f"dimensions ({x._array.ndim}) for operand {term!r} of {equation!r}"
            )
        longest = max(longest, extra)
        before, _, after = term.partition("...")
        inputs.append([*before, *map(str, reversed(range(extra))), *after])
    hidden = [str(i) for i in reversed(range(longest))]
    if arrow:
        before, dots, after = right.partition("...")
        return inputs, [*before, *(hidden if dots else []), *after]
    counts = [label for labels in inputs for label in labels]
    return inputs, hidden + sorted(c for c in set(counts) if c.isalpha() and counts.count(c) == 1)


def _diagonals(labels: list[str], x: Any) -> tuple[list[str], Any]:
    """``x`` with one dimension per label: those with the same label become their diagonal."""
    while len(set(labels)) != len(labels):
        twice = next(c for c in labels if labels.count(c) > 1)
        first = labels.index(twice)
        second = labels.index(twice, first + 1)
        x = diagonal(x, 0, first, second)
        labels = [c for i, c in enumerate(labels) if i not in (first, second)] + [twice]
    return labels, x


def _contracted(x_labels: list[str], x: Any, y_labels: list[str], y: Any, later: set[str]) -> tuple[list[str], Any]:
    """The product of two operands, summed over the labels that nothing needs later, as one batched matrix product."""
    both = [c for c in x_labels if c in y_labels]
    batch, inner = [c for c in both if c in later], [c for c in both if c not in later]
    x_only, y_only = [c for c in x_labels if c not in both], [c for c in y_labels if c not in both]
    sizes: dict[str, int] = {}
    for label, n in itertools.chain(
        zip(x_labels, x._array.shape, strict=True), zip(y_labels, y._array.shape, strict=True)
    ):
        sizes[label] = n if sizes.get(label, 1) == 1 else sizes[label]
    left = _laid_out(x_labels, x, [batch, x_only, inner], sizes)
    right = _laid_out(y_labels, y, [batch, inner, y_only], sizes)
    product = bmm(left, right)
    return batch + x_only + y_only, reshape(product, [sizes[c] for c in batch + x_only + y_only])


def _laid_out(labels: list[str], x: Any, groups: list[list[str]], sizes: dict[str, int]) -> Any:
    """``x`` with its dimensions in the order of ``groups``, each group flattened into one."""
    order = [c for group in groups for c in group]
    x = expand(permute(x, [labels.index(c) for c in order]), [sizes[c] for c in order])
    return reshape(x, [math.prod(sizes[c] for c in group) for group in groups])


# Putting together and cutting.


def atleast_2d(input: Any) -> Any:
    """With at least two dimensions, new ones first. Mirrors ``torch.atleast_2d``."""
    return input if input._array.ndim >= 2 else reshape(input, (1, -1))


def atleast_3d(input: Any) -> Any:
    """With at least three dimensions. Mirrors ``torch.atleast_3d``."""
    return input if input._array.ndim >= 3 else unsqueeze(atleast_2d(input), -1)


def column_stack(tensors: Sequence[Any]) -> Any:
    """Joined as columns. Mirrors ``torch.column_stack``."""
    return cat([x if x._array.ndim > 1 else reshape(x, (-1, 1)) for x in tensors], 1)


def dstack(tensors: Sequence[Any]) -> Any:
    """Joined along the third dimension. Mirrors ``torch.dstack``."""
    return cat([atleast_3d(x) for x in tensors], 2)


def hsplit(input: Any, indices_or_sections: Any) -> tuple[Any, ...]:
    """`tensor_split` along the second dimension, of vectors along the first. Mirrors ``torch.hsplit``."""
    return tensor_split(input, indices_or_sections, 0 if input._array.ndim == 1 else 1)


def vsplit(input: Any, indices_or_sections: Any) -> tuple[Any, ...]:
    """`tensor_split` along the first dimension. Mirrors ``torch.vsplit``."""
    return tensor_split(input, indices_or_sections, 0)


def rot90(input: Any, k: int = 1, dims: Sequence[int] = (0, 1)) -> Any:
    """Turned by ``k`` quarters from the first of ``dims`` towards the second. Mirrors ``torch.rot90``."""
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
    """All combinations of an element of each vector, as rows. Mirrors ``torch.cartesian_prod``."""
    if len(tensors) == 1:
        return tensors[0]
    return stack([reshape(x, (-1,)) for x in meshgrid(*tensors)], 1)


def combinations(input: Any, r: int = 2, with_replacement: bool = False) -> Any:
    """All choices of ``r`` elements of a vector, as rows. Mirrors ``torch.combinations``."""
    choose = itertools.combinations_with_replacement if with_replacement else itertools.combinations
    rows = [list(c) for c in choose(range(input._array.shape[0]), r)]
    return input[input.detach().new_tensor(rows, dtype=int64).reshape(len(rows), r)]


def vander(x: Any, N: int | None = None, *, increasing: bool = False) -> Any:
    """The powers of a vector as columns, highest first unless ``increasing``. Mirrors ``torch.vander``."""
    count = x._array.shape[0] if N is None else N
    powers = arange(count, device=x.device)
    return unsqueeze(x, 1) ** (powers if increasing else flip(powers, 0))
