"""What functions of networks ask of their arguments, and the errors if they are refused."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from xpgrad.core.tensor_base import TensorBase
from xpgrad.core.views import array_of
from xpgrad.errors import ArgumentError, ArgumentTypeError, DtypeError, IndexingError, ShapeError
from xpgrad.functions.checks import floating as floating
from xpgrad.functions.checks import kind_of as kind_of
from xpgrad.functions.checks import shape_of as shape_of
from xpgrad.functions.elementwise import meet


def same_dtype(x: Any, weight: Any, bias: Any = None) -> None:
    """Raise a DtypeError unless the tensors, None left out, have one dtype."""
    if x._array.dtype is weight._array.dtype and (bias is None or bias._array.dtype is x._array.dtype):
        return
    mine = x._place.dtype(x._array.dtype)
    for name, other in (("weight", weight), ("bias", bias)):
        if other is not None and other._place.dtype(other._array.dtype) is not mine:
            raise DtypeError(
                f"Input type ({mine.name}) and {name} type ({other._place.dtype(other._array.dtype).name}) should be "
                "the same: convert one of them with .to(dtype)"
            )


def alike(name: str, input: Any, target: Any) -> tuple[Any, Any]:
    """A loss's two tensors in one dtype.

    Raises:
        ArgumentTypeError: One is not a tensor.
        DtypeError: They are integers or booleans.
    """
    try:
        if input._array.dtype is target._array.dtype and input._node is not None:
            return input, target
    except AttributeError:
        pass
    for role, x in (("input", input), ("target", target)):
        if not isinstance(x, TensorBase):
            raise ArgumentTypeError(f"{name}(): argument '{role}' must be Tensor, not {type(x).__name__}")
    input, target = meet((input, target), name=name)
    return floating(name, input), target


def warn_of_broadcasting(input: Any, target: Any) -> None:
    """Warn, as PyTorch does, if the shapes of a loss's two tensors differ."""
    if input._array.shape != target._array.shape:
        warnings.warn(
            f"Using a target size ({target.shape}) that is different to the input size ({input.shape}). This will "
            "likely lead to incorrect results due to broadcasting. Please ensure they have the same size.",
            stacklevel=3,
        )


def reduction_of(reduction: str, size_average: bool | None = None, reduce: bool | None = None) -> str:
    """The reduction meant, also when spelled with the two flags of old.

    Raises:
        ArgumentError: It is not ``"none"``, ``"mean"`` or ``"sum"``.
    """
    if size_average is not None or reduce is not None:
        averaged = size_average is None or size_average
        reduction = ("mean" if averaged else "sum") if reduce is None or reduce else "none"
        warnings.warn(
            f"size_average and reduce args will be deprecated, please use reduction='{reduction}' instead.",
            stacklevel=4,
        )
    if reduction not in ("mean", "sum", "none"):
        raise ArgumentError(f"{reduction} is not a valid value for reduction: give 'none', 'mean' or 'sum'")
    return reduction


def per_dimension(name: str, argument: str, value: int | Sequence[int], ndim: int) -> tuple[int, ...]:
    """One integer for each of ``ndim`` spatial dimensions, from one for all or a sequence.

    Raises:
        ShapeError: The sequence has another length (PyTorch's RuntimeError).
    """
    values = (value,) * ndim if isinstance(value, int) else tuple(value)
    if len(values) == 1:
        values *= ndim
    if len(values) != ndim:
        raise ShapeError(
            f"{name}: expected {argument} to be a single integer value or a list of {ndim} values to match the "
            f"{ndim} spatial dimensions, but got {argument}={list(values)}"
        )
    return tuple(int(n) for n in values)


def bounds(indices: Any) -> tuple[int, int] | None:
    """The least and the greatest of ``indices``; None if there are none, or if asking would stall a device."""
    place = indices._place
    if place.device.type != "cpu" or 0 in indices._array.shape:
        return None
    array = array_of(indices)
    if place.backend.lazy:
        # Once for both of these, and for what is done with them.
        place.backend.compute([array])
    return int(place.xp.min(array)), int(place.xp.max(array))


def indices_within(indices: Any, size: int, message: str, error: type[IndexingError] = IndexingError) -> None:
    """Raise ``error`` with ``message`` if an index does not lie in [0, ``size``)."""
    found = bounds(indices)
    if found is not None and (found[0] < 0 or found[1] >= size):
        raise error(message.format(found[0] if found[0] < 0 else found[1]))
