"""The namespace of dask arrays: dask's functions, and the NumPy backend's on chunks where dask has none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import SimpleNamespace
from typing import Any

import array_api_compat.dask.array as compat
import dask.array as da
import numpy as np

from xpgrad._typing import Namespace
from xpgrad.backends.base import layered
from xpgrad.backends.fallbacks import special
from xpgrad.backends.numpy import finfo as of_dtype
from xpgrad.backends.numpy_kernels.narrow import WIDE, is_narrow
from xpgrad_dask.blocks import Function, along, blockwise, fits, numpy_function

# Functions of matrices (..., n, m), one after the other.
_STANDARD = ("cholesky", "det", "eigh", "eigvalsh", "inv", "matrix_rank", "pinv", "qr", "slogdet", "svd", "svdvals")
_MATRICES = ("cholesky_ex", "eig", "eigvals", "geqrf", "ldl_factor", "lu_factor", "matrix_exp")
_UNITS = ("gelu", "gelu_input", "gelu_tanh", "gelu_tanh_input", "relu", "relu_input", "sigmoid", "silu", "silu_input")
_ELEMENTWISE = (*special.FALLBACKS, *_UNITS, "checked_positions", "frexp", "gcd", "lcm")
# Functions of the lines along an axis, of one array and of two.
_LINES = ("log_softmax", "logcumsumexp", "running_extreme", "safe_softmax", "softmax")
_PAIRED_LINES = ("log_softmax_input", "softmax_input")


# Functions that add or multiply many elements of one array, or of two.
_SUMS = ("cumulative_prod", "cumulative_sum", "mean", "prod", "std", "sum", "var", "matmul", "tensordot", "vecdot")


def widened(function: Function) -> Function:
    """``function``, of floats of two bytes in float32 and rounded once: their sums would stop growing."""

    def call(*arrays: Any, dtype: Any = None, **settings: Any) -> Any:
        wanted = np.result_type(*(x.dtype for x in arrays)) if dtype is None else np.dtype(dtype)
        if is_narrow(wanted):
            return function(*(x.astype(WIDE) for x in arrays), **settings).astype(wanted)
        return function(*arrays, **settings) if dtype is None else function(*arrays, dtype=dtype, **settings)

    return call


def sized(function: Function) -> Function:
    """``function``, its results with the lengths that they have, for which it has to be computed."""

    def call(*args: Any, **settings: Any) -> Any:
        out = function(*args, **settings)
        for x in out if isinstance(out, tuple) else (out,):
            x.compute_chunk_sizes()
        return out

    return call


def computed(name: str) -> Function:
    """The function ``name`` of the NumPy backend, at once: dask's own fails for NaN."""

    def call(x: Any, /) -> Any:
        out = numpy_function(name)(x.compute())
        return type(out)(*(da.from_array(value) for value in out))

    return call


def joined(function: Function) -> Function:
    """``function``, which puts arrays together, with a result in one chunk if it fits into one."""

    def call(*args: Any, **settings: Any) -> Any:
        out = function(*args, **settings)
        return out.rechunk(-1) if fits(out) else out

    return call


def filled(function: Function) -> Function:
    """``function`` of a shape, for which dask chooses the chunks unless it has no elements: there it would fail."""

    def call(shape: Any, *args: Any, **settings: Any) -> Any:
        shape = (shape,) if isinstance(shape, int) else shape
        return function(shape, *args, chunks=-1 if 0 in shape else "auto", **settings)

    return call


def finfo(type: Any, /) -> Any:
    """What there is to know of a floating dtype, or of that of an array, bfloat16 included."""
    return of_dtype(type.dtype if isinstance(type, da.Array) else type)


def eye(n_rows: int, n_cols: int | None = None, /, *, k: int = 0, dtype: Any = None, device: Any = None) -> Any:
    """Ones on a diagonal; ``dask.array.eye`` loses chunks of matrices that are not square."""
    rows, columns = da.arange(n_rows), da.arange(n_rows if n_cols is None else n_cols)
    return (columns == rows[:, None] + k).astype(dtype or np.float64)


def clip(x: Any, /, min: Any = None, max: Any = None) -> Any:
    """``x`` within bounds, which may be missing."""
    return blockwise("clip", 0, 0, 0)(x, min, max)


def triangle(keeps: Function, x: Any, /, *, k: int = 0) -> Any:
    """``x`` where ``keeps(column, row + k)``, else zero; ``dask.array.tril`` does not take complex numbers."""
    rows, columns = (da.arange(n) for n in x.shape[-2:])
    return da.where(keeps(columns, rows[:, None] + k), x, np.zeros((), x.dtype))


def reshape(x: Any, /, shape: Any, *, copy: bool | None = None) -> Any:
    """``x`` with another shape; what dask cannot do at once it can from one chunk of nothing, or from one dimension."""
    try:
        return compat.reshape(x if x.size else x.rechunk(-1), shape, copy=copy)
    except NotImplementedError:
        return da.reshape(da.ravel(x), shape)


def take(x: Any, indices: Any, /, *, axis: int = 0) -> Any:
    """The elements of ``x`` at ``indices``, looked for chunk by chunk; dask cannot do so with complex numbers."""
    axis %= x.ndim
    if x.numblocks[axis] > 1 and x.dtype.kind != "c":
        return da.take(x, indices, axis=axis)
    axes = tuple(range(x.ndim))
    out = (*axes[:axis], x.ndim, *axes[axis + 1 :])
    return da.blockwise(np.take, out, x, axes, indices, (x.ndim,), axis=axis, concatenate=True, meta=x._meta)


