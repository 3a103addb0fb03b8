"""The standard's set functions, with its named tuples."""

from __future__ import annotations

from typing import Any, NamedTuple

from xpgrad.array_api.operands import cast, dtype_of
from xpgrad.backends.dtypes import bool_, uint8
from xpgrad.core.tensor_base import TensorBase
from xpgrad.ops import sets, sorting

__all__ = ["unique_all", "unique_counts", "unique_inverse", "unique_values"]


class UniqueAllResult(NamedTuple):
    """What `unique_all` returns."""

    values: Any
    indices: Any
    inverse_indices: Any
    counts: Any


class UniqueCountsResult(NamedTuple):
    """What `unique_counts` returns."""

    values: Any
    counts: Any


class UniqueInverseResult(NamedTuple):
    """What `unique_inverse` returns."""

    values: Any
    inverse_indices: Any


def unique_all(x: TensorBase, /) -> UniqueAllResult:
    """The distinct values, where each occurs first, which of them each element is, and how often each occurs."""
    return UniqueAllResult(*sets.unique_all.apply(x))


def unique_counts(x: TensorBase, /) -> UniqueCountsResult:
    """The distinct values, and how often each occurs."""
    return UniqueCountsResult(*sets.unique_counts.apply(x))


def unique_inverse(x: TensorBase, /) -> UniqueInverseResult:
    """The distinct values, and which of them each element is."""
    return UniqueInverseResult(*sets.unique_inverse.apply(x))


def unique_values(x: TensorBase, /) -> Any:
    """The distinct values, in ascending order if they have one."""
    values = sets.unique_values.apply(x)
    dtype = dtype_of(values)
    if dtype.is_complex:
        return values
    # The standard sorts numbers only.
    return cast(sorting.sort.apply(cast(values, uint8) if dtype is bool_ else values)[0], dtype)
