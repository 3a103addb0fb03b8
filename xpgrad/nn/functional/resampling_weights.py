"""Where the elements of a resampled axis come from: positions on the old axis, and their weights.

Plain numbers, one axis at a time. A position ``i`` has its centre at ``i + 0.5`` unless corners are aligned. ``scale``
is the distance on the old axis between new positions.
"""

from __future__ import annotations

import functools
import math
import struct
from collections.abc import Callable, Iterable

from xpgrad.ops.resampling import Weights

# For each new position, the old ones that it is made of with their weights. One at a border may be there several times,
# with weights of both signs: as in PyTorch, an infinity becomes NaN then.
Columns = list[list[tuple[int, float]]]
Kernel = Callable[[float], float]


def step(old: int, new: int, *, align_corners: bool, factor: float | None) -> float:
    """The distance on the old axis between new positions; ``factor`` is the one that was asked for, if one was."""
    if align_corners:
        return (old - 1) / (new - 1) if new > 1 else 0.0
    return 1.0 / factor if factor else old / new


def nearest(old: int, new: int, factor: float | None, *, exact: bool) -> list[int]:
    """The nearest old position for each new one: at its left edge, or ``exact`` at its centre.

    The arithmetic is rounded to single precision, which decides between neighbours as PyTorch does.
    """
    scale = _single(1.0 / factor if factor else old / new)
    return [min(int(_single((i + 0.5 if exact else i) * scale)), old - 1) for i in range(new)]


@functools.lru_cache(maxsize=256)
def weights(mode: str, old: int, new: int, scale: float, *, align_corners: bool, antialias: bool) -> Weights:
    """The weights of ``mode`` (linear, cubic or lanczos), over as much as a new position covers if ``antialias``."""
    if antialias:
        columns = _covering(*_SMOOTH[mode], old, new, scale)
    else:
        columns = (_linear if mode == "linear" else _cubic)(old, new, scale, align_corners)
    return as_weights(columns, old)


def as_weights(columns: Columns, old: int) -> Weights:
    """The columns as a matrix (old, new)."""
    new = len(columns)
    cells = tuple(i * new + j for j, column in enumerate(columns) for i, _ in column)
    return Weights(old, new, cells, tuple(w for column in columns for _, w in column))


def _linear(old: int, new: int, scale: float, align_corners: bool) -> Columns:
    columns = []
    for j in range(new):
        place = max(_centre(j, scale, align_corners), 0.0)
        left = min(int(place), old - 1)
        beyond = min(place - left, 1.0)
        columns.append(_gathered(((left, 1.0 - beyond), (left + 1, beyond)), old))
    return columns


def _cubic(old: int, new: int, scale: float, align_corners: bool) -> Columns:
    columns = []
    for j in range(new):
        place = _centre(j, scale, align_corners)
        left = math.floor(place)
        columns.append(_gathered(((i, keys(i - place, -0.75)) for i in range(left - 1, left + 3)), old))
    return columns


def _covering(kernel: Kernel, reach: float, old: int, new: int, scale: float) -> Columns:
    """``kernel`` stretched over the old positions that each new one covers, its weights adding up to 1."""
    stretch = max(scale, 1.0)
    columns = []
    for j in range(new):
        centre = scale * (j + 0.5)
        first = max(int(centre - reach * stretch + 0.5), 0)
        last = min(int(centre + reach * stretch + 0.5), old)
        column = [(i, kernel((i - centre + 0.5) / stretch)) for i in range(first, last)]
        total = sum(w for _, w in column)
        columns.append([(i, w / total) for i, w in column] if total else column)
    return columns


def triangle(x: float) -> float:
    """The kernel of linear interpolation."""
    return max(1.0 - abs(x), 0.0)


def keys(x: float, a: float = -0.5) -> float:
    """The kernel of cubic convolution with slope ``a`` at distance 1 (Keys 1981)."""
    x = abs(x)
    if x < 1.0:
        return ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0
    return (((x - 5.0) * x + 8.0) * x - 4.0) * a if x < 2.0 else 0.0


def lanczos(x: float) -> float:
    """The sinc function under the main lobe of one three times as wide."""
    if x == 0.0:
        return 1.0
    turn = math.pi * x
    return 3.0 * math.sin(turn) * math.sin(turn / 3.0) / (turn * turn) if abs(x) < 3.0 else 0.0


# The kernels of smoothing, and how far they reach.
_SMOOTH: dict[str, tuple[Kernel, float]] = {"linear": (triangle, 1.0), "cubic": (keys, 2.0), "lanczos": (lanczos, 3.0)}


def _centre(j: int, scale: float, align_corners: bool) -> float:
    """Where on the old axis the new position ``j`` lies."""
    return scale * j if align_corners else scale * (j + 0.5) - 0.5


def _gathered(taps: Iterable[tuple[int, float]], old: int) -> list[tuple[int, float]]:
    """The taps, those beyond the ends at the ends."""
    return [(min(max(at, 0), old - 1), weight) for at, weight in taps]


def _single(x: float) -> float:
    """``x`` rounded to single precision."""
    rounded: float = struct.unpack("f", struct.pack("f", x))[0]
    return rounded


def fixed_point(weights: Weights) -> tuple[Weights, int]:
    """The weights as whole numbers below 2**15, with as many bits of fraction as that leaves; and that number."""
    merged: dict[int, float] = {}
    for cell, weight in zip(weights.cells, weights.values, strict=True):
        merged[cell] = merged.get(cell, 0.0) + weight
    largest, bits = max(merged.values()), 0
    while bits < 22 and int(0.5 + largest * 2 ** (bits + 1)) < 2**15:
        bits += 1
    values = tuple(float(int(w * 2**bits + math.copysign(0.5, w))) for w in merged.values())
    return weights._replace(cells=tuple(merged), values=values), bits
