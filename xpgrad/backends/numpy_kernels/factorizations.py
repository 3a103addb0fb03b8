"""Factorizations of matrices by LAPACK: NumPy's own, or SciPy's where it is installed, else the fallbacks."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import ModuleType
from typing import Any, TypeAlias

import numpy as np

from xpgrad._typing import Namespace
from xpgrad.backends.fallbacks import householder, ldl, lu, triangular

Host: TypeAlias = Any

# From so many rows on, one call per matrix takes less time than NumPy's functions on all of them.
_LARGE = 32
_LETTERS = {"f": "s", "d": "d", "F": "c", "D": "z"}


def eig(xp: Namespace, x: Host, /) -> tuple[Host, Host]:
    """As the fallback `xpgrad.backends.fallbacks.eigen.eig`."""
    values, vectors = xp.linalg.eig(x)
    return values, vectors


def eigvals(xp: Namespace, x: Host, /) -> Host:
    """As the fallback `xpgrad.backends.fallbacks.eigen.eigvals`."""
    return xp.linalg.eigvals(x)


def lu_factor(xp: Namespace, x: Host, /) -> tuple[Host, Host, Host]:
    """As the fallback `xpgrad.backends.fallbacks.lu.lu_factor`."""
    getrf = _routine("lapack", x, "getrf")
    if getrf is None or 0 in x.shape:
        return lu.lu_factor(xp, x)
    factors, batch = np.empty_like(x), x.shape[:-2]
    pivots = np.empty((*batch, min(x.shape[-2:])), np.int32)
    singular = np.empty(batch, np.int32)
    for i in np.ndindex(batch):
        factors[i], pivots[i], singular[i] = getrf(x[i])
    pivots += 1
    return factors, pivots, singular


def row_order(xp: Namespace, pivots: Host, /, *, size: int) -> Host:
    """As the fallback `xpgrad.backends.fallbacks.lu.row_order`, one matrix after the other."""
    order = np.empty((*pivots.shape[:-1], size), np.int64)
    for i in np.ndindex(pivots.shape[:-1]):
        rows = list(range(size))
        for k, pivot in enumerate(pivots[i].tolist()):
            rows[k], rows[pivot - 1] = rows[pivot - 1], rows[k]
        order[i] = rows
    return order


def solve_triangular(
    xp: Namespace, x: Host, y: Host, /, *, upper: bool, left: bool = True, unitriangular: bool = False
) -> Host:
    """As the fallback `xpgrad.backends.fallbacks.triangular.solve_triangular`."""
    trsm = _routine("blas", x, "trsm") if x.shape[-1] >= _LARGE else None
    if trsm is None or not y.size or x.dtype != y.dtype:
        return triangular.solve_triangular(xp, x, y, upper=upper, left=left, unitriangular=unitriangular)
    batch = np.broadcast_shapes(x.shape[:-2], y.shape[:-2])
    x, y = (np.broadcast_to(a, (*batch, *a.shape[-2:])) for a in (x, y))
    out = np.empty_like(y, order="C")
    for i in np.ndindex(batch):
        out[i] = trsm(1.0, x[i], y[i], side=0 if left else 1, lower=0 if upper else 1, diag=int(unitriangular))
    return out


def geqrf(xp: Namespace, x: Host, /) -> tuple[Host, Host]:
    """As the fallback `xpgrad.backends.fallbacks.householder.geqrf`."""
    if 0 in x.shape:
        return householder.geqrf(xp, x)
    transposed, tau = np.linalg.qr(x, mode="raw")
    return np.ascontiguousarray(transposed.mT), tau


def reflect(xp: Namespace, a: Host, tau: Host, y: Host, /, *, adjoint: bool = False) -> Host:
    """As the fallback `xpgrad.backends.fallbacks.householder.reflect`."""
    name = "unmqr" if a.dtype.kind == "c" else "ormqr"
    apply = _routine("lapack", a, name) if tau.shape[-1] >= _LARGE and a.dtype == y.dtype == tau.dtype else None
    if apply is None or not y.size:
        return householder.reflect(xp, a, tau, y, adjoint=adjoint)
    batch = np.broadcast_shapes(a.shape[:-2], tau.shape[:-1], y.shape[:-2])
    a, y = (np.broadcast_to(m, (*batch, *m.shape[-2:])) for m in (a, y))
    tau = np.broadcast_to(tau, (*batch, tau.shape[-1]))
    out = np.empty_like(y, order="C")
    trans = "N" if not adjoint else "C" if a.dtype.kind == "c" else "T"
    work = _LARGE * max(y.shape[-1], 1)
    for i in np.ndindex(batch):
        out[i] = apply("L", trans, a[i][:, : tau.shape[-1]], tau[i], y[i], work)[0]
    return out


def ldl_factor(xp: Namespace, x: Host, /, *, hermitian: bool) -> tuple[Host, Host, Host]:
    """As the fallback `xpgrad.backends.fallbacks.ldl.ldl_factor`."""
    factor = _routine("lapack", x, "hetrf" if hermitian and x.dtype.kind == "c" else "sytrf")
    if factor is None or 0 in x.shape:
        return ldl.ldl_factor(xp, x, hermitian=hermitian)
    factors, pivots, singular = np.empty_like(x), np.empty(x.shape[:-1], np.int32), np.empty(x.shape[:-2], np.int32)
    for i in np.ndindex(x.shape[:-2]):
        factors[i], pivots[i], singular[i] = factor(x[i], lower=1)
    return np.tril(factors), pivots, singular


def ldl_solve(xp: Namespace, factors: Host, pivots: Host, y: Host, /, *, hermitian: bool) -> Host:
    """As the fallback `xpgrad.backends.fallbacks.ldl.ldl_solve`."""
    solve = _routine("lapack", factors, "hetrs" if hermitian and factors.dtype.kind == "c" else "sytrs")
    if solve is None or not y.size:
        return ldl.ldl_solve(xp, factors, pivots, y, hermitian=hermitian)
    out = np.empty_like(y, order="C")
    for i in np.ndindex(y.shape[:-2]):
        out[i] = solve(factors[i], pivots[i], y[i], lower=1)[0]
    return out


def _routine(part: str, x: Host, name: str) -> Callable[..., Any] | None:
    """A routine of SciPy's BLAS or LAPACK for the dtype of ``x``; None if there is none."""
    letter = _LETTERS.get(x.dtype.char)
    module = _scipy(part)
    return None if letter is None or module is None else getattr(module, letter + name)


@functools.cache
def _scipy(part: str) -> ModuleType | None:
    """`scipy.linalg.lapack` or `blas`, imported when first needed: it takes as long to import as all of xpgrad."""
    try:
        import scipy.linalg  # noqa: PLC0415
    except ImportError:
        return None
    module: ModuleType = getattr(scipy.linalg, part)
    return module


_FUNCTIONS = (eig, eigvals, geqrf, ldl_factor, ldl_solve, lu_factor, reflect, row_order, solve_triangular)
KERNELS: dict[str, Callable[..., Any]] = {function.__name__: function for function in _FUNCTIONS}
