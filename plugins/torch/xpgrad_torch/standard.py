"""PyTorch's functions as the standard has them.

array_api_compat's wrappers supply what PyTorch lacks; where one only costs time on what xpgrad asks, PyTorch's own
function stands in its place.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import array_api_compat.torch as compat
import torch
from torch import Tensor

from xpgrad._typing import Axis, Namespace
from xpgrad.backends.base import layered

# These take what the standard has them take: arrays of one dtype, of which the second may be a number.
_OWN = (
    *("add", "bitwise_and", "bitwise_left_shift", "bitwise_or", "bitwise_right_shift", "bitwise_xor", "divide"),
    *("broadcast_to", "concat", "empty", "floor_divide", "matmul", "multiply", "ones", "permute", "pow", "remainder"),
    *("subtract", "unsqueeze", "where", "zeros"),
)
_OTHER_NAMES = {"permute": "permute_dims", "unsqueeze": "expand_dims"}

# These take arrays only, and the wrappers take numbers too.
_OF_ARRAYS = {"equal": "eq"} | {
    name: name
    for name in (
        *("atan2", "copysign", "greater", "greater_equal", "hypot", "less", "less_equal", "logaddexp", "logical_and"),
        *("logical_or", "logical_xor", "maximum", "minimum", "nextafter", "not_equal"),
    )
}


def _of_arrays(name: str) -> Callable[..., Tensor]:
    own, wrapper = getattr(torch, _OF_ARRAYS[name]), getattr(compat, name)

    def function(x: Any, y: Any, /) -> Any:
        return own(x, y) if isinstance(x, Tensor) and isinstance(y, Tensor) else wrapper(x, y)

    function.__name__ = name
    return function


def _extreme(name: str, bound: str) -> Callable[..., Tensor]:
    """`_of_arrays` of ``maximum`` or ``minimum``, of which the second may often be a number."""
    of_arrays = _of_arrays(name)

    def function(x: Any, y: Any, /) -> Any:
        # PyTorch takes a bound of NaN for none.
        return torch.clamp(x, **{bound: y}) if isinstance(y, (int, float)) and y == y else of_arrays(x, y)

    function.__name__ = name
    return function


def _reduction(name: str, theirs: str) -> Callable[..., Tensor]:
    own, wrapper = getattr(torch, theirs), getattr(compat, name)

    def function(x: Tensor, /, *, axis: Axis = None, keepdims: bool = False, **dtype: Any) -> Any:
        # PyTorch reduces over all axes where none is asked for.
        if axis == () or axis is None:
            return wrapper(x, axis=axis, keepdims=keepdims, **dtype)
        return own(x, axis, keepdims, **dtype)

    function.__name__ = name
    return function


def _spread(own: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """``torch.var`` or ``torch.std``, which warn where there are too few elements, without the warning."""

    def function(x: Tensor, /, *, axis: Axis = None, correction: float = 0.0, keepdims: bool = False) -> Tensor:
        axes = range(x.ndim) if axis is None else (axis,) if isinstance(axis, int) else axis
        count = math.prod(x.shape[a] for a in axes)
        if count > correction:
            return own(x, axis, correction=correction, keepdim=keepdims)
        found = own(x, axis, correction=0, keepdim=keepdims) if count else torch.mean(x.abs(), axis, keepdims)
        return found / 0.0

    return function


def isdtype(dtype: torch.dtype, kind: Any) -> bool:
    """Whether ``dtype`` is of ``kind``."""
    return dtype.is_complex if kind == "complex floating" else bool(compat.isdtype(dtype, kind))


def searchsorted(x1: Tensor, x2: Tensor, /, *, side: Any = "left", sorter: Tensor | None = None) -> Tensor:
    """Where ``x2`` would be inserted in ``x1``; PyTorch warns of operands that it has to copy."""
    return torch.searchsorted(x1.contiguous(), x2.contiguous(), side=side, sorter=sorter)


def take(x: Tensor, indices: Tensor, /, *, axis: int | None = None) -> Tensor:
    """The elements at ``indices``, which are not negative, along ``axis``."""
    return torch.index_select(x, axis or 0, indices)


def take_along_axis(x: Tensor, indices: Tensor, /, *, axis: int = -1) -> Tensor:
    """The element at each of ``indices``, which are not negative, along ``axis``."""
    return torch.take_along_dim(x, indices, axis)


def unique_all(x: Tensor, /) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The distinct values in order, where each is first, which one each element is, and their counts.

    No NaN is equal to another. ``torch.unique`` does not tell where they are, and counts no NaN.
    """
    flat = x.reshape(-1)
    ordered, order = torch.sort(flat, stable=True)
    is_first = torch.ones_like(flat, dtype=torch.bool)
    is_first[1:] = ordered[1:] != ordered[:-1]
    (first,) = torch.nonzero(is_first, as_tuple=True)
    inverse = torch.empty_like(order)
    inverse[order] = torch.cumsum(is_first, 0) - 1
    counts = torch.diff(first, append=torch.full((1,), flat.shape[0], device=x.device))
    return ordered[first], order[first], inverse.reshape(x.shape), counts


XP: Namespace = layered(
    "torch made standard",
    SimpleNamespace(
        **{_OTHER_NAMES.get(name, name): getattr(torch, name) for name in _OWN},
        **{name: _of_arrays(name) for name in _OF_ARRAYS if name not in ("maximum", "minimum")},
        **{
            name: _reduction(name, theirs)
            for name, theirs in {"max": "amax", "mean": "mean", "min": "amin", "sum": "sum"}.items()
        },
        isdtype=isdtype,
        maximum=_extreme("maximum", "min"),
        minimum=_extreme("minimum", "max"),
        matrix_transpose=lambda x, /: x.mT,
        positive=torch.clone,
        searchsorted=searchsorted,
        std=_spread(torch.std),
        take=take,
        take_along_axis=take_along_axis,
        unique_all=unique_all,
        unstack=lambda x, /, *, axis=0: torch.unbind(x, axis),
        var=_spread(torch.var),
        vecdot=lambda x, y, /, *, axis=-1: torch.linalg.vecdot(x, y, dim=axis),
        linalg=SimpleNamespace(matmul=torch.matmul),
    ),
    compat,
)
