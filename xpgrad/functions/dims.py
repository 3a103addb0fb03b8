"""PyTorch's ``dim`` arguments turned into axes."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, TypeVar, cast

from xpgrad.errors import ArgumentTypeError, GradientError, IndexingError

Dim: TypeAlias = int | Sequence[int] | None
Function = TypeVar("Function", bound=Callable[..., Any])


def normalize_dim(dim: int, ndim: int) -> int:
    """``dim`` counted from the front.

    Raises:
        IndexingError: There is no such dimension (a 0-d tensor counts as having one).
    """
    try:
        index = dim.__index__()
    except AttributeError:
        raise ArgumentTypeError(f"dim: expected an integer, got {dim!r}") from None
    limit = ndim or 1
    if not -limit <= index < limit:
        raise IndexingError(
            f"Dimension out of range (expected to be in range of [{-limit}, {limit - 1}], but got {dim})"
        )
    return index % limit


def normalize_dims(dim: Dim, ndim: int) -> tuple[int, ...] | None:
    """``dim`` as a tuple of axes, or None if it means all of them.

    Raises:
        IndexingError: There is no such dimension.
        GradientError: One appears twice.
    """
    if dim is None:
        return None
    dims = tuple(dim) if isinstance(dim, (tuple, list)) else (dim,)
    if not dims:
        return None
    axes = tuple(normalize_dim(d, ndim) for d in dims)
    if len(set(axes)) != len(axes):
        twice = next(a for a in axes if axes.count(a) > 1)
        raise GradientError(f"dim {twice} appears multiple times in the list of dims: {list(dims)}")
    # A 0-d tensor has no axis to name.
    return axes if ndim else ()


def spelled(dim: Dim, keepdim: bool, other: dict[str, Any]) -> tuple[Dim, bool]:
    """``dim`` and ``keepdim``, also when spelled NumPy's way as ``axis`` and ``keepdims``."""
    dim = other.pop("axis", dim)
    keepdim = other.pop("keepdims", keepdim)
    if other:
        raise ArgumentTypeError(f"unexpected keyword arguments: {', '.join(other)}")
    return dim, keepdim


def takes_axis(function: Function) -> Function:
    """``function`` with ``axis`` and ``keepdims``, NumPy's names, for its ``dim`` and ``keepdim``.

    PyTorch's parser of arguments takes them wherever it takes the others. Functions in which one more call would count
    have a ``**spelling`` for `spelled` instead.
    """

    @functools.wraps(function)
    def with_axis(*args: Any, **named: Any) -> Any:
        if "axis" in named or "keepdims" in named:
            named = _respelled(function.__name__, named)
        return function(*args, **named)

    return cast(Function, with_axis)


def _respelled(name: str, named: dict[str, Any]) -> dict[str, Any]:
    for numpy, torch in (("axis", "dim"), ("keepdims", "keepdim")):
        if numpy in named:
            if torch in named:
                raise ArgumentTypeError(f"{name}() got both {torch}= and {numpy}=, two names of one argument")
            named[torch] = named.pop(numpy)
    return named
