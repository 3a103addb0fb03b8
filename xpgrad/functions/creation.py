"""Making tensors: from values, from other tensors' shapes, from memory of other libraries."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import Any

from xpgrad.backends.base import Place, device
from xpgrad.backends.dtypes import dtype, int64
from xpgrad.backends.registry import default_place, resolve
from xpgrad.core.graph import AccumulateGrad
from xpgrad.core.promotion import get_default_dtype, scalar_dtype
from xpgrad.core.tensor_base import TensorBase, make_tensor
from xpgrad.errors import ArgumentTypeError, DtypeError, SettingError
from xpgrad.functions.draws import dtype_for
from xpgrad.functions.layouts import require_strided
from xpgrad.functions.results import deliver, fitting_number, number

__all__ = [
    "arange", "empty", "empty_like", "eye", "full", "full_like", "linspace", "logspace", "ones", "ones_like", "range",
    "scalar_tensor", "zeros", "zeros_like",
]  # fmt: skip

DeviceLike = device | str | int | None


def finish(array: Any, place: Place, requires_grad: bool) -> Any:
    """A new leaf around ``array``."""
    made = make_tensor(array, place)
    if requires_grad:
        d = place.dtype(made._array.dtype)
        if not d.is_differentiable:
            raise DtypeError(
                "Only Tensors of floating point and complex dtype can require gradients; "
                f"asked for requires_grad=True with {d}: give dtype=float32"
            )
        made._node = AccumulateGrad(made)
    return made


def place_for_device(device: DeviceLike) -> Place:
    """The place that ``device`` names, the default one for None."""
    return default_place() if device is None else resolve(device)


def size_of(sizes: tuple[Any, ...], size: Any = None) -> tuple[int, ...]:
    """The shape meant by ``f(2, 3)``, ``f((2, 3))`` or ``f(size=(2, 3))``.

    Raises:
        ArgumentTypeError: Something in it is not an integer.
    """
    if size is not None:
        sizes = (size,)
    if len(sizes) == 1 and isinstance(sizes[0], (tuple, list)):
        sizes = tuple(sizes[0])
    try:
        shape = tuple(n.__index__() for n in sizes)
    except AttributeError:
        raise ArgumentTypeError(f"size: expected integers or one tuple of integers, got {sizes!r}") from None
    if any(n < 0 for n in shape):
        raise SettingError(f"Trying to create tensor with negative dimension {min(shape)}: {list(shape)}")
    return shape


def raw_dtype(place: Place, wanted: Any) -> Any:
    """The library's spelling of the dtype ``wanted``.

    Raises:
        ArgumentTypeError: It is no dtype of ours.
    """
    if not isinstance(wanted, dtype):
        raise ArgumentTypeError(
            f"argument 'dtype' must be torch.dtype, not {type(wanted).__name__}: write dtype=torch.float32, say, got "
            f"{wanted!r:.60}"
        )
    return place.raw_dtype(wanted)


def empty(
    *sizes: Any,
    size: Any = None,
    out: Any = None,
    dtype: dtype | None = None,
    device: DeviceLike = None,
    requires_grad: bool = False,
    layout: Any = None,
    pin_memory: bool = False,
    memory_format: Any = None,
) -> Any:
    """A tensor of the given shape with arbitrary values. Mirrors ``torch.empty``."""
    if layout is not None:
        require_strided(layout)
    place = place_for_device(device)
    raw = raw_dtype(place, dtype or get_default_dtype())
    return deliver(
        out, finish(place.xp.empty(size_of(sizes, size), dtype=raw, device=place.handle), place, requires_grad)
    )


def zeros(
    *sizes: Any,
    size: Any = None,
    out: Any = None,
    dtype: dtype | None = None,
    device: DeviceLike = None,
    requires_grad: bool = False,
    layout: Any = None,
    pin_memory: bool = False,
) -> Any:
    """A tensor of the given shape filled with 0. Mirrors ``torch.zeros``."""
    if layout is not None:
        require_strided(layout)
    place = place_for_device(device)
    raw = raw_dtype(place, dtype or get_default_dtype())
    return deliver(
        out, finish(place.xp.zeros(size_of(sizes, size), dtype=raw, device=place.handle), place, requires_grad)
    )


def ones(
    *sizes: Any,
    size: Any = None,
    out: Any = None,
    dtype: dtype | None = None,
    device: DeviceLike = None,
    requires_grad: bool = False,
    layout: Any = None,
    pin_memory: bool = False,
) -> Any:
    """A tensor of the given shape filled with 1. Mirrors ``torch.ones``."""
    if layout is not None:
        require_strided(layout)
    place = place_for_device(device)
    raw = raw_dtype(place, dtype or get_default_dtype())
    return deliver(
        out, finish(place.xp.ones(size_of(sizes, size), dtype=raw, device=place.handle), place, requires_grad)
    )


def full(
    size: Sequence[int],
    fill_value: Any,
    *,
    out: Any = None,
    dtype: dtype | None = None,
    device: DeviceLike = None,
    requires_grad: bool = False,
    layout: Any = None,
    pin_memory: bool = False,
) -> Any:
    """A tensor of the given shape filled with ``fill_value``, in its dtype by default. Mirrors ``torch.full``.

    Raises:
        DtypeError: ``dtype`` cannot hold it.
    """
    if layout is not None:
        require_strided(layout)
    place = place_for_device(device)
    fill_value = number(fill_value)
    raw = raw_dtype(place, dtype or scalar_dtype(fill_value))
    if dtype is not None:
        fill_value = fitting_number(fill_value, dtype)
    array = place.xp.full(size_of((size,)), fill_value, dtype=raw, device=place.handle)
    return deliver(out, finish(array, place, requires_grad))


def scalar_tensor(s: Any, *, dtype: dtype | None = None, device: DeviceLike = None, requires_grad: bool = False) -> Any:
    """The 0-d tensor of a number, in the default dtype. Mirrors ``torch.scalar_tensor``."""
    return full((), s, dtype=dtype or get_default_dtype(), device=device, requires_grad=requires_grad)


def arange(
    start: Any = 0,
    end: Any = None,
    step: Any = 1,
    *,
    out: Any = None,
    dtype: dtype | None = None,
    device: DeviceLike = None,
    requires_grad: bool = False,
    layout: Any = None,
    pin_memory: bool = False,
) -> Any:
    """Values from ``start`` up to but not including ``end`` in steps of ``step``. Mirrors ``torch.arange``.

    Raises:
        SettingError: ``step`` is zero, for int64 once rounded towards it, or leads away from ``end``.
        DtypeError: ``dtype`` is another than that of ``out``.
    """
    if layout is not None:
        require_strided(layout)
    if end is None:
        start, end = 0, start
    start, end, step = (number(v) for v in (start, end, step))
    if isinstance(out, TensorBase) and dtype is None:
        dtype = out.dtype  # type: ignore[attr-defined]
    if dtype is int64 and all(map(math.isfinite, (start, end, step))):
        start, end, step = int(start), int(end), int(step)
    if not all(map(math.isfinite, (start, end, step))):
        raise SettingError(f"unsupported range: {start} -> {end}")
    whole = all(isinstance(v, int) for v in (start, end, step))
    target = dtype_for(out, dtype, int64 if whole else get_default_dtype())
    if target is int64:
        start, end, step = int(start), int(end), int(step)
    if step == 0:
        raise SettingError("step must be nonzero")
    if (end - start) * step < 0:
        raise SettingError(
            f"upper bound and lower bound inconsistent with step sign: start={start}, end={end}, step={step}"
        )
    place = place_for_device(device)
    raw = place.raw_dtype(target)
    # From the count, so that no backend's rounding makes one element more or less.
    n = max(math.ceil((end - start) / step), 0) if step else 0
    counts = place.xp.arange(n, dtype=place.raw_dtype(int64), device=place.handle)
    if target.is_differentiable:
        wide = place.xp.astype(counts, place.raw_dtype(place.widest))
        array = place.xp.astype(wide * float(step) + float(start), raw)
    else:
        array = place.xp.astype(counts * int(step) + int(start), raw)
    return deliver(out, finish(array, place, requires_grad))


def range(
    start: Any = 0,
    end: Any = None,
    step: Any = 1,
    *,
    out: Any = None,
    dtype: dtype | None = None,
    device: DeviceLike = None,
    requires_grad: bool = False,
    layout: Any = None,
) -> Any:
    """Values from ``start`` up to and including ``end``, floats by default. Mirrors ``torch.range``.

    Deprecated there and here: Python's ``range`` leaves ``end`` out, as does `arange`.

    Raises:
        SettingError: ``step`` is zero, or leads away from ``end``.
    """
    if layout is not None:
        require_strided(layout)
    warnings.warn(
        "torch.range is deprecated and will be removed in a future release because its behavior is inconsistent with "
        "Python's range builtin. Instead, use torch.arange, which produces values in [start, end).",
        stacklevel=2,
    )
    if end is None:
        start, end = 0, start
    start, end, step = (number(v) for v in (start, end, step))
    target = dtype or get_default_dtype()
    if not target.is_differentiable:
        start, end, step = int(start), int(end), int(step)
    if step and (end - start) * step >= 0:
        # Beyond the last value by half a step, so that no rounding makes one more or less.
        end = start + (math.floor((end - start) / step) + (0.5 if target.is_differentiable else 1)) * step
    return arange(start, end, step, out=out, dtype=target, device=device, requires_grad=requires_grad)


def linspace(
    start: Any,
    end: Any,
    steps: int,
    *,
    out: Any = None,
    dtype: dtype | None = None,
    device: DeviceLike = None,
    requires_grad: bool = False,
    layout: Any = None,
    pin_memory: bool = False,
) -> Any:
    """``steps`` evenly spaced values from ``start`` to ``end``, both included. Mirrors ``torch.linspace``."""
    if layout is not None:
        require_strided(layout)
    place = place_for_device(device)
    ends = [number(v) for v in (start, end) if not isinstance(v, TensorBase) or not v._array.ndim]
    default = get_default_dtype()
    target = dtype or (default.to_complex() if any(isinstance(v, complex) for v in ends) else default)
    raw = raw_dtype(place, target)
    array = _spaced(place, _end(start, target, "linspace"), _end(end, target, "linspace"), steps)
    return deliver(out, finish(place.xp.astype(array, raw), place, requires_grad))


def _end(value: Any, target: dtype, name: str) -> Any:
    """An end of a range, a number or a 0-d tensor, as a number of the kind of ``target``."""
    if isinstance(value, TensorBase) and value._array.ndim:
        raise SettingError(
            f"{name} only supports 0-dimensional start and end tensors, but got a tensor with {value._array.ndim} "
            "dimension(s)."
        )
    found = number(value)
    if isinstance(found, complex):
        return found
    return float(found) if target.is_complex else fitting_number(found, target)


def _spaced(place: Place, start: Any, end: Any, steps: int) -> Any:
    """``steps`` evenly spaced values in the widest dtype, exact at both ends."""
    if steps < 0:
        raise SettingError(f"number of steps must be non-negative, got {steps}")
    if isinstance(start, complex) or isinstance(end, complex):
        first, last = complex(start), complex(end)
        re = _spaced(place, first.real, last.real, steps)
        im = _spaced(place, first.imag, last.imag, steps)
        return place.xp.view_as_complex(place.xp.stack([re, im], axis=-1))
    return place.xp.linspace(float(start), float(end), steps, dtype=place.raw_dtype(place.widest), device=place.handle)


def logspace(
    start: Any,
    end: Any,
    steps: int,
    base: float = 10.0,
    *,
    out: Any = None,
    dtype: dtype | None = None,
    device: DeviceLike = None,
    requires_grad: bool = False,
) -> Any:
    """``base`` to the powers ``linspace(start, end, steps)``. Mirrors ``torch.logspace``."""
    place = place_for_device(device)
    target = dtype or get_default_dtype()
    powers = _spaced(place, _end(start, target, "logspace"), _end(end, target, "logspace"), steps)
    array = place.xp.pow(place.xp.full_like(powers, float(number(base))), powers)
    return deliver(out, finish(place.xp.astype(array, raw_dtype(place, target)), place, requires_grad))


def eye(
    n: int,
    m: int | None = None,
    *,
    out: Any = None,
    dtype: dtype | None = None,
    device: DeviceLike = None,
    requires_grad: bool = False,
    layout: Any = None,
    pin_memory: bool = False,
) -> Any:
    """The ``n`` x ``m`` matrix with ones on the diagonal. Mirrors ``torch.eye``."""
    if layout is not None:
        require_strided(layout)
    if n < 0 or (m is not None and m < 0):
        raise SettingError(f"n must be greater or equal to 0, got {n if m is None else (n, m)}")
    place = place_for_device(device)
    raw = raw_dtype(place, dtype or get_default_dtype())
    return deliver(out, finish(place.xp.eye(n, m, dtype=raw, device=place.handle), place, requires_grad))


def empty_like(
    input: TensorBase, *, dtype: dtype | None = None, device: DeviceLike = None, requires_grad: bool = False, **_: Any
) -> Any:
    """`empty` with the shape, and by default the dtype and device, of ``input``."""
    return empty(input._array.shape, requires_grad=requires_grad, **_like(input, dtype, device))


def zeros_like(
    input: TensorBase, *, dtype: dtype | None = None, device: DeviceLike = None, requires_grad: bool = False, **_: Any
) -> Any:
    """`zeros` with the shape, and by default the dtype and device, of ``input``."""
    return zeros(input._array.shape, requires_grad=requires_grad, **_like(input, dtype, device))


def ones_like(
    input: TensorBase, *, dtype: dtype | None = None, device: DeviceLike = None, requires_grad: bool = False, **_: Any
) -> Any:
    """`ones` with the shape, and by default the dtype and device, of ``input``."""
    return ones(input._array.shape, requires_grad=requires_grad, **_like(input, dtype, device))


def full_like(
    input: TensorBase,
    fill_value: Any,
    *,
    dtype: dtype | None = None,
    device: DeviceLike = None,
    requires_grad: bool = False,
    **_: Any,
) -> Any:
    """`full` with the shape, and by default the dtype and device, of ``input``."""
    return full(input._array.shape, fill_value, requires_grad=requires_grad, **_like(input, dtype, device))


def _like(input: TensorBase, dtype: dtype | None, device: DeviceLike) -> dict[str, Any]:
    place = input._place
    return {"dtype": dtype or place.dtype(input._array.dtype), "device": place.device if device is None else device}
