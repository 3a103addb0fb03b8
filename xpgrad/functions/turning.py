"""In-place changes of shape: the tensor becomes a view of what it was."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from xpgrad.core.grad_mode import mode
from xpgrad.core.inplace import refuse
from xpgrad.core.layout import row_major
from xpgrad.core.tensor_base import TensorBase, make_tensor
from xpgrad.core.turning import become, set_aside, turn
from xpgrad.core.views import array_of, node_of, requires_grad
from xpgrad.errors import GradientError, InplaceError, ShapeError
from xpgrad.functions.dims import Dim, normalize_dim, normalize_dims, takes_axis
from xpgrad.functions.shape import lengths
from xpgrad.functions.strides import as_strided
from xpgrad.ops import shape
from xpgrad.ops.copying import detach

__all__ = ["resize_as_"]

_t = shape.permute_dims.named("TBackward1")
_transpose = shape.permute_dims.named("TransposeBackward1")
_unsqueeze = shape.expand_dims.named("UnsqueezeBackward1")
_squeeze_all = shape.squeeze.named("SqueezeBackward3")
_squeeze_one = shape.squeeze.named("SqueezeBackward4")
_squeeze_several = shape.squeeze.named("SqueezeBackward5")


def t_(self: Any) -> Any:
    """`t` in place."""
    if requires_grad(self):
        refuse(self)
    ndim = self._array.ndim
    if ndim > 2:
        raise ShapeError(f"t_() expects a tensor with <= 2 dimensions, but self is {ndim}D")
    return turn(self, _t, axes=tuple(reversed(range(ndim))))


def transpose_(self: Any, dim0: int, dim1: int) -> Any:
    """`transpose` in place."""
    if requires_grad(self):
        refuse(self)
    ndim = self._array.ndim
    first, second = normalize_dim(dim0, ndim), normalize_dim(dim1, ndim)
    axes = list(range(ndim))
    if axes:
        axes[first], axes[second] = second, first
    return turn(self, _transpose, axes=tuple(axes))


@takes_axis
def unsqueeze_(self: Any, dim: int) -> Any:
    """`unsqueeze` in place."""
    if requires_grad(self):
        refuse(self)
    return turn(self, _unsqueeze, axis=normalize_dim(dim, self._array.ndim + 1))


@takes_axis
def squeeze_(self: Any, dim: Dim = None) -> Any:
    """`squeeze` in place."""
    if requires_grad(self):
        refuse(self)
    lengths = self._array.shape
    axes = None if dim is None else () if dim == [] or dim == () else normalize_dims(dim, len(lengths))
    gone = tuple([i for i in (range(len(lengths)) if axes is None else axes) if lengths[i] == 1])
    kind = _squeeze_all if dim is None else _squeeze_several if isinstance(dim, (tuple, list)) else _squeeze_one
    return turn(self, kind, axis=gone)


def as_strided_(self: Any, size: Sequence[int], stride: Sequence[int], storage_offset: int | None = None) -> Any:
    """`as_strided` in place."""
    before = set_aside(self)
    become(self, as_strided(before, size, stride, storage_offset), before)
    return self


def resize_(self: Any, *sizes: Any, size: Any = None, memory_format: Any = None) -> Any:
    """Another shape for the memory, read in row-major order; more of it, of arbitrary values, if it is too short.

    A tensor that gets more memory shares it with nobody any more. Mirrors ``torch.Tensor.resize_``.

    Raises:
        GradientError: The tensor requires grad.
    """
    wanted = lengths(sizes, size)
    if any(n < 0 for n in wanted):
        raise ShapeError(f"Trying to create tensor with negative dimension {min(wanted)}: {list(wanted)}")
    if node_of(self) is not None:
        raise GradientError("cannot resize variables that require grad")
    if tuple(self._array.shape) == wanted:
        return self
    before = set_aside(self)
    try:
        made = as_strided(before, wanted, row_major(wanted))
    except ShapeError:
        place, array = self._place, array_of(self)
        xp = place.xp
        missing = math.prod(wanted) - math.prod(array.shape)
        more = xp.zeros((missing,), dtype=array.dtype, device=place.handle)
        made = make_tensor(xp.reshape(xp.concat([xp.reshape(array, (-1,)), more], axis=0), wanted), place)
    become(self, made, before)
    return self


def resize_as_(self: Any, the_template: Any, *, memory_format: Any = None) -> Any:
    """`resize_` to the shape of another tensor. Mirrors ``torch.Tensor.resize_as_``."""
    return resize_(self, tuple(the_template._array.shape))


def set_(
    self: Any,
    source: Any = None,
    storage_offset: int = 0,
    size: Sequence[int] | None = None,
    stride: Sequence[int] | None = None,
) -> Any:
    """Take over the memory of ``source``, a tensor. Mirrors ``torch.Tensor.set_``.

    Raises:
        InplaceError: One of them requires grad.
    """
    if source is None:
        source = self.new_empty(0)
    if not isinstance(source, TensorBase):
        raise InplaceError(f"set_: the source is a tensor here, got {type(source).__name__}: there are no storages")
    if mode.grad and node_of(self) is not None:
        refuse(self)
    if node_of(self) is not None or node_of(source) is not None:
        raise InplaceError("set_: neither tensor may require grad; use copy_(), or set .data")
    made = detach.apply(source)
    if size is not None:
        made = as_strided(made, size, row_major(size) if stride is None else stride, storage_offset)
    self._array, self._place, self._node, self._cell, self._view = (
        made._array, made._place, None, made._cell, made._view,
    )  # fmt: skip
    return self
