"""Views that read the same memory in other ways: by strides, in windows, as numbers of another kind."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

from xpgrad.backends.dtypes import dtype
from xpgrad.backends.fallbacks.striding import strided_positions
from xpgrad.core.grad_mode import mode
from xpgrad.core.layout import is_complex, layout_of, row_major, strides_of
from xpgrad.core.tensor_base import make_tensor
from xpgrad.core.views import Through, chain_of, fixed_view, freshen, node_of
from xpgrad.errors import DtypeError, ShapeError
from xpgrad.functions.creation import empty
from xpgrad.functions.dims import normalize_dim
from xpgrad.functions.elementwise import unary
from xpgrad.ops import arithmetic, complex, indexing, shape, striding
from xpgrad.ops.copying import detach

__all__ = ["as_strided", "empty_permuted", "empty_strided", "imag", "real", "view_as_complex", "view_as_real"]

Ints = Sequence[int]

_real = unary(complex.real, "real")
_imag = unary(complex.imag, "imag")


def as_strided(input: Any, size: Ints, stride: Ints, storage_offset: int | None = None) -> Any:
    """The memory of ``input`` from ``storage_offset``, in steps of ``stride``, as ``size``; a view.

    Where the library's arrays have no strides, memory is that of the tensor which ``input`` is a view of, in row-major
    order. Mirrors ``torch.as_strided``.

    Raises:
        ShapeError: ``size`` and ``stride`` differ in length, a stride is negative, or the memory ends before.
    """
    size, stride, memory, offset = _asked(input, size, stride, storage_offset)
    viewed = striding.as_strided.apply(memory, size=size, stride=stride, offset=offset)
    if viewed._view is None or input._view is None:
        return viewed
    if is_complex(chain_of(input, tracked=True)[0]) != is_complex(input) and not viewed._view.fixed:
        # Of parts of complex numbers, memory is another tensor than what gradients go to.
        made = viewed._view
        viewed._view = through = Through()
        through.base, through.op, through.arguments, through.seen = made.base, made.op, made.arguments, made.seen
        through.source = input
        through.make = functools.partial(as_strided, size=size, stride=stride, storage_offset=storage_offset)
    fixed = fixed_view(input)
    if fixed is not None and not viewed._view.fixed:
        viewed._view = viewed._view.unrecorded(viewed)
        viewed._view.fixed = fixed.fixed
    if mode.grad and node_of(input) is not None:
        viewed._node = _through(input, memory, size, stride, offset)
    return viewed


def _asked(input: Any, size: Ints, stride: Ints, storage_offset: int | None) -> tuple[Any, Any, Any, int]:
    """What `as_strided` is asked for, checked, and the tensor whose elements in row-major order are the memory."""
    sizes, strides = tuple(int(n) for n in size), tuple(int(n) for n in stride)
    if len(sizes) != len(strides):
        raise ShapeError("mismatch in length of strides and shape")
    if any(n < 0 for n in strides):
        raise ShapeError(f"as_strided: Negative strides are not supported at the moment, got strides: {list(strides)}")
    if input._view is not None:
        freshen(input)
    offset = layout_of(input)[1] if storage_offset is None else int(storage_offset)
    if offset < 0:
        raise ShapeError(f"Tensor: invalid storage offset {offset}")
    memory, start = _memory_of(input)
    needed = offset + sum((n - 1) * step for n, step in zip(sizes, strides, strict=True)) + 1
    have = start + math.prod(memory._array.shape)
    if 0 not in sizes and needed > have:
        itemsize = input.dtype.itemsize
        raise ShapeError(
            f"setStorage: sizes {list(sizes)}, strides {list(strides)}, storage offset {offset}, and itemsize "
            f"{itemsize} requiring a storage size of {needed * itemsize} are out of bounds for storage of size "
            f"{have * itemsize}"
        )
    if 0 in sizes:
        return sizes, strides, memory, 0
    if offset < start:
        # Only what `input` was detached from has these elements.
        memory, start = _row_major(detach.apply(chain_of(input)[0])), 0
    return sizes, strides, memory, offset - start


def _memory_of(input: Any) -> tuple[Any, int]:
    """The tensor that holds the memory of ``input`` and its history, and where in memory it begins."""
    owner, chain = chain_of(input, tracked=True)
    start = layout_of(owner)[1] if chain or owner._view is not None else 0
    memory = _row_major(owner)
    if is_complex(owner) and not is_complex(input):
        return striding.view_as_real.apply(memory), start * 2
    if is_complex(input) and not is_complex(owner):
        return striding.view_as_complex.apply(shape.reshape.apply(memory, shape=(-1, 2))), start // 2
    return memory, start


def _row_major(tensor: Any) -> Any:
    """``tensor`` with its dimensions in the order in which they lie in memory."""
    strides = strides_of(tensor)
    order = tuple(sorted(range(len(strides)), key=lambda axis: -strides[axis]))
    return tensor if order == tuple(range(len(order))) else shape.permute_dims.apply(tensor, axes=order)


def _through(input: Any, memory: Any, size: Ints, stride: Ints, offset: int) -> Any:
    """The history of `as_strided` of a view: gradients go to its elements only, and not to others in its memory."""
    strides, start = layout_of(input)
    place = input._place
    count = math.prod(memory._array.shape)
    begin = _memory_of(input)[1]
    xp = place.xp
    positions = strided_positions(xp, place.handle, tuple(input._array.shape), strides, start - begin)
    ones = xp.ones(positions.shape, dtype=input._array.dtype, device=place.handle)
    times = xp.scatter_add(ones, positions, size=count)
    # Elements that share memory share the gradient too.
    shares = make_tensor(1.0 / xp.where(times == 0, xp.ones_like(times), times), place)
    flat = shape.reshape.apply(input, shape=(-1,))
    image = arithmetic.multiply.apply(
        indexing.scatter_add.apply(flat, make_tensor(positions, place), size=count), shares
    )
    return striding.as_strided.apply(image, size=size, stride=stride, offset=offset)._node


def unfold(input: Any, dimension: int, size: int, step: int) -> Any:
    """All windows of ``size`` along ``dimension``, ``step`` apart, their elements last; a view.

    Mirrors ``torch.Tensor.unfold``.

    Raises:
        ShapeError: ``size`` is negative or longer than the dimension, or ``step`` not positive.
    """
    ndim = input._array.ndim
    axis = normalize_dim(dimension, ndim)
    length = input._array.shape[axis] if ndim else 1
    if size < 0:
        raise ShapeError(f"size is {size} but must be >= 0")
    if size > length:
        raise ShapeError(f"maximum size for tensor at dimension {axis} is {length} but size is {size}")
    if step <= 0:
        raise ShapeError(f"step is {step} but must be > 0")
    if not ndim:
        return indexing.getitem.apply(input, index=(None,))[: int(size)]
    return striding.sliding_windows.apply(input, axis=axis, size=size, step=step)


def view_as_real(input: Any) -> Any:
    """Complex numbers (...) as pairs of real ones (..., 2); a view. Mirrors ``torch.view_as_real``.

    Raises:
        DtypeError: The tensor is real.
    """
    if not is_complex(input):
        raise DtypeError(f"view_as_real is only supported for complex tensors, got {input.dtype}")
    return striding.view_as_real.apply(input)


def view_as_complex(input: Any) -> Any:
    """Pairs of real numbers (..., 2) as complex ones (...); a view. Mirrors ``torch.view_as_complex``.

    Raises:
        DtypeError: The tensor is not float32 or float64.
        ShapeError: The last dimension is not 2, or the pairs are not neighbours in memory.
    """
    if input.dtype.name not in ("float32", "float64"):
        raise DtypeError(
            "view_as_complex is only supported for half, float and double tensors, but got a tensor of scalar type: "
            f"{input.dtype.name} (this library has no complex32)"
        )
    lengths = input._array.shape
    if not lengths:
        raise ShapeError("Input tensor must have one or more dimensions")
    if lengths[-1] != 2:
        raise ShapeError(f"Tensor must have a last dimension of size 2, got shape {tuple(lengths)}")
    strides, offset = layout_of(input) if input._view is not None else (strides_of(input), 0)
    if strides[-1] != 1:
        raise ShapeError("Tensor must have a last dimension with stride 1")
    if any(step % 2 for n, step in zip(lengths[:-1], strides, strict=False) if n != 1):
        raise ShapeError("Tensor must have a stride divisible by 2 for all but last dimension")
    if offset % 2:
        raise ShapeError("Tensor must have a storage_offset divisible by 2")
    return striding.view_as_complex.apply(input)


def view_as_dtype(input: Any, kind: dtype) -> Any:
    """The bytes of ``input`` read as ``kind``, without history. Mirrors ``torch.Tensor.view(dtype)``.

    Raises:
        ShapeError: The lengths or the layout do not allow it.
    """
    have = input.dtype
    if have is kind:
        return indexing.getitem.named("AliasBackward0").apply(input, index=(...,))
    ratio, rest = divmod(kind.itemsize, have.itemsize)
    said = f"to view {have.name} as {kind.name} (different element sizes), but got"
    if have.itemsize != kind.itemsize:
        if not input._array.ndim:
            raise ShapeError(f"self.dim() cannot be 0 to view {have.name} as {kind.name} (different element sizes)")
        strides = strides_of(input)
        if strides[-1] != 1:
            raise ShapeError(f"self.stride(-1) must be 1 {said} {strides[-1]}")
        if kind.itemsize > have.itemsize:
            if rest or input._array.shape[-1] % ratio:
                raise ShapeError(f"self.size(-1) must be divisible by {ratio} {said} {input._array.shape[-1]}")
            if any(n % ratio for n in strides[:-1]):
                raise ShapeError(f"self.stride() must be divisible by {ratio} {said} {list(strides)}")
            if layout_of(input)[1] % ratio:
                raise ShapeError(f"self.storage_offset() must be divisible by {ratio} {said} {layout_of(input)[1]}")
    return striding.bitcast.apply(input, dtype=input._place.raw_dtype(kind))


def real(input: Any) -> Any:
    """The real parts, a view; a real tensor itself. Mirrors ``torch.real``."""
    return _real(input) if is_complex(input) else input


def imag(input: Any) -> Any:
    """The imaginary parts, a view. Mirrors ``torch.imag``.

    Raises:
        DtypeError: The tensor is real.
    """
    if not is_complex(input):
        raise DtypeError("imag is not implemented for tensors with non-complex dtypes.")
    return _imag(input)


def is_row_major(input: Any) -> bool:
    """Whether the elements lie in row-major order without gaps."""
    shape = input._array.shape
    if 0 in shape:
        return True
    pairs = zip(shape, strides_of(input), row_major(shape), strict=True)
    return all(n == 1 or step == expected for n, step, expected in pairs)


def empty_strided(size: Ints, stride: Ints, **options: Any) -> Any:
    """A tensor of arbitrary values whose memory has these strides. Mirrors ``torch.empty_strided``.

    Where the library's arrays have no strides it is a view of one that has.
    """
    if len(size) != len(stride):
        raise ShapeError(f"dimensionality of sizes ({len(size)}) must match dimensionality of strides ({len(stride)})")
    requires_grad = options.pop("requires_grad", False)
    last = sum((n - 1) * step for n, step in zip(size, stride, strict=True))
    made = as_strided(empty(0 if 0 in size else last + 1, **options), size, stride).detach()
    return made.requires_grad_() if requires_grad else made


def empty_permuted(size: Ints, physical_layout: Ints, **options: Any) -> Any:
    """A tensor of arbitrary values with its dimensions in that order in memory. Mirrors ``torch.empty_permuted``.

    Raises:
        ShapeError: ``physical_layout`` does not name each dimension once.
    """
    order = [int(d) for d in physical_layout]
    if len(order) != len(size):
        raise ShapeError(
            f"Number of dimensions in size does not match the length of the physical_layout; i.e. len(size) = "
            f"{len(size)} is not equal to len(physical_layout) = {len(order)}"
        )
    if any(not 0 <= d < len(order) for d in order):
        raise ShapeError(f"Dimension out of range (expected to be between 0 and {len(order) - 1}, but got {order})")
    if len(set(order)) != len(order):
        raise ShapeError("Duplicate dim not allowed")
    strides = [0] * len(order)
    step = 1
    for d in reversed(order):
        strides[d], step = step, step * max(size[d], 1)
    return empty_strided(size, strides, **options)


def new_empty_strided(
    self: Any, size: Ints, stride: Ints, *, dtype: Any = None, device: Any = None, **options: Any
) -> Any:
    """`empty_strided` in the dtype and on the device of ``self``. Mirrors ``torch.Tensor.new_empty_strided``."""
    return empty_strided(size, stride, dtype=dtype or self.dtype, device=device or self.device, **options)
