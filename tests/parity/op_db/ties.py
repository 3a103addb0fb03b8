"""Results with something free in them: which of several equal values an index names, or the order of eigenvalues."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

import xpgrad
from tests.parity.op_db.translate import array

# Where `dim` stands among the arguments after the input.
TIED = {"sort": 0, "argsort": 0, "topk": 1, "kthvalue": 1, "median": 0, "nanmedian": 0, "mode": 0}

# Their eigenvalues have no order of their own, and only LAPACK has LAPACK's.
UNORDERED = {"linalg.eig", "linalg.eigvals"}


def resolve(name: str, sample: Any, result: Any) -> Any:
    """``result`` with eigenvalues in order, and with what indices point at in place of the indices."""
    return _in_order(result) if name in UNORDERED else _pointed_at(name, sample, result)


def _in_order(result: Any) -> Any:
    """Eigenvalues by where they are in the plane, each eigenvector still beside its own; gradients flow through it."""
    pair = isinstance(result, tuple)
    values = result[0] if pair else result
    library = torch if isinstance(values, torch.Tensor) else xpgrad
    known = array(values)
    # Conjugates have one real part but for rounding, so that alone does not tell them apart.
    order = library.tensor(np.argsort(known.real + 0.1 * known.imag, axis=-1))
    ordered = library.take_along_dim(values, order, -1)
    return (ordered, library.take_along_dim(result[1], order[..., None, :], -1)) if pair else ordered


def _pointed_at(name: str, sample: Any, result: Any) -> Any:
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
