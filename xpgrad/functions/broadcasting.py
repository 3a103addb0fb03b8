"""Elements that appear several times: expanded, repeated, broadcast together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import DtypeError, SettingError, ShapeError
from xpgrad.functions.dims import normalize_dim, takes_axis
from xpgrad.functions.reordering import transpose
from xpgrad.functions.shape import lengths, ravel, reshape
from xpgrad.ops import indexing
from xpgrad.ops import shape as ops

__all__ = ["broadcast_tensors", "broadcast_to", "meshgrid", "repeat_interleave", "tile"]


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


@takes_axis
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


def meshgrid(*tensors: Any, indexing: str = "ij") -> tuple[Any, ...]:
    """Coordinate tensors from coordinate vectors. Mirrors ``torch.meshgrid``.

    Raises:
        SettingError: ``indexing`` is neither ``"ij"`` nor ``"xy"``.
        DtypeError: The dtypes differ.
    """
    if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)):
        tensors = tuple(tensors[0])
    if indexing not in ("ij", "xy"):
        raise SettingError(f'torch.meshgrid: indexing must be one of "xy" or "ij", but received: {indexing}')
    if any(x.dtype is not tensors[0].dtype for x in tensors):
        found = ", ".join(x.dtype.name for x in tensors)
        raise DtypeError(f"meshgrid expects all tensors to have the same dtype, got {found}; cast them first")
    shape = tuple(x.numel() for x in tensors)
    grids = [
        expand(reshape(x, tuple(shape[i] if j == i else 1 for j in range(len(shape)))), shape)
        for i, x in enumerate(tensors)
    ]
    return tuple(transpose(g, 0, 1) for g in grids) if indexing == "xy" and len(grids) > 1 else tuple(grids)
