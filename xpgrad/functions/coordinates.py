"""Where elements are, as indices along each dimension."""

from __future__ import annotations

from typing import Any

from xpgrad.array_api.operands import cast
from xpgrad.backends.dtypes import int64
from xpgrad.core.tensor_base import TensorBase, make_tensor
from xpgrad.core.views import array_of
from xpgrad.errors import ArgumentError, ArgumentTypeError, SettingError
from xpgrad.functions.cutting import narrow
from xpgrad.functions.joining import cat, stack
from xpgrad.functions.results import deliver_exactly
from xpgrad.functions.shape import reshape

__all__ = ["argwhere", "nonzero", "nonzero_static", "unravel_index"]


def nonzero(input: Any, *, as_tuple: bool = False, out: Any = None) -> Any:
    """Where elements are nonzero: rows of a matrix, or a vector per dimension. Mirrors ``torch.nonzero``."""
    if input._array.ndim == 0:
        found = nonzero(reshape(input, 1), as_tuple=True)
        return found if as_tuple else deliver_exactly(out, narrow(stack(found, 1), 1, 0, 0).clone())
    place = input._place
    vectors = tuple(cast(make_tensor(a, place), int64) for a in place.xp.nonzero(array_of(input)))
    return vectors if as_tuple else deliver_exactly(out, stack(vectors, 1))


def argwhere(input: Any) -> Any:
    """The coordinates of the nonzero elements, as rows. Mirrors ``torch.argwhere``."""
    return nonzero(input)


def nonzero_static(input: Any, *, size: int, fill_value: int = -1, out: Any = None) -> Any:
    """The first ``size`` rows of `nonzero`, filled up with ``fill_value``. Mirrors ``torch.nonzero_static``.

    Raises:
        SettingError: ``size`` is negative.
    """
    if size < 0:
        raise SettingError(f"nonzero_static: 'size' must be an non-negative integer, got {size}")
    rows = nonzero(input)
    missing = size - rows._array.shape[0]
    if missing > 0:
        rows = cat([rows, rows.new_full((missing, input._array.ndim), fill_value)])
    return deliver_exactly(out, narrow(rows, 0, 0, size).clone())


def unravel_index(indices: Any, shape: Any) -> tuple[Any, ...]:
    """The coordinates, a tensor per dimension, of positions in a flattened tensor of ``shape``.

    Mirrors ``torch.unravel_index``.

    Raises:
        ArgumentTypeError: ``indices`` is not a tensor of integers, or ``shape`` not of integers.
        ArgumentError: A length is negative.
    """
    if not isinstance(indices, TensorBase) or indices.dtype.is_differentiable or indices.dtype.kind == "bool":  # type: ignore[attr-defined]
        raise ArgumentTypeError(
            f"expected 'indices' to be integer dtype, but got {getattr(indices, 'dtype', type(indices).__name__)}"
        )
    lengths = (shape,) if isinstance(shape, int) else tuple(shape)
    if not all(isinstance(n, int) for n in lengths):
        raise ArgumentTypeError(f"expected 'shape' elements to be integers, but got {lengths}")
    if any(n < 0 for n in lengths):
        raise ArgumentError(f"'shape' cannot have negative values, but got {lengths}")
    rest: Any = cast(indices, int64)
    found = []
    for n in reversed(lengths):
        found.append(rest.remainder(n))
        rest = rest.floor_divide(n)
    return tuple(reversed(found))
