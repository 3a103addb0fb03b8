"""Padding. Mirrors ``torch.nn.functional.pad``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xpgrad.errors import SettingError, ShapeError
from xpgrad.functions.results import fitting_number
from xpgrad.ops import padding as ops
from xpgrad.ops.shape import constant_pad

_GATHERS = {
    "reflect": (ops.reflection_pad_1d, ops.reflection_pad, ops.reflection_pad_3d),
    "replicate": (ops.replication_pad_1d, ops.replication_pad_2d, ops.replication_pad_3d),
    "circular": (ops.circular_pad,) * 3,
}


def pad(input: Any, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> Any:
    """``input`` with elements added at the ends of its last dimensions, or taken away where ``pad`` is negative.

    Args:
        input: The tensor; with another mode than ``"constant"``, with one or two more dimensions than are padded.
        pad: How many elements before and after the last dimension, then those of the last but one, and so on.
        mode: ``"constant"``; ``"reflect"`` (mirrored at the edge), ``"replicate"`` (the edge), ``"circular"``.
        value: The constant, 0 by default.

    Raises:
        ShapeError: ``pad`` does not fit the shape.
        SettingError: The mode is unknown, or takes no value.
    """
    if len(pad) % 2:
        raise ShapeError(f"Padding length must be divisible by 2, got {len(pad)}: {list(pad)}")
    ndim, shape = input._array.ndim, input._array.shape
    if len(pad) // 2 > ndim:
        raise ShapeError(
            "Padding length should be less than or equal to two times the input dimension but got padding length "
            f"{len(pad)} and input of dimension {ndim}"
        )
    ends = [(int(before), int(after)) for before, after in zip(pad[::2], pad[1::2], strict=True)]
    pads = [(0, 0)] * (ndim - len(ends)) + ends[::-1]
    if any(length + before + after < 0 for length, (before, after) in zip(shape, pads, strict=True)):
        raise ShapeError(f"pad: {list(pad)} takes more away than {list(shape)} has")
    if mode == "constant":
        fill = 0.0 if value is None else value
        return constant_pad.apply(input, widths=tuple(pads), value=_as(input, fill))
    if mode not in _GATHERS:
        raise SettingError(f"Unrecognised padding mode {mode}: give constant, reflect, replicate or circular")
    if value is not None:
        raise SettingError(f'Padding mode "{mode}" doesn\'t take in value argument')
    if len(ends) not in (1, 2, 3) or ndim not in (len(ends) + 1, len(ends) + 2):
        raise ShapeError(
            f"Padding size {len(pad)} is not supported for {ndim}D input tensor: mode {mode!r} pads the last dimension "
            "of 2D or 3D, the last two of 3D or 4D, the last three of 4D or 5D"
        )
    sources = tuple(
        None if ends == (0, 0) else _positions(mode, length, *ends) for length, ends in zip(shape, pads, strict=True)
    )
    return _GATHERS[mode][len(ends) - 1].apply(input, sources=sources)


def _positions(mode: str, length: int, before: int, after: int) -> list[int]:
    """Where along an axis of ``length`` each element of the padded one comes from."""
    places = range(-before, length + after)
    if mode == "replicate":
        return [min(max(i, 0), length - 1) for i in places]
    if mode == "circular":
        if max(before, after) > length:
            raise SettingError(f"Padding value causes wrapping around more than once: {before}, {after} of {length}")
        kept = range(max(-before, 0), length - max(-after, 0))
        return [kept[i % len(kept)] for i in range(-max(before, 0), len(kept) + max(after, 0))]
    if max(before, after) >= length:
        raise SettingError(
            "Padding size should be less than the corresponding input dimension, but got: padding "
            f"({before}, {after}) at a dimension of length {length}"
        )
    return [(length - 1) - abs((length - 1) - abs(i)) for i in places]


def _as(input: Any, value: float) -> Any:
    """``value`` as a Python number of the kind of ``input``'s dtype."""
    kind = input._place.dtype(input._array.dtype)
    return kind.scalar_type(fitting_number(value, kind))
