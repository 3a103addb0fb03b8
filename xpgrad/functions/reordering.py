"""Dimensions and elements in another order."""

from __future__ import annotations

from typing import Any

from xpgrad.errors import IndexingError, ShapeError
from xpgrad.functions.dims import normalize_dim, normalize_dims
from xpgrad.functions.shape import lengths, ravel
from xpgrad.ops import shape as ops

__all__ = [
    "flip",
    "fliplr",
    "flipud",
    "moveaxis",
    "movedim",
    "permute",
    "roll",
    "swapaxes",
    "swapdims",
    "t",
    "transpose",
]

_transpose = ops.permute_dims.named("Transpose")
_t = ops.permute_dims.named("T")


def permute(input: Any, *order: Any, dims: Any = None) -> Any:
    """The dimensions in the order ``dims``. Mirrors ``torch.permute``.

    Raises:
        ShapeError: ``dims`` does not name each dimension once.
    """
    ndim = input._array.ndim
    wanted = lengths(order, dims)
    axes = tuple([normalize_dim(d, ndim) for d in wanted])
    if sorted(axes) != list(range(ndim)):
        raise ShapeError(
            f"permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired "
            f"ordering of dimensions i.e. input.dim() = {ndim} is not equal to len(dims) = {len(wanted)}"
            if len(axes) != ndim
            else f"permute(): duplicate dims are not allowed: {list(wanted)}"
        )
    return ops.permute_dims.apply(input, axes=axes)


def reverse_dims(input: Any) -> Any:
    """The dimensions in reverse order (``x.T``)."""
    return ops.permute_dims.apply(input, axes=tuple(range(input._array.ndim))[::-1])


def transpose(input: Any, dim0: int, dim1: int) -> Any:
    """Two dimensions exchanged. Mirrors ``torch.transpose``."""
    ndim = input._array.ndim
    first, second = normalize_dim(dim0, ndim), normalize_dim(dim1, ndim)
    axes = list(range(ndim))
    if axes:
        axes[first], axes[second] = second, first
    return _transpose.apply(input, axes=tuple(axes))


swapdims = transpose


def swapaxes(input: Any, axis0: int, axis1: int) -> Any:
    """`transpose` under NumPy's name. Mirrors ``torch.swapaxes``."""
    return transpose(input, axis0, axis1)


def t(input: Any) -> Any:
    """A matrix transposed; a vector or scalar itself. Mirrors ``torch.t``.

    Raises:
        ShapeError: More than two dimensions.
    """
    ndim = input._array.ndim
    if ndim > 2:
        raise ShapeError(f"t() expects a tensor with <= 2 dimensions, but self is {ndim}D")
    return _t.apply(input, axes=tuple(reversed(range(ndim))))


def movedim(input: Any, source: Any, destination: Any) -> Any:
    """Dimensions moved to other positions, the rest in their order. Mirrors ``torch.movedim``."""
    ndim = input._array.ndim
    sources = [normalize_dim(d, ndim) for d in ((source,) if isinstance(source, int) else source)]
    targets = [normalize_dim(d, ndim) for d in ((destination,) if isinstance(destination, int) else destination)]
    if len(sources) != len(targets):
        raise ShapeError(
            f"movedim: Invalid source or destination dims: {source} and {destination} differ in number of dimensions"
        )
    for what, dims in (("source", sources), ("destination", targets)):
        if len(set(dims)) != len(dims):
            raise ShapeError(f"movedim: repeated dim in `{what}` ({source if what == 'source' else destination})")
    rest = iter([d for d in range(ndim) if d not in sources])
    axes = tuple([sources[targets.index(d)] if d in targets else next(rest) for d in range(ndim)])
    return ops.permute_dims.apply(input, axes=axes)


moveaxis = movedim


def flip(input: Any, *axes: Any, dims: Any = None) -> Any:
    """Reversed along ``dims``, as a copy. Mirrors ``torch.flip``."""
    dims = axes if dims is None else (dims,)
    return ops.flip.apply(input, axis=normalize_dims(lengths(dims), input._array.ndim) or ())


def fliplr(input: Any) -> Any:
    """Reversed along the second dimension. Mirrors ``torch.fliplr``.

    Raises:
        ShapeError: There is none.
    """
    if input._array.ndim < 2:
        raise ShapeError("Input must be >= 2-d.")
    return flip(input, 1)


def flipud(input: Any) -> Any:
    """Reversed along the first dimension. Mirrors ``torch.flipud``.

    Raises:
        ShapeError: There is none.
    """
    if not input._array.ndim:
        raise ShapeError("Input must be >= 1-d.")
    return flip(input, 0)


def roll(input: Any, shifts: Any, dims: Any = None) -> Any:
    """Shifted along ``dims``, what leaves at one end entering at the other. Mirrors ``torch.roll``."""
    if dims is None:
        return _rolled.apply(roll(ravel(input), shifts, 0), shape=tuple(input._array.shape))
    counts = (shifts,) if isinstance(shifts, int) else tuple(shifts)
    axes = (dims,) if isinstance(dims, int) else tuple(dims)
    if not counts:
        raise ShapeError("`shifts` required")
    if len(counts) != len(axes):
        raise ShapeError(f"shifts and dimensions must align. shifts: {len(counts)}, dims:{len(axes)}")
    if not input._array.ndim:
        raise IndexingError("Dimension specified as 0 but tensor has no dimensions")
    return ops.roll.apply(input, shift=counts, axis=tuple(normalize_dim(d, input._array.ndim) for d in axes))


_rolled = ops.reshape.named("Roll")
