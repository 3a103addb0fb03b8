"""Other sizes for the spatial axes of (N, C, *S): each new position is a weighted sum of old ones, axis by axis.

So it is a product with one matrix for each axis, and the transpose of that is one with the transposed matrices.
"""

from __future__ import annotations

import functools
import math
from typing import NamedTuple

from xpgrad.core.op import op
from xpgrad.ops.padding import reflection_pad

# A matrix of at least so many elements is multiplied in bands of so many new positions.
_LARGE, _BAND = 1 << 15, 64


class Weights(NamedTuple):
    """A matrix (old, new) of few elements: the weights of old positions in new ones."""

    old: int
    new: int
    cells: tuple[int, ...]
    """Where, counted in row-major order; elements in one place add up."""
    values: tuple[float, ...]


@op("UpsampleBilinear2D")
def resample(xp, x, /, *, weights):
    """``x`` (N, C, *S) with its spatial axes resampled by ``weights``, a `Weights` each, None for one to be left."""
    for axis, along in enumerate(weights, 2):
        if along is not None:
            x = _product(xp, x, _matrix(xp, x, along), _bands(along), axis)
    return x

@resample.vjp("x")
def _(xp, g, weights):
    for axis, along in enumerate(weights, 2):
        if along is not None:
            g = _product(xp, g, xp.matrix_transpose(_matrix(xp, g, along)), _bands(_transposed(along)), axis)
    return g

linear_1d = resample.named("UpsampleLinear1D")
trilinear_3d = resample.named("UpsampleTrilinear3D")
bicubic_2d = resample.named("UpsampleBicubic2D")
bilinear_2d_antialiased = resample.named("UpsampleBilinear2DAa")
bicubic_2d_antialiased = resample.named("UpsampleBicubic2DAa")
lanczos_2d_antialiased = resample.named("UpsampleLanczos2DAa")

# With a single source for each element, it is what padding does too.
nearest_1d = reflection_pad.named("UpsampleNearest1D")
nearest_2d = reflection_pad.named("UpsampleNearest2D")
nearest_3d = reflection_pad.named("UpsampleNearest3D")
nearest_exact_1d = reflection_pad.named("UpsampleNearestExact1D")
nearest_exact_2d = reflection_pad.named("UpsampleNearestExact2D")
nearest_exact_3d = reflection_pad.named("UpsampleNearestExact3D")


def _matrix(xp, like, weights):
    """``weights`` as an array (old, new)."""
    values = xp.asarray(weights.values, dtype=like.dtype, device=like.device)
    cells = xp.asarray(weights.cells, dtype=xp.int64, device=like.device)
    return xp.reshape(xp.scatter_add(values, cells, size=weights.old * weights.new), (weights.old, weights.new))


def _product(xp, x, matrix, bands, axis):
    """``x`` with its ``axis`` multiplied by ``matrix`` (old, new), band by band."""
    old, new = matrix.shape
    before, after = x.shape[:axis], x.shape[axis + 1 :]
    rows = (math.prod(before), old, math.prod(after)) if after else (math.prod(before), old)
    x, parts = xp.reshape(x, rows), []
    for (start, stop), (low, high) in bands:
        block = xp.getitem(matrix, index=(slice(low, high), slice(start, stop)))
        if after:
            part = xp.getitem(x, index=(slice(None), slice(low, high), slice(None)))
            parts.append(xp.matmul(xp.matrix_transpose(block), part))
        else:
            parts.append(xp.matmul(xp.getitem(x, index=(slice(None), slice(low, high))), block))
    product = parts[0] if len(parts) == 1 else xp.concat(parts, axis=1)
    return xp.reshape(product, (*before, new, *after))


@functools.lru_cache(maxsize=256)
def _bands(weights):
    """Ranges of new positions, each with the range of old ones that have weights there: far apart, all others are 0."""
    old, new, cells, _ = weights
    if old * new < _LARGE:
        return (((0, new), (0, old)),)
    reached: dict[int, tuple[int, int]] = {}
    for i, j in (divmod(cell, new) for cell in cells):
        low, high = reached.get(j // _BAND, (i, i))
        reached[j // _BAND] = (min(low, i), max(high, i))
    starts = range(0, new, _BAND)
    spans = (reached.get(start // _BAND, (0, 0)) for start in starts)
    return tuple(
        ((start, min(start + _BAND, new)), (low, high + 1)) for start, (low, high) in zip(starts, spans, strict=True)
    )


@functools.lru_cache(maxsize=256)
def _transposed(weights):
    """The weights of new positions in old ones."""
    old, new, cells, values = weights
    return Weights(new, old, tuple(cell % new * old + cell // new for cell in cells), values)
