"""Other shapes for the same elements: views where possible, and joining and cutting tensors."""

from __future__ import annotations

import functools
import math
from collections.abc import (
    Callable,
    Sequence,
)
from itertools import (
    pairwise,
)
from typing import (
    Any,
)

from xpgrad.array_api import (
    manipulation,
)
from xpgrad.backends.dtypes import (
    dtype as _DTYPE,
)
from xpgrad.core.tensor_base import (
    TensorBase,
)
from xpgrad.core.views import (
    is_copy,
    own,
)
from xpgrad.errors import (
    ArgumentTypeError,
    DtypeError,
    IndexingError,
    SettingError,
    ShapeError,
    XpgradError,
)
from xpgrad.functions.dims import (
    Dim,
    normalize_dim,
    normalize_dims,
)
from xpgrad.functions.elementwise import (
    meet,
)
from xpgrad.functions.results import (
    deliver,
    refuse_overlap,
)
from xpgrad.functions.strides import (
    is_row_major,
    view_as_dtype,
)
from xpgrad.ops import (
    indexing,
    joining,
    triangular,
)
from xpgrad.ops import (
    shape as ops,
)
from xpgrad.ops.copying import (
    row_major_copy,
)
from xpgrad.ops.indices import (
    along,
)

__all__ = [
    "atleast_1d", "broadcast_tensors", "broadcast_to", "cat", "chunk", "concat", "concatenate", "flatten", "flip",
    "fliplr", "flipud", "hstack", "meshgrid", "moveaxis", "movedim", "narrow", "numel", "permute", "ravel",
    "repeat_interleave", "reshape", "roll", "row_stack", "select", "split", "squeeze", "stack", "swapaxes",
    "swapdims", "t", "tensor_split", "tile", "transpose", "tril", "triu", "unbind", "unflatten", "unsqueeze",
    "vstack",
]  # fmt: skip

_transpose = ops.permute_dims.named("Transpose")
_t = ops.permute_dims.named("T")
_slice = indexing.getitem.named("SliceBackward0")
_select = indexing.getitem.named("SelectBackward0")


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
    if (result._view is None or is_copy(result)) and result.numel():
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


def unsqueeze(input: Any, dim: int) -> Any:
    """A new dimension of length 1 at ``dim``. Mirrors ``torch.unsqueeze``."""
    return ops.expand_dims.apply(input, axis=normalize_dim(dim, input._array.ndim + 1))


def squeeze(input: Any, dim: Dim = None) -> Any:
    """Without the dimensions of length 1, or those of ``dim`` that have it. Mirrors ``torch.squeeze``."""
    shape = input._array.shape
    axes = None if dim is None else () if dim == [] or dim == () else normalize_dims(dim, len(shape))
    gone = tuple([i for i in (range(len(shape)) if axes is None else axes) if shape[i] == 1])
    kind = _squeeze_all if axes is None else _squeeze_several if isinstance(dim, (tuple, list)) else ops.squeeze
    return kind.apply(input, axis=gone)


_squeeze_all = ops.squeeze.named("SqueezeBackward0")
_squeeze_several = ops.squeeze.named("SqueezeBackward2")


def expand(input: Any, *sizes: Any, size: Any = None) -> Any:
    """Dimensions of length 1 repeated to ``size`` without a copy; -1 keeps a length. Mirrors ``torch.Tensor.expand``.

    Raises:
        ShapeError: A length that is not 1 would change.
    """
    wanted = lengths(sizes, size)
    shape = tuple(input._array.shape)
    extra = len(wanted) - len(shape)
    if extra < 0:
        raise ShapeError(
            f"expand: the number of sizes provided ({len(wanted)}) must be greater or equal to the number of "
            f"dimensions in the tensor ({len(shape)})"
        )
    target = []
    for i, n in enumerate(wanted):
        have = shape[i - extra] if i >= extra else 1
        if n == -1 and i < extra:
            raise ShapeError(
                f"The expanded size of the tensor (-1) isn't allowed in a leading, non-existing dimension {i}"
            )
        if n != -1 and n != have and have != 1:
            raise ShapeError(
                f"The expanded size of the tensor ({n}) must match the existing size ({have}) at non-singleton "
                f"dimension {i}. Target sizes: {list(wanted)}. Tensor sizes: {list(shape)}"
            )
        target.append(have if n == -1 else n)
    return ops.broadcast_to.apply(input, shape=tuple(target))