def solve(x1: Any, x2: Any, /) -> Any:
    """The solution of ``x1 @ x = x2``, for vectors and batches of matrices ``x2``."""
    of_matrices = blockwise("linalg.solve", 2, 2)
    return of_matrices(x1, x2[:, None])[..., 0] if x2.ndim == 1 else of_matrices(x1, x2)


XP: Namespace = layered(
    "dask made standard",
    SimpleNamespace(
        float16=np.dtype("float16"),
        **{name: filled(getattr(compat, name)) for name in ("empty", "full", "ones", "zeros")},
        **{name: widened(getattr(compat, name)) for name in _SUMS},
        **{name: sized(getattr(compat, name)) for name in ("nonzero", "unique_values")},
        **{name: computed(name) for name in ("unique_all", "unique_counts", "unique_inverse")},
        argsort=along("argsort"),
        clip=clip,
        concat=joined(compat.concat),
        eye=eye,
        finfo=finfo,
        reshape=reshape,
        sort=along("sort"),
        stack=joined(da.stack),
        take=take,
        take_along_axis=along("take_along_axis", 2),
        tril=partial(triangle, np.less_equal),
        triu=partial(triangle, np.greater_equal),
        fft=SimpleNamespace(
            **{name: along(f"fft.{name}") for name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft")},
            **{name: along(f"fft.{name}", axis="axes") for name in ("fftn", "ifftn", "rfftn", "irfftn")},
        ),
        linalg=SimpleNamespace(
            **{name: blockwise(f"linalg.{name}", 2) for name in _STANDARD},
            cross=along("linalg.cross", 2),
            solve=solve,
        ),
    ),
    compat,
)


def philox_bits(*, key: int, counter: int, blocks: int, dtype: Any, device: Any = None) -> Any:
    """The bits of the fallback of this name: each chunk counts on from where it begins."""
    if not blocks:
        return da.zeros(0, dtype=dtype)
    # A block is 256 bits.
    (sizes,) = da.core.normalize_chunks("auto", (blocks,), dtype=np.dtype("V32"))
    starts, counts = (da.from_array(np.asarray(x), chunks=1) for x in (np.cumsum((0, *sizes[:-1])), sizes))
    words = 32 // np.dtype(dtype).itemsize
    return da.map_blocks(
        _bits, starts, counts, key=key, counter=counter, of=dtype, chunks=([words * n for n in sizes],), dtype=dtype
    )


def _bits(start: Any, blocks: Any, *, key: int, counter: int, of: Any) -> Any:
    return numpy_function("philox_bits")(key=key, counter=counter + int(start[0]), blocks=int(blocks[0]), dtype=of)


def scatter_add(updates: Any, indices: Any, /, *, size: int) -> Any:
    """The rows of the fallback of this name: the sum of what the chunks of ``updates`` give."""
    if not indices.size:
        return XP.zeros((size, *updates.shape[1:]), dtype=updates.dtype)
    if is_narrow(updates.dtype):
        return scatter_add(updates.astype(WIDE), indices, size=size).astype(updates.dtype)
    rest = tuple(range(1, updates.ndim))
    sums = da.blockwise(
        _added, (0, updates.ndim, *rest), updates, (0, *rest), indices, (0,), size=size,
        adjust_chunks={0: 1}, new_axes={updates.ndim: size}, dtype=updates.dtype,
    )  # fmt: skip
    return da.sum(sums, axis=0, dtype=updates.dtype)


def on_rows(name: str) -> Function:
    """A function of the NumPy backend of rows (n, *rest), positions (m,) and other rows (m, *rest) to put there."""

    def function(x: Any, positions: Any, rows: Any, /, **settings: Any) -> Any:
        axes = tuple(range(x.ndim))
        other = (x.ndim, *axes[1:])
        return da.blockwise(
            _put, axes, x.rechunk({0: -1}), axes, positions, other[:1], rows, other,
            name_of=name, settings=settings, concatenate=True, dtype=x.dtype, meta=x._meta,
        )  # fmt: skip

    return function


def _put(x: Any, positions: Any, rows: Any, *, name_of: str, settings: Mapping[str, Any]) -> Any:
    return numpy_function(name_of)(x, positions, rows, **settings)


def _added(updates: Any, indices: Any, *, size: int) -> Any:
    return numpy_function("scatter_add")(updates, indices, size=size)[None]


def _kernel(function: Function) -> Function:
    """``function`` as backends give it; it needs no namespace, since it knows its library."""
    return lambda xp, *args, **settings: function(*args, **settings)


_CONVOLUTIONS = ("biased_convolution", "convolution", "convolution_input")
_POOLINGS = ("avg_pool", "avg_pool_input", "max_pool", "max_pool_input", "pool_gather", "pool_scatter")

KERNELS: Mapping[str, Callable[..., Any]] = {
    name: _kernel(function)
    for name, function in {
        **{name: blockwise(name, 0, 0, 0) for name in _ELEMENTWISE},
        **{name: blockwise(name, 2) for name in _MATRICES},
        **{name: blockwise(name, 2, 2) for name in ("cholesky_solve", "solve_triangular")},
        **{name: blockwise(name, -1, None, None) for name in _CONVOLUTIONS},
        **{name: blockwise(name, -2, -2) for name in _POOLINGS},
        **{name: along(name) for name in _LINES},
        **{name: along(name, 2) for name in _PAIRED_LINES},
        **{name: on_rows(name) for name in ("put_rows", "scatter_reduce")},
        "bitcast": blockwise("bitcast", 1),
        "ldl_solve": blockwise("ldl_solve", 2, 1, 2),
        "philox_bits": philox_bits,
        "scatter_add": scatter_add,
    }.items()
}
