"""Other shapes for the same elements: views where possible."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

from xpgrad.backends.dtypes import dtype as _DTYPE
from xpgrad.core.views import is_copy, own
from xpgrad.errors import ArgumentTypeError, ShapeError, XpgradError
from xpgrad.functions.dims import Dim, normalize_dim, normalize_dims, spelled, takes_axis
from xpgrad.functions.strides import is_row_major, view_as_dtype
from xpgrad.ops import joining
from xpgrad.ops import shape as ops
from xpgrad.ops.copying import row_major_copy

__all__ = ["atleast_1d", "flatten", "numel", "ravel", "reshape", "squeeze", "unflatten", "unsqueeze"]


def reshape(input: Any, *sizes: Any, shape: Any = None) -> Any:
    """The elements in row-major order in another shape; a view if possible. Mirrors ``torch.reshape``.

    Raises:
        ShapeError: The number of elements differs.
    """
    if shape is not None:
        sizes = (shape,)
    for n in sizes:
        if type(n) is not int or n < -1:
            sizes = _completed(input._array.shape, lengths(sizes))
            break
    try:
        result = ops.reshape.apply(input, shape=sizes)
    except XpgradError:
        _completed(input._array.shape, lengths(sizes))
        raise
    if input._view is not None and is_copy(result):
        own(result)
        result._cell = [0]
    return result


def view(input: Any, *shape: Any, dtype: Any = None, size: Any = None) -> Any:
    """`reshape` that promises a view; with a dtype, the elements in that dtype's bits. Mirrors ``torch.Tensor.view``.

    Raises:
        ShapeError: The memory's layout does not allow a view.
    """
    if len(shape) == 1 and type(shape[0]) is _DTYPE:
        dtype, shape = shape[0], ()
    if dtype is not None:
        return view_as_dtype(input, dtype)
    result = reshape(input, *(shape if size is None else (size,)))
    if (result._view is None or (input._view is None and is_copy(result))) and result.numel():
        raise ShapeError(
            "view size is not compatible with input tensor's size and stride (at least one dimension spans across two "
            "contiguous subspaces). Use .reshape(...) instead."
        )
    return result


def view_as(input: Any, other: Any) -> Any:
    """A view in the shape of ``other``."""
    return view(input, tuple(other._array.shape))


def reshape_as(input: Any, other: Any) -> Any:
    """The elements in the shape of ``other``."""
    return reshape(input, tuple(other._array.shape))


def lengths(shape: tuple[Any, ...], named: Any = None) -> tuple[int, ...]:
    """The lengths meant by ``f(2, -1)`` or ``f((2, -1))``, or ``named`` if they came by keyword."""
    if named is not None:
        shape = (named,)
    if len(shape) == 1 and isinstance(shape[0], (tuple, list)):
        shape = tuple(shape[0])
    try:
        return tuple([n.__index__() for n in shape])
    except AttributeError:
        raise ArgumentTypeError(f"shape: expected integers or one tuple of integers, got {shape!r}") from None


@functools.lru_cache(maxsize=1024)
def _completed(old: tuple[int, ...], new: tuple[int, ...]) -> tuple[int, ...]:
    """``new`` with its -1, if any, replaced by what makes the element count fit."""
    if -1 in new:
        if new.count(-1) > 1:
            raise ShapeError(f"only one dimension can be inferred, but shape {list(new)} has several -1")
        rest = -math.prod(new)
        count = math.prod(old)
        if rest == 0 and count == 0:
            raise ShapeError(
                f"cannot reshape tensor of 0 elements into shape {list(new)} because the unspecified dimension size "
                "-1 can be any value and is ambiguous"
            )
        if rest > 0 and count % rest == 0:
            return tuple([count // rest if n == -1 else n for n in new])
    elif math.prod(new) == math.prod(old):
        return new
    bad = next((n for n in new if n < -1), None)
    if bad is not None:
        raise ShapeError(f"invalid shape dimension {bad}")
    raise ShapeError(f"shape '{list(new)}' is invalid for input of size {math.prod(old)}")


def flatten(input: Any, start_dim: int = 0, end_dim: int = -1) -> Any:
    """The dimensions from ``start_dim`` to ``end_dim`` as one. Mirrors ``torch.flatten``.

    Raises:
        SettingError: ``start_dim`` comes after ``end_dim``.
    """
    shape = tuple(input._array.shape)
    if not shape:
        normalize_dim(start_dim, 0), normalize_dim(end_dim, 0)
        return reshape(input, (1,))
    start, end = normalize_dim(start_dim, len(shape)), normalize_dim(end_dim, len(shape))
    if start > end:
        raise ShapeError("flatten() has invalid args: start_dim cannot come after end_dim")
    if start == end:
        return input
    return reshape(input, (*shape[:start], math.prod(shape[start : end + 1]), *shape[end + 1 :]))


@takes_axis
def unflatten(input: Any, dim: int, sizes: Sequence[int]) -> Any:
    """The dimension ``dim`` as several, of lengths ``sizes``. Mirrors ``torch.unflatten``."""
    shape = tuple(input._array.shape)
    axis = normalize_dim(dim, len(shape))
    if not shape:
        raise ShapeError(f"unflatten: a 0-d tensor has no dimension to make {list(sizes)} of")
    try:
        inner = _completed((shape[axis],), tuple(sizes))
    except ShapeError:
        raise ShapeError(
            f"unflatten: Provided sizes {list(sizes)} don't multiply up to the size of dim {axis} ({shape[axis]}) in "
            "the input tensor"
        ) from None
    return reshape(input, (*shape[:axis], *inner, *shape[axis + 1 :]))


def ravel(input: Any) -> Any:
    """All elements in one dimension. Mirrors ``torch.ravel``."""
    return reshape(contiguous(input), (math.prod(input._array.shape),))


def unsqueeze(input: Any, dim: Any = None, **spelling: Any) -> Any:
    """A new dimension of length 1 at ``dim``. Mirrors ``torch.unsqueeze``."""
    if spelling:
        dim, _ = spelled(dim, False, spelling)
    return ops.expand_dims.apply(input, axis=normalize_dim(dim, input._array.ndim + 1))


def squeeze(input: Any, dim: Dim = None, **spelling: Any) -> Any:
    """Without the dimensions of length 1, or those of ``dim`` that have it. Mirrors ``torch.squeeze``."""
    if spelling:
        dim, _ = spelled(dim, False, spelling)
    shape = input._array.shape
    axes = None if dim is None else () if dim == [] or dim == () else normalize_dims(dim, len(shape))
    gone = tuple([i for i in (range(len(shape)) if axes is None else axes) if shape[i] == 1])
    kind = _squeeze_all if axes is None else _squeeze_several if isinstance(dim, (tuple, list)) else ops.squeeze
    return kind.apply(input, axis=gone)


_squeeze_all = ops.squeeze.named("SqueezeBackward0")
_squeeze_several = ops.squeeze.named("SqueezeBackward2")
_split, _split_with_sizes = joining.split, joining.split.named("SplitWithSizes")


def contiguous(input: Any, *, memory_format: Any = None) -> Any:
    """The tensor itself if its memory is in row-major order, else a copy. Mirrors ``torch.Tensor.contiguous``."""
    return input if is_row_major(input) else row_major_copy.apply(input)


def each(function: Callable[..., Any]) -> Callable[..., Any]:
    """``function`` of one tensor, of several too, as arguments or in a sequence."""

    @functools.wraps(function)
    def of_any(*tensors: Any) -> Any:
        if len(tensors) == 1 and not isinstance(tensors[0], (tuple, list)):
            return function(tensors[0])
        return tuple(map(function, tensors[0] if len(tensors) == 1 else tensors))

    return of_any


@each
def atleast_1d(input: Any) -> Any:
    """With at least one dimension. Mirrors ``torch.atleast_1d``."""
    return input if input._array.ndim else reshape(input, (1,))


def numel(input: Any) -> int:
    """The number of elements. Mirrors ``torch.numel``."""
    return math.prod(input._array.shape)
