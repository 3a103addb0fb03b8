"""Other sizes for the spatial axes of (N, C, *S): each new position is a weighted sum of old ones, axis by axis.

The sums are over the old positions that count and no others, so that a NaN or an infinity stays in its neighbourhood:
the product with a matrix whose other elements are 0 would spread it everywhere. The transpose is the same with the
transposed weights.
"""

from __future__ import annotations

import functools
from typing import NamedTuple

from xpgrad.core.op import op
from xpgrad.ops.padding import reflection_pad

# Sums of up to so many terms are added up one by one, longer ones in a single reduction.
_FEW = 32


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
            x = weighted_sums(xp, x, along, axis)
    return x

@resample.vjp("x")
def _(xp, g, weights):
    for axis, along in enumerate(weights, 2):
        if along is not None:
            g = weighted_sums(xp, g, transposed(along), axis)
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


class _Taps(NamedTuple):
    """`Weights` by new positions: the k-th of the old ones that make each up, with its weight."""

    sources: tuple[tuple[int, ...], ...]
    """(most, new): positions that have fewer than the most repeat any other."""
    values: tuple[tuple[float, ...], ...]
    """(most, new)."""
    counts: tuple[tuple[bool, ...] | None, ...]
    """(most, new): False where a position is only there to fill up; None for a row without such."""


def weighted_sums(xp, x, weights, axis):
    """``x`` with ``axis`` resampled by ``weights``."""
    before, after, new, taps = x.shape[:axis], x.shape[axis + 1 :], weights.new, _taps(weights)
    rest = (1,) * len(after)
    if len(taps.sources) <= _FEW:
        total = None
        for sources, values, counts in zip(*taps, strict=True):
            term = _term(xp, x, sources, values, counts, axis, (new, *rest))
            total = term if total is None else total + term
        return total
    sources, values = (sum(rows, ()) for rows in taps[:2])
    counts = tuple(on for row in taps.counts for on in row or (True,) * new) if any(taps.counts) else None
    terms = _term(xp, x, sources, values, counts, axis, (len(sources), *rest))
    return xp.sum(xp.reshape(terms, (*before, -1, new, *after)), axis=axis, dtype=x.dtype)


def _term(xp, x, sources, values, counts, axis, shape):
    """The elements of ``x`` at ``sources`` along ``axis`` times ``values``, but 0 where one does not count."""
    taken = xp.take(x, xp.asarray(sources, dtype=xp.int64, device=x.device), axis=axis)
    if counts is not None:
        taken = xp.where(xp.reshape(xp.asarray(counts, dtype=xp.bool, device=x.device), shape), taken, 0.0)
    return taken * xp.reshape(xp.asarray(values, dtype=x.dtype, device=x.device), shape)


@functools.lru_cache(maxsize=256)
def _taps(weights):
    """``weights`` by new positions."""
    columns: list[list[tuple[int, float]]] = [[] for _ in range(weights.new)]
    for cell, value in zip(weights.cells, weights.values, strict=True):
        columns[cell % weights.new].append((cell // weights.new, value))
    most = max((len(column) for column in columns), default=0) or 1
    filled = [column + [(column[-1][0] if column else 0, 0.0)] * (most - len(column)) for column in columns]
    rows = [tuple(len(column) > k for column in columns) for k in range(most)]
    return _Taps(
        tuple(tuple(column[k][0] for column in filled) for k in range(most)),
        tuple(tuple(column[k][1] for column in filled) for k in range(most)),
        tuple(None if all(row) else row for row in rows),
    )


@functools.lru_cache(maxsize=256)
def transposed(weights):
    """The weights of new positions in old ones."""
    old, new, cells, values = weights
    return Weights(new, old, tuple(cell % new * old + cell // new for cell in cells), values)
