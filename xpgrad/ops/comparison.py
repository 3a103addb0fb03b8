"""Comparisons and tests, elementwise. None of this has a derivative."""

from __future__ import annotations

from xpgrad.core.op import op
from xpgrad.ops.kinds import REFUSAL, of_booleans


@op("Eq", differentiable=False)
def equal(xp, x, y, /):
    """Whether ``x == y``, elementwise."""
    return xp.equal(x, y)


@op("Ne", differentiable=False)
def not_equal(xp, x, y, /):
    """Whether ``x != y``, elementwise."""
    return xp.not_equal(x, y)


@op("Lt", differentiable=False)
def less(xp, x, y, /):
    """Whether ``x < y``, elementwise."""
    try:
        return xp.less(x, y)
    except REFUSAL as error:
        return of_booleans(xp, error, xp.less, x, y)


@op("Le", differentiable=False)
def less_equal(xp, x, y, /):
    """Whether ``x <= y``, elementwise."""
    try:
        return xp.less_equal(x, y)
    except REFUSAL as error:
        return of_booleans(xp, error, xp.less_equal, x, y)


@op("Gt", differentiable=False)
def greater(xp, x, y, /):
    """Whether ``x > y``, elementwise."""
    try:
        return xp.greater(x, y)
    except REFUSAL as error:
        return of_booleans(xp, error, xp.greater, x, y)


@op("Ge", differentiable=False)
def greater_equal(xp, x, y, /):
    """Whether ``x >= y``, elementwise."""
    try:
        return xp.greater_equal(x, y)
    except REFUSAL as error:
        return of_booleans(xp, error, xp.greater_equal, x, y)


@op("Isnan", differentiable=False)
def isnan(xp, x, /):
    """Whether ``x`` is NaN, elementwise."""
    try:
        return xp.isnan(x)
    except REFUSAL as error:
        return of_booleans(xp, error, xp.isnan, x)


@op("Isinf", differentiable=False)
def isinf(xp, x, /):
    """Whether ``x`` is infinite, elementwise."""
    try:
        return xp.isinf(x)
    except REFUSAL as error:
        return of_booleans(xp, error, xp.isinf, x)


@op("Isfinite", differentiable=False)
def isfinite(xp, x, /):
    """Whether ``x`` is neither infinite nor NaN, elementwise."""
    try:
        return xp.isfinite(x)
    except REFUSAL as error:
        return of_booleans(xp, error, xp.isfinite, x)


@op("Signbit", differentiable=False)
def signbit(xp, x, /):
    """Whether the sign bit of ``x`` is set, elementwise."""
    try:
        return xp.signbit(x)
    except TypeError:
        return xp.zeros_like(x) if x.dtype == xp.bool else x < 0
