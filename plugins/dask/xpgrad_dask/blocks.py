"""Functions of the NumPy backend on the chunks of dask arrays."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any

import dask.array as da
import numpy as np

from xpgrad.backends.registry import get_backend

Function = Callable[..., Any]


def on_chunk(name: str, args: Sequence[Any], settings: Mapping[str, Any], /, *chunks: Any) -> Any:
    """The function ``name`` of the NumPy backend, its arguments ``args`` with ``chunks`` in the place of the arrays.

    Named, not held, so that a graph has nothing in it that cannot be pickled or hashed.
    """
    given = iter(chunks)
    out = attrgetter(name)(get_backend("numpy").current_place().xp)(
        *(next(given) if a is da.Array else a for a in args), **settings
    )
    return out if isinstance(out, tuple) else np.asarray(out)


def blockwise(name: str, *cores: int) -> Function:
    """The function ``name`` of the NumPy backend, chunk by chunk.

    Args:
        name: Its name in the namespace.
        cores: For each argument how many of its last axes the function takes whole, and so are brought into one chunk;
            a negative number says how many of the first axes it does not. The others are as in a ufunc: each element is
            by itself, and they broadcast.
    """

    def function(*args: Any, **settings: Any) -> Any:
        arrays = [x for x in args if isinstance(x, da.Array)]
        kept = [
            x.ndim + core if core < 0 else core for x, core in zip(args, cores, strict=False) if isinstance(x, da.Array)
        ]
        call = functools.partial(on_chunk, name, [da.Array if isinstance(x, da.Array) else x for x in args], settings)
        loops = max(x.ndim - core for x, core in zip(arrays, kept, strict=True))
        # Of nothing NumPy computes nothing, but tells shapes and dtypes.
        empty = [
            np.empty((0,) * max(x.ndim - core, not loops) + x.shape[x.ndim - core :], x.dtype)
            for x, core in zip(arrays, kept, strict=True)
        ]
        sample = call(*empty)
        results = sample if isinstance(sample, tuple) else (sample,)
        sizes = {f"r{i}_{k}": n for i, r in enumerate(results) for k, n in enumerate(r.shape[max(loops, 1) :])}
        taken = ",".join(f"({','.join(f'x{i}_{k}' for k in range(core))})" for i, core in enumerate(kept))
        given = ",".join(
            f"({','.join(f'r{i}_{k}' for k in range(r.ndim - max(loops, 1)))})" for i, r in enumerate(results)
        )
        metas = tuple(np.empty((0,) * (r.ndim - (not loops)), r.dtype) for r in results)
        out = da.apply_gufunc(
            call,
            f"{taken}->{given}" + "," * (isinstance(sample, tuple) and len(results) == 1),
            *arrays,
            output_sizes=sizes,
            allow_rechunk=True,
            meta=metas if isinstance(sample, tuple) else metas[0],
        )
        if not isinstance(sample, tuple):
            return out
        return type(sample)(*out) if hasattr(sample, "_fields") else tuple(out)

    return function


def along(name: str, arrays: int = 1, axis: str = "axis") -> Function:
    """The function ``name`` of the NumPy backend, which works along an axis: that is brought into one chunk."""

    def function(*args: Any, **settings: Any) -> Any:
        asked = settings.pop(axis, None)
        where = (-1,) if asked is None else (asked,) if isinstance(asked, int) else tuple(asked)
        last = tuple(range(-len(where), 0))
        call = blockwise(name, *(len(where),) * arrays)
        moved = [x if where == last else da.moveaxis(x, where, last) for x in args[:arrays]]
        out = call(*moved, *args[arrays:], **settings, **{axis: -1 if isinstance(asked, int | None) else last})
        return out if where == last else da.moveaxis(out, last, where)

    return function
