"""Views as copies: ``permute_copy`` and its kin, and copies with a view of them replaced."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import ArgumentTypeError, DtypeError, IndexingError, IndexRangeError, ShapeError
from xpgrad.functions.broadcasting import expand
from xpgrad.functions.cutting import narrow, select, split, split_with_sizes, unbind
from xpgrad.functions.dims import normalize_dim, takes_axis
from xpgrad.functions.elementwise import itself
from xpgrad.functions.joining import cat
from xpgrad.functions.reordering import permute, t, transpose
from xpgrad.functions.results import deliver
from xpgrad.functions.shape import reshape, squeeze, unsqueeze
from xpgrad.functions.shape import view as view_of
from xpgrad.functions.strides import as_strided, unfold, view_as_complex, view_as_real
from xpgrad.ops.copying import copy, detach, row_major_copy

__all__ = [
    "alias_copy", "as_strided_copy", "as_strided_scatter", "detach_copy", "expand_copy", "narrow_copy",
    "permute_copy", "select_copy", "slice_copy", "split_copy", "split_with_sizes_copy", "squeeze_copy", "t_copy",
    "transpose_copy", "unbind_copy", "unfold_copy", "unsafe_chunk", "unsafe_split", "unsafe_split_with_sizes",
    "unsqueeze_copy", "view_as_complex_copy", "view_as_real_copy", "view_copy",
]  # fmt: skip

Function = Callable[..., Any]


def _copying(name: str, view: Function) -> Function:
    """``name``: what ``view`` gives, as a copy."""

    @functools.wraps(view)
    def function(input: Any, *args: Any, out: Any = None, **settings: Any) -> Any:
        if not isinstance(input, TensorBase):
            raise ArgumentTypeError(
                f"{name}(): argument 'input' (position 1) must be Tensor, not {type(input).__name__}"
            )
        made = view(input, *args, **settings)
        if isinstance(made, tuple):
            copies = tuple(map(row_major_copy.apply, made))
            return copies if out is None else _delivered(name, out, copies)
        if out is not None and isinstance(out, TensorBase) and out._array.dtype != made._array.dtype:
            have, wanted = (x._place.dtype(x._array.dtype) for x in (out, made))
            raise DtypeError(f"Expected out tensor to have dtype {wanted}, but got {have} instead")
        return deliver(out, row_major_copy.apply(made))

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"`{name.removesuffix('_copy')}` as a copy. Mirrors ``torch.{name}``."
    return function


def _delivered(name: str, out: Sequence[Any], copies: Sequence[Any]) -> None:
    if len(out) != len(copies):
        raise ShapeError(f"{name}: expected as many tensors in out as results, {len(copies)}, got {len(out)}")
    for place, made in zip(out, copies, strict=True):
        deliver(place, made)


@takes_axis
def sliced(input: Any, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1) -> Any:
    """``input[start:end:step]`` along ``dim``; PyTorch has it as an operator without a function."""
    return input[(*(slice(None),) * (dim % max(input._array.ndim, 1)), slice(start, end, step))]


def _expanded(input: Any, size: Sequence[int], *, implicit: bool = False) -> Any:
    return expand(input, tuple(size))


@takes_axis
def _narrowed(input: Any, dim: int, start: Any, length: int) -> Any:
    try:
        return narrow(input, dim, start, length)
    except IndexingError as error:
        raise IndexRangeError(str(error)) from None  # Of another kind than that of `narrow`.


def _viewed(input: Any, size: Any = None, dtype: Any = None) -> Any:
    return view_of(input, dtype) if dtype is not None else view_of(input, *((size,) if size is not None else ()))


@takes_axis
def _split_evenly(input: Any, split_size: int, dim: int = 0) -> tuple[Any, ...]:
    return split(input, split_size, dim)


alias_copy = _copying("alias_copy", itself)
as_strided_copy = _copying("as_strided_copy", as_strided)
detach_copy = _copying("detach_copy", detach.apply)
expand_copy = _copying("expand_copy", _expanded)
narrow_copy = _copying("narrow_copy", _narrowed)
permute_copy = _copying("permute_copy", permute)
select_copy = _copying("select_copy", select)
slice_copy = _copying("slice_copy", sliced)
split_copy = _copying("split_copy", _split_evenly)
split_with_sizes_copy = _copying("split_with_sizes_copy", split_with_sizes)
squeeze_copy = _copying("squeeze_copy", squeeze)
t_copy = _copying("t_copy", t)
transpose_copy = _copying("transpose_copy", transpose)
unbind_copy = _copying("unbind_copy", unbind)
unfold_copy = _copying("unfold_copy", unfold)
unsqueeze_copy = _copying("unsqueeze_copy", unsqueeze)
view_as_complex_copy = _copying("view_as_complex_copy", view_as_complex)
view_as_real_copy = _copying("view_as_real_copy", view_as_real)
view_copy = _copying("view_copy", _viewed)


def as_strided_scatter(
    input: Any, src: Any, size: Sequence[int], stride: Sequence[int], storage_offset: int | None = None
) -> Any:
    """A copy of ``input`` with ``src`` in place of its `as_strided` view. Mirrors ``torch.as_strided_scatter``.

    Raises:
        ShapeError: ``src`` is not of shape ``size``.
    """
    if tuple(src._array.shape) != tuple(size):
        raise ShapeError(
            "expected src to have a size equal to the slice of self. "
            f"src size = {list(src._array.shape)}, slice size = "
            f"{list(size)}"
        )
    made = copy.apply(input)
    as_strided(made, size, stride, storage_offset).copy_(src)
    return made


@takes_axis
def unsafe_split(input: Any, split_size: int, dim: int = 0) -> tuple[Any, ...]:
    """`split`, its pieces free to be written to: they are copies. Mirrors ``torch.unsafe_split``."""
    return tuple(map(row_major_copy.apply, split(input, split_size, dim)))


@takes_axis
def unsafe_split_with_sizes(input: Any, split_sizes: Sequence[int], dim: int = 0) -> tuple[Any, ...]:
    """`split_with_sizes` as copies. Mirrors ``torch.unsafe_split_with_sizes``."""
    return tuple(map(row_major_copy.apply, split(input, split_sizes, dim)))


@takes_axis
def unsafe_chunk(input: Any, chunks: int, dim: int = 0) -> tuple[Any, ...]:
    """`chunk`, its pieces free to be written to: they are copies. Mirrors ``torch.unsafe_chunk``."""
    return tuple(map(row_major_copy.apply, input.chunk(chunks, dim)))


def chunk_cat(tensors: Sequence[Any], dim: int, num_chunks: int, *, out: Any = None) -> Any:
    """Each tensor cut into ``num_chunks`` equal chunks along ``dim``, zeros added, and all chunks of a number joined.

    The chunks are flattened from ``dim`` on. Mirrors ``torch._chunk_cat``.

    Raises:
        ShapeError: There is no tensor, no chunk, or no such dimension.
    """
    if num_chunks < 1:
        raise ShapeError("_chunk_cat expects positive num_chunks")
    if not tensors:
        raise ShapeError("_chunk_cat expects a non-empty input tensor list")
    if any(x.dtype is not tensors[0].dtype for x in tensors):
        raise DtypeError("_chunk_cat expects all input tensors with the same dtype")
    if any(x.numel() == 0 for x in tensors):
        raise ShapeError("_chunk_cat expects non-empty tensor")
    parts = []
    for x in tensors:
        if not -x._array.ndim <= dim < x._array.ndim:
            raise ShapeError("_chunk_cat expects dim < ndim for all input tensors")
        axis = normalize_dim(dim, x._array.ndim)
        lengths = tuple(x._array.shape)
        if lengths[:axis] != tuple(tensors[0]._array.shape[:axis]):
            raise ShapeError("_chunk_cat expects same sizes of 0,...,dim-1 dimensions for all tensors")
        missing = -lengths[axis] % num_chunks
        if missing:
            x = cat([x, x.new_zeros((*lengths[:axis], missing, *lengths[axis + 1 :]))], axis)
        parts.append(reshape(x, (*lengths[:axis], num_chunks, -1)))
    return deliver(out, cat(parts, axis + 1))
