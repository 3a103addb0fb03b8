"""Whether two results are the same: structure, dtypes, shapes, values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

import xpgrad
from tests.parity.op_db.translate import array

# Relative and absolute; single precision differs in the order of sums and in the library of functions.
TOLERANCES = {
    "float64": 1e-7,
    "complex128": 1e-7,
    "float32": 1e-4,
    "complex64": 1e-4,
    "float16": 1e-2,
    "bfloat16": 5e-2,
}


def flat(result: Any) -> list[Any]:
    """The leaves of a result: tensors and other values, in order."""
    if isinstance(result, dict):
        result = list(result.values())
    if isinstance(result, (list, tuple)) and not isinstance(result, (torch.Size, xpgrad.Size)):
        return [leaf for part in result for leaf in flat(part)]
    return [result]


def tensors(library: Any, result: Any) -> list[Any]:
    """The tensors of a result that gradients can flow from."""
    return [leaf for leaf in flat(result) if isinstance(leaf, library.Tensor) and leaf.requires_grad]


def differences(ours: Any, theirs: Any, *, values: bool = True) -> Iterator[str]:
    """In what two results differ."""
    names = [
        name for name in getattr(type(theirs), "__match_args__", ()) if type(theirs).__module__ == "torch.return_types"
    ]
    for name in names:
        if not hasattr(ours, name):
            yield f"no field {name!r}"
    got, wanted = flat(ours), flat(theirs)
    if len(got) != len(wanted):
        yield f"{len(got)} results, not {len(wanted)}"
        return
    for a, b in zip(got, wanted, strict=True):
        if isinstance(b, np.ndarray):
            yield from far(a, b)
        elif not isinstance(b, torch.Tensor):
            if _text(a) != _text(b) and not (
                isinstance(b, (int, float, complex)) and np.allclose(a, b, equal_nan=True)
            ):
                yield f"{a!r}, not {b!r}"
        elif not isinstance(a, xpgrad.Tensor):
            yield f"a {type(a).__name__}, not a Tensor"
        elif str(a.dtype) != str(b.dtype):
            yield f"{a.dtype}, not {b.dtype}"
        elif tuple(a.shape) != tuple(b.shape):
            yield f"shape {tuple(a.shape)}, not {tuple(b.shape)}"
        elif values:
            yield from far(array(a), array(b))


def _text(value: Any) -> str:
    return re.sub(r"^(torch|xpgrad)\.", "", str(value))


def far(a: np.ndarray, b: np.ndarray, factor: float = 1.0) -> Iterator[str]:
    """How far values are apart, if further than rounding explains."""
    if a.dtype.name in TOLERANCES:
        wide = np.complex128 if a.dtype.kind == "c" else np.float64
        a, b, tolerance = a.astype(wide), b.astype(wide), factor * TOLERANCES[a.dtype.name]
        with np.errstate(all="ignore"):
            close = np.isclose(a, b, rtol=tolerance, atol=tolerance, equal_nan=True)
    else:
        close = a == b
    if not np.all(close):
        where = tuple(int(i[0]) for i in np.nonzero(np.atleast_1d(~close)))
        yield f"{np.atleast_1d(a)[where]!r}, not {np.atleast_1d(b)[where]!r} at {where} of {a.shape}"
