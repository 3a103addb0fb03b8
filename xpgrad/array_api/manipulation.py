"""The standard's manipulation functions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from xpgrad._typing import Shape
from xpgrad.array_api.operands import meet
from xpgrad.array_api.reductions import cumulative_sum
from xpgrad.array_api.reductions import sum as sum_of
from xpgrad.backends.dtypes import int64
from xpgrad.core.tensor_base import TensorBase, make_tensor
from xpgrad.errors import ArgumentError, IndexingError, ShapeError
from xpgrad.ops import joining
from xpgrad.ops import shape as ops
from xpgrad.ops.copying import copy as clone
from xpgrad.ops.indexing import take
from xpgrad.ops.searching import searchsorted

__all__ = [
    "broadcast_arrays", "broadcast_to", "concat", "expand_dims", "flip", "matrix_transpose", "moveaxis", "permute_dims",
    "repeat", "reshape", "roll", "squeeze", "stack", "tile", "unstack",
]  # fmt: skip


def axis_of(axis: int, ndim: int, name: str) -> int:
    """``axis`` counted from the front.

    Raises:
        IndexingError: It is beyond either end.
    """
    if not -ndim <= axis < ndim:
        raise IndexingError(
            f"{name}: axis {axis} is out of range for {ndim} axes; give one from {-ndim} to {ndim - 1}"
            if ndim
            else f"{name}: axis {axis} is out of range for a 0-d array"
        )
    return axis % ndim


def axes_of(axis: int | Sequence[int], ndim: int, name: str) -> Shape:
    """One axis or several, counted from the front.

    Raises:
        IndexingError: One is beyond either end.
        ArgumentError: One is there twice.
    """
    axes = tuple([axis_of(a, ndim, name) for a in ((axis,) if isinstance(axis, int) else axis)])
    if len(set(axes)) < len(axes):
        raise ArgumentError(f"{name}: axes {axis} name one axis twice")
    return axes


def reshape(x: TensorBase, /, shape: Shape, *, copy: bool | None = None) -> Any:
    """``x`` with ``shape``, the elements in row-major order; one length of -1 is found from the others.

    Args:
        x: Of any shape and dtype.
        shape: The new lengths.
        copy: True for new memory always, False for never, None if it cannot be helped.

    Raises:
        ShapeError: The number of elements differs.
        ArgumentError: ``copy`` is False, but the memory of ``x`` cannot be seen in that shape.
    """
    shape = _completed(tuple(x._array.shape), shape)
    result = ops.reshape.apply(x, shape=shape)
    if copy:
        return clone.apply(result)
    place = x._place
    if copy is False and place.mutable and not place.backend.shares_memory(result._array, x._array):
        raise ArgumentError(f"reshape: {tuple(x._array.shape)} to {shape} needs a copy here; give copy=None")
    return result


def _completed(old: Shape, new: Shape) -> Shape:
    size, known = math.prod(old), math.prod(n for n in new if n != -1)
    if new.count(-1) == 1 and known and size % known == 0:
        return tuple([size // known if n == -1 else n for n in new])
    if known != size or -1 in new:
        raise ShapeError(f"reshape: shape {old} has {size} elements, which do not fit {tuple(new)}")
    return tuple(new)


def permute_dims(x: TensorBase, /, axes: Shape) -> Any:
    """``x`` with its axes in the order ``axes``, a view.

    Raises:
        ArgumentError: ``axes`` does not name each axis once.
    """
    ndim = x._array.ndim
    order = axes_of(tuple(axes), ndim, "permute_dims")
    if len(order) != ndim:
        raise ArgumentError(f"permute_dims: axes {tuple(axes)} must name each of {ndim} axes once")
    return ops.permute_dims.apply(x, axes=order)


def moveaxis(x: TensorBase, source: int | Shape, destination: int | Shape, /) -> Any:
    """``x`` with the axes ``source`` at ``destination`` and the others in their order, a view.

    Raises:
        ArgumentError: There are not as many destinations as sources.
    """
    ndim = x._array.ndim
    sources, targets = axes_of(source, ndim, "moveaxis"), axes_of(destination, ndim, "moveaxis")
    if len(sources) != len(targets):
        raise ArgumentError(f"moveaxis: source {source} and destination {destination} differ in length")
    others = iter([a for a in range(ndim) if a not in sources])
    order = [sources[targets.index(i)] if i in targets else next(others) for i in range(ndim)]
    return ops.permute_dims.apply(x, axes=tuple(order))


def matrix_transpose(x: TensorBase, /) -> Any:
    """``x`` (..., n, m) as (..., m, n), a view.

    Raises:
        ShapeError: ``x`` has fewer than two axes.
    """
    if x._array.ndim < 2:
        raise ShapeError(f"matrix_transpose: takes matrices (..., n, m), got shape {tuple(x._array.shape)}")
    return ops.matrix_transpose.apply(x)


def expand_dims(x: TensorBase, /, axis: int) -> Any:
    """``x`` with a new axis of length 1 at ``axis``, a view.

    Raises:
        IndexingError: ``axis`` is beyond either end of the result's axes.
    """
    return ops.expand_dims.apply(x, axis=axis_of(axis, x._array.ndim + 1, "expand_dims"))


def squeeze(x: TensorBase, /, axis: int | Shape) -> Any:
    """``x`` without the axes ``axis``, which have length 1; a view.

    Raises:
        ArgumentError: One of them has another length.
    """
    shape = x._array.shape
    axes = axes_of(axis, len(shape), "squeeze")
    if any(shape[a] != 1 for a in axes):
        raise ArgumentError(f"squeeze: axis {axis} of shape {tuple(shape)} is not of length 1")
    return ops.squeeze.apply(x, axis=axes)


def broadcast_shapes(*shapes: Shape) -> Shape:
    """The shape to which ``shapes`` broadcast (array API 2025.12).

    Raises:
        ShapeError: They do not.
    """
    ndim = max((len(shape) for shape in shapes), default=0)
    columns = zip(*[(1,) * (ndim - len(shape)) + tuple(shape) for shape in shapes], strict=True)
    common = []
    for lengths in columns:
        wide = {n for n in lengths if n != 1}
        if len(wide) > 1:
            raise ShapeError(f"shapes {' and '.join(str(tuple(shape)) for shape in shapes)} do not broadcast")
        common.append(wide.pop() if wide else 1)
    return tuple(common)


def broadcast_to(x: TensorBase, /, shape: Shape) -> Any:
    """``x``, repeated without a copy to fill ``shape``.

    Raises:
        ShapeError: ``x`` does not broadcast to ``shape``.
    """
    have, shape = tuple(x._array.shape), tuple(shape)
    if len(have) > len(shape) or any(n not in (1, m) for n, m in zip(have[::-1], shape[::-1], strict=False)):
        raise ShapeError(f"broadcast_to: shape {have} does not broadcast to {shape}")
    return ops.broadcast_to.apply(x, shape=shape)


def broadcast_arrays(*arrays: TensorBase) -> list[Any]:
    """All ``arrays`` in the shape to which they broadcast, without copies.

    Raises:
        ShapeError: They do not.
    """
    shape = broadcast_shapes(*(x._array.shape for x in arrays))
    return [ops.broadcast_to.apply(x, shape=shape) for x in arrays]


def flip(x: TensorBase, /, *, axis: int | Shape | None = None) -> Any:
    """A copy of ``x`` with the order of its elements reversed along ``axis``, along all axes by default."""
    ndim = x._array.ndim
    return ops.flip.apply(x, axis=tuple(range(ndim)) if axis is None else axes_of(axis, ndim, "flip"))


def roll(x: TensorBase, /, shift: int | Shape, *, axis: int | Shape | None = None) -> Any:
    """``x`` with its elements moved on by ``shift`` along ``axis``, those beyond the end back at the start.

    With several axes ``shift`` may be one number or one for each; without an axis the flattened elements move.

    Raises:
        ArgumentError: There are several shifts and another number of axes.
    """
    shape = tuple(x._array.shape)
    if axis is None:
        flat = ops.reshape.apply(x, shape=(math.prod(shape),))
        return ops.reshape.apply(ops.roll.apply(flat, shift=shift, axis=0), shape=shape)
    axes = tuple([axis_of(a, len(shape), "roll") for a in ((axis,) if isinstance(axis, int) else axis)])
    shifts = (shift,) * len(axes) if isinstance(shift, int) else tuple(shift)
    if len(shifts) != len(axes):
        raise ArgumentError(f"roll: {len(shifts)} shifts and {len(axes)} axes; give one shift or one for each axis")
    if len(axes) == 1:
        return ops.roll.apply(x, shift=shifts[0], axis=axes[0])
    return ops.roll.apply(x, shift=shifts, axis=axes)


def tile(x: TensorBase, repetitions: Shape, /) -> Any:
    """``x`` laid side by side ``repetitions`` times along its axes, the last ones if there are fewer numbers."""
    missing = x._array.ndim - len(repetitions)
    return ops.tile.apply(x, repetitions=(1,) * missing + tuple(repetitions))


def repeat(x: TensorBase, repeats: int | TensorBase, /, *, axis: int | None = None) -> Any:
    """``x`` with each element in a row ``repeats`` times along ``axis``; flattened first if that is None.

    ``repeats`` may be a 1-d integer tensor with a number for each element.

    Raises:
        ShapeError: There is another number of repeats than elements.
    """
    if axis is None:
        x, axis = ops.reshape.apply(x, shape=(math.prod(x._array.shape),)), 0
    axis = axis_of(axis, x._array.ndim, "repeat")
    if isinstance(repeats, int):
        return ops.repeat.apply(x, repeats=repeats, axis=axis)
    length, counts = x._array.shape[axis], repeats
    if counts._array.shape in ((), (1,)):
        counts = ops.broadcast_to.apply(counts, shape=(length,))
    if counts._array.shape != (length,):
        raise ShapeError(f"repeat: {tuple(counts._array.shape)} repeats for an axis of length {length}")
    place, total = x._place, int(sum_of(counts))
    order = make_tensor(place.xp.arange(total, dtype=place.raw_dtype(int64), device=place.handle), place)
    return take.apply(x, searchsorted(cumulative_sum(counts, dtype=int64), order, side="right"), axis=axis)


def concat(arrays: Sequence[TensorBase], /, *, axis: int | None = 0) -> Any:
    """``arrays`` one after the other along ``axis``, the only one in which they may differ; flattened if it is None.

    Raises:
        ShapeError: Their other lengths differ.
    """
    if axis is None:
        arrays, axis = [ops.reshape.apply(x, shape=(math.prod(x._array.shape),)) for x in arrays], 0
    arrays = meet(tuple(arrays), "concat")
    shapes = [tuple(x._array.shape) for x in arrays]
    axis = axis_of(axis, len(shapes[0]), "concat")
    if len({(*shape[:axis], *shape[axis + 1 :]) for shape in shapes}) > 1 or len({len(s) for s in shapes}) > 1:
        raise ShapeError(f"concat: shapes {', '.join(map(str, shapes))} differ in more than axis {axis}")
    return joining.concat(*arrays, axis=axis)


def stack(arrays: Sequence[TensorBase], /, *, axis: int = 0) -> Any:
    """``arrays``, all of one shape, along a new axis at ``axis``.

    Raises:
        ShapeError: Their shapes differ.
    """
    arrays = meet(tuple(arrays), "stack")
    shapes = [tuple(x._array.shape) for x in arrays]
    if len(set(shapes)) > 1:
        raise ShapeError(f"stack: shapes {', '.join(map(str, shapes))} differ")
    return joining.stack(*arrays, axis=axis_of(axis, len(shapes[0]) + 1, "stack"))


def unstack(x: TensorBase, /, *, axis: int = 0) -> tuple[Any, ...]:
    """The elements of ``x`` along ``axis``, each without that axis; views."""
    pieces: tuple[Any, ...] = joining.unstack.apply(x, axis=axis_of(axis, x._array.ndim, "unstack"))
    return pieces