def expand_as(input: Any, other: Any) -> Any:
    """`expand` to the shape of ``other``."""
    return expand(input, tuple(other._array.shape))


def broadcast_to(input: Any, size: Sequence[int]) -> Any:
    """`expand` under NumPy's name. Mirrors ``torch.broadcast_to``."""
    return expand(input, tuple(size))


def broadcast_tensors(*tensors: Any) -> tuple[Any, ...]:
    """All ``tensors`` expanded to their common shape. Mirrors ``torch.broadcast_tensors``."""
    if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)):
        tensors = tuple(tensors[0])
    shape = broadcast_shapes(*(tuple(x._array.shape) for x in tensors))
    return tuple(x if tuple(x._array.shape) == shape else expand(x, shape) for x in tensors)


def broadcast_shapes(*shapes: int | Sequence[int]) -> tuple[int, ...]:
    """The shape to which ``shapes`` (a length is one of them) broadcast. Mirrors ``torch.broadcast_shapes``.

    Raises:
        ShapeError: They do not.
    """
    given = [(s,) if isinstance(s, int) else tuple(s) for s in shapes]
    ndim = max((len(s) for s in given), default=0)
    result = [1] * ndim
    for shape in given:
        for i, n in enumerate(shape, ndim - len(shape)):
            if n != 1 and result[i] not in (1, n):
                raise ShapeError(
                    "Shape mismatch: objects cannot be broadcast to a single shape: " + " and ".join(map(str, given))
                )
            if n != 1:
                result[i] = n
    return tuple(result)


def repeat(input: Any, *times: Any, repeats: Any = None) -> Any:
    """The tensor laid side by side ``repeats`` times along each dimension. Mirrors ``torch.Tensor.repeat``.

    Raises:
        ShapeError: Fewer repeats than dimensions.
    """
    counts = lengths(times, repeats)
    if len(counts) < input._array.ndim:
        raise ShapeError(
            "Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor: "
            f"{len(counts)} < {input._array.ndim}"
        )
    return ops.tile.apply(input, repetitions=counts)


def tile(input: Any, *times: Any, dims: Any = None) -> Any:
    """`repeat` that fills missing leading counts with 1. Mirrors ``torch.tile``."""
    counts = lengths(times, dims)
    return repeat(input, (1,) * (input._array.ndim - len(counts)) + counts)


def repeat_interleave(
    input: Any = None, repeats: Any = None, dim: int | None = None, *, output_size: int | None = None
) -> Any:
    """Each element repeated ``repeats`` times in place. Mirrors ``torch.repeat_interleave``.

    With ``repeats`` alone, one-dimensional integers, it is the position of each that is repeated.

    Raises:
        ShapeError: It has another number of dimensions.
        DtypeError: They are no integers.
    """
    if input is None or repeats is None:
        repeats = repeats if input is None else input
        if repeats.ndim != 1:
            raise ShapeError(f"repeat_interleave only accept 1D vector as repeat, got {repeats.ndim} dimensions")
        if repeats.dtype.kind != "int":
            raise DtypeError(f'"repeat_interleave_cpu" not implemented for {repeats.dtype}: give int64')
        input = repeats.new_tensor(range(len(repeats)))
    if dim is None:
        input, dim = ravel(input), 0
    axis = normalize_dim(dim, input._array.ndim)
    if isinstance(repeats, TensorBase):
        counts = repeats.tolist()  # type: ignore[attr-defined]
        if isinstance(counts, list):
            order = [i for i, n in enumerate(counts) for _ in range(n)]
            return indexing.take.apply(input, input.new_tensor(order, dtype=repeats.dtype), axis=axis)  # type: ignore[attr-defined]
        repeats = counts
    return ops.repeat.apply(input, repeats=int(repeats), axis=axis)


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


def cat(tensors: Sequence[Any], dim: int = 0, *, axis: int | None = None, out: Any = None) -> Any:
    """``tensors`` joined along an existing dimension; legacy empty 1-d ones are skipped. Mirrors ``torch.cat``.

    Raises:
        ShapeError: Shapes differ in another dimension, or there is no tensor.
    """
    dim = dim if axis is None else axis
    if out is not None:
        refuse_overlap(out, tensors)
    shapes = [x._array.shape for x in tensors]
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


