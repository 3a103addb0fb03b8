"""Results that name one of several equal values: which one is not promised, that it is one of them is."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.parity.op_db.translate import array

# Where `dim` stands among the arguments after the input.
TIED = {"sort": 0, "argsort": 0, "topk": 1, "kthvalue": 1, "median": 0, "nanmedian": 0, "mode": 0}


def resolve(name: str, sample: Any, result: Any) -> Any:
    """``result`` with what its indices point at in place of the indices."""
    position = TIED.get(name)
    if position is None or sample.kwargs.get("stable") or not sample.input.ndim:
        return result
    dim = sample.kwargs.get("dim", sample.args[position] if len(sample.args) > position else -1)
    pair = isinstance(result, tuple)
    if not isinstance(dim, int) or not (pair or name == "argsort"):
        return result
    source, indices = array(sample.input), array(result[1] if pair else result)
    if indices.ndim < source.ndim:
        indices = np.expand_dims(indices, dim)
    pointed = np.take_along_axis(source, indices, dim)
    return (result[0], pointed) if pair else pointed
