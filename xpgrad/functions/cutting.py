"""Parts of tensors, as views."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from xpgrad.array_api import manipulation
from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import ArgumentTypeError, IndexingError, ShapeError
from xpgrad.functions.dims import normalize_dim, takes_axis
from xpgrad.functions.shape import _split, _split_with_sizes
from xpgrad.ops import indexing
from xpgrad.ops.indices import along

__all__ = ["chunk", "narrow", "select", "split", "split_with_sizes", "tensor_split", "unbind"]

_slice = indexing.getitem.named("SliceBackward0")
_select = indexing.getitem.named("SelectBackward0")


def split(tensor: Any, split_size_or_sections: Any = None, dim: int = 0, *, split_size: Any = None) -> tuple[Any, ...]:
    """Views of consecutive pieces along ``dim``: of one length (the last may be shorter), or of given lengths.

    Mirrors ``torch.split``, and ``Tensor.split``, whose name for the lengths is ``split_size``.

    Raises:
        ShapeError: The lengths do not add up.
    """
    if not tensor._array.ndim:
        raise ShapeError("split expects at least a 1-dimensional tensor")
    axis = normalize_dim(dim, tensor._array.ndim)
    length = tensor._array.shape[axis]
    kind = _split
    if split_size is not None:
        split_size_or_sections = split_size
    if isinstance(split_size_or_sections, int):
        size = split_size_or_sections
        if size <= 0 and length:
            raise ShapeError(
                f"split_size can only be 0 if dimension size is 0, but got dimension size of {length}"
                if size == 0
                else f"split expects split_size be non-negative, but got split_size={size}"
            )
        sizes = [min(size, length - i) for i in range(0, length, size)] if length else [0]
    else:
        sizes, kind = list(split_size_or_sections), _split_with_sizes
        if any(n < 0 for n in sizes):
            raise ShapeError(
                f"split_with_sizes expects split_sizes have only non-negative entries, but got split_sizes={sizes}"
            )
        if sum(sizes) != length:
            raise ShapeError(
                f"split_with_sizes expects split_sizes to sum exactly to {length} (input tensor's size at dimension "
                f"{axis}), but got split_sizes={sizes}"
            )
    pieces: tuple[Any, ...] = kind.apply(tensor, lengths=tuple(sizes), axis=axis)
    return pieces


@takes_axis
def split_with_sizes(input: Any, split_sizes: Any, dim: int = 0) -> tuple[Any, ...]:
    """`split` into pieces of given lengths. Mirrors ``torch.split_with_sizes``."""
    return split(input, split_sizes, dim)


@takes_axis
def chunk(input: Any, chunks: int, dim: int = 0) -> tuple[Any, ...]:
    """At most ``chunks`` views of equal length along ``dim``, the last perhaps shorter. Mirrors ``torch.chunk``."""
    if not input._array.ndim:
        raise ShapeError("chunk expects at least a 1-dimensional tensor")
    if chunks <= 0:
        raise ShapeError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
    length = input._array.shape[normalize_dim(dim, input._array.ndim)]
    return split(input, -(-length // chunks) if length else [0] * chunks, dim)


@takes_axis
def tensor_split(
    input: Any,
    indices_or_sections: Any = None,
    dim: int = 0,
    *,
    indices: Any = None,
    sections: Any = None,
    tensor_indices_or_sections: Any = None,
) -> tuple[Any, ...]:
    """Views of pieces along ``dim``, as even as can be or cut at given indices. Mirrors ``torch.tensor_split``.

    The three keywords are the names of ``indices_or_sections`` in PyTorch's overloads.

    Raises:
        ShapeError: The tensor is 0-d, or there is no section.
    """
    if not input._array.ndim:
        raise ShapeError("tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims")
    axis = normalize_dim(dim, input._array.ndim)
    length = input._array.shape[axis]
    for given in (indices, sections, tensor_indices_or_sections):
        indices_or_sections = given if given is not None else indices_or_sections
    if indices_or_sections is None:
        raise ArgumentTypeError("tensor_split() needs indices or a number of sections, and got neither")
    if isinstance(indices_or_sections, TensorBase):
        indices_or_sections = indices_or_sections.tolist()  # type: ignore[attr-defined]
    if isinstance(indices_or_sections, int):
        if indices_or_sections <= 0:
            raise ShapeError(f"number of sections must be larger than 0, got {indices_or_sections}")
        n, extra = divmod(length, indices_or_sections)
        indices_or_sections = [i * n + min(i, extra) for i in range(1, indices_or_sections)]
    cuts = [0, *(min(max(i + length if i < 0 else i, 0), length) for i in indices_or_sections), length]
    return tuple(narrow(input, axis, start, max(stop - start, 0)) for start, stop in pairwise(cuts))


@takes_axis
def unbind(input: Any, dim: int = 0) -> tuple[Any, ...]:
    """The slices along ``dim``. Mirrors ``torch.unbind``."""
    if input._array.ndim == 0:
        raise IndexingError("Dimension specified as 0 but tensor has no dimensions")
    return manipulation.unstack(input, axis=normalize_dim(dim, input._array.ndim))


@takes_axis
def select(input: Any, dim: int, index: int) -> Any:
    """The slice at ``index`` along ``dim``. Mirrors ``torch.select``.

    Raises:
        IndexingError: There is no such index.
    """
    axis = normalize_dim(dim, input._array.ndim)
    length = input._array.shape[axis]
    if not -length <= index < length:
        raise IndexingError(
            f"select(): index {index} out of range for tensor of size {list(input._array.shape)} at dimension {dim}"
        )
    return _select.apply(input, index=along(axis, index))


@takes_axis
def narrow(input: Any, dim: int, start: Any, length: int) -> Any:
    """``length`` slices from ``start`` along ``dim``. Mirrors ``torch.narrow``.

    Raises:
        ShapeError: They go beyond the end.
    """
    if not input._array.ndim:
        raise ShapeError("narrow() cannot be applied to a 0-dim tensor.")
    if length < 0:
        raise ShapeError("narrow(): length must be non-negative.")
    axis = normalize_dim(dim, input._array.ndim)
    if isinstance(start, TensorBase) and (start._array.ndim or start.dtype.kind not in ("int", "uint")):  # type: ignore[attr-defined]
        raise ShapeError("start must be an 0-dim integral Tensor.")
    start, size = int(start), input._array.shape[axis]
    if not -size <= start <= size:
        raise IndexingError(f"Dimension out of range (expected to be in range of [-{size}, {size}], but got {start})")
    start = start + size if start < 0 else start
    if start < 0 or length < 0 or start + length > size:
        raise ShapeError(f"start ({start}) + length ({length}) exceeds dimension size ({size}).")
    return _slice.apply(input, index=along(axis, slice(start, start + length)))
