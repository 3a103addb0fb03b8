"""The LDL decomposition of symmetric and Hermitian matrices with the pivoting of Bunch and Kaufman, one by one.

Bunch and Kaufman 1977, "Some stable methods for calculating inertia and solving symmetric linear systems".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

from xpgrad._typing import Array, Namespace
from xpgrad.backends.fallbacks.lu import magnitude

# Bounds the growth of the elements equally for steps of one and of two columns.
_ALPHA = (1.0 + math.sqrt(17.0)) / 8.0


def ldl_factor(xp: Namespace, x: Array, /, *, hermitian: bool) -> tuple[Array, Array, Array]:
    """``x`` (..., n, n) = L @ D @ L^T, or L @ D @ L^H if ``hermitian``, from its lower triangle, as LAPACK returns it.

    Returns:
        Both factors in one array (..., n, n), D with its blocks of one or two columns on the diagonal; the row, counted
        from 1, that was exchanged for each column (..., n) as int32, negative for both columns of a block of two; and
        the first column, counted from 1, where D is zero, 0 if nowhere (...) as int32.
    """
    n = x.shape[-1]
    parts = [_factored(xp, matrix, hermitian) for matrix in _matrices(xp, x)]
    if not parts or not n:
        empty = xp.zeros((*x.shape[:-1],), dtype=xp.int32, device=x.device)
        return xp.asarray(x, copy=True), empty, xp.zeros(x.shape[:-2], dtype=xp.int32, device=x.device)
    factors = xp.reshape(xp.stack([factor for factor, _, _ in parts]), x.shape)
    pivots = xp.asarray([pivot for _, pivot, _ in parts], dtype=xp.int32, device=x.device)
    singular = xp.asarray([first for _, _, first in parts], dtype=xp.int32, device=x.device)
    return factors, xp.reshape(pivots, x.shape[:-1]), xp.reshape(singular, x.shape[:-2])


def ldl_solve(xp: Namespace, factors: Array, pivots: Array, y: Array, /, *, hermitian: bool) -> Array:
    """The solution of ``x @ out = y`` (..., n, k) from what `ldl_factor` made of ``x``; the batches are the same."""
    n = factors.shape[-1]
    solved = [
        _solved(xp, matrix, [int(row[k]) for k in range(n)], right, hermitian)
        for matrix, row, right in zip(_matrices(xp, factors), _rows(xp, pivots), _matrices(xp, y), strict=True)
    ]
    return xp.reshape(xp.stack(solved), y.shape) if solved else xp.asarray(y, copy=True)


def _matrices(xp: Namespace, x: Array) -> Iterator[Array]:
    flat = xp.reshape(x, (math.prod(x.shape[:-2]), *x.shape[-2:]))
    return (flat[i, :, :] for i in range(flat.shape[0]))


def _rows(xp: Namespace, x: Array) -> Iterator[Array]:
    flat = xp.reshape(x, (math.prod(x.shape[:-1]), x.shape[-1]))
    return (flat[i, :] for i in range(flat.shape[0]))


def _transposed(xp: Namespace, x: Array, hermitian: bool) -> Array:
    x = xp.matrix_transpose(x)
    return xp.conj(x) if hermitian and xp.isdtype(x.dtype, "complex floating") else x


def _factored(xp: Namespace, x: Array, hermitian: bool) -> tuple[Array, list[int], int]:
    n = x.shape[-1]
    rest = xp.tril(x) + _transposed(xp, xp.tril(x, k=-1), hermitian)
    if hermitian and xp.isdtype(x.dtype, "complex floating"):
        real = xp.astype(xp.real(rest), x.dtype)
        rest = xp.where(xp.eye(n, dtype=xp.bool, device=x.device), real, rest)
    columns: list[Array] = []
    pivots: list[int] = []
    singular = 0
    while rest.shape[0]:
        done = len(pivots)
        width, pivot = _choice(xp, rest)
        order = list(range(n - done))
        order[width - 1], order[pivot] = order[pivot], order[width - 1]
        index = xp.asarray(order, device=x.device)
        rest = xp.take(xp.take(rest, index, axis=0), index, axis=1)
        block, below = rest[:width, :width], rest[width:, :width]
        if width == 1 and complex(block[0, 0]) == 0:
            singular = singular or done + 1
            factor = below
        elif width == 1:
            factor = below / block
        else:
            factor = xp.matrix_transpose(xp.linalg.solve(xp.matrix_transpose(block), xp.matrix_transpose(below)))
        rest = rest[width:, width:] - xp.matmul(xp.matmul(factor, block), _transposed(xp, factor, hermitian))
        zeros = xp.zeros((done, width), dtype=x.dtype, device=x.device)
        columns.append(xp.concat([zeros, xp.tril(block), factor]))
        row = done + pivot + 1
        pivots += [row] if width == 1 else [-row, -row]
    return (xp.concat(columns, axis=1) if columns else xp.asarray(x, copy=True)), pivots, singular


def _choice(xp: Namespace, x: Array) -> tuple[int, int]:
    """How many columns to eliminate, one or two, and which row and column takes the place of the last of them."""
    sizes = magnitude(xp, x)
    head = float(sizes[0, 0])
    if x.shape[0] == 1:
        return 1, 0
    row = 1 + int(xp.argmax(sizes[1:, 0]))
    largest = float(sizes[row, 0])
    if max(head, largest) == 0 or head >= _ALPHA * largest:
        return 1, 0
    others = xp.where(xp.arange(x.shape[0], device=x.device) == row, 0.0, sizes[row, :])
    beside = float(xp.max(others))
    if head >= _ALPHA * largest * (largest / beside):
        return 1, 0
    return (1, row) if float(sizes[row, row]) >= _ALPHA * beside else (2, row)


def _solved(xp: Namespace, factors: Array, pivots: list[int], y: Array, hermitian: bool) -> Array:
    n = len(pivots)
    blocks, k = [], 0
    while k < n:
        width = 1 if pivots[k] > 0 else 2
        blocks.append((k, width, abs(pivots[k]) - 1))
        k += width
    for k, width, row in blocks:
        y = _exchanged(xp, y, k + width - 1, row)
        block = factors[k : k + width, k : k + width]
        block = xp.tril(block) + _transposed(xp, xp.tril(block, k=-1), hermitian)
        head = y[k : k + width, :]
        rest = y[k + width :, :] - xp.matmul(factors[k + width :, k : k + width], head)
        y = xp.concat([y[:k, :], head / block if width == 1 else xp.linalg.solve(block, head), rest])
    for k, width, row in reversed(blocks):
        lower = _transposed(xp, factors[k + width :, k : k + width], hermitian)
        head = y[k : k + width, :] - xp.matmul(lower, y[k + width :, :])
        y = _exchanged(xp, xp.concat([y[:k, :], head, y[k + width :, :]]), k + width - 1, row)
    return y


def _exchanged(xp: Namespace, y: Array, i: int, j: int) -> Array:
    order = list(range(y.shape[0]))
    order[i], order[j] = j, i
    return xp.take(y, xp.asarray(order, device=y.device), axis=0)


FALLBACKS: dict[str, Callable[..., Any]] = {"ldl_factor": ldl_factor, "ldl_solve": ldl_solve}
