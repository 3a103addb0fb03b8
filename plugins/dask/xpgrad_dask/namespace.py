"""The namespace: dask's functions where dask has them, NumPy's on chunks where it has not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import array_api_compat.dask.array as compat
import dask.array as da
import numpy as np

from xpgrad.backends.base import layered
from xpgrad.backends.fallbacks import special
from xpgrad_dask.blocks import along, blockwise

Function = Callable[..., Any]

_MATRICES = ("cholesky", "det", "eigh", "eigvalsh", "inv", "matrix_rank", "pinv", "qr", "slogdet", "svd", "svdvals")


def solve(x1: Any, x2: Any, /) -> Any:
    if x2.ndim == 1:
        return _solve(x1, x2[:, None])[..., 0]
    return _solve(x1, x2)


_solve = blockwise("linalg.solve", 2, 2)


def take(x: Any, indices: Any, /, *, axis: int = 0) -> Any:
    """dask's own looks for each index in every chunk; where there is one it suffices to look there."""
    axis %= x.ndim
    if x.numblocks[axis] > 1 and x.dtype.kind != "c":
        return da.take(x, indices, axis=axis)
    axes = tuple(range(x.ndim))
    taken = (*axes[:axis], x.ndim, *axes[axis + 1 :])
    return da.blockwise(np.take, taken, x, axes, indices, (x.ndim,), axis=axis, concatenate=True, meta=x._meta)


def reshape(x: Any, /, shape: Any, *, copy: bool | None = None) -> Any:
    try:
        return compat.reshape(x, shape, copy=copy)
    except NotImplementedError:
        return da.reshape(da.ravel(x), shape)


def eye(n_rows: int, n_cols: int | None = None, /, *, k: int = 0, dtype: Any = None, device: Any = None) -> Any:
    rows, columns = da.arange(n_rows), da.arange(n_rows if n_cols is None else n_cols)
    return (columns == rows[:, None] + k).astype(dtype or np.float64)


def filled(function: Function) -> Function:
    """dask divides by zero when it chooses chunks for some arrays without elements."""

    def call(shape: Any, *args: Any, **settings: Any) -> Any:
        shape = (shape,) if isinstance(shape, int) else shape
        return function(shape, *args, chunks=-1 if 0 in shape else "auto", **settings)

    return call


def sized(function: Function) -> Function:
    def call(*args: Any, **settings: Any) -> Any:
        out = function(*args, **settings)
        for x in out if isinstance(out, tuple) else (out,):
            x.compute_chunk_sizes()
        return out

    return call


def triangle(keeps: Function) -> Function:
    def function(x: Any, /, *, k: int = 0) -> Any:
        rows, columns = (da.arange(n) for n in x.shape[-2:])
        return da.where(keeps(columns, rows[:, None] + k), x, da.zeros((), dtype=x.dtype))

    return function


XP = layered(
    "dask made standard",
    SimpleNamespace(
        float16=np.float16,
        reshape=reshape,
        eye=eye,
        **{name: filled(getattr(compat, name)) for name in ("empty", "full", "ones", "zeros")},
        take=take,
        take_along_axis=along("take_along_axis", 2),
        sort=along("sort"),
        argsort=along("argsort"),
        tril=triangle(np.less_equal),
        triu=triangle(np.greater_equal),
        nonzero=sized(compat.nonzero),
        unique_all=sized(compat.unique_all),
        unique_counts=sized(compat.unique_counts),
        unique_inverse=sized(compat.unique_inverse),
        unique_values=sized(compat.unique_values),
        fft=SimpleNamespace(
            **{name: along(f"fft.{name}") for name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft")},
            **{name: along(f"fft.{name}", axis="axes") for name in ("fftn", "ifftn", "rfftn", "irfftn")},
        ),
        linalg=SimpleNamespace(
            **{name: blockwise(f"linalg.{name}", 2) for name in _MATRICES}, solve=solve, cross=along("linalg.cross", 2)
        ),
    ),
    compat,
)


def _kernel(f):
    return lambda xp, *args, **settings: f(*args, **settings)


KERNELS: Mapping[str, Function] = {
    k: _kernel(f)
    for k, f in {
        **{
            name: blockwise(name, 0, 0, 0)
            for name in [*special.FALLBACKS, "frexp", "gcd", "lcm", "relu", "relu_input", "sigmoid"]
        },
        **{
            name: blockwise(name, 2)
            for name in ("cholesky_ex", "eig", "eigvals", "geqrf", "ldl_factor", "lu_factor", "matrix_exp")
        },
        "bitcast": blockwise("bitcast", 1),
        "solve_triangular": blockwise("solve_triangular", 2, 2),
        "cholesky_solve": blockwise("cholesky_solve", 2, 2),
    }.items()
}
