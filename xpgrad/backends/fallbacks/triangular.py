"""Triangular systems and Cholesky factors, with word of where they fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xpgrad._typing import Array, Namespace
from xpgrad.backends.fallbacks.places import device_of

# What libraries raise if a matrix is not positive definite; others answer with NaN.
_FAILURES = (ValueError, RuntimeError, ArithmeticError)


def solve_triangular(
    xp: Namespace, x: Array, y: Array, /, *, upper: bool, left: bool = True, unitriangular: bool = False
) -> Array:
    """The solution of ``x @ out = y``, or ``out @ x = y`` unless ``left``, from one triangle of ``x`` (..., n, n).

    A zero on the diagonal makes infinities and NaN.
    """
    if not left:
        xT, yT = xp.matrix_transpose(x), xp.matrix_transpose(y)
        return xp.matrix_transpose(solve_triangular(xp, xT, yT, upper=not upper, unitriangular=unitriangular))
    x = xp.triu(x) if upper else xp.tril(x)
    mask = xp.eye(x.shape[-1], dtype=xp.bool, device=device_of(x))
    if unitriangular:
        x = xp.where(mask, 1.0, x)
    else:
        # With ones on the diagonal no system is singular, and eliminating from the first row on exchanges no rows.
        diagonal = xp.expand_dims(xp.linalg.diagonal(x), axis=-1)
        x, y = xp.where(mask, 1.0, x / diagonal), y / diagonal
    if upper:
        return xp.linalg.solve(x, y)
    return xp.flip(xp.linalg.solve(xp.flip(x, axis=(-2, -1)), xp.flip(y, axis=-2)), axis=-2)


def cholesky_solve(xp: Namespace, y: Array, factor: Array, /, *, upper: bool) -> Array:
    """The solution of ``x @ out = y`` (..., n, k), where ``factor`` (..., n, n) is the Cholesky factor of ``x``."""
    turned = xp.matrix_transpose(factor)
    turned = xp.conj(turned) if _is_complex(xp, factor) else turned
    lower, upper_factor = (turned, factor) if upper else (factor, turned)
    return xp.solve_triangular(upper_factor, xp.solve_triangular(lower, y, upper=False), upper=True)


def cholesky_ex(xp: Namespace, x: Array, /, *, upper: bool) -> tuple[Array, Array]:
    """The Cholesky factor of ``x`` (..., n, n), and the order of its first minor that is not positive definite or 0.

    Where that is not 0, what is in the factor is arbitrary.
    """
    try:
        factor = xp.linalg.cholesky(x, upper=upper)
        failed = bool(xp.any(xp.isnan(factor)))
    except _FAILURES:
        failed = True
    if not failed:
        return factor, xp.zeros(x.shape[:-2], dtype=xp.int32, device=device_of(x))
    if upper:
        x = xp.matrix_transpose(x)
        x = xp.conj(x) if _is_complex(xp, x) else x
    return _by_columns(xp, x, upper)


def _by_columns(xp: Namespace, x: Array, upper: bool) -> tuple[Array, Array]:
    """`cholesky_ex` of the lower triangle of ``x``, column by column."""
    n = x.shape[-1]
    rows = xp.arange(n, device=device_of(x))
    columns: list[Array] = []
    info = xp.zeros(x.shape[:-2], dtype=xp.int32, device=device_of(x))
    for k in range(n):
        head = x[..., k, k]
        head = xp.real(head) if _is_complex(xp, x) else head
        bad = ~((head > 0) & xp.isfinite(head))
        info = xp.where((info == 0) & bad, xp.asarray(k + 1, dtype=xp.int32, device=device_of(x)), info)
        root = xp.astype(xp.sqrt(xp.where(bad, 1.0, head)), x.dtype)
        column = xp.where(rows >= k, x[..., :, k] / xp.expand_dims(root, axis=-1), 0.0)
        conjugate = xp.conj(column) if _is_complex(xp, x) else column
        columns.append(conjugate if upper else column)
        x = x - xp.expand_dims(column, axis=-1) * xp.expand_dims(conjugate, axis=-2)
    return xp.stack(columns, axis=-2 if upper else -1), info


def _is_complex(xp: Namespace, x: Array) -> bool:
    return bool(xp.isdtype(x.dtype, "complex floating"))


FALLBACKS: dict[str, Callable[..., Any]] = {
    "cholesky_ex": cholesky_ex,
    "cholesky_solve": cholesky_solve,
    "solve_triangular": solve_triangular,
}
