"""One tensor of several."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import ArgumentTypeError, SettingError, ShapeError
from xpgrad.functions.dims import normalize_dim
from xpgrad.functions.elementwise import meet
from xpgrad.functions.results import deliver, refuse_overlap
from xpgrad.functions.shape import reshape
from xpgrad.ops import joining

__all__ = ["cat", "concat", "concatenate", "hstack", "row_stack", "stack", "vstack"]


def cat(tensors: Sequence[Any], dim: int = 0, *, axis: int | None = None, out: Any = None) -> Any:
    """``tensors`` joined along an existing dimension; legacy empty 1-d ones are skipped. Mirrors ``torch.cat``.

    Raises:
        ShapeError: Shapes differ in another dimension, or there is no tensor.
        ArgumentTypeError: One is not a tensor, or they are not in a tuple or list.
    """
    dim = dim if axis is None else axis
    try:
        shapes = [x._array.shape for x in tensors]
    except (AttributeError, TypeError):
        raise _not_tensors(tensors) from None
    if isinstance(tensors, TensorBase):
        raise _not_tensors(tensors)
    if out is not None:
        refuse_overlap(out, tensors)
    if shapes and shapes.count(shapes[0]) == len(shapes) and len(shapes[0]) > 1:
        return deliver(out, joining.concat(*meet_all(tensors), axis=normalize_dim(dim, len(shapes[0]))))
    tensors = tuple(tensors)
    if not tensors:
        raise SettingError("torch.cat(): expected a non-empty list of Tensors")
    full = [x for x in tensors if tuple(x._array.shape) != (0,)]
    if not full:
        return deliver(out, joining.concat(*meet_all(tensors), axis=0))
    axis = normalize_dim(dim, full[0]._array.ndim)
    shapes = [tuple(x._array.shape) for x in full]
    for i, shape in enumerate(shapes):
        if not shape:
            raise ShapeError(f"zero-dimensional tensor (at position {i}) cannot be concatenated")
        if len(shape) != len(shapes[0]):
            raise ShapeError(f"Tensors must have same number of dimensions: got {len(shapes[0])} and {len(shape)}")
        if shape[:axis] + shape[axis + 1 :] != shapes[0][:axis] + shapes[0][axis + 1 :]:
            raise ShapeError(
                f"Sizes of tensors must match except in dimension {axis}. Expected {list(shapes[0])} but got "
                f"{list(shape)} for tensor number {i} in the list."
            )
    return deliver(out, joining.concat(*meet_all(full), axis=axis))


def _not_tensors(tensors: Any) -> ArgumentTypeError:
    if isinstance(tensors, TensorBase) or not isinstance(tensors, Iterable):
        return ArgumentTypeError(
            f"cat(): argument 'tensors' (position 1) must be tuple of Tensors, not {type(tensors).__name__}"
        )
    i, other = next((i, x) for i, x in enumerate(tensors) if not isinstance(x, TensorBase))
    return ArgumentTypeError(f"expected Tensor as element {i} in argument 0, but got {type(other).__name__}")


concat = concatenate = cat


def stack(tensors: Sequence[Any], dim: int = 0, *, axis: int | None = None, out: Any = None) -> Any:
    """``tensors`` joined along a new dimension. Mirrors ``torch.stack``.

    Raises:
        ShapeError: Shapes differ, or there is no tensor.
    """
    shapes = [tuple(x._array.shape) for x in tensors]
    if not shapes:
        raise ShapeError("stack expects a non-empty TensorList")
    if shapes.count(shapes[0]) != len(shapes):
        for i, shape in enumerate(shapes):
            if shape == shapes[0]:
                continue
            raise ShapeError(
                f"stack expects each tensor to be equal size, but got {list(shapes[0])} at entry 0 and {list(shape)} "
                f"at entry {i}"
            )
    place = normalize_dim(dim if axis is None else axis, len(shapes[0]) + 1)
    return deliver(out, joining.stack(*meet_all(tensors), axis=place))


def meet_all(tensors: Sequence[Any]) -> Sequence[Any]:
    """``tensors`` in one dtype; unchanged if they have it already."""
    first = tensors[0]._array.dtype
    for x in tensors:
        if x._array.dtype is not first:
            return meet(tuple(tensors), name="cat")
    return tensors


def hstack(tensors: Sequence[Any], *, out: Any = None) -> Any:
    """Joined horizontally. Mirrors ``torch.hstack``."""
    parts = [x if x._array.ndim else reshape(x, (1,)) for x in tensors]
    if not parts:
        raise ShapeError("hstack expects a non-empty TensorList")
    return cat(parts, 0 if parts[0]._array.ndim == 1 else 1, out=out)


def vstack(tensors: Sequence[Any], *, out: Any = None) -> Any:
    """Joined vertically, vectors as rows. Mirrors ``torch.vstack``."""
    return cat([x if x._array.ndim > 1 else reshape(x, (1, -1)) for x in tensors], 0, out=out)


row_stack = vstack
