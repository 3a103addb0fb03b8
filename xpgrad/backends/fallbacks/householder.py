"""Householder reflections ``H = I - tau * v @ v^H``, as LAPACK keeps them: ``v`` below the diagonal of a matrix."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xpgrad._typing import Array, Namespace
from xpgrad.backends.fallbacks.places import device_of


def geqrf(xp: Namespace, x: Array, /) -> tuple[Array, Array]:
    """``x`` (..., n, m) = Q @ R, with R in the upper triangle and the reflections whose product is Q below.

    Returns:
        Both in one array (..., n, m), and the factors ``tau`` (..., min(n, m)) of the reflections.
    """
    n, m = x.shape[-2:]
    rows, columns = (xp.arange(length, device=device_of(x)) for length in (n, m))
    taus = []
    for k in range(min(n, m)):
        head, tail = (
            x[..., k : k + 1, k : k + 1],
            xp.where(xp.expand_dims(rows > k, axis=-1), x[..., :, k : k + 1], 0.0),
        )
        beta, tau, scale = _reflection(xp, head, xp.linalg.vector_norm(tail, axis=-2, keepdims=True))
        below = tail / scale
        v = xp.where(xp.expand_dims(rows == k, axis=-1), 1.0, below)
        turned = x - _conj(xp, tau) * v * xp.matmul(_adjoint(xp, v), xp.where(columns > k, x, 0.0))
        at = columns == k
        here = xp.where(xp.expand_dims(rows == k, axis=-1), beta, xp.where(xp.expand_dims(rows > k, axis=-1), below, x))
        x = xp.where(at, here, turned)
        taus.append(tau[..., 0])
    if not taus:
        return xp.asarray(x, copy=True), xp.zeros((*x.shape[:-2], 0), dtype=x.dtype, device=device_of(x))
    return x, xp.concat(taus, axis=-1)


def _reflection(xp: Namespace, head: Array, norm: Array) -> tuple[Array, Array, Array]:
    """What replaces ``head``, the factor of the reflection, and what the elements below are divided by."""
    is_complex = xp.isdtype(head.dtype, "complex floating")
    real = xp.real(head) if is_complex else head
    none = (norm == 0) & (xp.imag(head) == 0) if is_complex else norm == 0
    length = xp.hypot(xp.abs(head), norm)
    beta = xp.astype(xp.where(none, real, xp.where(real > 0, -length, length)), head.dtype)
    tau = xp.where(none, 0.0, (beta - head) / xp.where(none, 1.0, beta))
    return beta, tau, xp.where(none, 1.0, head - beta)


def reflect(xp: Namespace, a: Array, tau: Array, y: Array, /, *, adjoint: bool = False) -> Array:
    """``H_1 @ ... @ H_k @ y``, or the adjoint of that product times ``y`` (..., n, p).

    Args:
        xp: The namespace of the arrays.
        a: (..., n, m), with the vectors of the k reflections below its diagonal.
        tau: (..., k), their factors.
        y: What is reflected.
        adjoint: Apply the adjoint of the product.
    """
    for k in reflections(tau.shape[-1], adjoint):
        v, t = reflector(xp, a, tau, k, adjoint)
        y = y - t * v * xp.matmul(_adjoint(xp, v), y)
    return y


def reflections(count: int, adjoint: bool) -> list[int]:
    """The order in which `reflect` applies them."""
    return list(range(count)) if adjoint else list(reversed(range(count)))


def reflector(xp: Namespace, a: Array, tau: Array, k: int, adjoint: bool) -> tuple[Array, Array]:
    """The vector (..., n, 1) of reflection ``k``, and its factor (..., 1, 1)."""
    n = a.shape[-2]
    rows = xp.reshape(xp.arange(n, device=device_of(a)), (n, 1))
    column = xp.getitem(a, index=(..., slice(k, k + 1)))
    v = xp.where(rows > k, column, xp.astype(rows == k, a.dtype))
    t = xp.expand_dims(xp.getitem(tau, index=(..., slice(k, k + 1))), axis=-1)
    return v, _conj(xp, t) if adjoint else t


def _conj(xp: Namespace, x: Array) -> Array:
    return xp.conj(x) if xp.isdtype(x.dtype, "complex floating") else x


def _adjoint(xp: Namespace, x: Array) -> Array:
    return _conj(xp, xp.matrix_transpose(x))


FALLBACKS: dict[str, Callable[..., Any]] = {"geqrf": geqrf, "reflect": reflect}
