"""Tensors of values to test with."""

from __future__ import annotations

import math
from typing import Any

from xpgrad.backends.dtypes import dtype, float64
from xpgrad.core.grad_mode import no_grad
from xpgrad.errors import ArgumentError
from xpgrad.functions.creation import DeviceLike, empty
from xpgrad.functions.random import rand, randint
from xpgrad.functions.types import finfo, iinfo


def make_tensor(
    *shape: Any,
    dtype: dtype,
    device: DeviceLike,
    low: float | None = None,
    high: float | None = None,
    requires_grad: bool = False,
    noncontiguous: bool = False,
    exclude_zero: bool = False,
    memory_format: Any = None,
) -> Any:
    """Values uniform on ``[low, high)``. Mirrors ``torch.testing.make_tensor``.

    Args:
        shape: Lengths, or one sequence of them.
        dtype: The dtype.
        device: The device.
        low: -9 by default, 0 for booleans and unsigned integers.
        high: 10 by default for integers, 9 for floats, 2 for booleans.
        requires_grad: Whether the result is a leaf that requires grad.
        noncontiguous: Take every second element of twice as many.
        exclude_zero: Replace zeros by 1, or by the smallest normal number.
        memory_format: Taken for PyTorch's sake.

    Raises:
        ArgumentError: No value lies between ``low`` and ``high``, or an integer dtype shall require grad.
    """
    size = tuple(shape[0]) if len(shape) == 1 and not isinstance(shape[0], int) else shape
    if requires_grad and not dtype.is_differentiable:
        raise ArgumentError(f"`requires_grad=True` is not supported for boolean and integral dtypes, but got {dtype}")
    if noncontiguous and memory_format is not None:
        raise ArgumentError("The parameters `noncontiguous` and `memory_format` are mutually exclusive")
    low, high = _bounds(dtype, low, high)
    spread = (*size[:-1], 2 * size[-1]) if noncontiguous and size and math.prod(size) > 1 else size
    with no_grad():
        made = _drawn(spread, dtype, device, low, high)
        if exclude_zero:
            least = finfo(dtype).tiny if dtype.is_differentiable else 1
            made = made.masked_fill(made == 0, complex(least, least) if dtype.is_complex else least)
    made = made[..., ::2] if spread != size else made
    return made.detach().requires_grad_(requires_grad)


def _bounds(dtype: dtype, low: float | None, high: float | None) -> tuple[float, float]:
    if dtype.is_differentiable:
        info, usual = finfo(dtype), (-9.0, 9.0)
        least, most = float(info.min), float(info.max)
    elif dtype.name == "bool":
        usual, least, most = (0, 2), 0, 2
    else:
        usual = (-9, 10) if dtype.is_signed else (0, 10)
        least, most = iinfo(dtype).min, iinfo(dtype).max
    given = [default if value is None else value for value, default in zip((low, high), usual, strict=True)]
    if any(map(math.isnan, given)):
        raise ArgumentError(f"`low` and `high` cannot be NaN, but got {low=} and {high=}")
    start, end = (min(max(value, least), most) for value in given)
    if start >= end and not (start == end and dtype.is_differentiable):
        raise ArgumentError(f"`low` must be less than `high`, but got {start} >= {end}")
    return start, end


def _drawn(size: tuple[int, ...], dtype: dtype, device: DeviceLike, low: float, high: float) -> Any:
    if not dtype.is_differentiable:
        return randint(math.ceil(low), math.ceil(high), size, device=device).to(dtype)
    if dtype.is_complex:
        made = empty(size, dtype=dtype, device=device)
        made.real.copy_(_drawn(size, float64, device, low, high))
        made.imag.copy_(_drawn(size, float64, device, low, high))
        return made
    return (rand(size, dtype=float64, device=device) * (high - low) + low).to(dtype)