def split(tensor: Any, split_size_or_sections: Any, dim: int = 0) -> tuple[Any, ...]:
    """Views of consecutive pieces along ``dim``: of one length (the last may be shorter), or of given lengths.

    Mirrors ``torch.split``.

    Raises:
        ShapeError: The lengths do not add up.
    """
    if not tensor._array.ndim:
        raise ShapeError("split expects at least a 1-dimensional tensor")
    axis = normalize_dim(dim, tensor._array.ndim)
    length = tensor._array.shape[axis]
    kind = _split
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


_split, _split_with_sizes = joining.split, joining.split.named("SplitWithSizes")


def chunk(input: Any, chunks: int, dim: int = 0) -> tuple[Any, ...]:
    """At most ``chunks`` views of equal length along ``dim``, the last perhaps shorter. Mirrors ``torch.chunk``."""
    if not input._array.ndim:
        raise ShapeError("chunk expects at least a 1-dimensional tensor")
    if chunks <= 0:
        raise ShapeError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
    length = input._array.shape[normalize_dim(dim, input._array.ndim)]
    return split(input, -(-length // chunks) if length else [0] * chunks, dim)


def tensor_split(input: Any, indices_or_sections: Any, dim: int = 0) -> tuple[Any, ...]:
    """Views of pieces along ``dim``, as even as can be or cut at given indices. Mirrors ``torch.tensor_split``.

    Raises:
        ShapeError: The tensor is 0-d, or there is no section.
    """
    if not input._array.ndim:
        raise ShapeError("tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims")
    axis = normalize_dim(dim, input._array.ndim)
    length = input._array.shape[axis]
    if isinstance(indices_or_sections, TensorBase):
        indices_or_sections = indices_or_sections.tolist()  # type: ignore[attr-defined]
    if isinstance(indices_or_sections, int):
        if indices_or_sections <= 0:
            raise ShapeError(f"number of sections must be larger than 0, got {indices_or_sections}")
        n, extra = divmod(length, indices_or_sections)
        indices_or_sections = [i * n + min(i, extra) for i in range(1, indices_or_sections)]
    cuts = [0, *(min(max(i + length if i < 0 else i, 0), length) for i in indices_or_sections), length]
    return tuple(narrow(input, axis, start, max(stop - start, 0)) for start, stop in pairwise(cuts))


def unbind(input: Any, dim: int = 0) -> tuple[Any, ...]:
    """The slices along ``dim``. Mirrors ``torch.unbind``."""
    if input._array.ndim == 0:
        raise IndexingError("Dimension specified as 0 but tensor has no dimensions")
    return manipulation.unstack(input, axis=normalize_dim(dim, input._array.ndim))


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


def tril(input: Any, diagonal: int = 0, *, out: Any = None) -> Any:
    """The lower triangle of matrices, zero above ``diagonal``. Mirrors ``torch.tril``.

    Raises:
        ShapeError: There are fewer than two dimensions.
    """
    _require_matrices(input, "tril")
    result = triangular.tril.apply(input, k=diagonal)
    return result if out is None else deliver(out, result)


def triu(input: Any, diagonal: int = 0, *, out: Any = None) -> Any:
    """The upper triangle of matrices, zero below ``diagonal``. Mirrors ``torch.triu``; see `tril`."""
    _require_matrices(input, "triu")
    result = triangular.triu.apply(input, k=diagonal)
    return result if out is None else deliver(out, result)


def _require_matrices(x: Any, name: str) -> None:
    if x._array.ndim < 2:
        raise ShapeError(f"{name}: input tensor must have at least 2 dimensions, got shape {tuple(x._array.shape)}")


def meshgrid(*tensors: Any, indexing: str = "ij") -> tuple[Any, ...]:
    """Coordinate tensors from coordinate vectors. Mirrors ``torch.meshgrid``.

    Raises:
        SettingError: ``indexing`` is neither ``"ij"`` nor ``"xy"``.
    """
    if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)):
        tensors = tuple(tensors[0])
    if indexing not in ("ij", "xy"):
        raise SettingError(f'torch.meshgrid: indexing must be one of "xy" or "ij", but received: {indexing}')
    shape = tuple(x.numel() for x in tensors)
    grids = [
        expand(reshape(x, tuple(shape[i] if j == i else 1 for j in range(len(shape)))), shape)
        for i, x in enumerate(tensors)
    ]
    return tuple(transpose(g, 0, 1) for g in grids) if indexing == "xy" and len(grids) > 1 else tuple(grids)


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
