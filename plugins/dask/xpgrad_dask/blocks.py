"""Functions of the NumPy backend on the chunks of dask arrays."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any

import dask
import dask.array as da
import numpy as np
from dask.utils import parse_bytes

from xpgrad.backends.registry import get_backend

Function = Callable[..., Any]


def fits(x: Any) -> bool:
    """Whether a chunk has room for all of ``x``."""
    most: int = parse_bytes(dask.config.get("array.chunk-size"))
    return x.nbytes <= most


def numpy_function(name: str) -> Function:
    """A function of the NumPy backend's namespace, kernels and packs included."""
    found: Function = attrgetter(name)(get_backend("numpy").current_place().xp)
    return found


def blockwise(name: str, *cores: int | None) -> Function:
    """The function ``name`` of the NumPy backend on chunks: lazily, and with nothing computed to learn of shapes.

    Args:
        name: Its name in the namespace.
        cores: For each argument, how many of its last axes the function takes whole, so that they are brought into one
            chunk; a negative number counts those of the first axes that it does not, and None takes all. The function
            treats each element along the other axes by itself, and these broadcast.
    """

    def function(*args: Any, **settings: Any) -> Any:
        call = functools.partial(_of_arrays, name, [da.Array if isinstance(x, da.Array) else x for x in args], settings)
        arrays, loops = [], []
        for x, core in zip(args, cores, strict=False):
            if isinstance(x, da.Array):
                arrays.append(x)
                loops.append(0 if core is None else -core if core < 0 else x.ndim - core)
        ndim = max(loops)
        # Of nothing NumPy computes nothing, but tells the shapes and dtypes of the results.
        empty = [np.empty((0,) * (n or not ndim) + x.shape[n:], x.dtype) for x, n in zip(arrays, loops, strict=True)]
        sample = call(*empty)
        results = sample if isinstance(sample, tuple) else (sample,)
        dtypes = [r.dtype for r in results]
        shapes = [r.shape[max(ndim, 1) :] for r in results]
        taken = [_axes(f"x{i}_", x.shape[n:]) for i, (x, n) in enumerate(zip(arrays, loops, strict=True))]
        given = [_axes(f"r{i}_", shape) for i, shape in enumerate(shapes)]
        if any(0 in x.shape for x in arrays):
            # dask divides by the lengths of chunks.
            arrays = [x.rechunk(-1) for x in arrays]
        out = da.apply_gufunc(
            functools.partial(_on_chunks, call, dtypes),
            f"{','.join(taken)}->{','.join(given)}",
            *arrays,
            output_sizes={f"r{i}_{k}": n for i, shape in enumerate(shapes) for k, n in enumerate(shape)},
            output_dtypes=dtypes if results is sample else dtypes[0],
            allow_rechunk=all(0 not in x.shape for x in arrays),
        )
        if results is not sample:
            return out
        return type(sample)(*out) if hasattr(sample, "_fields") else out

    return function


def along(name: str, arrays: int = 1, *, axis: str = "axis") -> Function:
    """The function ``name`` of the NumPy backend, which works along the setting ``axis`` of the first ``arrays``.

    These axes are brought into one chunk, the last of all if the caller names none.
    """

    def function(*args: Any, **settings: Any) -> Any:
        asked = settings.pop(axis, -1)
        where = (asked,) if isinstance(asked, int) else tuple(asked)
        last = tuple(range(-len(where), 0))
        moved = [da.moveaxis(x, where, last) for x in args[:arrays]]
        settings[axis] = -1 if isinstance(asked, int) else last
        out = blockwise(name, *(len(where),) * arrays)(*moved, *args[arrays:], **settings)
        return da.moveaxis(out, last, where)

    return function


def _of_arrays(name: str, args: Sequence[Any], settings: Mapping[str, Any], /, *chunks: Any) -> Any:
    """What tasks do. They hold the name of a function, which is hashed and pickled with ease, as a function may not."""
    given = iter(chunks)
    return numpy_function(name)(*(next(given) if x is da.Array else x for x in args), **settings)


def _on_chunks(call: Function, dtypes: Sequence[Any], /, *chunks: Any) -> Any:
    """``call(*chunks)`` in the dtypes that were announced: of bfloat16 some results are wider if there are elements."""
    out = call(*chunks)
    if isinstance(out, tuple):
        return tuple(np.asarray(x, dtype) for x, dtype in zip(out, dtypes, strict=True))
    return np.asarray(out, dtypes[0])


def _axes(prefix: str, shape: Sequence[int]) -> str:
    return f"({','.join(f'{prefix}{k}' for k in range(len(shape)))})"
