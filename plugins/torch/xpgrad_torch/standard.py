"""PyTorch's functions as the standard has them.

array_api_compat's wrappers supply what PyTorch lacks; where one only costs time on what xpgrad asks, PyTorch's own
function stands in its place.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import array_api_compat.torch as compat
import torch
from torch import Tensor

from xpgrad._typing import Axis, Namespace
from xpgrad.backends.base import layered

# These are what the standard says for arrays of one dtype, of which the second may be a number.
_OWN = {
    **{"broadcast_to": "broadcast_to", "concat": "concat", "expand_dims": "unsqueeze", "permute_dims": "permute"},
    **dict.fromkeys(("add", "bitwise_and", "bitwise_left_shift", "bitwise_or", "bitwise_right_shift", "bitwise_xor")),
    **dict.fromkeys(("divide", "floor_divide", "matmul", "multiply", "pow", "remainder", "subtract", "where")),
    **dict.fromkeys(("empty", "ones", "zeros")),
}

# These take arrays only, and the wrappers numbers too.
_OF_ARRAYS = (
    *("atan2", "copysign", "greater", "greater_equal", "hypot", "less", "less_equal", "logaddexp", "logical_and"),
    *("logical_or", "logical_xor", "nextafter", "not_equal"),
)


def _of_arrays(name: str, own: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """``own`` for two arrays, the wrapper called ``name`` for an array and a number."""
    wrapper = getattr(compat, name)

    def function(x: Any, y: Any, /) -> Any:
        return own(x, y) if isinstance(x, Tensor) and isinstance(y, Tensor) else wrapper(x, y)

    return function


def _extreme(own: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """``own``, ``torch.maximum`` or ``torch.minimum``, of numbers too."""

    def function(x: Any, y: Any, /) -> Any:
        # Not `clamp`, which keeps a negative zero where the bound is 0, and for which NaN is no bound.
        if not isinstance(y, Tensor):
            return own(x, x.new_full((), y))
        return own(x if isinstance(x, Tensor) else y.new_full((), x), y)

    return function


def _reduction(name: str, own: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """``own``, and the wrapper called ``name`` where there is no axis to reduce: PyTorch then reduces all."""
    wrapper = getattr(compat, name)

    def function(x: Tensor, /, *, axis: Axis = None, keepdims: bool = False, **dtype: Any) -> Any:
        if axis == ():
            return wrapper(x, axis=axis, keepdims=keepdims, **dtype)
        return own(x, axis, keepdims, **dtype)

    return function


def _spread(own: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """``own``, ``torch.var`` or ``torch.std``, without its warning where there are too few elements."""

    def function(x: Tensor, /, *, axis: Any = None, correction: float = 0.0, keepdims: bool = False) -> Tensor:
        axes = range(x.ndim) if axis is None else (axis,) if isinstance(axis, int) else axis
        count = math.prod(x.shape[a] for a in axes)
        if count > correction and x.numel():
            return own(x, axis, correction=correction, keepdim=keepdims)
        found = own(x, axis, correction=0, keepdim=keepdims) if x.numel() else torch.mean(x.abs(), axis, keepdims)
        return found / 0.0

    return function


def isdtype(dtype: torch.dtype, kind: Any) -> bool:
    """Whether ``dtype`` is of ``kind``."""
    return dtype.is_complex if kind == "complex floating" else bool(compat.isdtype(dtype, kind))


def searchsorted(x1: Tensor, x2: Tensor, /, *, side: Any = "left", sorter: Tensor | None = None) -> Tensor:
    """Where ``x2`` would be inserted in ``x1``; PyTorch warns of operands that it has to copy."""
    return torch.searchsorted(x1.contiguous(), x2.contiguous(), side=side, sorter=sorter)


# PyTorch has few functions of these, so what only moves elements moves signed ones of the same bits.
_SIGNED = {torch.uint16: torch.int16, torch.uint32: torch.int32, torch.uint64: torch.int64}


def _moving(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    @functools.wraps(function)
    def moving(x: Tensor, /, *places: Tensor, axis: Any = None) -> Tensor:
        signed = _SIGNED.get(x.dtype)
        if signed is None:
            return function(x, *places, axis=axis)
        return function(x.view(signed), *places, axis=axis).view(x.dtype)

    return moving


@_moving
def take(x: Tensor, indices: Tensor, /, *, axis: int | None) -> Tensor:
    """The elements at ``indices``, which are not negative, along ``axis``."""
    return torch.index_select(x, axis or 0, indices)


@_moving
def take_along_axis(x: Tensor, indices: Tensor, /, *, axis: int | None) -> Tensor:
    """The element at each of ``indices``, which are not negative, along ``axis``."""
    return torch.take_along_dim(x, indices, -1 if axis is None else axis)


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


def vecdot(x: Tensor, y: Tensor, /, *, axis: int = -1) -> Any:
    """The sum of products along ``axis``; PyTorch's takes no integers, and stretches that axis too."""
    own = x.dtype == y.dtype and not compat.isdtype(x.dtype, "integral") and x.shape[axis] == y.shape[axis]
    return torch.linalg.vecdot(x, y, dim=axis) if own else compat.vecdot(x, y, axis=axis)


def vector_norm(x: Tensor, /, *, axis: Any = None, keepdims: bool = False, ord: float = 2) -> Any:
    """The norm over ``axis``, of each element where that is none; the wrapper of this fails for a single element."""
    if axis != ():
        return torch.linalg.vector_norm(x, ord, axis, keepdims)
    sizes = x.abs()
    return sizes if ord else (sizes != 0).to(sizes.dtype)


XP: Namespace = layered(
    "torch made standard",
    SimpleNamespace(
        **{name: getattr(torch, theirs or name) for name, theirs in _OWN.items()},
        **{name: _of_arrays(name, getattr(torch, name)) for name in _OF_ARRAYS},
        equal=_of_arrays("equal", torch.eq),
        flip=_moving(compat.flip),
        isdtype=isdtype,
        matrix_transpose=lambda x, /: x.mT,
        max=_reduction("max", torch.amax),
        maximum=_extreme(torch.maximum),
        mean=_reduction("mean", torch.mean),
        min=_reduction("min", torch.amin),
        minimum=_extreme(torch.minimum),
        positive=torch.clone,
        searchsorted=searchsorted,
        std=_spread(torch.std),
        sum=_reduction("sum", torch.sum),
        take=take,
        take_along_axis=take_along_axis,
        unique_all=unique_all,
        unstack=lambda x, /, *, axis=0: torch.unbind(x, axis),
        var=_spread(torch.var),
        vecdot=vecdot,
        linalg=SimpleNamespace(matmul=torch.matmul, vecdot=vecdot, vector_norm=vector_norm),
    ),
    compat,
)
