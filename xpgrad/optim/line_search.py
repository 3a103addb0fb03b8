"""A line search for steps that satisfy the strong Wolfe conditions."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_DECREASE, _CURVATURE = 1e-4, 0.9


@dataclass(frozen=True)
class Point:
    """A place on the line.

    Attributes:
        t: How far along the direction it is.
        value: The function there.
        gradient: Its gradient there, a vector.
        slope: Its derivative along the direction.
    """

    t: float
    value: float
    gradient: Any
    slope: float


def search(
    evaluate: Callable[[float], Point], start: Point, t: float, length: float, tolerance: float, limit: int
) -> tuple[Point, int]:
    """A point where the function is enough smaller, and its slope enough flatter, than at ``start``.

    Args:
        evaluate: The point at a distance.
        start: Where the line begins; its slope is negative.
        t: The first distance tried.
        length: The greatest component of the direction.
        tolerance: An interval in which no component changes by more than this is not searched further.
        limit: How many points after the first are tried.

    Returns:
        The point, the best one if none satisfies the conditions, and how many were evaluated.

    Source: Nocedal and Wright 2006, *Numerical optimization*, algorithms 3.5 and 3.6.
    """
    low, high, tries, is_found = _bracket(evaluate, start, t, limit)
    if not is_found and tries < limit:
        low, tries = _zoom(evaluate, start, low, high, length, tolerance, tries, limit)
    return low, tries + 1


def _bracket(evaluate: Callable[[float], Point], start: Point, t: float, limit: int) -> tuple[Point, Point, int, bool]:
    """Two points with a suitable one between them, or a suitable one; how many tries; and whether it is suitable."""
    last, new = start, evaluate(t)
    for tries in range(limit):
        if not _decreases(start, new) or (tries > 1 and new.value >= last.value):
            return last, new, tries, False
        if _is_flat(start, new):
            return new, new, tries, True
        if new.slope >= 0:
            return last, new, tries, False
        bounds = new.t + 0.01 * (new.t - last.t), new.t * 10
        last, new = new, evaluate(_cubic_minimum(last, new, bounds))
    return min(start, new, key=lambda point: point.value), new, limit, False


def _zoom(
    evaluate: Callable[[float], Point],
    start: Point,
    one: Point,
    other: Point,
    length: float,
    tolerance: float,
    tries: int,
    limit: int,
) -> tuple[Point, int]:
    """The best point of ever smaller intervals, until one is suitable."""
    is_stuck = False
    while tries < limit:
        least, most = sorted((one.t, other.t))
        if (most - least) * length < tolerance:
            break
        t = _cubic_minimum(one, other, (least, most))
        # Twice in a row near the same end, the interval would hardly shrink.
        margin = 0.1 * (most - least)
        is_near = min(most - t, t - least) < margin
        if is_near and (is_stuck or not least < t < most):
            t = most - margin if abs(t - most) < abs(t - least) else least + margin
            is_stuck = False
        else:
            is_stuck = is_near
        new = evaluate(t)
        tries += 1
        low, high = (one, other) if one.value <= other.value else (other, one)
        if not _decreases(start, new) or new.value >= low.value:
            one, other = (low, new) if low is one else (new, low)
        else:
            if _is_flat(start, new):
                return new, tries
            kept = low if new.slope * (high.t - low.t) >= 0 else high
            one, other = (new, kept) if low is one else (kept, new)
    return (one if one.value <= other.value else other), tries


def _decreases(start: Point, new: Point) -> bool:
    return new.value <= start.value + _DECREASE * new.t * start.slope


def _is_flat(start: Point, new: Point) -> bool:
    return abs(new.slope) <= -_CURVATURE * start.slope


def _cubic_minimum(one: Point, other: Point, bounds: tuple[float, float]) -> float:
    """Where the cubic through two points with these slopes is least, within bounds; their middle if nowhere."""
    x, y = (one, other) if one.t <= other.t else (other, one)
    mixed = x.slope + y.slope - 3 * (x.value - y.value) / (x.t - y.t)
    square = mixed * mixed - x.slope * y.slope
    if not square >= 0:
        return sum(bounds) / 2
    root = math.sqrt(square)
    t = y.t - (y.t - x.t) * ((y.slope + root - mixed) / (y.slope - x.slope + 2 * root))
    return min(max(t, bounds[0]), bounds[1])
